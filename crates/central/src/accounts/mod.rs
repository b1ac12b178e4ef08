//! Getting in: setting up a store, invitations, passwords, sessions.

mod change_password;
mod code;
mod failures;
mod forgotten;
mod init;
mod invitations;
mod invite_many;
mod me;
mod passwords;
mod rotation;
mod routes;
mod second_factor;
mod security_routes;
#[cfg(test)]
mod security_tests;
mod session_rows;
mod sign_in;
#[cfg(test)]
mod tests;
mod tries;

pub(crate) use code::hash_code;
pub(crate) use failures::AnonymousFailures;
pub use init::{FirstUser, Setup};
pub use invitations::InviteByEmail;
pub(crate) use invitations::NewCode;
pub(crate) use me::me;
pub(crate) use passwords::Passwords;
pub(crate) use routes::router;
pub use second_factor::ResetByEmail;
pub(crate) use second_factor::{Reset, forget_second_factor, set_up_at};
pub(crate) use session_rows::{SessionRow, Touch, find_session, session_by_id};
pub(crate) use tries::forget_past_tries;
