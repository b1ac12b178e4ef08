//! Faults: processes killed, connections broken, clocks wrong, an old copy put back. After each: nothing lost, nothing
//! twice. `LAC_SEED` repeats a random test's choices; each prints the seed that it used.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails in a helper fails the test"
)]

mod bulk_add;
mod cable;
mod chance;
mod clock;
mod crash;
#[path = "../journeys/desk.rs"]
#[allow(dead_code, reason = "shared with the journeys, which use more of it")]
mod desk;
mod kill;
mod letters;
mod older_copy;
mod refusal;
mod wrong_clock;
