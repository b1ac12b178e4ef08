//! How smoothly a window draws: the time between its frames, as the page itself sees it.

use super::page::Page;
use super::{Outcome, Trouble};

/// Frames that were counted.
#[derive(Clone, Copy, Debug)]
pub struct Frames {
    /// How many were drawn.
    pub drawn: u64,
    /// The largest gap between two of them, in milliseconds.
    pub largest_gap: f64,
}

/// Begins to count the frames of a window.
///
/// # Errors
/// When the window does not answer.
pub async fn begin(page: &Page) -> Outcome {
    let script = "window.frames_seen = { drawn: 0, largest: 0, last: performance.now() }; \
        const frame = (now) => { const seen = window.frames_seen; if (!seen) return; \
            seen.largest = Math.max(seen.largest, now - seen.last); seen.last = now; seen.drawn += 1; \
            requestAnimationFrame(frame); }; requestAnimationFrame(frame);";
    page.driver().execute(script, vec![]).await?;
    Ok(())
}

/// Ends the count.
///
/// # Errors
/// When the window does not answer, or nobody began to count.
pub async fn end(page: &Page) -> Outcome<Frames> {
    let script =
        "const seen = window.frames_seen; window.frames_seen = null; return seen && [seen.drawn, seen.largest];";
    let said = page.driver().execute(script, vec![]).await?;
    let (drawn, largest_gap): (u64, f64) = said.convert().map_err(Trouble::during("the frames of a window"))?;
    Ok(Frames { drawn, largest_gap })
}
