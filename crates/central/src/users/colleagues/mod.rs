//! Designated Teachers' requests for a colleague: asked for, seen by LA roles, approved or refused by LA Super Users.

mod ask;
mod decide;
mod list;
mod routes;

pub(super) use routes::router;
