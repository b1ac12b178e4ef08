//! A computer for tests: a temporary folder, secrets in memory, dialogs answered from a queue, and all that was
//! notified and emitted, kept to be looked at.

mod clear;
mod clock;
mod end;
mod host;

pub(crate) use clear::is_in_clear;
pub use clear::keep_in_clear;

pub use clock::TestClock;
pub use end::wait_for_files_at_the_end;
pub use host::TestHost;
