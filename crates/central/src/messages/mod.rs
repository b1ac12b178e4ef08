//! Conversations and messages: the commands of devices, and reading them back.

mod check;
mod command;
#[cfg(test)]
mod export_tests;
mod exports;
mod history;
mod late;
mod marks;
#[cfg(test)]
mod namesake_tests;
mod recipients;
mod routes;
mod rows;
mod send;
mod start;
mod taking_part;
#[cfg(test)]
mod taking_part_tests;
#[cfg(test)]
mod tests;
mod unread;
mod write;

pub(crate) use command::current_scope;
pub(crate) use exports::check_reason;
pub(crate) use history::{conversations_page, held_page_size, messages_page, write_after};
pub(crate) use late::Standing;
pub(crate) use recipients::{candidates, require_seen};
pub(crate) use routes::{NoteFetched, router};
pub(crate) use rows::{
    body_place, conversation_key_place, load_conversations, load_messages, reason_place, subject_place,
};
pub(crate) use unread::{unread, unread_count};
pub(crate) use write::About;
