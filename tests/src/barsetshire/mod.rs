//! Barsetshire: a fictional authority with a dozen schools, thirty users, forty pupils and some conversations,
//! set up over HTTP by signing in as anyone does.

mod people;
mod pupils;
mod session;
mod store;
mod town;

pub use people::{LA_STAFF, Staff, TEACHERS, Teacher};
pub use pupils::PUPILS;
pub use session::{Session, now};
pub use store::{Barsetshire, PASSWORD, code_in, invitation_in};
pub use town::{Town, fixtures};
