//! Pupils: added and edited by LA roles, listed and read as far as the reader may see them; who is entitled, who is
//! kept out, and what happened when.

mod add;
mod adoption;
mod bars;
mod care;
pub(crate) mod dates;
mod edit;
mod enrolments;
mod entitled;
pub(crate) mod entry;
mod handover;
mod head;
mod list;
#[cfg(test)]
mod list_tests;
mod meanwhile;
mod notes;
mod record;
mod record_routes;
#[cfg(test)]
mod record_tests;
mod restriction;
mod routes;
mod rows;
pub(crate) mod sentences;
#[cfg(test)]
mod tests;
mod timeline;
mod turns;
pub(crate) mod write;

pub(crate) use care::Change as ChangeOfCare;
pub(crate) use record_routes::router as record_router;
pub(crate) use routes::router;
pub(crate) use rows::load_pupils;
pub(crate) use turns::tell_of_turns;
