//! Someone's desktop without its window.

use std::sync::Arc;
use std::time::Duration;

use lac_client::App;
use lac_client::test_support::TestHost;
use lac_client::view::*;
use lac_domain::ConversationId;
use lac_tests::barsetshire::PASSWORD;
use lac_wire::{PupilFilter, Recipient};
use tempfile::TempDir;

/// How long anything may take that is waited for.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A computer with the application on it, signed in or not.
pub struct Desk {
    pub host: TestHost,
    pub app: Arc<App<TestHost>>,
    pub folder: TempDir,
}

impl Desk {
    /// A computer on which the application was never started.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let host = TestHost::new(folder.path());
        let app = App::open(host.clone(), lac_client::clock::system()).await;
        Self { host, app, folder }
    }

    /// A computer whose user takes up an invitation.
    pub async fn take_up(address: &str, code: &str) -> (Self, AccountId) {
        let desk = Self::new().await;
        let request = TakeUpInvitation {
            address: address.to_owned(),
            code: code.into(),
            password: PASSWORD.into(),
            second_factor: None,
        };
        let account = desk.app.take_up_invitation(request).await.unwrap();
        desk.up_to_date(account).await;
        (desk, account)
    }

    /// A computer whose user signs in with the password that everyone chose.
    pub async fn sign_in(address: &str, email: &str) -> (Self, AccountId) {
        let desk = Self::new().await;
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

    /// Closes the application and opens it again on the same computer.
    pub async fn reopen(self) -> Self {
        self.app.close().await;
        drop(self.app);
        let app = App::open(self.host.clone(), lac_client::clock::system()).await;
        Self {
            host: self.host,
            app,
            folder: self.folder,
        }
    }

    /// Waits until something holds of the account's state.
    pub async fn until(&self, account: AccountId, what: &str, mut holds: impl FnMut(&Account) -> bool) {
        let waited = self.host.until(async |_| {
            let state = self.app.app_state(()).await.unwrap();
            state.accounts.iter().any(|held| held.id == account && holds(held))
        });
        if tokio::time::timeout(PATIENCE, waited).await.is_err() {
            let state = self.app.app_state(()).await.unwrap();
            panic!("waited in vain for {what}: {:?}", state.accounts);
        }
    }

    /// Waits until the first fetch is over.
    pub async fn up_to_date(&self, account: AccountId) {
        self.until(account, "the first fetch", |held| {
            held.sync.online && held.sync.last_contact.is_some() && held.sync.first_fetch.is_none() && held.me.is_some()
        })
        .await;
    }

    /// Writes a message and presses "Send".
    pub async fn send(&self, account: AccountId, to: Recipient, subject: &str, body: &str) -> ConversationId {
        let app = &self.app;
        let mut draft = app.new_draft(account, NewDraft::default()).await.unwrap();
        let choices = app
            .find_recipients(
                account,
                FindRecipients {
                    search: String::new(),
                    pupil_id: None,
                },
            )
            .await;
        let choices = choices.unwrap();
        let choice = choices.into_iter().find(|choice| choice.recipient == to);
        draft.recipients.push(choice.expect("the recipient is offered"));
        draft.subject = subject.into();
        draft.body = body.into();
        let id = draft.id;
        app.save_draft(account, draft).await.unwrap();
        app.send_draft(account, DraftRef { id }).await.unwrap().conversation_id
    }

    /// Replies in a conversation.
    pub async fn reply(&self, account: AccountId, conversation_id: ConversationId, body: &str) {
        let request = NewDraft {
            conversation_id: Some(conversation_id),
            ..NewDraft::default()
        };
        let mut draft = self.app.new_draft(account, request).await.unwrap();
        draft.body = body.into();
        let id = draft.id;
        self.app.save_draft(account, draft).await.unwrap();
        self.app.send_draft(account, DraftRef { id }).await.unwrap();
    }

    /// The texts of a conversation, as this desktop holds it.
    pub async fn texts(&self, account: AccountId, id: ConversationId) -> Vec<String> {
        let opened = self
            .app
            .open_conversation(account, OpenConversation { id, before: None })
            .await;
        opened
            .unwrap()
            .messages
            .iter()
            .map(|message| message.body.reveal().to_owned())
            .collect()
    }

    /// Waits until a conversation holds a text.
    pub async fn until_text(&self, account: AccountId, id: ConversationId, text: &str) {
        let waited = self.host.until(async |_| {
            let opened = self
                .app
                .open_conversation(account, OpenConversation { id, before: None })
                .await;
            opened.is_ok_and(|view| {
                view.messages
                    .iter()
                    .any(|m| m.body.reveal() == text && m.number.is_some())
            })
        });
        tokio::time::timeout(PATIENCE, waited)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for a message"));
    }

    /// The names of the pupils that this desktop holds.
    pub async fn pupils(&self, account: AccountId) -> Vec<String> {
        let page = self.app.list_pupils(account, PupilFilter::default()).await.unwrap();
        page.rows
            .iter()
            .map(|pupil| pupil.known_as.reveal().to_owned())
            .collect()
    }
}
