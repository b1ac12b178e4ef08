//! Conversations and messages: the commands of devices, and reading them back.

mod command;
mod history;
mod late;
mod marks;
mod recipients;
mod routes;
mod rows;
mod send;
mod start;
#[cfg(test)]
mod namesake_tests;
#[cfg(test)]
mod tests;
mod unread;
mod write;

pub(crate) use history::{conversations_page, held_page_size, messages_page, write_after};
pub(crate) use routes::{NoteFetched, router};
pub(crate) use rows::{conversation_key_place, load_conversations, load_messages};
pub(crate) use unread::unread_count;
