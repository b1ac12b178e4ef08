//! Attachments that came with messages: fetched when they are opened, and gone with what they belong to.

use lac_domain::{AttachmentId, AttachmentKind};
use lac_wire::{Attachment, Command, Entity, NewAttachment};

use super::attachments::{file, long, open};
use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::local::{LocalStore, attachments};
use crate::view::*;

/// A message from Priya with a file that the store holds.
async fn received(store: &FakeStore, desk: &Desk, name: &str, bytes: &[u8], pupil: Option<u128>) -> MessageView {
    let attachment = Attachment {
        id: id::<AttachmentId>(500),
        name: name.into(),
        kind: lac_import::judge_attachment(name, bytes).kind,
        size: i64::try_from(bytes.len()).unwrap(),
    };
    let new = NewAttachment {
        name: name.into(),
        size: attachment.size,
        sha256: String::new(),
    };
    store.inside(|inside| inside.uploads.insert(attachment.id.to_string(), (new, bytes.to_vec())));
    let mut with = message(7, 100, PRIYA, "Please see the file");
    with.attachments = vec![attachment];
    let mut news = vec![Entity::Person(priya())];
    news.extend(pupil.map(|number| Entity::Pupil(self::pupil(number, "Zara Khan"))));
    news.extend([
        Entity::Conversation(conversation(100, "A plan", pupil, 1, 7)),
        Entity::Message(with),
    ]);
    store.change(news);
    desk.until(|state| state.accounts[0].sync.unread == 1).await;
    desk.view(id(100)).await.messages.remove(0)
}

#[tokio::test]
async fn an_attachment_comes_when_it_is_opened_and_goes_on_after_a_cut() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    let bytes = long();
    let message = received(&store, &desk, "../../Plan.txt", &bytes, None).await;
    assert!(!message.attachments[0].held);
    let filter = ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    let rows = desk
        .app
        .list_conversations(desk.account, filter.clone())
        .await
        .unwrap()
        .rows;
    assert!(rows[0].attachments, "the list marks it");
    let found = ConversationFilter {
        folder: None,
        search: Some("plan.txt".to_owned()),
        ..filter
    };
    assert_eq!(
        desk.app
            .list_conversations(desk.account, found)
            .await
            .unwrap()
            .rows
            .len(),
        1,
        "found by its name"
    );
    let gets = |store: &FakeStore| {
        store.inside(|inside| {
            inside
                .asked
                .iter()
                .filter(|(method, path, _)| method == "GET" && path.contains("/attachments/"))
                .map(|(_, path, _)| path.clone())
                .collect::<Vec<_>>()
        })
    };
    assert!(gets(&store).is_empty(), "nothing is fetched before");

    // The second piece breaks off.
    let request = || AttachmentRef {
        message_id: Some(message.id),
        id: message.attachments[0].id,
        although_it_can_run: false,
    };
    let opening = desk.app.open_attachment(desk.account, request());
    store.next("/v1/attachments/", Answer::Raw(503, "busy", None));
    assert!(opening.await.unwrap_err().is_local(LocalCode::Offline));
    store.stop().await;
    let offline = desk.app.open_attachment(desk.account, request()).await.unwrap_err();
    assert!(
        offline.is_local(LocalCode::Offline) && offline.message.contains("not on this computer yet"),
        "{offline}"
    );
    store.start_again().await;
    desk.app.open_attachment(desk.account, request()).await.unwrap();
    let copy = desk.host.opened_files().remove(0);
    assert!(
        copy.starts_with(folder.path()) && copy.file_name().unwrap() == "Plan.txt",
        "{}",
        copy.display()
    );
    assert!(std::fs::read(&copy).unwrap() == bytes);
    let offsets: std::collections::HashSet<String> = gets(&store).into_iter().collect();
    assert_eq!(offsets.len(), bytes.len().div_ceil(256 * 1024), "{offsets:?}");
    assert!(desk.view(id(100)).await.messages[0].attachments[0].held);
    // That it was opened is noted, once, and saved from what is here.
    desk.until_host(|_| {
        store.inside(|inside| {
            inside
                .commands
                .iter()
                .any(|one| matches!(one.command, Command::NoteOpened { .. }))
        })
    })
    .await;
    store.stop().await;
    let saved = folder.path().join("saved.txt");
    desk.host.will_save(Some(&saved));
    desk.app
        .save_attachment(desk.account, request())
        .await
        .unwrap()
        .unwrap();
    assert!(std::fs::read(&saved).unwrap() == bytes);
    desk.host.will_save(None);
    assert_eq!(desk.app.save_attachment(desk.account, request()).await.unwrap(), None);
}

#[tokio::test]
async fn what_can_run_is_opened_only_after_a_warning() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    let email = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: Hello\r\n\r\nGood morning";
    let message = received(&store, &desk, "Hello.eml", email, None).await;
    assert!(message.attachments[0].can_run);
    let refused = desk
        .app
        .open_attachment(desk.account, open(&message, 0))
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("although_it_can_run"));
    assert!(desk.host.opened_files().is_empty());
    let all_the_same = AttachmentRef {
        although_it_can_run: true,
        ..open(&message, 0)
    };
    desk.app.open_attachment(desk.account, all_the_same).await.unwrap();
    assert_eq!(desk.host.opened_files().len(), 1);
}

