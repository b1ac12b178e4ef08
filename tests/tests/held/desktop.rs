//! A desktop, what it holds, and what the store says that it should.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use lac_central::test_support::{PASSWORD, TestUser};
use lac_client::App;
use lac_client::test_support::TestHost;
use lac_client::view::*;
use lac_domain::{ConversationId, PupilId, Role};
use lac_wire::{Conversation, Entity, MaybeEntity, Me, Page, Pupil, PupilFilter};
use tempfile::TempDir;

/// How often a desktop is asked to catch up before it counts as not keeping to the held set.
const TRIES: usize = 20;

/// What somebody holds: pupils by the name that they see and whether they are on the own focus list, and the texts of
/// each conversation.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Held {
    pub pupils: BTreeMap<PupilId, (String, bool)>,
    pub conversations: BTreeMap<ConversationId, BTreeSet<String>>,
}

impl Held {
    fn put_pupil(&mut self, pupil: &Pupil) {
        let seen = (pupil.known_as.reveal().to_owned(), pupil.mine);
        self.pupils.insert(pupil.id, seen);
    }
}

/// A user's desktop.
pub struct Desktop {
    pub user: TestUser,
    pub app: Arc<App<TestHost>>,
    pub account: AccountId,
    folder: TempDir,
}

impl Desktop {
    /// Signs in on a new computer.
    pub async fn sign_in(address: SocketAddr, user: TestUser) -> Self {
        Self::sign_in_at(address, user, tempfile::tempdir().unwrap()).await
    }

    /// Signs in on a new computer whose files are not enciphered, so that they can be looked through.
    pub async fn sign_in_in_clear(address: SocketAddr, user: TestUser) -> Self {
        let folder = tempfile::tempdir().unwrap();
        lac_client::test_support::keep_in_clear(folder.path());
        Self::sign_in_at(address, user, folder).await
    }

    async fn sign_in_at(address: SocketAddr, user: TestUser, folder: TempDir) -> Self {
        let app = App::open(TestHost::new(folder.path()), lac_client::clock::system()).await;
        let request = SignInHere {
            address: format!("http://{address}"),
            email: user.email.clone(),
            password: PASSWORD.into(),
            second_factor: None,
        };
        let account = app.sign_in(request).await.unwrap();
        Self {
            user,
            app,
            account,
            folder,
        }
    }

    /// Every byte of every file on this computer, letters made small.
    pub fn bytes(&self) -> Vec<u8> {
        let (mut bytes, mut folders) = (Vec::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    bytes.extend(std::fs::read(path).unwrap().to_ascii_lowercase());
                }
            }
        }
        bytes
    }

    /// Catches up, and holds that what is there is what the store would give now; and nothing, where the store does
    /// not know the user any more.
    pub async fn keeps_to_the_held_set(&self, after: &str) {
        let me = self.user.client.get("/v1/me").await;
        if me.status == 401 {
            return self.shows_nothing(after).await;
        }
        let me: Me = me.json();
        let expected = self.by_the_store(&me).await;
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
            me.role
        );
    }

    /// Who may no longer sign in is shown nothing of what is there.
    async fn shows_nothing(&self, after: &str) {
        for _ in 0..TRIES {
            let _ = self.app.sync_now(self.account, ()).await;
            if self
                .app
                .list_pupils(self.account, PupilFilter::default())
                .await
                .is_err()
            {
                let listed = self.app.list_conversations(self.account, everything(None)).await;
                assert!(listed.is_err(), "conversations are shown after {after}");
                return;
            }
        }
        panic!("an inactive user’s desktop still shows pupils after {after}");
    }

    async fn by_the_store(&self, me: &Me) -> Held {
        let mut held = Held::default();
        let mut own = BTreeSet::new();
        for part in ["pupils", "conversations", "messages"] {
            for entity in self.all(&format!("/v1/held?part={part}")).await {
                match entity {
                    Entity::Pupil(pupil) => held.put_pupil(&pupil),
                    Entity::Conversation(conversation) => {
                        own.extend(takes_part(&conversation, me).then_some(conversation.id));
                        held.conversations.entry(conversation.id).or_default();
                    }
                    Entity::Message(message) => {
                        let texts = held.conversations.entry(message.conversation_id).or_default();
                        texts.insert(message.body.reveal().to_owned());
                    }
                    other => panic!("in the held set: {other:?}"),
                }
            }
        }
        self.is_made_of_histories(me, &held, own).await;
        held
    }

    /// What the store would give is, put together otherwise: the user's own conversations, and the histories of all
    /// pupils whom they see, or for LA roles of those on their focus list.
    async fn is_made_of_histories(&self, me: &Me, held: &Held, own: BTreeSet<ConversationId>) {
        let la = matches!(me.role, Role::LaUser | Role::LaSuperUser);
        let mut expected = own;
        for (pupil, (_, mine)) in &held.pupils {
            if la && !mine {
                continue;
            }
            for entity in self.all(&format!("/v1/pupils/{pupil}/history?")).await {
                if let Entity::Conversation(conversation) = entity {
                    expected.insert(conversation.id);
                }
            }
        }
        let given: BTreeSet<_> = held.conversations.keys().copied().collect();
        assert_eq!(given, expected, "the held set of the {}", me.role);
    }

    /// All pages of a path that answers entities.
    async fn all(&self, path: &str) -> Vec<Entity> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page: Page<MaybeEntity> = self.user.client.get(&format!("{path}{after}")).await.json();
            for entity in page.rows {
                let MaybeEntity::Known(entity) = entity else {
                    panic!("an unknown entity in the held set");
                };
                all.push(*entity);
            }
            match page.after {
                Some(key) => after = format!("&after={key}"),
                None => return all,
            }
        }
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
            page.rows.iter().for_each(|pupil| held.put_pupil(pupil));
            after = page.after;
            if after.is_none() {
                break;
            }
        }
        // Listing the conversations about one pupil would count as opening the history.
        for id in self.conversations().await {
            let open = OpenConversation { id, before: None };
            let view = self.app.open_conversation(self.account, open).await.unwrap();
            let texts = view.messages.iter().map(|message| message.body.reveal().to_owned());
            held.conversations.insert(id, texts.collect());
        }
        held
    }

    /// All that are held, but for what the user wrote and the store has not taken.
    async fn conversations(&self) -> Vec<ConversationId> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self
                .app
                .list_conversations(self.account, everything(after))
                .await
                .unwrap();
            all.extend(page.rows.iter().filter(|row| row.sending.is_none()).map(|row| row.id));
            after = page.after;
            if after.is_none() {
                return all;
            }
        }
    }

    /// Closes the application.
    pub async fn close(self) {
        self.app.close().await;
    }
}

fn takes_part(conversation: &Conversation, me: &Me) -> bool {
    conversation.participants.iter().any(|one| one.user_id == me.id)
}

/// Every conversation that is held.
fn everything(after: Option<String>) -> ConversationFilter {
    ConversationFilter {
        folder: None,
        search: None,
        pupil_id: None,
        after,
        limit: Some(5),
    }
}
