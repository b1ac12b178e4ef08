//! A message that is withdrawn after it came: its text, its words and its files go, and a line stands in its place.

use lac_domain::AttachmentKind;
use lac_wire::{Attachment, Entity, EntityKind, Message, Withdrawn};

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::view::*;

const WORD: &str = "wisteria";

fn sent() -> Message {
    let mut message = message(3, 100, PRIYA, &format!("The address is 12 {WORD} Street"));
    message.attachments.push(Attachment {
        id: id(70),
        name: format!("{WORD}.pdf").into(),
        kind: AttachmentKind::Pdf,
        size: 1_000,
    });
    message
}

fn withdrawn() -> Message {
    Message {
        body: "".into(),
        attachments: Vec::new(),
        withdrawn: Some(Withdrawn {
            at: at(90),
            by: id(PRIYA),
            reason: "Sent to the wrong person".into(),
            subject: false,
        }),
        ..sent()
    }
}

async fn changes(store: &FakeStore, desk: &Desk, entities: impl IntoIterator<Item = Entity>) {
    store.inside(|inside| inside.changes.push_back(entities.into_iter().map(Into::into).collect()));
    for _ in 0..2 {
        desk.app.sync_now(desk.account, ()).await.unwrap();
    }
}

async fn list(desk: &Desk, search: Option<&str>) -> Vec<ConversationRow> {
    let filter = ConversationFilter {
        folder: None,
        search: search.map(str::to_owned),
        pupil_id: None,
        after: None,
        limit: None,
    };
    desk.app.list_conversations(desk.account, filter).await.unwrap().rows
}

async fn opened(desk: &Desk) -> ConversationView {
    let request = OpenConversation {
        id: id(100),
        before: None,
    };
    desk.app.open_conversation(desk.account, request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_message_leaves_a_line_and_nothing_else() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let begun = conversation(100, "Address", None, 1, 3);
    changes(
        &store,
        &desk,
        [
            Entity::Person(priya()),
            Entity::Conversation(begun.clone()),
            Entity::Message(sent()),
        ],
    )
    .await;
    assert_eq!(
        (
            list(&desk, Some(WORD)).await.len(),
            list(&desk, Some("has:attachment")).await.len()
        ),
        (1, 1)
    );
    assert_eq!(opened(&desk).await.messages[0].attachments.len(), 1);
    let told = desk.host.notifications().len();

    changes(
        &store,
        &desk,
        [Entity::Conversation(begun), Entity::Message(withdrawn())],
    )
    .await;
    assert!(list(&desk, Some(WORD)).await.is_empty(), "not in the index of words");
    assert!(list(&desk, Some("has:attachment")).await.is_empty());
    let row = list(&desk, None).await.remove(0);
    assert_eq!(
        (row.excerpt.reveal(), row.attachments),
        ("This message was withdrawn.", false)
    );
    let view = opened(&desk).await;
    assert_eq!(view.messages.len(), 1);
    let message = &view.messages[0];
    let line = message.withdrawn.clone().unwrap();
    assert_eq!(
        (line.by.as_str(), line.at, line.reason.reveal()),
        ("Priya Shah", at(90), "Sent to the wrong person")
    );
    assert!(message.attachments.is_empty() && !message.body.reveal().contains(WORD));
    assert_eq!(
        desk.host.notifications().len(),
        told,
        "nobody is told of it as of a new message"
    );
    // The same again changes nothing.
    changes(&store, &desk, [Entity::Message(withdrawn())]).await;
    assert_eq!(opened(&desk).await.messages.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_a_file_that_was_opened_goes_with_its_message() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    changes(
        &store,
        &desk,
        [
            Entity::Conversation(conversation(100, "Address", None, 1, 3)),
            Entity::Message(sent()),
        ],
    )
    .await;
    let announced = lac_wire::NewAttachment {
        name: format!("{WORD}.pdf").into(),
        size: 1_000,
        sha256: String::new(),
    };
    let bytes = [b"%PDF-1.7\n".as_slice(), &[b' '; 991]].concat();
    store.inside(|inside| {
        inside
            .uploads
            .insert(id::<lac_domain::AttachmentId>(70).to_string(), (announced, bytes))
    });
    let request = AttachmentRef {
        message_id: Some(sent().id),
        id: id(70),
        although_it_can_run: false,
    };
    desk.app.open_attachment(desk.account, request).await.unwrap();
    let copy = desk.host.opened_files().remove(0);
    assert!(copy.exists());
    changes(&store, &desk, [Entity::Message(withdrawn())]).await;
    assert!(!copy.exists());
}

#[tokio::test]
async fn of_a_message_that_is_gone_no_word_is_left_in_the_file() {
    let folder = tempfile::tempdir().unwrap();
    // In the clear, so that its bytes can be looked through.
    let path = folder.path().join("store.db");
    let store = crate::local::LocalStore::open_plain(&path).await;
    for last in [
        Entity::Message(withdrawn()),
        Entity::Gone {
            entity: EntityKind::Message,
            id: sent().id.0,
        },
    ] {
        let begun = Entity::Conversation(conversation(100, "Address", None, 1, 3));
        bring(&store, &news(), [begun, Entity::Message(sent())]).await;
        bring(&store, &news(), [last]).await;
        assert!(store.has_traces().await.unwrap());
        assert!(store.leave_no_trace().await.unwrap());
        let bytes = std::fs::read(&path).unwrap();
        let word = WORD.as_bytes();
        assert!(!bytes.windows(word.len()).any(|window| window == word));
        // Anew, so that the second way begins with the text again.
        let gone = Entity::Gone {
            entity: EntityKind::Message,
            id: sent().id.0,
        };
        bring(&store, &news(), [gone]).await;
    }
}
