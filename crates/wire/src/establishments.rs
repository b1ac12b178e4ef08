//! Establishments.

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, EstablishmentStatus, Urn, UserId};

wire_types! {
    /// An establishment.
    pub struct Establishment {
        /// Its id.
        pub id: EstablishmentId,
        /// Its URN; none for one added by hand.
        pub urn: Option<Urn>,
        /// Its name.
        pub name: String,
        /// What type of establishment, as GIAS names it; perhaps empty.
        pub type_name: String,
        /// Its phase of education, as GIAS names it; perhaps empty.
        pub phase: String,
        /// Whether it is in use.
        pub status: EstablishmentStatus,
        /// The local authority that it lies in; perhaps empty.
        pub la_name: String,
        /// Town or city, perhaps empty.
        pub town: String,
        /// Postcode, perhaps empty.
        pub postcode: String,
        /// The whole address, line by line.
        pub address: Vec<String>,
        /// Telephone number, perhaps empty.
        pub phone: String,
        /// Website, perhaps empty.
        pub website: String,
        /// The headteacher's name, perhaps empty.
        pub head: String,
        /// When it closed.
        pub closed_on: Option<NaiveDate>,
    }

    /// A user linked to an establishment.
    pub struct LinkedUser {
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
        /// In what capacity.
        pub capacity: Capacity,
        /// The first day.
        pub start: NaiveDate,
        /// The last day, if one is known.
        pub end: Option<NaiveDate>,
    }

    /// An establishment with its linked users, as LA roles see it: `GET /v1/establishments/{id}`.
    pub struct EstablishmentPage {
        /// The establishment.
        pub establishment: Establishment,
        /// Users linked to it today or later.
        pub linked_users: Vec<LinkedUser>,
        /// How many pupils the reader may see there today.
        pub pupils: u32,
    }

    /// Which establishments a list asks for, in order of name.
    #[derive(Default)]
    pub struct EstablishmentFilter {
        /// Part of a name (the beginnings of words), a URN or a postcode.
        pub search: Option<String>,
        /// Only those with a linked user or an enrolled pupil.
        #[serde(default)]
        pub in_use: bool,
        /// Also closed ones; they are left out otherwise.
        #[serde(default)]
        pub closed: bool,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
