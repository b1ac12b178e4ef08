//! What a user can see, and why.

use chrono::NaiveDate;
use lac_domain::access::AccessReason;
use lac_domain::{Capacity, Timestamp};

use crate::PupilBrief;

wire_types! {
    /// A pupil whom a user can see today, and why.
    pub struct Sight {
        /// The pupil.
        pub pupil: PupilBrief,
        /// The rule that gives it.
        pub reason: AccessReason,
        /// The same in a sentence, with names and dates.
        pub why: String,
        /// The establishment's name, where the reason is one.
        pub establishment_name: Option<String>,
        /// The capacity of the link, where the reason is one.
        pub capacity: Option<Capacity>,
        /// The first day of the link or of the assignment.
        pub from: Option<NaiveDate>,
        /// The last day on which this reason holds, as far as it is known today.
        pub until: Option<NaiveDate>,
        /// Whether they read all that was written about the pupil, or only conversations that they are part of.
        pub reads_all: bool,
        /// When they came to see the pupil.
        pub since: Timestamp,
    }

    /// What a user can see: `GET /v1/users/{id}/sight`.
    pub struct UserSight {
        /// What it comes from, in a sentence: "Mrs Bold is linked to 2 establishments today."
        pub summary: String,
        /// Whether they see every pupil, because they work for the authority; there are no rows then.
        pub sees_all: bool,
        /// The pupils, in order of the names that schools see: only those whom the reader may see.
        pub rows: Vec<Sight>,
        /// What to send as `after` for the next page; none when this is the last.
        pub after: Option<String>,
    }
}
