//! Journeys: a real store, a program of its own, and real clients without a window, over real HTTP.

mod bad_input;
mod bulk_add;
mod desk;
mod local_file;
mod offline;
mod sight;
