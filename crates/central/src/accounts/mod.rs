//! Getting in: setting up a store, invitations, passwords, sessions.

mod code;
mod failures;
mod init;
mod invitations;
mod invite_many;
mod me;
mod passwords;
mod routes;
mod session_rows;
mod sign_in;
#[cfg(test)]
mod tests;

pub(crate) use code::hash_code;
pub(crate) use failures::AnonymousFailures;
pub use init::{FirstUser, Setup};
pub use invitations::InviteByEmail;
pub(crate) use invitations::NewCode;
pub(crate) use me::me;
pub(crate) use passwords::Passwords;
pub(crate) use routes::router;
pub(crate) use session_rows::{SessionRow, Touch, find_session};
