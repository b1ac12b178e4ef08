//! Lists of people that users made. A list is its owner's alone; it comes to their devices with [`lac_wire::Me`].

mod routes;
mod rows;
mod save;
#[cfg(test)]
mod tests;

pub(crate) use routes::router;
pub(crate) use rows::own_lists;
