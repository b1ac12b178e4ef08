//! Writing to people, between a real store and real desktops.

use lac_client::view::*;
use lac_domain::ConversationId;
use lac_tests::barsetshire::Town;
use lac_wire::Recipient;

use crate::desk::Desk;

/// A draft to somebody, kept.
async fn draft(desk: &Desk, account: AccountId, to: Recipient, subject: &str, body: &str) -> DraftRef {
    let mut draft = desk.app.new_draft(account, NewDraft::default()).await.unwrap();
    draft.recipients.push(RecipientChoice {
        recipient: to,
        name: "Somebody".to_owned(),
        detail: String::new(),
        people: 1,
    });
    (draft.subject, draft.body) = (subject.into(), body.into());
    let id = draft.id;
    desk.app.save_draft(account, draft).await.unwrap();
    DraftRef { id }
}

/// The subjects in the inbox.
async fn inbox(desk: &Desk, account: AccountId) -> Vec<(ConversationId, String)> {
    let filter = ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    let page = desk.app.list_conversations(account, filter).await.unwrap();
    page.rows
        .iter()
        .map(|row| (row.id, row.subject.reveal().to_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_was_taken_back_reaches_nobody_and_leaves_when_it_is_sent_again() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let code = barsetshire.invitation("nasreen.malik@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&town.store.url(), &code).await;

    teacher.app.save_settings(Settings::default()).await.unwrap();
    let first = draft(
        &teacher,
        account,
        Recipient::VirtualSchool,
        "Trip",
        "To the wrong place.",
    )
    .await;
    let sent = teacher.app.send_draft(account, first).await.unwrap();
    assert_eq!(sent.undo_for, 10_000);
    let undone = OutboxRef {
        command_id: sent.command_id,
    };
    let id = teacher.app.take_back(account, undone).await.unwrap();
    let mut again = teacher.app.get_draft(account, DraftRef { id }).await.unwrap();
    assert_eq!(again.body.reveal(), "To the wrong place.");

    // Sent again, with the wait turned off, it is the only one that arrives.
    let at_once = Settings {
        undo_send: false,
        ..Settings::default()
    };
    teacher.app.save_settings(at_once).await.unwrap();
    again.body = "To the right place.".into();
    teacher.app.save_draft(account, again).await.unwrap();
    let sent = teacher.app.send_draft(account, DraftRef { id }).await.unwrap();
    head.until_text(head_account, sent.conversation_id, "To the right place.")
        .await;
    let subjects: Vec<String> = inbox(&head, head_account)
        .await
        .into_iter()
        .map(|(_, subject)| subject)
        .collect();
    assert_eq!(subjects.iter().filter(|subject| *subject == "Trip").count(), 1);
}
