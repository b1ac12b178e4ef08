//! Taking a message back after "Send".

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::view::*;

/// A desk whose messages wait, and a message that was just sent from it.
async fn sent(store: &FakeStore, folder: &std::path::Path) -> (Desk, SentDraft) {
    let desk = store.desk(folder).await;
    desk.app.save_settings(Settings::default()).await.unwrap();
    let draft = desk.draft(NewDraft::default(), "Trip", "On Friday").await;
    let sent = desk.app.send_draft(desk.account, draft).await.unwrap();
    (desk, sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_waits_after_send_and_then_leaves_by_itself() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (desk, sent) = sent(&store, folder.path()).await;
    assert_eq!((sent.people, sent.undo_for), (1, 10_000));
    assert!(store.inside(|inside| inside.commands.is_empty()), "it waits");
    // Being asked to look again does not make it leave.
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert!(store.inside(|inside| inside.commands.is_empty()));
    assert_eq!(desk.outbox().await[0].state, SendState::Waiting);
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let taken = store.inside(|inside| inside.commands.iter().map(|one| one.id).collect::<Vec<_>>());
    assert_eq!(taken, [sent.command_id]);
    // What has left is not taken back.
    let undone = OutboxRef {
        command_id: sent.command_id,
    };
    let problem = desk.app.take_back(desk.account, undone).await.unwrap_err();
    assert!(problem.is_local(LocalCode::Gone));
}

#[tokio::test(flavor = "multi_thread")]
async fn undo_brings_the_draft_back_as_it_was_and_nothing_leaves() {
    let store = FakeStore::start().await;
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    desk.app.save_settings(Settings::default()).await.unwrap();
    let plan = files.path().join("Plan.txt");
    std::fs::write(&plan, "Swimming on Friday").unwrap();
    let draft = desk.draft(NewDraft::default(), "Trip", "On Friday").await;
    let request = AttachFiles {
        draft_id: draft.id,
        paths: Some(vec![plan.display().to_string()]),
    };
    desk.app.attach_files(desk.account, request).await.unwrap();
    let before = desk.app.get_draft(desk.account, draft.clone()).await.unwrap();
    let sent = desk.app.send_draft(desk.account, draft).await.unwrap();

    let undone = OutboxRef {
        command_id: sent.command_id,
    };
    let id = desk.app.take_back(desk.account, undone).await.unwrap();
    let after = desk.app.get_draft(desk.account, DraftRef { id }).await.unwrap();
    assert_eq!(
        (after.subject.reveal(), after.body.reveal(), after.recipients.len()),
        ("Trip", "On Friday", 1)
    );
    assert_eq!(after.attachments, before.attachments);
    assert!(desk.outbox().await.is_empty());
    // Another message leaves; the one that was taken back does not.
    desk.app.save_settings(at_once()).await.unwrap();
    desk.send("Other", "Goes").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let subjects = store.inside(|inside| inside.conversations.len());
    assert_eq!(subjects, 1);
    assert!(
        store.inside(|inside| inside.uploads.is_empty()),
        "its file did not leave either"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_when_the_application_was_closed_leaves_when_it_is_opened() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (desk, sent) = sent(&store, folder.path()).await;
    let desk = desk.reopen().await;
    desk.until(|state| state.accounts[0].sync.waiting == 0 && state.accounts[0].sync.online)
        .await;
    let taken = store.inside(|inside| inside.commands.iter().map(|one| one.id).collect::<Vec<_>>());
    assert_eq!(taken, [sent.command_id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_taken_back_with_no_network_long_after_the_time_for_undo() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    store.inside(|inside| {
        inside.held = vec![(
            lac_wire::HeldPart::Conversations,
            vec![lac_wire::Entity::Conversation(conversation(100, "Trip", None, 0, 0)).into()],
        )];
    });
    let desk = store.desk(folder.path()).await;
    desk.app.save_settings(Settings::default()).await.unwrap();
    store.stop().await;
    desk.until(|state| !state.accounts[0].sync.online).await;
    let reply = NewDraft {
        conversation_id: Some(id(100)),
        ..NewDraft::default()
    };
    let draft = desk.draft(reply, "", "I shall be there").await;
    let sent = desk.app.send_draft(desk.account, draft).await.unwrap();
    assert_eq!((sent.people, sent.conversation_id), (1, id(100)));
    // The time for undo has passed once it was tried.
    desk.until_so(async || {
        let rows = desk.outbox().await;
        let open = desk.app.opened(desk.account).unwrap();
        rows[0].state == SendState::Waiting && crate::account::lock(&open.undoable).is_empty()
    })
    .await;
    let undone = OutboxRef {
        command_id: sent.command_id,
    };
    desk.until_so(async || desk.app.take_back(desk.account, undone.clone()).await.is_ok())
        .await;
    assert!(desk.outbox().await.is_empty());
}

fn at_once() -> Settings {
    Settings {
        undo_send: false,
        ..Settings::default()
    }
}
