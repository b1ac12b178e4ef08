//! Things done to many users at once: begun with a list or a filter, then done in slices beside everything else, so
//! that nobody waits for them, they can be cancelled, and a restart goes on where they were.

mod begin;
mod routes;
mod rows;
mod run;

pub(super) use routes::router;
pub(crate) use run::act_for_ever;
