//! Clocks for desktops that go through many faults.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_client::App;
use lac_client::clock::Clock;
use lac_client::test_support::TestHost;
use lac_client::view::{AccountId, SignInHere};
use lac_domain::Timestamp;
use lac_tests::barsetshire::PASSWORD;

use crate::desk::Desk;

/// The computer's clock, set wrong by some time, and with little patience: what waits up to half a minute before it
/// tries again does so within a tenth of a second.
struct Hasty {
    system: Arc<dyn Clock>,
    wrong_by: TimeDelta,
}

#[async_trait]
impl Clock for Hasty {
    fn now(&self) -> Timestamp {
        self.system.now().plus(self.wrong_by)
    }

    fn monotonic(&self) -> Duration {
        // Rests end by this clock, so it runs as fast as the sleeping does.
        self.system.monotonic() * 300
    }

    async fn sleep(&self, span: Duration) {
        self.system.sleep(span.min(Duration::from_millis(100))).await;
    }
}

/// A hasty clock that is right.
pub fn hasty() -> Arc<dyn Clock> {
    wrong_by(TimeDelta::zero())
}

/// A hasty clock that is wrong by some time.
pub fn wrong_by(wrong_by: TimeDelta) -> Arc<dyn Clock> {
    Arc::new(Hasty {
        system: lac_client::clock::system(),
        wrong_by,
    })
}

impl Desk {
    /// A computer with a clock of its own, whose user signs in.
    pub async fn sign_in_by(clock: Arc<dyn Clock>, address: &str, email: &str) -> (Self, AccountId) {
        let folder = tempfile::tempdir().unwrap();
        let host = TestHost::new(folder.path());
        let app = App::open(host.clone(), clock).await;
        let desk = Self { host, app, folder };
        let request = SignInHere {
            address: address.to_owned(),
            email: email.to_owned(),
            password: PASSWORD.into(),
            second_factor: None,
        };
        let account = desk.app.sign_in(request).await.unwrap();
        desk.up_to_date(account).await;
        (desk, account)
    }

    /// Closes the application and opens it again with another clock.
    pub async fn reopen_by(self, clock: Arc<dyn Clock>) -> Self {
        self.app.close().await;
        self.crash(clock).await
    }

    /// Ends the application as a crash does, with nothing closed, and opens it again.
    pub async fn crash(self, clock: Arc<dyn Clock>) -> Self {
        assert_eq!(
            Arc::strong_count(&self.app),
            1,
            "nobody else holds it: what ran for it is aborted"
        );
        drop(self.app);
        let app = App::open(self.host.clone(), clock).await;
        Self {
            host: self.host,
            app,
            folder: self.folder,
        }
    }
}
