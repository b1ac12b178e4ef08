//! The desktop without a window: the local store, the outbox, sync, and the body of every UI command,
//! generic over a narrow host.

pub mod view;

mod ui_commands;
