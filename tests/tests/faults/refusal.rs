//! A message that the store refuses.

use lac_client::view::*;
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::{ErrorCode, Recipient};

use crate::clock::hasty;
use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_keeps_its_words_and_holds_up_nothing_else() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    barsetshire.sign_in("alison.drury@example.org").await.unwrap();
    let (head, head_account) = Desk::sign_in_by(hasty(), &town.store.url(), "priya.shah@example.org").await;
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let (alison, account) = Desk::sign_in_by(hasty(), &cable.url(), "alison.drury@example.org").await;

    // Alison shares neither a pupil nor an establishment with Helen, so she may not write to her.
    cable.cut().await;
    let mut draft = alison.app.new_draft(account, NewDraft::default()).await.unwrap();
    draft.recipients = vec![RecipientChoice {
        recipient: Recipient::User {
            id: barsetshire.users["helen.okafor@example.org"],
        },
        name: "Helen Okafor".to_owned(),
        detail: String::new(),
        people: 1,
    }];
    draft.subject = "Not for you".into();
    draft.body = "Words that took an hour.".into();
    let request = DraftRef { id: draft.id };
    alison.app.save_draft(account, draft).await.unwrap();
    let refused = alison.app.send_draft(account, request).await.unwrap().conversation_id;
    alison.reply(account, refused, "And a second message behind it.").await;
    let other = alison
        .send(account, Recipient::VirtualSchool, "Another", "This one may leave.")
        .await;
    cable.mend().await.unwrap();

    head.until_text(head_account, other, "This one may leave.").await;
    alison
        .until(account, "the refusal", |held| {
            held.sync.not_sent == 1 && held.sync.waiting == 1
        })
        .await;
    let later = alison
        .send(account, Recipient::VirtualSchool, "Later", "Nor does it hold this one.")
        .await;
    head.until_text(head_account, later, "Nor does it hold this one.").await;
    // It has arrived; here that is known a moment later.
    alison
        .until(account, "the later one to be confirmed", |held| {
            held.sync.not_sent == 1 && held.sync.waiting == 1
        })
        .await;

    let outbox = alison.app.list_outbox(account, ()).await.unwrap();
    assert_eq!(
        outbox.iter().map(|row| row.state).collect::<Vec<_>>(),
        [SendState::NotSent, SendState::Waiting]
    );
    assert!(outbox.iter().all(|row| row.conversation_id == Some(refused)));
    assert_eq!(outbox[0].excerpt.reveal(), "Words that took an hour.");
    let problem = outbox[0].problem.as_ref().expect("the store's reason");
    assert!(
        matches!(problem.code, ProblemCode::Store(ErrorCode::RecipientNotAllowed)),
        "{problem:?}"
    );

    // Kept over a crash, and refused again when tried again.
    let alison = alison.crash(hasty()).await;
    let tried = OutboxRef {
        command_id: outbox[0].command_id,
    };
    alison.app.try_again(account, tried).await.unwrap();
    alison
        .until(account, "the second refusal", |held| {
            held.sync.not_sent == 1 && held.sync.waiting == 1
        })
        .await;

    // The beginning comes back when what waits behind it has been taken back.
    let outbox = alison.app.list_outbox(account, ()).await.unwrap();
    let [first, second] = [0, 1].map(|at| OutboxRef {
        command_id: outbox[at].command_id,
    });
    alison.app.take_back(account, first.clone()).await.unwrap_err();
    let id = alison.app.take_back(account, second).await.unwrap();
    let reply = alison.app.get_draft(account, DraftRef { id }).await.unwrap();
    assert_eq!(reply.body.reveal(), "And a second message behind it.");
    let id = alison.app.take_back(account, first).await.unwrap();
    let mut draft = alison.app.get_draft(account, DraftRef { id }).await.unwrap();
    assert_eq!(
        (draft.subject.reveal(), draft.body.reveal()),
        ("Not for you", "Words that took an hour.")
    );
    assert_eq!(draft.recipients.len(), 1);
    assert!(alison.app.list_outbox(account, ()).await.unwrap().is_empty());

    // Addressed to someone to whom she may write, it leaves.
    draft.recipients[0].recipient = Recipient::VirtualSchool;
    alison.app.save_draft(account, draft).await.unwrap();
    let mended = alison
        .app
        .send_draft(account, DraftRef { id })
        .await
        .unwrap()
        .conversation_id;
    head.until_text(head_account, mended, "Words that took an hour.").await;
    alison.until_all_sent(account).await;
    let subjects: Vec<String> = head.inbox(head_account).await.into_iter().map(|row| row.1).collect();
    assert_eq!(subjects.iter().filter(|subject| *subject == "Not for you").count(), 1);
}
