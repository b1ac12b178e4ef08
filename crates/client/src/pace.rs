//! How long to wait before trying again.

use std::time::Duration;

use crate::computer::random;

/// The longest wait after a failure: when the network comes back, what waits leaves soon.
const LONGEST: Duration = Duration::from_secs(30);

/// The wait after so many failures in a row: it doubles from a second on, up to 30, each time shortened by up to half
/// at random, so that many desktops do not come back at the same moment.
pub(crate) fn backoff(failures: u32) -> Duration {
    let whole = Duration::from_secs(1 << failures.saturating_sub(1).min(5)).min(LONGEST);
    between(whole / 2, whole)
}

/// A wait of at least what the store asked for, or else the backoff.
pub(crate) fn backoff_or(failures: u32, asked: Option<Duration>) -> Duration {
    match asked {
        // No store has reason to ask for more than ten minutes.
        Some(asked) => asked.min(Duration::from_secs(600)) + between(Duration::ZERO, Duration::from_secs(1)),
        None => backoff(failures),
    }
}

/// A wait between two others, at random.
pub(crate) fn between(shortest: Duration, longest: Duration) -> Duration {
    // Without randomness the middle serves.
    let share = random::<2>().map_or(0.5, |bytes| f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX));
    shortest + longest.saturating_sub(shortest).mul_f64(share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_below_half_a_minute() {
        for failures in 0..40 {
            let wait = backoff(failures);
            assert!(
                wait >= Duration::from_millis(500) && wait <= LONGEST,
                "{failures}: {wait:?}"
            );
        }
        assert!(backoff(10) >= LONGEST / 2);
        assert!(backoff_or(1, Some(Duration::from_secs(40))) >= Duration::from_secs(40));
    }
}
