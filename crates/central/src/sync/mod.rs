//! Keeping devices up to date: pokes, the held set, and the changes after a cursor.

mod audiences;
mod changes;
mod counts;
mod cursor;
mod entities;
mod events;
#[cfg(test)]
mod focus_tests;
mod held;
mod people;
mod pokes;
mod routes;
#[cfg(test)]
mod tests;

pub(crate) use events::router as events_router;
pub(crate) use pokes::Pokes;
pub(crate) use routes::router;
