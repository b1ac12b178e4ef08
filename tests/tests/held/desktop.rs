//! A desktop, what it holds, and what the store says that it should.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use lac_central::test_support::{PASSWORD, TestUser};
use lac_client::App;
use lac_client::test_support::TestHost;
use lac_client::view::*;
use lac_domain::{ConversationId, PupilId};
use lac_wire::{Entity, MaybeEntity, Page, PupilFilter};
use tempfile::TempDir;

/// How often a desktop is asked to catch up before it counts as not keeping to the held set.
const TRIES: usize = 20;

/// What somebody holds: pupils by the name that they see, and the texts of each conversation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub pupils: BTreeMap<PupilId, String>,
    pub conversations: BTreeMap<ConversationId, BTreeSet<String>>,
}

/// A user's desktop.
pub struct Desktop {
    pub user: TestUser,
    app: Arc<App<TestHost>>,
    account: AccountId,
    _folder: TempDir,
}

impl Desktop {
    /// Signs in on a new computer.
    pub async fn sign_in(address: SocketAddr, user: TestUser) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(TestHost::new(folder.path()), lac_client::clock::system()).await;
        let request = SignInHere {
            address: format!("http://{address}"),
            email: user.email.clone(),
            password: PASSWORD.into(),
        };
        let account = app.sign_in(request).await.unwrap();
        Self {
            user,
            app,
            account,
            _folder: folder,
        }
    }

    /// Catches up, and holds that what is there is what the store would give now.
    pub async fn keeps_to_the_held_set(&self, after: &str) {
        let expected = self.by_the_store().await;
        let mut held = Held::default();
        for _ in 0..TRIES {
            self.app.sync_now(self.account, ()).await.unwrap();
            held = self.by_the_desktop().await;
            if held == expected {
                return;
            }
        }
        panic!(
            "the {}’s desktop after {after}: holds {held:#?}, should hold {expected:#?}",
            self.user.role
        );
    }

    async fn by_the_store(&self) -> Held {
        let mut held = Held::default();
        for part in ["pupils", "conversations", "messages"] {
            let mut after = String::new();
            loop {
                let path = format!("/v1/held?part={part}{after}");
                let page: Page<MaybeEntity> = self.user.client.get(&path).await.json();
                for entity in page.rows {
                    let MaybeEntity::Known(entity) = entity else {
                        panic!("an unknown entity in the held set");
                    };
                    match *entity {
                        Entity::Pupil(pupil) => {
                            held.pupils.insert(pupil.id, pupil.known_as.reveal().to_owned());
                        }
                        Entity::Conversation(conversation) => {
                            held.conversations.entry(conversation.id).or_default();
                        }
                        Entity::Message(message) => {
                            let texts = held.conversations.entry(message.conversation_id).or_default();
                            texts.insert(message.body.reveal().to_owned());
                        }
                        other => panic!("in the held set: {other:?}"),
                    }
                }
                match page.after {
                    Some(key) => after = format!("&after={key}"),
                    None => break,
                }
            }
        }
        held
    }

    async fn by_the_desktop(&self) -> Held {
        let mut held = Held::default();
        let mut after = None;
        loop {
            let filter = PupilFilter {
                after,
                limit: Some(2),
                ..PupilFilter::default()
            };
            let page = self.app.list_pupils(self.account, filter).await.unwrap();
            held.pupils.extend(
                page.rows
                    .iter()
                    .map(|pupil| (pupil.id, pupil.known_as.reveal().to_owned())),
            );
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        let mut lists = vec![
            self.list(Some(Folder::Inbox), None).await,
            self.list(Some(Folder::Sent), None).await,
        ];
        for pupil in held.pupils.keys().copied().collect::<Vec<_>>() {
            lists.push(self.list(None, Some(pupil)).await);
        }
        for id in lists.into_iter().flatten().collect::<BTreeSet<_>>() {
            let open = OpenConversation { id, before: None };
            let view = self.app.open_conversation(self.account, open).await.unwrap();
            let texts = view.messages.iter().map(|message| message.body.reveal().to_owned());
            held.conversations.insert(id, texts.collect());
        }
        held
    }

    async fn list(&self, folder: Option<Folder>, pupil_id: Option<PupilId>) -> Vec<ConversationId> {
        let filter = ConversationFilter {
            folder,
            search: None,
            pupil_id,
            after: None,
            limit: Some(200),
        };
        let page = self.app.list_conversations(self.account, filter).await.unwrap();
        page.rows.iter().map(|row| row.id).collect()
    }

    /// Closes the application.
    pub async fn close(self) {
        self.app.close().await;
    }
}
