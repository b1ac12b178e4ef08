//! Pupils.

use chrono::NaiveDate;
use lac_domain::{EnrolmentId, EnrolmentKind, EstablishmentId, PupilId, Upn};

use crate::Private;

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
        /// National-curriculum year group today: 0 is Reception.
        pub year_group: i32,
        /// Unique pupil number, where known.
        pub upn: Option<Upn>,
        /// The authority's own number; for LA roles alone.
        pub reference: Option<String>,
        /// Whether the pupil is looked after today.
        pub looked_after: bool,
        /// Enrolments today and to come, and for LA roles those that ended.
        pub enrolments: Vec<Enrolment>,
    }

    /// A care period to be made.
    pub struct CarePeriodEntry {
        /// The first day in care.
        pub start: NaiveDate,
        /// The first day no longer in care, if it ended.
        pub end: Option<NaiveDate>,
    }

    /// An enrolment to be made.
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
    }

    /// Which pupils a list asks for, in order of the names that schools see: `GET /v1/pupils`.
    #[derive(Default)]
    pub struct PupilFilter {
        /// Words that the names or the UPN begin with.
        pub search: Option<String>,
        /// Enrolled at one establishment today.
        pub establishment_id: Option<EstablishmentId>,
        /// Where to go on, from the page before.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
