//! Pupils: added by hand, listed and read as far as the reader may see them.

mod add;
mod dates;
mod list;
mod routes;
mod rows;
#[cfg(test)]
mod tests;

pub(crate) use routes::router;
pub(crate) use rows::load_pupils;
