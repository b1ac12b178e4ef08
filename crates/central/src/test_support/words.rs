//! Conversations of tests.

use lac_domain::{AttachmentId, CommandId, ConversationId, MessageId, PupilId, UserId};
use lac_wire::{
    AttachmentProgress, Changes, Command, CommandEnvelope, CommandReply, CursorReply, Entity, MaybeEntity,
    NewAttachment, NewMessage, Page, Recipient,
};
use sha2::Digest as _;

use super::client::{Reply, new_uuid};
use super::{TestStore, TestUser};

/// A message that is to be written.
#[must_use]
pub fn message(store: &TestStore, body: &str) -> NewMessage {
    NewMessage {
        id: MessageId(new_uuid()),
        body: body.into(),
        written_at: store.store.now(),
        attachments: Vec::new(),
    }
}

/// One person as a recipient.
#[must_use]
pub fn to(user: &TestUser) -> Recipient {
    Recipient::User { id: user.id }
}

/// A conversation that is to be begun.
#[must_use]
pub fn conversation(store: &TestStore, pupil: Option<PupilId>, recipients: Vec<Recipient>, body: &str) -> Command {
    Command::StartConversation {
        conversation_id: ConversationId(new_uuid()),
        subject: "Reading books".into(),
        pupil_id: pupil,
        confidential: false,
        recipients,
        message: message(store, body),
    }
}

/// An answer to a conversation.
#[must_use]
pub fn answer(store: &TestStore, conversation: ConversationId, body: &str) -> Command {
    Command::SendMessage {
        conversation_id: conversation,
        message: message(store, body),
    }
}

impl TestUser {
    /// Sends a command.
    pub async fn command(&self, command: Command) -> Reply {
        self.envelope(&CommandEnvelope {
            id: CommandId(new_uuid()),
            command,
        })
        .await
    }

    /// Sends a command with an id of one's own.
    pub async fn envelope(&self, envelope: &CommandEnvelope) -> Reply {
        self.client.post("/v1/commands", envelope).await
    }

    /// Begins a conversation that is taken; answers its id.
    pub async fn begins(
        &self,
        store: &TestStore,
        pupil: Option<PupilId>,
        recipients: Vec<Recipient>,
        body: &str,
    ) -> ConversationId {
        let command = conversation(store, pupil, recipients, body);
        let id = command.conversation_id().unwrap();
        let _: CommandReply = self.command(command).await.json();
        id
    }

    /// Sends a file whole, so that a message may name it.
    pub async fn attach(&self, name: &str, bytes: &[u8]) -> AttachmentId {
        let id = AttachmentId(new_uuid());
        let announced = self.announce(id, name, bytes).await;
        assert!(announced.status.is_success(), "{:?}", announced.error());
        let progress: AttachmentProgress = self.piece(id, 0, bytes).await.json();
        assert!(progress.complete);
        id
    }

    /// Announces a file.
    pub async fn announce(&self, id: AttachmentId, name: &str, bytes: &[u8]) -> Reply {
        let new = NewAttachment {
            name: name.into(),
            size: i64::try_from(bytes.len()).unwrap(),
            sha256: hex::encode(sha2::Sha256::digest(bytes)),
        };
        self.client.put(&format!("/v1/attachments/{id}"), &new).await
    }

    /// Sends a piece of a file.
    pub async fn piece(&self, id: AttachmentId, offset: usize, bytes: &[u8]) -> Reply {
        let path = format!("/v1/attachments/{id}/pieces?offset={offset}");
        let kind = "application/octet-stream";
        self.client
            .send_bytes(axum::http::Method::PUT, &path, bytes.to_vec(), kind, new_uuid())
            .await
    }

    /// The cursor now.
    pub async fn cursor(&self) -> String {
        self.client.get("/v1/cursor").await.json::<CursorReply>().cursor
    }

    /// All changes after a cursor.
    pub async fn changes(&self, mut cursor: String) -> Vec<Entity> {
        let mut all = Vec::new();
        loop {
            let page: Changes = self
                .client
                .get(&format!("/v1/changes?cursor={cursor}&limit=50"))
                .await
                .json();
            all.extend(known(page.entities));
            cursor = page.cursor;
            if !page.more {
                return all;
            }
        }
    }

    /// All pages of a path that answers entities.
    pub async fn all(&self, path: &str) -> Vec<Entity> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let page: Page<MaybeEntity> = self.client.get(&format!("{path}{after}")).await.json();
            all.extend(known(page.rows));
            match page.after {
                None => return all,
                Some(next) => after = format!("{}after={next}", if path.contains('?') { "&" } else { "?" }),
            }
        }
    }

    /// The bodies of all messages of a path that answers entities.
    pub async fn bodies(&self, path: &str) -> Vec<String> {
        self.all(path).await.iter().filter_map(body).collect()
    }

    /// The ids of all people in the held set.
    pub async fn people(&self) -> Vec<UserId> {
        self.all("/v1/held?part=people")
            .await
            .iter()
            .filter_map(|e| if let Entity::Person(p) = e { Some(p.id) } else { None })
            .collect()
    }
}

/// The body of an entity that is a message.
#[must_use]
pub fn body(entity: &Entity) -> Option<String> {
    if let Entity::Message(message) = entity {
        Some(message.body.reveal().to_owned())
    } else {
        None
    }
}

fn known(entities: Vec<MaybeEntity>) -> impl Iterator<Item = Entity> {
    entities.into_iter().map(|entity| match entity {
        MaybeEntity::Known(entity) => *entity,
        MaybeEntity::Unknown {} => panic!("the store sent an entity that the contract does not know"),
    })
}
