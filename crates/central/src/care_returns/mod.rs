//! The SSDA903 return. It is last March's picture: it only proposes care periods to open and to close for pupils who are
//! known by `CHILD` or UPN, a person confirms each or all, and it never overrides a later date.

mod cli;
mod compare;
mod decide;
mod list;
mod past;
mod read;
mod routes;
#[cfg(test)]
mod tests;

pub use cli::CareReturnCommand;
pub(crate) use routes::router;
