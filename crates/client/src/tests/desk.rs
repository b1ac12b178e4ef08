//! The application on a test's computer, with a fake store.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use lac_domain::Timestamp;

use super::fake_store::FakeStore;
use super::samples::*;
use crate::App;
use crate::clock::Clock;
use crate::test_support::TestHost;
use crate::view::*;

impl FakeStore {
    /// Signs in on a new computer, and waits for the first fetch to end.
    pub(crate) async fn desk(&self, folder: &Path) -> Desk {
        self.desk_on(TestHost::new(folder)).await
    }

    /// The same, on a computer that is there.
    pub(crate) async fn desk_on(&self, host: TestHost) -> Desk {
        let desk = Desk::open(host).await;
        let request = SignInHere {
            address: self.url(),
            email: "helen.okafor@example.org".to_owned(),
            password: "kettle-marsh-violin-44".into(),
            second_factor: None,
        };
        let account = desk.app.sign_in(request).await.unwrap();
        desk.until(|state| state.accounts[0].sync.first_fetch.is_none() && state.accounts[0].sync.online)
            .await;
        Desk { account, ..desk }
    }
}

/// A clock on which time passes fifty times as fast, so that no test waits for a backoff.
struct HastyClock(Instant, Duration);

impl HastyClock {
    const TIMES: u32 = 50;
}

#[async_trait]
impl Clock for HastyClock {
    fn now(&self) -> Timestamp {
        at(0).plus(chrono::TimeDelta::from_std(self.monotonic() + self.1).unwrap())
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed() * Self::TIMES
    }

    async fn sleep(&self, span: Duration) {
        tokio::time::sleep(span / Self::TIMES).await;
    }
}

/// The application on a test's computer.
pub(crate) struct Desk {
    pub(crate) host: TestHost,
    pub(crate) app: Arc<App<TestHost>>,
    pub(crate) account: AccountId,
}

impl Desk {
    pub(crate) async fn open(host: TestHost) -> Self {
        Self::open_after(host, Duration::ZERO).await
    }

    /// The same, on a clock that goes ahead.
    pub(crate) async fn open_after(host: TestHost, ahead: Duration) -> Self {
        let app = App::open(host.clone(), Arc::new(HastyClock(Instant::now(), ahead))).await;
        let accounts = app.app_state(()).await.unwrap().accounts;
        let account = accounts
            .first()
            .map_or(AccountId(uuid::Uuid::nil()), |account| account.id);
        Self { host, app, account }
    }

    /// Closes the application and opens it again on the same computer.
    pub(crate) async fn reopen(self) -> Self {
        self.app.close().await;
        Self::open(self.host).await
    }

    /// Waits until something holds of the application's state.
    pub(crate) async fn until(&self, mut holds: impl FnMut(&AppState) -> bool) {
        let waited = self.host.until(async |_| holds(&self.app.app_state(()).await.unwrap()));
        if tokio::time::timeout(Duration::from_secs(30), waited).await.is_err() {
            panic!("waited in vain: {:?}", self.app.app_state(()).await.unwrap());
        }
    }

    /// Waits until something holds of the computer, looked at whenever the page is told something.
    pub(crate) async fn until_host(&self, holds: impl Fn(&TestHost) -> bool) {
        let waited = self.host.until(async |host| holds(host));
        tokio::time::timeout(Duration::from_secs(30), waited)
            .await
            .expect("waited in vain");
    }

    /// Asks until something holds of what no page is told of: what reached the store, or what is not refused any more.
    pub(crate) async fn until_so(&self, mut holds: impl AsyncFnMut() -> bool) {
        let asked = async {
            while !holds().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), asked)
            .await
            .expect("waited in vain");
    }

    pub(crate) async fn draft(&self, request: NewDraft, subject: &str, body: &str) -> DraftRef {
        let mut draft = self.app.new_draft(self.account, request).await.unwrap();
        if draft.conversation_id.is_none() {
            draft.recipients.push(RecipientChoice {
                recipient: lac_wire::Recipient::VirtualSchool,
                name: "Virtual School".to_owned(),
                detail: String::new(),
                people: 1,
            });
        }
        draft.subject = subject.into();
        draft.body = body.into();
        let id = draft.id;
        self.app.save_draft(self.account, draft).await.unwrap();
        DraftRef { id }
    }

    pub(crate) async fn send(&self, subject: &str, body: &str) -> lac_domain::ConversationId {
        let draft = self.draft(NewDraft::default(), subject, body).await;
        self.app.send_draft(self.account, draft).await.unwrap().conversation_id
    }

    pub(crate) async fn reply(&self, conversation: lac_domain::ConversationId, body: &str) {
        let request = NewDraft {
            conversation_id: Some(conversation),
            ..NewDraft::default()
        };
        let draft = self.draft(request, "", body).await;
        self.app.send_draft(self.account, draft).await.unwrap();
    }

    pub(crate) async fn outbox(&self) -> Vec<OutboxRow> {
        self.app.list_outbox(self.account, ()).await.unwrap()
    }
}
