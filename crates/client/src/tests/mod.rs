//! Tests of more than one module: the local store as it is filled and emptied, the outbox, and the whole desktop
//! against a store that answers what the test wants it to.

mod applying;
mod attachments;
mod attachments_opened;
mod away;
mod care_returns;
mod checking;
mod desk;
mod drafts;
mod establishments;
mod exports;
mod fake_store;
mod faults;
mod histories;
mod home;
mod imports;
mod locking;
mod opening;
mod outbox;
mod pupils;
mod purging;
mod refused_reminders;
mod reminders;
pub(crate) mod samples;
mod searching;
mod security;
mod signing_out;
mod syncing;
mod taking_part;
mod undo;
mod withdrawals;
