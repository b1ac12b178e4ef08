//! Imports of users: a file is received and judged, then committed, once.

mod cli;
mod commit;
mod findings;
mod forget;
mod known;
mod plan;
mod prepared;
mod receive;
mod routes;
mod rows;
#[cfg(test)]
mod tests;
mod write;

pub use cli::ImportCommand;
pub(crate) use forget::forget_files;
pub(crate) use routes::{files_router, router};
