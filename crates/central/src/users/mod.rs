//! Users, as LA roles manage them: listed, added, edited, linked to establishments, invited.

mod actions;
mod add;
mod attention;
mod away;
mod changed;
mod colleagues;
mod devices;
mod edit;
mod entry;
mod invite;
mod leaving;
mod link;
mod link_routes;
mod links;
mod list;
mod load;
mod page_routes;
mod routes;
mod rows;
mod sight;
mod status;
mod tell;
#[cfg(test)]
mod tests;
pub(crate) mod trail;
mod trail_words;
mod words;

pub(crate) use actions::act_for_ever;
pub(crate) use add::hold_invitations;
pub(crate) use away::{joined as joined_away, own as own_away, router as away_router};
pub(crate) use links::{NewLink, insert_links, tell_of_link};
pub(crate) use routes::router;
pub(crate) use rows::{NewUser, insert_user_rows, insert_users, sort_key};
pub(crate) use words::{delete_words, insert_words, insert_words_of, replace_words, words};
