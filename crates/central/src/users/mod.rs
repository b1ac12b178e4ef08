//! Users, as LA roles manage them.

mod rows;
mod words;

pub(crate) use rows::{NewUser, insert_users, sort_key};
