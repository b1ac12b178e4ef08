//! Barsetshire: a fictional authority with a dozen schools, thirty users, forty pupils and some conversations,
//! set up over HTTP by signing in as anyone does.

mod people;
mod pupils;
mod store;

pub use people::{LA_STAFF, Staff, TEACHERS, Teacher};
pub use pupils::PUPILS;
pub use store::{Barsetshire, PASSWORD, Session};
