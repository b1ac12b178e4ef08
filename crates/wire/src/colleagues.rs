//! Designated Teachers' requests for a colleague, which LA Super Users approve or refuse.

use chrono::NaiveDate;
use lac_domain::{Capacity, ColleagueRequestId, EstablishmentId, Timestamp, UserId};

use crate::UserBrief;

wire_types! {
    /// Where a request stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum RequestState {
        /// Nobody has decided it yet.
        Waiting,
        /// The colleague was added, or linked there.
        Approved,
        /// It was refused.
        Refused,
        /// A state that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `POST /v1/colleagues`: asks for a colleague at an establishment that one is linked to today.
    pub struct AskForColleague {
        /// Where.
        pub establishment_id: EstablishmentId,
        /// Their first name.
        pub first_name: String,
        /// Their last name.
        pub last_name: String,
        /// Their e-mail address.
        pub email: String,
        /// Their job title, perhaps empty.
        pub job_title: String,
    }

    /// A request for a colleague.
    pub struct ColleagueRequest {
        /// Its id.
        pub id: ColleagueRequestId,
        /// Who asked.
        pub asked_by: UserId,
        /// First and last name of who asked.
        pub asked_by_name: String,
        /// When.
        pub asked_at: Timestamp,
        /// At which establishment.
        pub establishment_id: EstablishmentId,
        /// The establishment's name.
        pub establishment_name: String,
        /// The colleague's first name.
        pub first_name: String,
        /// The colleague's last name.
        pub last_name: String,
        /// The colleague's e-mail address.
        pub email: String,
        /// The colleague's job title, perhaps empty.
        pub job_title: String,
        /// Where it stands.
        pub state: RequestState,
        /// When it was decided.
        pub decided_at: Option<Timestamp>,
        /// First and last name of who decided; for LA roles alone.
        pub decided_by: Option<String>,
        /// Why it was refused.
        pub reason: Option<String>,
        /// The user who has this e-mail address, for LA roles alone: a Designated Teacher is linked by the approval,
        /// with anybody else it can't be approved.
        pub existing: Option<UserBrief>,
    }

    /// Which requests a list asks for, the newest first. LA roles see all, others their own.
    #[derive(Default)]
    pub struct ColleagueFilter {
        /// Of one state.
        pub state: Option<RequestState>,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// How many requests wait to be decided, of those that the reader may see: `GET /v1/colleagues/waiting`.
    #[derive(Copy, Eq)]
    pub struct WaitingRequests {
        /// How many.
        pub waiting: u32,
    }

    /// `POST /v1/colleagues/{id}/approve`: adds and invites the colleague as a Designated Teacher, linked there.
    pub struct ApproveColleague {
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day of the link; today when none is given.
        pub start: Option<NaiveDate>,
        /// The last day of the link, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// `POST /v1/colleagues/{id}/refuse`: refuses a request.
    pub struct RefuseColleague {
        /// Why, in a sentence for who asked.
        pub reason: String,
    }
}
