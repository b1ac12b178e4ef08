//! The desktop without a window: the local store, the outbox, sync, and the body of every UI command,
//! generic over a narrow host.

pub mod clock;
pub mod host;
#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
pub mod view;

mod app;
mod ui_commands;

pub use app::App;
