//! Journeys: a real store, a program of its own, and real clients without a window, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails in a helper fails the test"
)]

mod attachments;
mod bad_input;
mod bulk_add;
mod bulk_add_mended;
mod care_return;
mod compose;
mod desk;
mod establishments;
mod history;
mod local_file;
mod offline;
mod pupil_file;
mod reminders;
mod security;
mod sight;
mod users;
mod withdrawal;
