//! The whole record of a pupil, as LA roles keep it: times in care and at establishments, who is entitled and why, who
//! is kept out, and what happened when.

use chrono::NaiveDate;
use lac_domain::{CareEndReason, CarePeriodId, EnrolmentId, EstablishmentId, PupilId, Role, Timestamp, Upn, UserId};

use crate::{EnrolmentEntry, Private, Pupil};

wire_types! {
    /// A care period to be made, or as it shall be.
    pub struct CarePeriodEntry {
        /// The first day in care.
        pub start: NaiveDate,
        /// The first day no longer in care, if it ended.
        pub end: Option<NaiveDate>,
        /// Why it ended, where that is known. Adoption has a step of its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub end_reason: Option<CareEndReason>,
    }

    /// A care period; for LA roles alone.
    pub struct CarePeriod {
        /// Its id.
        pub id: CarePeriodId,
        /// The first day in care.
        pub start: NaiveDate,
        /// The first day no longer in care, if it ended.
        pub end: Option<NaiveDate>,
        /// Why it ended.
        pub end_reason: Option<CareEndReason>,
    }

    /// A pupil's social worker: a user, or somebody known by name alone.
    pub struct SocialWorker {
        /// The user, where they have an account.
        pub user_id: Option<UserId>,
        /// Their name.
        pub name: Private,
        /// Their team, perhaps empty.
        pub team: String,
        /// Their telephone number, perhaps empty; told to LA roles alone.
        pub phone: String,
    }

    /// Somebody on a pupil's record.
    pub struct RecordPerson {
        /// Their id.
        pub id: UserId,
        /// First and last name.
        pub name: String,
        /// Their role.
        pub role: Role,
    }

    /// A handover that lasts today: the old establishment still sees the pupil.
    pub struct Handover {
        /// The old establishment.
        pub establishment_id: EstablishmentId,
        /// Its name.
        pub establishment_name: String,
        /// The last day on which it sees the pupil.
        pub until: NaiveDate,
        /// The same as a sentence: "Riverside Primary can still see Tom until 3 September 2027."
        pub sentence: Private,
    }

    /// `GET /v1/pupils/{id}/record`: a pupil as LA roles keep them.
    pub struct PupilRecord {
        /// As lists show them, with all enrolments.
        pub pupil: Pupil,
        /// One more with every change; an edit names the one it started from.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Former names, perhaps empty.
        pub former_names: Private,
        /// Whether the year group was set by hand.
        pub year_group_by_hand: bool,
        /// Times in care, the newest first.
        pub care_periods: Vec<CarePeriod>,
        /// The Virtual School's caseworker.
        pub caseworker: Option<RecordPerson>,
        /// In another authority's area: lives or learns out of the authority.
        pub out_of_authority: bool,
        /// Since when the pupil has had no school place.
        pub no_school_since: Option<NaiveDate>,
        /// Why not, perhaps empty.
        pub no_school_reason: Private,
        /// Until (not including) this day no establishment sees the pupil.
        pub held_from_schools_until: Option<NaiveDate>,
        /// The eighteenth birthday: from then on nobody sees the pupil as looked after.
        pub eighteen_on: NaiveDate,
        /// The users whom a restricted pupil names.
        pub named: Vec<RecordPerson>,
        /// The users who never see this pupil.
        pub barred: Vec<RecordPerson>,
        /// The handover that lasts today, if one does.
        pub handover: Option<Handover>,
        /// What to look at, as sentences: a UPN that may be mistyped or is temporary, enrolments that overlap.
        pub warnings: Vec<String>,
    }

    /// What a person enters about a pupil; dates of care and enrolments are changed one by one.
    pub struct PupilEntry {
        /// Legal first name.
        pub legal_first_name: Private,
        /// Legal last name.
        pub legal_last_name: Private,
        /// Former names, perhaps empty.
        pub former_names: Private,
        /// The name that schools see; the legal names when empty.
        pub known_as: Private,
        /// Date of birth.
        pub born: NaiveDate,
        /// Unique pupil number, where known.
        pub upn: Option<Upn>,
        /// The authority's own number, where it has one.
        pub reference: Option<String>,
        /// The year group today, set by hand; worked out from the date of birth when none is given.
        pub year_group: Option<i32>,
        /// The Virtual School's caseworker: a user with an LA role.
        pub caseworker_id: Option<UserId>,
        /// The social worker, where they have an account.
        pub social_worker_id: Option<UserId>,
        /// The social worker's name, where they have no account; perhaps empty.
        pub social_worker_name: Private,
        /// The social worker's team, perhaps empty.
        pub social_worker_team: String,
        /// The social worker's telephone number, perhaps empty.
        pub social_worker_phone: String,
        /// Whether the pupil has an education, health and care plan.
        pub ehcp: bool,
        /// Whether the pupil lives or learns out of the authority.
        pub out_of_authority: bool,
        /// Since when the pupil has had no school place.
        pub no_school_since: Option<NaiveDate>,
        /// Why not, perhaps empty.
        pub no_school_reason: Private,
        /// Until (not including) this day no establishment sees the pupil: "hold from school until".
        pub held_from_schools_until: Option<NaiveDate>,
    }

    /// `PUT /v1/pupils/{id}`: edits a pupil.
    pub struct EditPupil {
        /// The revision that the edit started from.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// What the record shall hold.
        pub entry: PupilEntry,
    }

    /// What is done to the times in care of a pupil.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum CareChange {
        /// One more: the child comes into care, or an earlier time is written down.
        Add {
            /// From when, and until when.
            entry: CarePeriodEntry,
            /// Until (not including) this day no establishment sees the pupil; left as it is when not given.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            #[cfg_attr(feature = "ts", ts(optional))]
            held_from_schools_until: Option<NaiveDate>,
        },
        /// Other dates, or an end.
        Change {
            /// Which.
            id: CarePeriodId,
            /// As it shall be.
            entry: CarePeriodEntry,
        },
        /// It was a mistake.
        Remove {
            /// Which.
            id: CarePeriodId,
        },
    }

    /// `POST /v1/pupils/{id}/care-periods`: changes one time in care.
    pub struct ChangeCare {
        /// The revision that it started from; when given and no longer the newest, the change is refused.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        pub revision: Option<i64>,
        /// What is done.
        pub change: CareChange,
    }

    /// What is done to the enrolments of a pupil.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum EnrolmentChange {
        /// One more.
        Add {
            /// Where, and from when.
            entry: EnrolmentEntry,
            /// The Main enrolment that holds before it gets its last day the day before: a move of school.
            #[serde(default)]
            moves: bool,
        },
        /// Other dates, another kind, or a last day.
        Change {
            /// Which.
            id: EnrolmentId,
            /// As it shall be; the establishment may be another.
            entry: EnrolmentEntry,
        },
        /// It was a mistake.
        Remove {
            /// Which.
            id: EnrolmentId,
        },
        /// A move that will not happen: the coming enrolment is removed, and the one that was to end for it is open again.
        CancelMove {
            /// The coming enrolment.
            id: EnrolmentId,
        },
    }

    /// `POST /v1/pupils/{id}/enrolments`: changes one enrolment.
    pub struct ChangeEnrolment {
        /// The revision that it started from; when given and no longer the newest, the change is refused.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        pub revision: Option<i64>,
        /// What is done.
        pub change: EnrolmentChange,
    }

    /// `POST /v1/pupils/{id}/bars`: bars a user from a pupil, or takes the bar away.
    pub struct ChangeBar {
        /// Who never sees the pupil.
        pub user_id: UserId,
        /// Whether the bar stands.
        pub barred: bool,
    }

    /// `PUT /v1/pupils/{id}/restriction`: whether only named users see the pupil, and who they are.
    pub struct ChangeRestriction {
        /// Whether only the named users see the pupil.
        pub restricted: bool,
        /// The named users: all of them.
        pub named: Vec<UserId>,
    }

    /// `POST /v1/pupils/{id}/adoption`: closes the record for good.
    pub struct CloseForAdoption {
        /// The day of the adoption order: the first day no longer in care.
        pub on: NaiveDate,
    }

    /// `GET /v1/restricted-pupils`: a restricted pupil as any LA Super User knows of them, without a word of who it is.
    pub struct RestrictedPupil {
        /// Their id.
        pub id: PupilId,
        /// When the record was made.
        pub created_at: Timestamp,
        /// The users whom the pupil names.
        pub named: Vec<RecordPerson>,
        /// Whether the reader is one of them.
        pub names_reader: bool,
    }

    /// Somebody who is entitled to a pupil today, and why.
    pub struct EntitledUser {
        /// Their id.
        pub id: UserId,
        /// First and last name.
        pub name: String,
        /// Their role.
        pub role: Role,
        /// Their job title, perhaps empty.
        pub job_title: String,
        /// Why, as a sentence.
        pub why: Private,
        /// Since when; for LA roles none is kept.
        pub since: Option<Timestamp>,
        /// The last day, where a known date ends it.
        pub until: Option<NaiveDate>,
        /// Whether they read all that is written about the pupil, or only conversations that they are part of.
        pub reads_all: bool,
    }

    /// What a line of a pupil's timeline is about.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum TimelineKind {
        /// Care began or ended.
        Care,
        /// A school began or ended.
        School,
        /// An assignment began or ended.
        Assignment,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// A line of a pupil's timeline.
    pub struct TimelineEntry {
        /// On which day.
        pub on: NaiveDate,
        /// What it is about.
        pub kind: TimelineKind,
        /// What happens, as a sentence.
        pub text: Private,
        /// Whether the day is still to come.
        pub coming: bool,
    }

    /// A line of who changed what on a pupil's record.
    pub struct PupilNote {
        /// When.
        pub at: Timestamp,
        /// Who; none where the store itself did.
        pub who: Option<String>,
        /// What, as a sentence.
        pub text: String,
    }
}
