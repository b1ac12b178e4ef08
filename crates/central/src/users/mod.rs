//! Users, as LA roles manage them: listed, added, edited, linked to establishments, invited.

mod add;
mod edit;
mod entry;
mod invite;
mod links;
mod list;
mod load;
mod routes;
mod rows;
mod tell;
#[cfg(test)]
mod tests;
mod words;

pub(crate) use add::hold_invitations;
pub(crate) use links::{NewLink, insert_links};
pub(crate) use routes::router;
pub(crate) use rows::{NewUser, insert_users, sort_key};
pub(crate) use words::{replace_words, replace_words_now};