#[tokio::test]
async fn a_file_that_is_not_what_the_store_said_opens_as_what_it_is() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    let message = received(&store, &desk, "Plan.txt", b"Good morning, all", None).await;
    store.inside(|inside| {
        inside
            .uploads
            .get_mut(&message.attachments[0].id.to_string())
            .unwrap()
            .1 = b"MZ\x90\0\x03\0\0\0\x04\0\0\0abcde".to_vec()
    });
    let refused = desk
        .app
        .open_attachment(desk.account, open(&message, 0))
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("although_it_can_run"));
}

#[tokio::test]
async fn withdrawn_access_takes_the_file_and_its_copies_away() {
    let (store, folder, files) = (
        FakeStore::start().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let desk = store.desk(folder.path()).await;
    let message = received(&store, &desk, "Plan.txt", b"What was agreed", Some(50)).await;
    desk.app.open_attachment(desk.account, open(&message, 0)).await.unwrap();
    let copy = desk.host.opened_files().remove(0);
    // One's own draft about the pupil stays, with its file.
    let draft = desk
        .draft(
            NewDraft {
                pupil_id: Some(id(50)),
                ..NewDraft::default()
            },
            "A worry",
            "What I saw",
        )
        .await;
    desk.attach(
        DraftRef { id: draft.id },
        &[&file(files.path(), "Seen.txt", b"What I saw")],
    )
    .await;
    store.change([Entity::ScopeRevoked { pupil_id: id(50) }]);
    desk.until(|state| state.accounts[0].sync.unread == 0).await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert!(!copy.exists());
    let again = desk
        .app
        .open_attachment(desk.account, open(&message, 0))
        .await
        .unwrap_err();
    assert!(again.is_local(LocalCode::Gone));
    let kept = desk
        .app
        .get_draft(desk.account, DraftRef { id: draft.id })
        .await
        .unwrap();
    assert_eq!(kept.attachments.len(), 1);
}

#[tokio::test]
async fn a_file_is_not_given_out_once_sight_ended_after_it_was_fetched() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    let message = received(&store, &desk, "Plan.txt", b"What was agreed", Some(50)).await;
    let fetched = desk.app.fetched(desk.account, &open(&message, 0)).await;
    let (account, file) = fetched.unwrap();
    store.change([Entity::ScopeRevoked { pupil_id: id(50) }]);
    desk.until(|state| state.accounts[0].sync.unread == 0).await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let refused = desk.app.open_fetched(&account, file, false).await.unwrap_err();
    assert!(refused.is_local(LocalCode::Gone), "{refused}");
    assert!(desk.host.opened_files().is_empty());
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            assert_ne!(entry.file_name().unwrap(), "Plan.txt", "{}", entry.display());
            if entry.is_dir() {
                folders.push(entry);
            }
        }
    }
}

#[tokio::test]
async fn a_purge_leaves_no_byte_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::open_plain(&folder.path().join("store.db")).await;
    let attachment = Attachment {
        id: id(500),
        name: "Marmalade.txt".into(),
        kind: AttachmentKind::Text,
        size: 400_000,
    };
    let mut with = message(7, 100, PRIYA, "Please see the file");
    with.attachments = vec![attachment.clone()];
    bring(
        &store,
        &news(),
        [
            Entity::Pupil(pupil(50, "Zara Khan")),
            Entity::Conversation(conversation(100, "A plan", Some(50), 1, 7)),
            Entity::Message(with),
        ],
    )
    .await;
    let bytes = b"thistledown ".repeat(400_000 / 12 + 1);
    let mut tx = store.begin().await.unwrap();
    attachments::begin(&mut tx, (id(100), id(10_007)), &attachment)
        .await
        .unwrap();
    assert!(
        attachments::put_piece(&mut tx, attachment.id, 0, &bytes[..256 * 1024])
            .await
            .unwrap()
    );
    assert!(
        !attachments::put_piece(&mut tx, attachment.id, 0, &bytes[..10])
            .await
            .unwrap(),
        "not twice"
    );
    tx.commit().await.unwrap();
    let holds = |word: &[u8]| {
        std::fs::read_dir(folder.path()).unwrap().any(|entry| {
            std::fs::read(entry.unwrap().path())
                .unwrap()
                .to_ascii_lowercase()
                .windows(word.len())
                .any(|window| window == word)
        })
    };
    assert!(store.leave_no_trace().await.unwrap());
    assert!(holds(b"thistledown") && holds(b"marmalade"));
    bring(&store, &news(), [Entity::ScopeRevoked { pupil_id: id(50) }]).await;
    assert!(store.leave_no_trace().await.unwrap());
    assert!(!holds(b"thistle") && !holds(b"marmalade"));
}
