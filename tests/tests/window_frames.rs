//! A measurement: how smoothly the window draws while a large file is added.

use lac_tests::support::{Outcome, Trouble};
use lac_tests::tale;

/// Prints the largest gap between two frames; asserts nothing on time, since that is the machine's too.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement of minutes: cargo test -p lac-tests --test window_frames -- --ignored --nocapture"]
async fn the_largest_gap_between_two_frames_of_a_large_import() -> Outcome {
    let rows = match std::env::var("LAC_ROWS") {
        Ok(rows) => rows.parse().map_err(Trouble::during("LAC_ROWS"))?,
        Err(_) => 100_000,
    };
    let measured = tale::frames_of(rows).await?;
    for (name, frames) in [
        ("nothing happened", measured.idle),
        ("it was judged", measured.judging),
        ("it was added", measured.committing),
    ] {
        println!(
            "window, {rows} rows: while {name} the largest gap between two of {} frames was {:.0} ms (goal: at most 100 ms)",
            frames.drawn, frames.largest_gap
        );
        assert!(frames.drawn > 0);
    }
    Ok(())
}
