//! Getting an account onto this device, and files for imports.

use chrono::NaiveDate;
use lac_domain::{ImportId, PupilId, Role, UserId};
use lac_import::{ColumnChoice, ExistingUsers, Recognised};
use lac_wire::{
    ChangeBar, ChangeCare, ChangeEnrolment, ChangeRestriction, CloseForAdoption, EditPupil, EditUser, FindingFilter,
    ImportKind, Private,
};

view_types! {
    /// A store that answered at an address.
    pub struct StoreView {
        /// The address in its full form, such as `https://store.example.org`.
        pub address: String,
        /// The authority's name.
        pub authority_name: String,
    }

    /// A store's address, as a person entered it.
    pub struct StoreAddress {
        /// Such as `store.example.org`.
        pub address: String,
    }

    /// An invitation's code at a store.
    pub struct InvitationCode {
        /// The store's address.
        pub address: String,
        /// The one-time code.
        pub code: Private,
    }

    /// Takes up an invitation.
    pub struct TakeUpInvitation {
        /// The store's address.
        pub address: String,
        /// The one-time code.
        pub code: Private,
        /// The chosen password.
        pub password: Private,
        /// A code of the second step, where the store asks for one.
        #[serde(default)]
        #[ts(optional)]
        pub second_factor: Option<Private>,
    }

    /// Signs in on this device.
    pub struct SignInHere {
        /// The store's address.
        pub address: String,
        /// The e-mail address.
        pub email: String,
        /// The password.
        pub password: Private,
        /// A code of the second step, where the store asks for one.
        #[serde(default)]
        #[ts(optional)]
        pub second_factor: Option<Private>,
    }

    /// Signs in again to an account on this device.
    pub struct SignInAgain {
        /// The password.
        pub password: Private,
        /// A code of the second step, where the store asks for one.
        #[serde(default)]
        #[ts(optional)]
        pub second_factor: Option<Private>,
    }

    /// The account's password, given again.
    pub struct Password {
        /// The password.
        pub password: Private,
    }

    /// Unlocks an account.
    pub struct Unlock {
        /// The password.
        pub password: Private,
        /// Whether another password was chosen since it was locked: then the store says whether this is it, and what
        /// only the former one opens is set aside.
        pub chosen_since: bool,
        /// A code of the second step, where the store asks for one.
        #[serde(default)]
        #[ts(optional)]
        pub second_factor: Option<Private>,
    }

    /// A password to be rated while it is being chosen.
    pub struct PasswordToRate {
        /// The password so far.
        pub password: Private,
        /// The person's own words, which it should not lean on: names, e-mail.
        pub own_words: Vec<String>,
    }

    /// What a chosen password still lacks.
    pub struct PasswordRating {
        /// At least 12 characters.
        pub long_enough: bool,
        /// Hard to guess.
        pub strong_enough: bool,
        /// 0 (worst) to 4 (best).
        pub score: u8,
        /// What would help, in a sentence; empty when nothing is needed.
        pub advice: String,
    }

    /// Signs out, deleting the local store and its key.
    pub struct SignOut {
        /// Whether to give up what waits to be sent and the drafts.
        pub discard_unsent: bool,
    }

    /// A user, by id.
    pub struct UserRef {
        /// Which user.
        pub id: UserId,
    }

    /// A pupil, by id.
    pub struct PupilRef {
        /// Which pupil.
        pub id: PupilId,
    }

    /// A pupil, and where to go on in a list of theirs.
    pub struct PupilPage {
        /// Which pupil.
        pub id: PupilId,
        /// From the page before.
        pub after: Option<String>,
    }

    /// An edit of a pupil.
    pub struct EditPupilRequest {
        /// Which pupil.
        pub id: PupilId,
        /// The edit.
        pub edit: EditPupil,
    }

    /// A change of one time in care.
    pub struct ChangeCareRequest {
        /// Which pupil.
        pub id: PupilId,
        /// The change.
        pub change: ChangeCare,
    }

    /// A change of one enrolment.
    pub struct ChangeEnrolmentRequest {
        /// Which pupil.
        pub id: PupilId,
        /// The change.
        pub change: ChangeEnrolment,
    }

    /// A bar, made or taken away.
    pub struct ChangeBarRequest {
        /// Which pupil.
        pub id: PupilId,
        /// The change.
        pub change: ChangeBar,
    }

    /// Who sees a restricted pupil.
    pub struct ChangeRestrictionRequest {
        /// Which pupil.
        pub id: PupilId,
        /// The change.
        pub change: ChangeRestriction,
    }

    /// The closing of a record because the child was adopted.
    pub struct CloseForAdoptionRequest {
        /// Which pupil.
        pub id: PupilId,
        /// On which day.
        pub close: CloseForAdoption,
    }

    /// A UPN as it was typed.
    pub struct UpnToJudge {
        /// The text.
        pub text: String,
    }

    /// What a UPN is worth.
    #[derive(Default)]
    pub struct UpnJudgement {
        /// The UPN, where the text is of the form of one.
        pub upn: Option<lac_domain::Upn>,
        /// Why it is none, as a sentence.
        pub error: Option<String>,
        /// What is odd about it, as a sentence.
        pub warning: Option<String>,
        /// Whether it is a temporary one.
        pub temporary: bool,
    }

    /// The first day of an enrolment.
    pub struct EnrolmentStart {
        /// The day.
        pub start: chrono::NaiveDate,
    }

    /// From when an establishment sees a pupil.
    pub struct VisibleFrom {
        /// The day.
        pub on: chrono::NaiveDate,
    }

    /// An establishment, by id.
    pub struct EstablishmentRef {
        /// Which establishment.
        pub id: lac_domain::EstablishmentId,
    }

    /// An edit of a user.
    pub struct EditUserRequest {
        /// Which user.
        pub id: UserId,
        /// The edit.
        pub edit: EditUser,
    }

    /// A file that was chosen or dropped, looked at on this device alone.
    pub struct ChosenFile {
        /// Its path on this computer.
        pub path: String,
        /// Its name, without the folder.
        pub name: String,
        /// What was recognised in it.
        pub recognised: Recognised,
    }

    /// Asks for the empty template.
    pub struct TemplateOf {
        /// Of which kind of file.
        pub kind: ImportKind,
    }

    /// Asks for a file to add something from.
    pub struct ChooseFile {
        /// What the file adds.
        pub kind: ImportKind,
    }

    /// A file by its path, as it was dropped on the window, or chosen before.
    pub struct LookAtFile {
        /// What the file adds.
        pub kind: ImportKind,
        /// Its path on this computer.
        pub path: String,
        /// What the person said that columns are.
        pub mapping: Vec<ColumnChoice>,
    }

    /// Sends a file to the store to be judged.
    pub struct JudgeFile {
        /// What the file adds.
        pub kind: ImportKind,
        /// Its path on this computer.
        pub path: String,
        /// For users: the role of those whose row does not name one.
        pub role: Option<Role>,
        /// What to do with those who exist.
        pub existing: ExistingUsers,
        /// For pupils: the day for which the file stands; today when not given.
        pub as_at: Option<NaiveDate>,
        /// What the person said that columns are.
        pub mapping: Vec<ColumnChoice>,
    }

    /// Mends an import's file in place.
    pub struct MendRequest {
        /// Which import.
        pub id: ImportId,
        /// How.
        pub mend: lac_wire::MendImport,
    }

    /// A row of an import's file.
    pub struct ImportRowRef {
        /// Which import.
        pub id: ImportId,
        /// The row, by the number that Excel shows.
        pub row: u32,
    }

    /// Those whom an import created, changed, or left as they were.
    pub struct OutcomesOf {
        /// Which import.
        pub id: ImportId,
        /// Which of them.
        pub filter: lac_wire::OutcomeFilter,
    }

    /// Asks what an undo of an import would do.
    pub struct UndoOf {
        /// Which import.
        pub id: ImportId,
        /// Where the list of those who would stay goes on, from the page before.
        pub after: Option<String>,
    }

    /// An import, by id.
    pub struct ImportRef {
        /// Which import.
        pub id: ImportId,
    }

    /// Findings of an import.
    pub struct FindingsOf {
        /// Which import.
        pub id: ImportId,
        /// Which of them.
        pub filter: FindingFilter,
    }

    /// Commits an import.
    pub struct CommitRequest {
        /// Which import.
        pub id: ImportId,
        /// How.
        pub commit: lac_wire::CommitImport,
    }

    /// Where to go on in a list.
    #[derive(Default)]
    pub struct After {
        /// From the page before.
        pub after: Option<String>,
    }

    /// A file that was written.
    pub struct SavedFile {
        /// Its path on this computer.
        pub path: String,
    }
}
