//! Things done to many users at once, in slices, with progress.

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, Timestamp, UserActionId, UserId};

use crate::{LeftPupils, UserFilter};

wire_types! {
    /// To whom something is done.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum WhichUsers {
        /// These.
        These {
            /// Their ids, 5,000 at most.
            ids: Vec<UserId>,
        },
        /// All whom a filter finds when the action begins, whatever page was on the screen.
        Matching {
            /// The filter; where it goes on, how it is sorted and its limit say nothing.
            filter: UserFilter,
            /// But for these: 5,000 at most.
            #[serde(default)]
            except: Vec<UserId>,
        },
        /// A way that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// What is done.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum UserAct {
        /// Their invitations are sent again.
        Invite,
        /// They are made inactive, and signed out everywhere.
        MakeInactive {
            /// What becomes of the pupils of Social Workers and Other Professionals; those who have some are refused
            /// without it.
            pupils: Option<LeftPupils>,
        },
        /// Inactive users come back by a new invitation.
        MakeActive,
        /// Designated Teachers are linked to an establishment.
        Link {
            /// Which.
            establishment_id: EstablishmentId,
            /// In what capacity.
            capacity: Capacity,
            /// The first day; today when none is given.
            start: Option<NaiveDate>,
            /// The last day, if one is known.
            end: Option<NaiveDate>,
        },
        /// Something that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `POST /v1/users/actions`: begins something with many users. The same id with the same content is one action.
    pub struct ActOnUsers {
        /// Its id, made on the device.
        pub id: UserActionId,
        /// To whom.
        pub which: WhichUsers,
        /// What.
        pub act: UserAct,
    }

    /// Where an action stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ActionState {
        /// It goes on.
        Running,
        /// It is over.
        Done,
        /// It was cancelled; what was done stays.
        Cancelled,
        /// A state that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// Something done to many users: `GET /v1/users/actions/{id}`.
    pub struct UserAction {
        /// Its id.
        pub id: UserActionId,
        /// What is done.
        pub act: UserAct,
        /// Where it stands.
        pub state: ActionState,
        /// To how many users.
        pub total: u32,
        /// With how many it went well.
        pub done: u32,
        /// How many were refused; `GET /v1/users/actions/{id}/failures` names them.
        pub failed: u32,
        /// First and last name of who began it.
        pub begun_by: String,
        /// When it began.
        pub begun_at: Timestamp,
        /// When it ended.
        pub ended_at: Option<Timestamp>,
    }

    /// A user with whom it could not be done, and why.
    pub struct ActionFailure {
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
        /// Why, in a sentence that says what to do.
        pub why: String,
    }
}
