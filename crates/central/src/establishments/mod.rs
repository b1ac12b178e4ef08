//! Establishments: read from the DfE's GIAS download, listed, and looked up by parts of their names, by URN
//! and by postcode.

mod import;
mod list;
mod routes;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub use import::{EstablishmentCounts, GiasFileRead, read_gias};
pub(crate) use routes::router;
pub(crate) use rows::{load_establishments, sees_establishment};
