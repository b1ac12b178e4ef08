//! Assignments of users to pupils: listed from either side, made and ended many at once, handed over. LA roles edit.
//!
//! To a Social Worker or Other Professional an assignment gives sight of the pupil; to an LA role it is a focus list.

mod brief;
mod change;
mod hand_over;
mod list;
mod routes;
mod rows;
#[cfg(test)]
mod tests;
mod who;

pub(crate) use brief::load_pupil_briefs;
pub(crate) use hand_over::{count_left, end_focus_lists, give_back, hand_over, leave_without};
pub(crate) use routes::router;
pub(crate) use rows::{Stored, held_from};
