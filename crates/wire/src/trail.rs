//! The audit trail of the whole authority, as LA Super Users see it.

use chrono::NaiveDate;
use lac_domain::{PupilId, UserId};

wire_types! {
    /// `GET /v1/trail`: which rows of the audit trail are asked for; `GET /v1/trail.csv` takes the same, for a file.
    #[derive(Default)]
    pub struct TrailFilter {
        /// Only what this user did.
        #[serde(default)]
        pub by: Option<UserId>,
        /// Only one action, as `GET /v1/trail/actions` names it.
        #[serde(default)]
        pub action: Option<String>,
        /// Only what was done to this user.
        #[serde(default)]
        pub user_id: Option<UserId>,
        /// Only what was done to this pupil, or about them.
        #[serde(default)]
        pub pupil_id: Option<PupilId>,
        /// From this London day on.
        #[serde(default)]
        pub from: Option<NaiveDate>,
        /// Up to the end of this London day.
        #[serde(default)]
        pub to: Option<NaiveDate>,
        /// Where to go on, from the page before.
        #[serde(default)]
        pub after: Option<String>,
        /// How many rows, at most 200.
        #[serde(default)]
        pub limit: Option<u32>,
    }

    /// An action that the trail knows.
    #[derive(Eq)]
    pub struct TrailAction {
        /// Its word, for the filter.
        pub action: String,
        /// What it means, in a few words.
        pub words: String,
    }
}
