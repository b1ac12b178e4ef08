//! Users as LA roles manage them, and people as everyone may see them.

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, LinkId, Role, Timestamp, UserId, UserStatus};

wire_types! {
    /// A person as a reader may see them. LA roles also see e-mail and phone.
    pub struct Person {
        /// Their id.
        pub id: UserId,
        /// Their first name.
        pub first_name: String,
        /// Their last name.
        pub last_name: String,
        /// Their role.
        pub role: Role,
        /// Their job title, perhaps empty.
        pub job_title: String,
        /// Where they are linked today: names of establishments.
        pub establishments: Vec<String>,
        /// Whether the reader may write to them; otherwise they only share a conversation.
        pub may_write: bool,
        /// Where the account stands.
        pub status: UserStatus,
        /// Their e-mail address; for LA roles alone.
        pub email: Option<String>,
        /// Their telephone number; for LA roles alone.
        pub phone: Option<String>,
    }

    /// An establishment link of a user.
    pub struct Link {
        /// Its id.
        pub id: LinkId,
        /// To which establishment.
        pub establishment_id: EstablishmentId,
        /// The establishment's name.
        pub establishment_name: String,
        /// The establishment's URN, where it has one.
        pub urn: Option<String>,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// Where a user's newest invitation stands.
    pub struct InvitationState {
        /// When it was sent.
        pub sent_at: Timestamp,
        /// Until when it can be taken up.
        pub expires_at: Timestamp,
        /// Why its e-mail could not be delivered, as a clause for LA roles; none where it was, or still waits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub undelivered: Option<String>,
    }

    /// A user as LA roles manage them.
    pub struct User {
        /// Their id.
        pub id: UserId,
        /// One more with every change; an edit names the one it started from.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Their role.
        pub role: Role,
        /// Where the account stands.
        pub status: UserStatus,
        /// First name.
        pub first_name: String,
        /// Last name.
        pub last_name: String,
        /// Job title, perhaps empty.
        pub job_title: String,
        /// E-mail address.
        pub email: String,
        /// Telephone number, perhaps empty.
        pub phone: String,
        /// Establishment links, the newest first; ended ones too.
        pub links: Vec<Link>,
        /// The newest invitation, while they have not signed in.
        pub invitation: Option<InvitationState>,
        /// A Designated Teacher without a link today or later: sees no pupil, and is not invited yet.
        pub not_linked: bool,
        /// When they last signed in.
        pub last_signed_in: Option<Timestamp>,
    }

    /// A link to be made, or kept when it has an id.
    pub struct LinkEntry {
        /// The link's id, for one that exists; otherwise none.
        pub id: Option<LinkId>,
        /// To which establishment.
        pub establishment_id: EstablishmentId,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day; today when none is given.
        pub start: Option<NaiveDate>,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// What a person enters about a user, new or edited.
    pub struct UserEntry {
        /// Role.
        pub role: Role,
        /// First name.
        pub first_name: String,
        /// Last name.
        pub last_name: String,
        /// Job title, perhaps empty.
        pub job_title: String,
        /// E-mail address.
        pub email: String,
        /// Telephone number, perhaps empty.
        pub phone: String,
        /// Every link that the user shall have; one left out is removed.
        pub links: Vec<LinkEntry>,
    }

    /// `POST /v1/users`: adds a user.
    pub struct AddUser {
        /// Who they are.
        pub entry: UserEntry,
        /// A Designated Teacher may be added without an establishment only when this is said.
        pub link_later: bool,
        /// Whether to send the invitation now.
        pub invite: bool,
    }

    /// `PUT /v1/users/{id}`: edits a user.
    pub struct EditUser {
        /// The revision that the edit started from.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Who they are now.
        pub entry: UserEntry,
        /// Active or inactive; an invited user may only be made inactive, and an inactive one invited again.
        pub status: UserStatus,
    }

    /// Which users a list asks for, in order of name.
    #[derive(Default)]
    pub struct UserFilter {
        /// Words that names, e-mail, job title or establishments begin with.
        pub search: Option<String>,
        /// Of one role.
        pub role: Option<Role>,
        /// Of one status.
        pub status: Option<UserStatus>,
        /// Linked to one establishment today.
        pub establishment_id: Option<EstablishmentId>,
        /// Only those that need attention: a Designated Teacher not linked, an invitation not taken up.
        #[serde(default)]
        pub needs_attention: bool,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
