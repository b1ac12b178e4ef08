//! Writing to people, between a real store and real desktops.

use lac_client::view::*;
use lac_domain::{ConversationId, UserId};
use lac_tests::barsetshire::{Town, now};
use lac_wire::{PupilFilter, Recipient, SetAway};

use crate::desk::{Desk, PATIENCE};

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

/// Somebody whom the user of a desk may write to.
async fn someone(desk: &Desk, account: AccountId, name: &str) -> (UserId, Recipient) {
    let request = FindRecipients {
        search: name.to_owned(),
        pupil_id: None,
    };
    let found = desk.app.find_recipients(account, request).await.unwrap();
    let choice = found.into_iter().find(|choice| choice.name == name);
    match choice.expect("they are offered").recipient {
        Recipient::User { id } => (id, Recipient::User { id }),
        other => panic!("{other:?}"),
    }
}

/// Waits until something holds, asked whenever the page is told something.
async fn wait(desk: &Desk, what: &str, holds: impl AsyncFn() -> bool) {
    let waited = desk.host.until(async |_| holds().await);
    tokio::time::timeout(PATIENCE, waited)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

async fn opened(desk: &Desk, account: AccountId, id: ConversationId) -> ConversationView {
    let request = OpenConversation { id, before: None };
    desk.app.open_conversation(account, request).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_a_pupil_and_who_is_named_is_said_before_a_message_is_sent() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let (ruth_id, ruth) = someone(&head, account, "Ruth Adeyemi").await;
    let (_, owen) = someone(&head, account, "Owen Bell").await;
    let filter = PupilFilter {
        search: Some("Amelia Pike".to_owned()),
        ..PupilFilter::default()
    };
    let amelia = head.app.list_pupils(account, filter).await.unwrap().rows.remove(0);
    let request = ChosenRecipients {
        pupil_id: Some(amelia.id),
        recipients: vec![ruth.clone(), owen.clone()],
    };
    let report = head.app.check_recipients(account, request).await.unwrap();
    assert_eq!((report.people, report.sure), (Some(1), true));
    assert_eq!(report.not_entitled[0].user_id, ruth_id);
    assert_eq!(report.not_entitled[0].name, "Ruth Adeyemi");

    // Without a pupil the message names one: the desktop asks, and the store takes it about the pupil.
    let kept = draft(
        &head,
        account,
        owen,
        "Bus on Monday",
        "AMELIA PIKE\u{2019}s bus leaves at 8.",
    )
    .await;
    let named = head.app.pupils_named(account, kept.clone()).await.unwrap();
    assert_eq!(named.iter().map(|pupil| pupil.id).collect::<Vec<_>>(), [amelia.id]);
    let mut about = head.app.get_draft(account, kept.clone()).await.unwrap();
    about.pupil_id = Some(amelia.id);
    head.app.save_draft(account, about).await.unwrap();
    assert!(head.app.pupils_named(account, kept.clone()).await.unwrap().is_empty());
    let sent = head.app.send_draft(account, kept).await.unwrap();
    let code = barsetshire.invitation("owen.bell@example.org").unwrap();
    let (owen, owen_account) = Desk::take_up(&town.store.url(), &code).await;
    owen.until_text(
        owen_account,
        sent.conversation_id,
        "AMELIA PIKE\u{2019}s bus leaves at 8.",
    )
    .await;
    let view = opened(&owen, owen_account, sent.conversation_id).await;
    assert_eq!(view.pupil.unwrap().id, amelia.id);

    // Who may not see her is not added to it, and whoever tried is told why.
    let request = AddPeople {
        id: sent.conversation_id,
        users: vec![ruth_id],
    };
    head.app.add_participants(account, request).await.unwrap();
    head.until(account, "the refusal", |held| held.sync.not_sent == 1).await;
    let row = head.app.list_outbox(account, ()).await.unwrap().remove(0);
    assert_eq!(row.change, Some(OutboxChange::AddPeople));
    let problem = row.problem.unwrap().message;
    assert!(problem.contains("so nobody was added: Ruth Adeyemi"), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_added_reads_all_of_a_conversation_may_mute_it_and_may_leave_it() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let code = barsetshire.invitation("ruth.adeyemi@example.org").unwrap();
    let (ruth, account) = Desk::take_up(&town.store.url(), &code).await;
    let (ruth_id, _) = someone(&head, head_account, "Ruth Adeyemi").await;
    let (_, owen) = someone(&head, head_account, "Owen Bell").await;
    let first = draft(&head, head_account, owen, "Training day", "On Friday.").await;
    let talk = head.app.send_draft(head_account, first).await.unwrap().conversation_id;
    head.until_text(head_account, talk, "On Friday.").await;
    head.reply(head_account, talk, "At ten.").await;
    head.until_text(head_account, talk, "At ten.").await;
    let request = AddPeople {
        id: talk,
        users: vec![ruth_id],
    };
    head.app.add_participants(head_account, request).await.unwrap();

    ruth.until_text(account, talk, "On Friday.").await;
    wait(&ruth, "all of it", async || ruth.texts(account, talk).await.len() == 2).await;
    wait(&ruth, "a notification", async || !ruth.host.notifications().is_empty()).await;
    let members: Vec<String> = opened(&ruth, account, talk)
        .await
        .members
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert!(
        members.contains(&"Owen Bell".to_owned()),
        "she sees who takes part: {members:?}"
    );

    // Muted, it is silent.
    let mute = MuteConversation { id: talk, muted: true };
    ruth.app.mute_conversation(account, mute).await.unwrap();
    ruth.until(account, "the muting to reach the store", |held| held.sync.waiting == 0)
        .await;
    let before = ruth.host.notifications().len();
    head.reply(head_account, talk, "Bring a pen.").await;
    ruth.until_text(account, talk, "Bring a pen.").await;
    assert_eq!(ruth.host.notifications().len(), before);

    // Left, it is nowhere on her computer, and what she wrote stays under her name.
    ruth.reply(account, talk, "I shall be there.").await;
    head.until_text(head_account, talk, "I shall be there.").await;
    ruth.app
        .leave_conversation(account, ConversationRef { id: talk })
        .await
        .unwrap();
    ruth.until(account, "the leaving to reach the store", |held| held.sync.waiting == 0)
        .await;
    wait(&ruth, "the conversation to go", async || {
        let request = OpenConversation { id: talk, before: None };
        ruth.app.open_conversation(account, request).await.is_err()
    })
    .await;
    assert!(inbox(&ruth, account).await.iter().all(|(id, _)| *id != talk));
    wait(&head, "her to be gone", async || {
        opened(&head, head_account, talk).await.members.len() == 2
    })
    .await;
    let authors: Vec<String> = opened(&head, head_account, talk)
        .await
        .messages
        .into_iter()
        .map(|message| message.author_name)
        .collect();
    assert_eq!(authors.last().unwrap(), "Ruth Adeyemi");
}

#[tokio::test(flavor = "multi_thread")]
async fn being_away_and_own_lists_come_to_every_computer() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let code = barsetshire.invitation("owen.bell@example.org").unwrap();
    let (owen, account) = Desk::take_up(&town.store.url(), &code).await;
    let (lorna_id, _) = someone(&owen, account, "Lorna Speight").await;
    let until = now().london_date() + chrono::Days::new(20);
    let away = SetAway {
        until: Some(until),
        cover: Some(lorna_id),
    };
    owen.app.set_away(account, away).await.unwrap();
    let (owen_id, to_owen) = someone(&head, head_account, "Owen Bell").await;
    let check = async || {
        let request = ChosenRecipients {
            pupil_id: None,
            recipients: vec![to_owen.clone()],
        };
        head.app.check_recipients(head_account, request).await.unwrap().away
    };
    wait(&head, "him to be away", async || !check().await.is_empty()).await;
    let said = check().await.remove(0);
    assert_eq!((said.name.as_str(), said.until), ("Owen Bell", until));
    assert_eq!(said.cover.unwrap().name, "Lorna Speight");

    // A list made on one computer is offered on the other, and reaches all who are on it.
    let list = SaveOwnList {
        id: None,
        name: "Riverside circle".into(),
        members: vec![owen_id, lorna_id],
    };
    head.app.save_own_list(head_account, list).await.unwrap();
    let (office, office_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let request = FindRecipients {
        search: "riverside circle".to_owned(),
        pupil_id: None,
    };
    let found = office.app.find_recipients(office_account, request).await.unwrap();
    assert_eq!((found[0].name.as_str(), found[0].people), ("Riverside circle", 2));
    let to_list = found[0].recipient.clone();
    let kept = draft(&office, office_account, to_list, "Meeting", "At ten.").await;
    let talk = office
        .app
        .send_draft(office_account, kept)
        .await
        .unwrap()
        .conversation_id;
    owen.until_text(account, talk, "At ten.").await;
    assert_eq!(opened(&owen, account, talk).await.members.len(), 3);
    let id = match found[0].recipient {
        Recipient::OwnList { id } => id,
        ref other => panic!("{other:?}"),
    };
    office
        .app
        .delete_own_list(office_account, ListRef { id })
        .await
        .unwrap();
    wait(&head, "the list to go", async || {
        head.app.list_own_lists(head_account, ()).await.unwrap().is_empty()
    })
    .await;
}
