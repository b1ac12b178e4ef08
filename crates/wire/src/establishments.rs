//! Establishments.

use chrono::NaiveDate;
use lac_domain::{
    Capacity, EnrolmentId, EnrolmentKind, EstablishmentId, EstablishmentStatus, LinkId, PupilId, Role, SettingKind,
    Timestamp, Urn, UserId, UserStatus,
};

use crate::Private;

wire_types! {
    /// An establishment.
    pub struct Establishment {
        /// Its id.
        pub id: EstablishmentId,
        /// Its URN; none for one added by hand.
        pub urn: Option<Urn>,
        /// Its name.
        pub name: String,
        /// What type of establishment, as GIAS names it; perhaps empty.
        pub type_name: String,
        /// Its phase of education, as GIAS names it; perhaps empty.
        pub phase: String,
        /// Whether it is open.
        pub status: EstablishmentStatus,
        /// The local authority that it lies in; perhaps empty.
        pub la_name: String,
        /// Town or city, perhaps empty.
        pub town: String,
        /// Postcode, perhaps empty.
        pub postcode: String,
        /// The whole address, line by line.
        pub address: Vec<String>,
        /// Telephone number, perhaps empty.
        pub phone: String,
        /// Website, perhaps empty.
        pub website: String,
        /// The headteacher's name, perhaps empty.
        pub head: String,
        /// When it closed.
        pub closed_on: Option<NaiveDate>,
        /// What it is, where it was added by hand; none for one that GIAS knows.
        #[serde(default)]
        pub kind: Option<SettingKind>,
        /// The number that Ofsted gave one added by hand, perhaps empty.
        #[serde(default)]
        pub ofsted_number: String,
        /// One more with every edit by hand; an edit names the one it started from.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Who and how many it concerns today; in lists for LA roles alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub here: Option<InUse>,
    }

    /// What ties an establishment to the authority today.
    #[derive(Copy, Eq, Default)]
    pub struct InUse {
        /// Users linked today or later.
        pub users: u32,
        /// Looked-after pupils on roll today whom the reader may see.
        pub pupils: u32,
        /// It is closed, and still users are linked or pupils on roll.
        pub closed_in_use: bool,
        /// There is a looked-after pupil, and nobody to read a message.
        pub nobody_to_read: bool,
    }

    /// A user linked to an establishment.
    pub struct LinkedUser {
        /// The link.
        pub link_id: LinkId,
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
        /// Their role.
        pub role: Role,
        /// Where the account stands.
        pub status: UserStatus,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// An establishment with its linked users: `GET /v1/establishments/{id}`.
    pub struct EstablishmentPage {
        /// The establishment.
        pub establishment: Establishment,
        /// Users linked to it today or later.
        pub linked_users: Vec<LinkedUser>,
        /// How many looked-after pupils the reader may see on roll there today.
        pub pupils: u32,
        /// What a person who works with it should know, each as a sentence: closed and still in use, a pupil and nobody
        /// to read a message, pupils who sit at the establishment that came before.
        #[serde(default)]
        pub warnings: Vec<String>,
        /// What became of it, and what it came from, for LA roles alone.
        #[serde(default)]
        pub successions: Vec<Succession>,
        /// Made on a device from what it holds, without the store: links are not in it.
        #[serde(default)]
        pub as_held: bool,
    }

    /// In what order a list of establishments is.
    #[derive(Copy, Eq, Default)]
    #[serde(rename_all = "snake_case")]
    pub enum EstablishmentSort {
        /// By name.
        #[default]
        Name,
        /// By local authority, then by name.
        LocalAuthority,
        /// By phase, then by name.
        Phase,
        /// An order that this version does not know; by name.
        #[serde(other)]
        Unknown,
    }

    /// Which establishments a list asks for.
    #[derive(Default)]
    pub struct EstablishmentFilter {
        /// Part of a name (the beginnings of words), a URN or a postcode.
        pub search: Option<String>,
        /// Only those with a linked user or an enrolled pupil, today or later.
        #[serde(default)]
        pub in_use: bool,
        /// Also closed ones; they are left out otherwise.
        #[serde(default)]
        pub closed: bool,
        /// Only closed ones.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub only_closed: Option<bool>,
        /// Only those added by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub by_hand: Option<bool>,
        /// Only those that need attention: closed and still in use, or a pupil there and nobody to read a message.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub attention: Option<bool>,
        /// Only those of one phase, as GIAS names it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub phase: Option<String>,
        /// Only those of one local authority, by its name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub la_name: Option<String>,
        /// In what order; by name when nobody says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub sort: Option<EstablishmentSort>,
        /// For choosing one: those in use first, then the others, in one page alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub in_use_first: Option<bool>,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// What a list of establishments can be narrowed to: `GET /v1/establishments/choices`.
    pub struct EstablishmentChoices {
        /// Phases of education, as GIAS names them.
        pub phases: Vec<String>,
        /// Names of local authorities.
        pub la_names: Vec<String>,
    }

    /// What a person enters about an establishment that GIAS does not know.
    pub struct EstablishmentEntry {
        /// Its name.
        pub name: String,
        /// What it is.
        pub kind: SettingKind,
        /// Its address, line by line, without the postcode.
        pub address: Vec<String>,
        /// Postcode, perhaps empty.
        pub postcode: String,
        /// Telephone number, perhaps empty.
        pub phone: String,
        /// Website, perhaps empty.
        pub website: String,
        /// The head's or manager's name, perhaps empty.
        pub head: String,
        /// The number that Ofsted gave it, perhaps empty.
        pub ofsted_number: String,
        /// The last day that it was open, when it has closed.
        pub closed_on: Option<NaiveDate>,
    }

    /// `POST /v1/establishments`: adds one that GIAS does not know.
    pub struct AddEstablishment {
        /// What it is.
        pub entry: EstablishmentEntry,
        /// Add it though there is one of the same name.
        pub although_similar: bool,
    }

    /// `PUT /v1/establishments/{id}`: edits one that was added by hand.
    pub struct EditEstablishment {
        /// The revision that the edit started from.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// What it is now.
        pub entry: EstablishmentEntry,
    }

    /// `POST /v1/establishments/{id}/join`: one that was added by hand turns out to be one that GIAS knows. Its links and
    /// enrolments are carried over, and it goes.
    pub struct JoinEstablishment {
        /// The URN of the one that GIAS knows.
        pub urn: Urn,
    }

    /// How an establishment came out of another.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SuccessionKind {
        /// One became the other, whole.
        Became,
        /// Several became one.
        Merged,
        /// One became several.
        Split,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// What became of a change of establishments here.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SuccessionDecision {
        /// Users and enrolments were moved.
        Moved,
        /// It was left as it is.
        Left,
        /// A decision that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// One end of a succession.
    pub struct SuccessionEnd {
        /// Its URN.
        pub urn: Urn,
        /// Its id; none where the store has no such establishment.
        pub id: Option<EstablishmentId>,
        /// Its name; the URN in words where the store has no such establishment.
        pub name: String,
        /// When it closed.
        pub closed_on: Option<NaiveDate>,
    }

    /// An establishment that became, merged into or was split into another.
    pub struct Succession {
        /// What there was.
        pub from: SuccessionEnd,
        /// What came after.
        pub to: SuccessionEnd,
        /// How.
        pub kind: SuccessionKind,
        /// From which day on, where GIAS says so or the closing date tells.
        pub on: Option<NaiveDate>,
        /// Users who are still linked to what there was, today or later.
        pub users: u32,
        /// Pupils who are still enrolled at what there was, today or later, whom the reader may see.
        pub pupils: u32,
        /// What was decided here.
        pub decision: Option<SuccessionDecision>,
        /// When that was.
        pub decided_at: Option<Timestamp>,
    }

    /// Which page of changes of establishments is asked for: `GET /v1/successions`.
    #[derive(Default)]
    pub struct SuccessionFilter {
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// A link that could move to another establishment.
    pub struct MovableLink {
        /// The link.
        pub id: LinkId,
        /// Whose.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day.
        pub start: NaiveDate,
    }

    /// An enrolment that could move to another establishment.
    pub struct MovableEnrolment {
        /// The enrolment.
        pub id: EnrolmentId,
        /// Whose.
        pub pupil_id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// Of what kind.
        pub kind: EnrolmentKind,
        /// The first day.
        pub start: NaiveDate,
    }

    /// What is still at an establishment and could move: `GET /v1/establishments/{id}/movable`.
    pub struct Movable {
        /// Links of today or later.
        pub links: Vec<MovableLink>,
        /// Enrolments of today or later, of pupils whom the reader may see.
        pub enrolments: Vec<MovableEnrolment>,
    }

    /// `POST /v1/establishments/{id}/move`: moves links and enrolments to the establishment that came after.
    pub struct MoveEstablishment {
        /// Where to.
        pub to: EstablishmentId,
        /// The first day there.
        pub on: NaiveDate,
        /// Everything of today or later, rather than what is named below; only where one became the other.
        pub whole: bool,
        /// The links to move.
        pub links: Vec<LinkId>,
        /// The enrolments to move.
        pub enrolments: Vec<EnrolmentId>,
    }

    /// What a move did.
    #[derive(Copy, Eq, Default)]
    pub struct Moved {
        /// Users whose links were moved.
        pub users: u32,
        /// Pupils whose enrolments were moved and whom the reader may see.
        pub pupils: u32,
    }

    /// `POST /v1/successions/leave`: leaves users and enrolments where they are.
    pub struct LeaveSuccession {
        /// What there was.
        pub from: Urn,
        /// What came after.
        pub to: Urn,
    }

    /// Something that was done to an establishment, in words.
    pub struct HistoryEntry {
        /// Its number in the trail.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub number: i64,
        /// When.
        pub at: Timestamp,
        /// Who did it; none for the store itself.
        pub by: Option<String>,
        /// What was done.
        pub what: String,
    }

    /// Which page of a history is asked for, the newest first: `GET /v1/establishments/{id}/history`.
    #[derive(Default)]
    pub struct HistoryFilter {
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
