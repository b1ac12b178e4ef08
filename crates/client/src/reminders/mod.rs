//! Reminders on this device: changed here at once and at the store when it is reached, and told when they are due, with
//! or without a network.

mod change;
mod ring;

pub(crate) use change::{finish, forget_conversation, save, snooze};
pub(crate) use ring::ring_for_ever;
