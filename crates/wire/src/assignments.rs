//! Assignments of users to pupils, and links of users to establishments, made and ended one by one or many at once.

use chrono::NaiveDate;
use lac_domain::{AssignmentId, Capacity, EstablishmentId, PupilId, UserId};

use crate::{Private, UserBrief};

wire_types! {
    /// A pupil in a few words, enough to tell two of the same name apart.
    pub struct PupilBrief {
        /// Their id.
        pub id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// Date of birth.
        pub born: NaiveDate,
        /// National-curriculum year group today: 0 is Reception.
        pub year_group: i32,
        /// Whether the pupil is looked after today.
        pub looked_after: bool,
        /// Where they are enrolled today: names of establishments.
        pub establishments: Vec<String>,
    }

    /// An assignment of a user to a pupil.
    pub struct Assignment {
        /// Its id.
        pub id: AssignmentId,
        /// The user.
        pub user: UserBrief,
        /// The pupil.
        pub pupil: PupilBrief,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
        /// Whether the user reads all that was written about the pupil, or only conversations that they are part of.
        /// For LA roles, who read all in any case, it says nothing.
        pub reads_all: bool,
    }

    /// Which assignments, or whom to assign, a list asks for.
    #[derive(Default)]
    pub struct AssignmentFilter {
        /// Words that names begin with; all must fit.
        pub search: Option<String>,
        /// Also assignments that ended.
        #[serde(default)]
        pub ended: bool,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// An assignment to be made.
    pub struct NewAssignment {
        /// Which user.
        pub user_id: UserId,
        /// To which pupil.
        pub pupil_id: PupilId,
        /// The first day; today when none is given.
        pub start: Option<NaiveDate>,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
        /// Whether they read all that was written about the pupil, or only conversations that they are part of. It must
        /// be said for a Social Worker or Other Professional; for LA roles it says nothing.
        pub reads_all: Option<bool>,
    }

    /// An assignment with other dates, or another choice.
    pub struct ChangedAssignment {
        /// Which.
        pub id: AssignmentId,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
        /// Whether they read all that was written about the pupil.
        pub reads_all: bool,
    }

    /// `POST /v1/assignments`: all of it is done, or nothing; 1,000 of all kinds at most.
    #[derive(Default)]
    pub struct ChangeAssignments {
        /// To be made.
        #[serde(default)]
        pub add: Vec<NewAssignment>,
        /// To be changed.
        #[serde(default)]
        pub change: Vec<ChangedAssignment>,
        /// To be taken away at once: one that has begun ends yesterday and stays in the history, one that has not is
        /// deleted.
        #[serde(default)]
        pub remove: Vec<AssignmentId>,
    }

    /// What became of it.
    #[derive(Copy, Eq, Default)]
    pub struct AssignmentsChanged {
        /// How many were made.
        pub added: u32,
        /// How many were changed.
        pub changed: u32,
        /// How many were taken away.
        pub removed: u32,
    }

    /// `POST /v1/users/{id}/hand-over`: somebody else takes over the pupils of a user, in one step.
    pub struct HandOverPupils {
        /// Who takes them over.
        pub to: UserId,
        /// From which day on; today when none is given. The assignments before end on the day before.
        pub from: Option<NaiveDate>,
        /// Whether they read all that was written about each pupil; as it was for each when nothing is said.
        pub reads_all: Option<bool>,
    }

    /// What a hand-over did.
    #[derive(Copy, Eq, Default)]
    pub struct HandedOver {
        /// Pupils whom the other has now, or will have from that day on.
        pub pupils: u32,
        /// Of these, pupils whom the other had already.
        pub had_already: u32,
    }

    /// `POST /v1/links`: links a user to an establishment.
    pub struct NewLink {
        /// Which user.
        pub user_id: UserId,
        /// To which establishment.
        pub establishment_id: EstablishmentId,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day; today when none is given.
        pub start: Option<NaiveDate>,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// `PUT /v1/links/{id}`: the capacity and the dates of a link. Ending a link is giving it a last day.
    pub struct ChangedLink {
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }
}
