//! Drafts, until they are sent.

use super::desk::Desk;
use super::fake_store::FakeStore;
use crate::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_must_have_what_it_needs() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    for (subject, body, field) in [
        ("", "Text", "subject"),
        ("Subject", "  ", "body"),
        (&"x".repeat(201), "Text", "subject"),
        ("Subject", &"x".repeat(20_001), "body"),
    ] {
        let draft = desk.draft(NewDraft::default(), subject, body).await;
        let problem = desk.app.send_draft(desk.account, draft.clone()).await.unwrap_err();
        assert_eq!(problem.field.as_deref(), Some(field));
        assert!(desk.app.get_draft(desk.account, draft).await.is_ok(), "the draft stays");
    }
    let mut draft = desk.app.new_draft(desk.account, NewDraft::default()).await.unwrap();
    assert!(
        desk.app
            .get_draft(desk.account, DraftRef { id: draft.id })
            .await
            .unwrap_err()
            .is_local(LocalCode::Gone)
    );
    (draft.subject, draft.body) = ("Subject".into(), "Text".into());
    let id = draft.id;
    desk.app.save_draft(desk.account, draft).await.unwrap();
    let problem = desk.app.send_draft(desk.account, DraftRef { id }).await.unwrap_err();
    assert_eq!(problem.field.as_deref(), Some("recipients"));
    assert!(store.inside(|inside| inside.commands.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_was_begun_is_gone_on_with() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk: Desk = store.desk(folder.path()).await;
    let conversation = desk.send("Talk", "One").await;
    let request = NewDraft {
        conversation_id: Some(conversation),
        ..NewDraft::default()
    };
    let begun = desk.draft(request.clone(), "", "Half a reply").await;
    let again = desk.app.new_draft(desk.account, request).await.unwrap();
    assert_eq!((again.id, again.body.reveal()), (begun.id, "Half a reply"));
    assert!(again.saved_at.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_that_comes_late_brings_no_draft_back() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let sent = desk.draft(NewDraft::default(), "Sent", "Text").await;
    let mut late = desk.app.get_draft(desk.account, sent.clone()).await.unwrap();
    desk.app.send_draft(desk.account, sent).await.unwrap();
    desk.app.save_draft(desk.account, late.clone()).await.unwrap();
    late.body = "Text, and more".into();
    let told = desk.app.save_draft(desk.account, late).await.unwrap_err();
    assert!(told.is_local(LocalCode::Gone), "words are not dropped in silence");
    let deleted = desk.draft(NewDraft::default(), "Deleted", "Text").await;
    let late = desk.app.get_draft(desk.account, deleted.clone()).await.unwrap();
    desk.app.delete_draft(desk.account, deleted).await.unwrap();
    desk.app.save_draft(desk.account, late).await.unwrap();
    assert!(desk.app.list_drafts(desk.account, ()).await.unwrap().is_empty());
}
