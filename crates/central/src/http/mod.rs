//! The HTTP API: the router, what is taken out of a request, and how an error is answered.

mod around;
mod error;
mod extract;
#[cfg(test)]
mod matrix;
mod router;
mod serve;
mod session;
#[cfg(test)]
mod tests;

pub use error::ApiError;
pub use extract::{Body, ClientAddress, IdempotencyKey, Params, PathOf};
pub use router::openapi;
pub use serve::serve;
pub(crate) use session::signed_out;
pub use session::{BeforeSecondFactor, Session};
