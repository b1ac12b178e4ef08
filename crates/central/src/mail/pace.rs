//! When a mail is tried again, and when a mail server that does not work is spoken to again.

use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use lac_domain::Timestamp;

use crate::error::StoreError;
use crate::random::random;

/// The first pause of a mail, which doubles with every try.
const MAIL_FIRST: TimeDelta = TimeDelta::minutes(1);
/// The longest pause of a mail.
const MAIL_LONGEST: TimeDelta = TimeDelta::hours(1);
/// The first pause of the server, which doubles with every failure.
const SERVER_FIRST: TimeDelta = TimeDelta::seconds(30);
/// The longest pause of the server.
const SERVER_LONGEST: TimeDelta = TimeDelta::minutes(10);

/// How long a mail waits that was tried so often.
pub(super) fn mail_pause(tries: i64) -> Result<TimeDelta, StoreError> {
    jittered(doubled(MAIL_FIRST, tries, MAIL_LONGEST))
}

/// How often the server failed in a row, and until when it is left alone.
#[derive(Debug, Default)]
pub(crate) struct ServerPause(Mutex<(i64, Option<Timestamp>)>);

impl ServerPause {
    /// Whether the server is left alone at this instant.
    pub(super) fn rests(&self, now: Timestamp) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .1
            .is_some_and(|until| now < until)
    }

    /// The server works.
    pub(super) fn ended(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (0, None);
    }

    /// The server failed; answers until when it is left alone.
    pub(super) fn begin(&self, now: Timestamp) -> Result<Timestamp, StoreError> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = state.0.saturating_add(1);
        let until = now.plus(jittered(doubled(SERVER_FIRST, failures, SERVER_LONGEST))?);
        *state = (failures, Some(until));
        Ok(until)
    }
}

/// The first pause, doubled for each time but one.
fn doubled(first: TimeDelta, times: i64, longest: TimeDelta) -> TimeDelta {
    let doublings = u32::try_from((times - 1).clamp(0, 20)).unwrap_or(20);
    (first * 2_i32.pow(doublings)).min(longest)
}

/// A span between three quarters and five quarters of this one, so that what failed together is not tried together.
fn jittered(span: TimeDelta) -> Result<TimeDelta, StoreError> {
    let thousandths = 750 + i64::from(u16::from_le_bytes(random()?)) * 500 / i64::from(u16::MAX);
    Ok(TimeDelta::milliseconds(span.num_milliseconds() * thousandths / 1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let minutes: Vec<i64> = (0..10)
            .map(|n| doubled(MAIL_FIRST, n, MAIL_LONGEST).num_minutes())
            .collect();
        assert_eq!(minutes, [1, 1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(doubled(MAIL_FIRST, i64::MAX, MAIL_LONGEST), MAIL_LONGEST);
    }

    #[test]
    fn jitter_spreads_by_a_quarter() {
        let spans: Vec<i64> = (0..500)
            .map(|_| jittered(TimeDelta::seconds(100)).unwrap().num_milliseconds())
            .collect();
        assert!(spans.iter().all(|span| (75_000..=125_000).contains(span)), "{spans:?}");
        assert!(spans.iter().any(|span| *span < 85_000) && spans.iter().any(|span| *span > 115_000));
    }

    #[test]
    fn a_server_rests_longer_each_time_until_it_works() {
        let (pause, now) = (
            ServerPause::default(),
            Timestamp::from_unix_millis(1_795_000_000_000).unwrap(),
        );
        assert!(!pause.rests(now));
        let first = pause.begin(now).unwrap().since(now);
        assert!(pause.rests(now) && !pause.rests(now.plus(first)));
        let later: Vec<TimeDelta> = (0..8).map(|_| pause.begin(now).unwrap().since(now)).collect();
        assert!(
            first < TimeDelta::seconds(38) && later[7] >= TimeDelta::seconds(450),
            "{first} {later:?}"
        );
        pause.ended();
        assert!(!pause.rests(now));
        assert!(pause.begin(now).unwrap().since(now) < TimeDelta::seconds(38));
    }
}
