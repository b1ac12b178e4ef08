//! What time it is, and waiting. A clock is passed in and never read from elsewhere, so that tests can set it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lac_domain::Timestamp;

/// Tells the time.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    /// The instant that it is now, by the computer's clock: nothing that matters rests on it.
    fn now(&self) -> Timestamp;

    /// The time since some fixed moment. It never goes back.
    fn monotonic(&self) -> Duration;

    /// Waits so long.
    async fn sleep(&self, span: Duration);
}

/// The computer's own clock.
#[derive(Debug)]
struct SystemClock {
    began: Instant,
}

/// The computer's own clock.
#[must_use]
pub fn system() -> Arc<dyn Clock> {
    Arc::new(SystemClock { began: Instant::now() })
}

#[async_trait]
impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "the one place where the desktop reads the computer's clock"
    )]
    fn now(&self) -> Timestamp {
        Timestamp::new(chrono::Utc::now())
    }

    fn monotonic(&self) -> Duration {
        self.began.elapsed()
    }

    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span).await;
    }
}
