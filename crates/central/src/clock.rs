//! What time it is. A clock is passed in and never read from elsewhere, so that tests can set it.

use std::sync::atomic::{AtomicI64, Ordering};

use lac_domain::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync + 'static {
    /// The instant that it is now.
    fn now(&self) -> Timestamp;
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the store reads the computer's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::new(chrono::Utc::now())
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct SetClock(AtomicI64);

impl SetClock {
    /// A clock that stands at an instant.
    #[must_use]
    pub fn at(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.utc().timestamp_millis()))
    }

    /// Sets the clock to an instant.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.utc().timestamp_millis(), Ordering::SeqCst);
    }

    /// Moves the clock by a span, which may be negative.
    pub fn advance(&self, span: chrono::TimeDelta) {
        self.0.fetch_add(span.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::SeqCst))
            .unwrap_or_else(|| Timestamp::new(chrono::DateTime::UNIX_EPOCH))
    }
}
