//! A computer for tests: a temporary folder, secrets in memory, dialogs answered from a queue, and all that was
//! notified and emitted, kept to be looked at.

mod clock;
mod host;

pub use clock::TestClock;
pub use host::TestHost;
