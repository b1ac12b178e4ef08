//! Pupils as lists and devices hold them, and adding one.

use chrono::NaiveDate;
use lac_domain::{EnrolmentId, EnrolmentKind, EstablishmentId, PupilId, Upn};

use crate::{CarePeriodEntry, Private, SocialWorker};

wire_types! {
    /// An enrolment of a pupil.
    pub struct Enrolment {
        /// Its id.
        pub id: EnrolmentId,
        /// Where.
        pub establishment_id: EstablishmentId,
        /// The establishment's name.
        pub establishment_name: String,
        /// Of what kind.
        pub kind: EnrolmentKind,
        /// The first day there.
        pub start: NaiveDate,
        /// The last day there, if one is known.
        pub end: Option<NaiveDate>,
        /// From when the establishment may see the pupil.
        pub visible_from: NaiveDate,
    }

    /// A pupil as a reader may see them. Legal names and the authority's reference are for LA roles alone.
    pub struct Pupil {
        /// Their id.
        pub id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// Legal first name; for LA roles alone.
        pub legal_first_name: Option<Private>,
        /// Legal last name; for LA roles alone.
        pub legal_last_name: Option<Private>,
        /// Date of birth.
        pub born: NaiveDate,
        /// National-curriculum year group today: 0 is Reception. Worked out from the date of birth, or set by hand.
        pub year_group: i32,
        /// Unique pupil number, where known.
        pub upn: Option<Upn>,
        /// The authority's own number; for LA roles alone.
        pub reference: Option<String>,
        /// Whether the pupil is looked after today.
        pub looked_after: bool,
        /// Enrolments today and to come, and for LA roles those that ended.
        pub enrolments: Vec<Enrolment>,
        /// Whether the pupil has an education, health and care plan.
        #[serde(default)]
        pub ehcp: bool,
        /// The pupil's social worker, where one is known whom the reader may know.
        #[serde(default)]
        pub social_worker: Option<SocialWorker>,
        /// The name of the Virtual School's caseworker, where one is set.
        #[serde(default)]
        pub caseworker: Option<String>,
        /// For LA roles: the pupil is on the reader's own focus list today.
        #[serde(default)]
        pub mine: bool,
        /// Whether only the users named on the pupil see them; told to LA roles alone.
        #[serde(default)]
        pub restricted: bool,
        /// Closed for good because the child was adopted; only LA Super Users see such a pupil.
        #[serde(default)]
        pub adopted: bool,
    }

    /// An enrolment to be made, or as it shall be.
    pub struct EnrolmentEntry {
        /// Where.
        pub establishment_id: EstablishmentId,
        /// Of what kind.
        pub kind: EnrolmentKind,
        /// The first day there.
        pub start: NaiveDate,
        /// The last day there, if one is known.
        pub end: Option<NaiveDate>,
        /// From when the establishment may see the pupil; ten working days before the start when not given.
        pub visible_from: Option<NaiveDate>,
    }

    /// `POST /v1/pupils`: adds a pupil.
    pub struct AddPupil {
        /// Legal first name.
        pub legal_first_name: Private,
        /// Legal last name.
        pub legal_last_name: Private,
        /// The name that schools see; the legal names when empty.
        pub known_as: Private,
        /// Date of birth.
        pub born: NaiveDate,
        /// Unique pupil number, where known.
        pub upn: Option<Upn>,
        /// The authority's own number, where it has one.
        pub reference: Option<String>,
        /// Times in care.
        pub care_periods: Vec<CarePeriodEntry>,
        /// Times at establishments.
        pub enrolments: Vec<EnrolmentEntry>,
        /// Until (not including) this day no establishment sees the pupil: "hold from school until".
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub held_from_schools_until: Option<NaiveDate>,
    }

    /// In which order a list of pupils is.
    #[derive(Copy, Eq, Default)]
    #[serde(rename_all = "snake_case")]
    pub enum PupilSort {
        /// By the names that schools see; for LA roles those of their own focus list first.
        #[default]
        Name,
        /// The youngest first.
        Youngest,
        /// The oldest first.
        Oldest,
    }

    /// Which pupils a list asks for: `GET /v1/pupils`. Every condition must hold.
    #[derive(Default)]
    #[serde(default)]
    pub struct PupilFilter {
        /// Words that the names, the UPN or an establishment's name begin with.
        pub search: Option<String>,
        /// Enrolled at one establishment today.
        pub establishment_id: Option<EstablishmentId>,
        /// In one year group today: 0 is Reception.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub year_group: Option<i32>,
        /// Looked after today, or not.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub looked_after: Option<bool>,
        /// Only those who are enrolled nowhere today.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub no_school: Option<bool>,
        /// Only those for whom no social worker is known. For LA roles alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub no_social_worker: Option<bool>,
        /// Only those of the reader's own focus list. For LA roles alone.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub mine: Option<bool>,
        /// In which order.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub sort: Option<PupilSort>,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
