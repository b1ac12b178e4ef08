//! Imports: a file judged by the store, mended, then committed, once; and undone, one by one.

use chrono::NaiveDate;
use lac_domain::{ImportId, Role, Timestamp};
use lac_import::{Column, ColumnChoice, Counts, ExistingUsers, Finding, FindingCode, Recognised, Severity};
use uuid::Uuid;

impl ImportKind {
    /// What the headings of its files are looked up in; none for a kind whose files are no such tables.
    #[must_use]
    pub fn vocabulary(self) -> Option<&'static lac_import::Vocabulary> {
        match self {
            Self::Users => Some(lac_import::Vocabulary::USERS),
            Self::Pupils => Some(lac_import::Vocabulary::PUPILS),
            Self::Establishments | Self::Unknown => None,
        }
    }
}

wire_types! {
    /// What an import adds.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportKind {
        /// Users.
        Users,
        /// Pupils, from the authority's own list.
        Pupils,
        /// Establishments, from a GIAS download.
        Establishments,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// Where an import stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportStatus {
        /// Judged; nothing has been changed.
        Judged,
        /// Committed.
        Committed,
        /// Committed, and undone as far as that was possible.
        Undone,
        /// A status that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `PUT /v1/imports/{id}`: sends the raw file; the store judges it and changes nothing.
    pub struct JudgeQuery {
        /// What the file adds.
        pub kind: ImportKind,
        /// For users: the role of those whose row does not name one.
        pub role: Option<Role>,
        /// What to do with those who exist.
        pub existing: ExistingUsers,
        /// The file's name, without its folder.
        pub file_name: String,
        /// What the person said that columns are: a list of [`ColumnChoice`] as JSON.
        pub mapping: Option<String>,
        /// For pupils: the day for which the file stands; today when not given.
        #[serde(default)]
        pub as_at: Option<NaiveDate>,
    }

    /// A cell of a file, as a person mended it.
    pub struct MendedCell {
        /// The row, by the number that Excel shows.
        pub row: u32,
        /// The column's place, from 0.
        pub column: u32,
        /// What the cell holds now.
        pub value: String,
    }

    /// `PATCH /v1/imports/{id}`: changes how the file is read, and has it judged again, whole. What is not given stays
    /// as it was. The same again changes nothing.
    #[derive(Default)]
    pub struct MendImport {
        /// The revision that the person saw.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Cells with new values.
        #[serde(default)]
        pub cells: Vec<MendedCell>,
        /// Rows to leave out.
        #[serde(default)]
        pub leave_out: Vec<u32>,
        /// Rows to take back that were left out.
        #[serde(default)]
        pub take_back: Vec<u32>,
        /// What to do with those who exist.
        #[serde(default)]
        pub existing: Option<ExistingUsers>,
        /// What the columns are that the person chose: all of them, in place of those chosen before.
        #[serde(default)]
        pub mapping: Option<Vec<ColumnChoice>>,
    }

    /// `POST /v1/imports/mapping`: asks what was said before of files with these headings.
    pub struct RememberedQuery {
        /// What the file adds.
        pub kind: ImportKind,
        /// The file's headings, in their order.
        pub headings: Vec<String>,
    }

    /// What was said before of a file's columns; empty when nothing was.
    #[derive(Default)]
    pub struct RememberedMapping {
        /// The columns that a person chose for an earlier file with the same headings, by their place in this one.
        pub columns: Vec<ColumnChoice>,
    }

    /// What a commit did.
    #[derive(Copy, Eq, Default)]
    pub struct ImportResult {
        /// Users (or what else the file adds) that were created.
        pub created: u32,
        /// Those who existed and were changed.
        pub updated: u32,
        /// Rows left out on purpose.
        pub skipped: u32,
        /// Rows refused.
        pub refused: u32,
        /// Invitations sent.
        pub invited: u32,
    }

    /// How far a commit or an undo has come.
    #[derive(Copy)]
    pub struct ImportProgress {
        /// What it is doing.
        pub phase: ImportPhase,
        /// The share of the whole that is done, 0 to 1.
        pub share: f64,
        /// Whether it was asked to stop: nothing will have been changed.
        pub cancelled: bool,
    }

    /// What a commit or an undo is doing.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportPhase {
        /// Reading the file again.
        Reading,
        /// Judging every row once more.
        Judging,
        /// Writing.
        Writing,
        /// Writing down what was done; it can no longer be cancelled.
        Finishing,
        /// A phase that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// How an import was undone.
    #[derive(Eq)]
    pub struct Undone {
        /// When.
        pub at: Timestamp,
        /// By whom: first and last name.
        pub by: String,
        /// How many that it had created were removed.
        pub removed: u32,
        /// How many that it had changed have their former values again.
        pub restored: u32,
        /// How many stayed as they are, because something happened with them since.
        pub stayed: u32,
    }

    /// An import, as judged and perhaps committed: `GET /v1/imports/{id}`.
    pub struct Import {
        /// Its id, made on the device.
        pub id: ImportId,
        /// One more each time it is judged anew; a commit names it.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// What it adds.
        pub kind: ImportKind,
        /// For users: the role chosen for the file.
        pub role: Option<Role>,
        /// For pupils: the day for which the file stands.
        #[serde(default)]
        pub as_at: Option<NaiveDate>,
        /// Whether its rows and what was found in them are hidden, because another person sent the file and it may name a
        /// pupil whom the reader may not see.
        #[serde(default)]
        pub rows_hidden: bool,
        /// Whether the file would end the care of more than a tenth of the looked-after pupils: then a commit names their
        /// number, as a person confirmed it.
        #[serde(default)]
        pub ends_many: bool,
        /// What is done with those who exist.
        pub existing: ExistingUsers,
        /// The file's name.
        pub file_name: String,
        /// Where it stands.
        pub status: ImportStatus,
        /// Who began it: first and last name.
        pub begun_by: String,
        /// When.
        pub begun_at: Timestamp,
        /// When it was committed.
        pub committed_at: Option<Timestamp>,
        /// What was recognised; gone with the file after 30 days.
        pub recognised: Option<Recognised>,
        /// What became of the rows.
        pub counts: Counts,
        /// How many findings there are of each kind, errors first, the most frequent first.
        pub finding_kinds: Vec<FindingKind>,
        /// Whether the file as a whole is at fault, so that it can't be committed until it is mended.
        pub blocked: bool,
        /// How many cells a person mended.
        pub mended_cells: u32,
        /// What the commit did.
        pub result: Option<ImportResult>,
        /// When those it created are invited, where a time was set.
        pub invite_at: Option<Timestamp>,
        /// When they were invited; none while nobody was: they can be invited in one go.
        pub invited_at: Option<Timestamp>,
        /// How far it has come, while it is being committed or undone.
        pub progress: Option<ImportProgress>,
        /// How it was undone.
        pub undone: Option<Undone>,
    }

    /// How many findings there are of a kind.
    #[derive(Copy, Eq)]
    pub struct FindingKind {
        /// Whether they keep rows out.
        pub severity: Severity,
        /// The kind.
        pub code: FindingCode,
        /// How many.
        pub count: u32,
    }

    /// `POST /v1/imports/{id}/commit`.
    pub struct CommitImport {
        /// The revision that the person saw.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Take nothing at all when a row was refused.
        pub all_or_nothing: bool,
        /// Send the invitations now.
        pub invite: bool,
        /// Send them at this time instead; `invite` is false then.
        #[serde(default)]
        pub invite_at: Option<Timestamp>,
        /// For pupils: how many whose care ends the person confirmed. Asked for where it is more than a tenth of those
        /// looked after.
        #[serde(default)]
        pub ends_care: Option<u32>,
    }

    /// Which page of findings is asked for, errors first, then by row.
    #[derive(Default)]
    pub struct FindingFilter {
        /// Only errors, or only warnings.
        pub severity: Option<Severity>,
        /// Only of this kind.
        pub code: Option<FindingCode>,
        /// Only of this row.
        pub row: Option<u32>,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// One row of an import's file, with what was mended: `GET /v1/imports/{id}/rows/{row}`.
    pub struct ImportRow {
        /// The row, by the number that Excel shows.
        pub row: u32,
        /// Its cells, one for each column of the file.
        pub cells: Vec<RowCell>,
        /// Whether a person left it out.
        pub left_out: bool,
        /// What was found in it.
        pub findings: Vec<Finding>,
    }

    /// A cell of a row.
    pub struct RowCell {
        /// The heading of its column.
        pub heading: String,
        /// What the column holds; none when its heading is not known.
        pub column: Option<Column>,
        /// What the cell holds; empty for a password.
        pub value: String,
        /// Whether a person mended it.
        pub mended: bool,
    }

    /// What became of one that an import's file names.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportOutcome {
        /// It was created.
        Created,
        /// It existed, and was changed.
        Updated,
        /// It existed, and was left as it was.
        Skipped,
        /// An outcome that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// One that an import's file names, such as a user, as it is now: `GET /v1/imports/{id}/outcomes`.
    #[derive(Eq)]
    pub struct ImportedOne {
        /// Its id: a user's or a pupil's.
        pub id: Uuid,
        /// What became of it.
        pub outcome: ImportOutcome,
        /// Its name.
        pub name: String,
        /// What tells it from another of the same name, such as an e-mail address.
        pub detail: String,
        /// Whether an undo took it back: an updated one has its former values again. (Those created are gone.)
        pub undone: bool,
    }

    /// Which page of them is asked for.
    #[derive(Default)]
    pub struct OutcomeFilter {
        /// Only these.
        pub outcome: Option<ImportOutcome>,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// What an undo would do: `GET /v1/imports/{id}/undo`.
    pub struct UndoLook {
        /// Why nothing at all can be undone, in a sentence; none when it can.
        pub refused: Option<String>,
        /// How many that the import created would be removed.
        pub to_remove: u32,
        /// How many that it changed would have their former values again.
        pub to_restore: u32,
        /// How many would stay as they are.
        pub staying: u32,
        /// A page of those who would stay, each with the reason.
        pub rows: Vec<Staying>,
        /// What to send as `after` for the next page; none when this is the last.
        pub after: Option<String>,
    }

    /// One that an undo leaves as it is.
    #[derive(Eq)]
    pub struct Staying {
        /// Its id: a user's or a pupil's.
        pub id: Uuid,
        /// Its name.
        pub name: String,
        /// What tells it from another of the same name, such as an e-mail address.
        pub detail: String,
        /// Why, for programs.
        pub reason: StayReason,
        /// Why, in a sentence.
        pub message: String,
    }

    /// Why an undo leaves one as it is.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum StayReason {
        /// The user has signed in.
        SignedIn,
        /// The user takes part in a conversation, or there is one about the pupil.
        InUse,
        /// It was changed after the import.
        Changed,
        /// A reason that this version does not know.
        #[serde(other)]
        Unknown,
    }
}
