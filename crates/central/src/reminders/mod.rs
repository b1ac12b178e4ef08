//! Reminders: one's own, made on a device; of the authority, on days of the school term; and of the store, worked out
//! from what it holds. What a user did with one, snoozed it or was done with it, is kept for each user.

mod by_the_store;
mod own;
mod routes;
mod rows;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use own::take;
pub(crate) use routes::router;
pub(crate) use rows::{forget_reminders, load_reminders, reminders_page};
