//! Users as LA roles manage them, and people as everyone may see them.

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, ImportId, LinkId, Role, SessionId, Timestamp, UserId, UserStatus};

use crate::{Away, Private, UserAway};

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
        /// Whether they are away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub away: Option<Away>,
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

    /// Why a user needs attention.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum Attention {
        /// A Designated Teacher without a link today or later: sees no pupil, and is not invited yet.
        NotLinked,
        /// No invitation was sent yet, or it was taken back.
        NotInvited,
        /// The e-mail with the newest invitation could not be delivered.
        Undelivered,
        /// The newest invitation has run out.
        InvitationExpired,
        /// The first invitation was sent seven days ago or earlier, and none was taken up.
        NotTakenUp,
        /// A reason that this version does not know.
        #[serde(other)]
        Unknown,
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
        /// Why they need attention; empty when they need none.
        #[serde(default)]
        pub needs: Vec<Attention>,
        /// Pupils assigned to them today, as far as the reader may see those.
        #[serde(default)]
        pub pupils_assigned: u32,
        /// Pupils whom they can see today, as far as the reader may see those; none for LA roles, who see all.
        #[serde(default)]
        pub pupils_seen: Option<u32>,
        /// Whether they are away.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub away: Option<UserAway>,
    }

    /// A user in a few words.
    pub struct UserBrief {
        /// Their id.
        pub id: UserId,
        /// First name.
        pub first_name: String,
        /// Last name.
        pub last_name: String,
        /// Role.
        pub role: Role,
        /// Where the account stands.
        pub status: UserStatus,
        /// Job title, perhaps empty.
        pub job_title: String,
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
        /// What becomes of the pupils assigned to a Social Worker or Other Professional who is made inactive; without
        /// it such an edit is refused with `user.pupils_undecided`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub pupils: Option<LeftPupils>,
    }

    /// What becomes of the pupils of a user who leaves.
    #[derive(Copy, Eq)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum LeftPupils {
        /// Somebody else takes them over, from today on.
        HandOver {
            /// Who.
            to: UserId,
            /// Whether they read all that was written about each pupil; as it was for each when none is said.
            reads_all: Option<bool>,
        },
        /// They stay without: the assignments end at once.
        Leave,
        /// A way that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// What a list of users is sorted by; then by name.
    #[derive(Copy, Eq, Default)]
    #[serde(rename_all = "snake_case")]
    pub enum UserSort {
        /// Last name, then first name.
        #[default]
        Name,
        /// Role.
        Role,
        /// Status.
        Status,
        /// The last sign-in; those who never signed in come before all others.
        LastSignedIn,
        /// An order that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// Which users a list asks for.
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
        /// Only those that need attention, for whatever reason.
        #[serde(default)]
        pub needs_attention: bool,
        /// Only those that need attention for one reason.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub attention: Option<Attention>,
        /// By what they are sorted; by name when nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub sort: Option<UserSort>,
        /// Backwards: from the last name to the first, the newest sign-in first.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(as = "Option<bool>", optional))]
        pub descending: bool,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// How many users a filter finds, and how many of them need attention for which reason: `GET /v1/users/counts`.
    #[derive(Copy, Eq, Default)]
    pub struct UserCounts {
        /// All that the filter finds.
        pub total: u32,
        /// Designated Teachers without a link.
        pub not_linked: u32,
        /// Not invited yet.
        pub not_invited: u32,
        /// Whose invitation could not be delivered.
        pub undelivered: u32,
        /// Whose newest invitation has run out.
        pub invitation_expired: u32,
        /// Who were invited seven days ago or earlier.
        pub not_taken_up: u32,
    }

    /// `GET /v1/users/lookup`: users whose e-mail address begins so, while one is typed.
    pub struct LookUpEmail {
        /// The e-mail address so far, in any letter case; three characters at least.
        pub email: String,
    }

    /// What was changed since an edit began, so that the second of two people can see it and lose nothing.
    #[derive(Eq)]
    pub struct ChangedSince {
        /// The revision that it has now.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// The changes, the newest first.
        pub changes: Vec<OneChange>,
    }

    /// One change by one person.
    #[derive(Eq)]
    pub struct OneChange {
        /// First and last name of who made it; none for the store itself.
        pub by: Option<String>,
        /// When.
        pub at: Timestamp,
        /// The fields that it changed, as they are named in the edit.
        pub fields: Vec<String>,
    }

    /// A device that a user is signed in on.
    pub struct UserDevice {
        /// The session.
        pub session_id: SessionId,
        /// The device's name.
        pub name: String,
        /// Since when.
        pub since: Timestamp,
        /// When it was last used, to the minute.
        pub last_used_at: Timestamp,
    }

    /// `POST /v1/users/{id}/sign-out`: signs a user out of one device, or of all.
    pub struct SignOutUser {
        /// Which; all when none is named.
        pub session_id: Option<SessionId>,
    }

    /// A row of a user's audit trail, in words: what they did, and what was done to them.
    pub struct TrailRow {
        /// Its number in the trail.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub number: i64,
        /// When.
        pub at: Timestamp,
        /// First and last name of who did it; none for the store itself.
        pub by: Option<String>,
        /// What was done, in a few words.
        pub what: String,
        /// Of which pupil, user or establishment, where the reader may know that.
        pub about: Option<Private>,
        /// The import that it belongs to.
        pub import_id: Option<ImportId>,
    }
}
