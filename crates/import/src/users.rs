//! Rows of a file of users: what they say, what the store must be asked, and what became of them.

mod beside;
mod cells;
mod judge;
mod mailbox;
mod rows;
mod shape;

use std::collections::{HashMap, HashSet};

use lac_domain::{EstablishmentStatus, Role, Upn, Urn};
use serde::{Deserialize, Serialize};

use crate::Finding;

pub use judge::Weighed;
pub use rows::UserRow;
pub use shape::Shape;

/// The longest first or last name, in characters.
pub const NAME_CHARS: usize = 100;
/// The longest job title, in characters.
pub const JOB_TITLE_CHARS: usize = 100;
/// The longest phone number, in characters.
pub const PHONE_CHARS: usize = 40;

/// What to look up in the store, each value once, sorted.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// E-mail keys.
    pub emails: Vec<String>,
    /// URNs.
    pub urns: Vec<Urn>,
    /// UPNs.
    pub upns: Vec<Upn>,
}

/// What the store knows of what was wanted. What is not here does not exist.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Users of the authority, by e-mail key, with their role.
    pub users: HashMap<String, Role>,
    /// Establishments of the store, by URN.
    pub establishments: HashMap<Urn, KnownEstablishment>,
    /// UPNs of pupils.
    pub upns: HashSet<Upn>,
    /// Of these users, those whose role may not change, by e-mail key, each with the sentence that says why.
    pub fixed_roles: HashMap<String, String>,
}

/// What judging needs to know of an establishment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownEstablishment {
    /// Its name.
    pub name: String,
    /// Whether it is open.
    pub status: EstablishmentStatus,
}

/// What to do with rows whose e-mail address a user of the authority has already.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ExistingUsers {
    /// The row is an error.
    #[default]
    Refuse,
    /// The row is passed over.
    Skip,
    /// The user takes what the row says. A blank cell takes nothing away, and a role changes only where the row names
    /// one.
    Update,
}

/// What is done with a user.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum UserOutcome {
    /// Created.
    Create,
    /// Exists, and takes what the rows say.
    Update,
    /// Exists, and is left as they are.
    Skip,
    /// An outcome that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One user, gathered from the rows with their e-mail address that have no error.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct JudgedUser {
    /// The rows, in order.
    pub rows: Vec<u32>,
    /// What is done with the user.
    pub outcome: UserOutcome,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Job title; empty when there is none.
    pub job_title: String,
    /// E-mail address as the first row has it.
    pub email: String,
    /// The key by which the address is compared.
    pub email_key: String,
    /// Phone number; empty when there is none.
    pub phone: String,
    /// Role.
    pub role: Role,
    /// The establishments to link, each once, in the order of the rows.
    pub urns: Vec<Urn>,
    /// The pupils to assign, each once, in the order of the rows.
    pub upns: Vec<Upn>,
    /// Whether this is a Designated Teacher whom the file links to no establishment: the invitation is held
    /// until a link is made. (A user who exists may have links already.)
    pub not_linked_yet: bool,
}

/// What became of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Judgement {
    /// Whether the file as a whole is at fault, so that no row can be taken until it is mended.
    pub blocked: bool,
    /// The users, by their first row.
    pub users: Vec<JudgedUser>,
    /// The rows that have an error, in order.
    pub refused_rows: Vec<u32>,
    /// Every finding: errors first, then by row and column.
    pub findings: Vec<Finding>,
    /// The counts.
    pub counts: Counts,
}

/// What is counted of a file. Rows accepted, refused and skipped together are the rows read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Counts {
    /// Rows below the headings, blank ones left out.
    pub rows_read: u32,
    /// Rows that make or update a user.
    pub rows_accepted: u32,
    /// Rows with an error.
    pub rows_refused: u32,
    /// Rows passed over: the kinds below together.
    pub rows_skipped: u32,
    /// Of these, rows of users who exist.
    pub rows_skipped_existing: u32,
    /// Of these, OneRoster's rows of people who are no staff.
    pub rows_skipped_not_staff: u32,
    /// Of these, OneRoster's rows that are not active.
    pub rows_skipped_not_active: u32,
    /// Of these, example rows of another system's template.
    #[serde(default)]
    pub rows_skipped_example: u32,
    /// Of these, rows that a person left out.
    #[serde(default)]
    pub rows_left_out: u32,
    /// Users (or what else the file adds) that are created.
    pub to_create: u32,
    /// Those that exist and are updated.
    pub to_update: u32,
    /// Those that exist and are left as they are.
    pub to_skip: u32,
    /// Of those created, Designated Teachers with no establishment yet.
    pub not_linked_yet: u32,
    /// For pupils: how many pupils' time in care, as it lasts now, would end.
    #[serde(default)]
    pub ends_care: u32,
    /// For pupils: how many are looked after on the file's day.
    #[serde(default)]
    pub looked_after: u32,
    /// For pupils: how many of those are not in the file.
    #[serde(default)]
    pub missing: u32,
    /// Findings that are errors.
    pub errors: u32,
    /// Findings that are warnings.
    pub warnings: u32,
}

impl Counts {
    /// Whether the care of more than a tenth of the looked-after pupils would end: that is asked about first.
    #[must_use]
    pub fn ends_many(&self) -> bool {
        u64::from(self.ends_care) * 10 > u64::from(self.looked_after)
    }
}
