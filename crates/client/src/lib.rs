//! The desktop without a window: the local store, the outbox, sync, and the body of every UI command,
//! generic over a narrow host.

pub mod clock;
pub mod host;
#[cfg(any(test, feature = "test-support"))]
pub mod test_support;
pub mod view;

mod account;
mod api;
mod app;
mod commands;
mod computer;
mod export;
mod failure;
mod local;
mod outbox;
mod pace;
mod pdf;
mod reminders;
mod sync;
#[cfg(test)]
mod tests;
mod ui_commands;
mod whole_file;

pub use app::App;
