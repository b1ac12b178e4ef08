//! A clock that stands until it is moved.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use lac_domain::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;

/// A clock that tests set and move. Whoever sleeps on it wakes when it has been moved far enough.
#[derive(Debug)]
pub struct TestClock {
    now: Mutex<Timestamp>,
    passed: watch::Sender<Duration>,
}

impl TestClock {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: Mutex::new(now),
            passed: watch::channel(Duration::ZERO).0,
        }
    }

    /// Lets time pass, for the computer's clock and for those who sleep.
    pub fn advance(&self, span: Duration) {
        if let (Ok(mut now), Ok(delta)) = (self.now.lock(), chrono::TimeDelta::from_std(span)) {
            *now = now.plus(delta);
        }
        self.passed.send_modify(|passed| *passed += span);
    }

    /// Sets the computer's clock, as a person or a server may, without time passing.
    pub fn set(&self, to: Timestamp) {
        if let Ok(mut now) = self.now.lock() {
            *now = to;
        }
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn monotonic(&self) -> Duration {
        *self.passed.borrow()
    }

    async fn sleep(&self, span: Duration) {
        let until = self.monotonic() + span;
        let mut passed = self.passed.subscribe();
        // An error means that the clock is gone, and with it the test.
        let _ = passed.wait_for(|passed| *passed >= until).await;
    }
}
