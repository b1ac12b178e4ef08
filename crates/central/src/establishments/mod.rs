//! Establishments: read from the DfE's downloads or added by hand, listed, looked up by parts of their names, by URN
//! and by postcode, and followed from one to the one that came after.

mod by_hand;
mod carry;
mod carry_steps;
mod cli;
mod file_import;
mod file_routes;
mod file_rows;
mod gias;
mod history;
mod in_use;
mod join;
mod links_file;
mod list;
mod moving;
mod page;
mod routes;
mod rows;
mod successions;
#[cfg(test)]
mod tests;
mod words;
mod write;

pub use cli::FileArguments;
pub(crate) use cli::{FileDone, establishments as import_establishments, links as import_links};
pub(crate) use file_routes::router as files_router;
pub(crate) use file_rows::forget_content;
pub use gias::{EstablishmentCounts, GiasFileRead, read_gias};
pub(crate) use in_use::{nobody_to_read, nobody_to_read_at_all, without_reader};
pub use links_file::{LinksFileRead, read_links};
pub(crate) use routes::router;
pub(crate) use rows::{load_establishments, sees_establishment};
