//! Writing without a network, and what leaves when there is one.

use lac_wire::{Command, ErrorCode};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_offline_survives_a_restart_and_leaves_by_itself_in_order() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    let first = desk.send("One", "First of one").await;
    desk.reply(first, "Second of one").await;
    let second = desk.send("Two", "First of two").await;
    let draft = desk.draft(NewDraft::default(), "Unfinished", "Dear").await;
    desk.until(|state| state.accounts[0].sync.waiting == 3 && !state.accounts[0].sync.online)
        .await;
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: first,
                before: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(
        view.messages.iter().map(|m| m.body.reveal()).collect::<Vec<_>>(),
        ["First of one", "Second of one"]
    );
    assert!(
        view.messages
            .iter()
            .all(|message| message.state.is_some() && message.number.is_none() && message.mine)
    );
    assert_eq!(view.subject.reveal(), "One");

    let desk = desk.reopen().await;
    assert_eq!(desk.outbox().await.len(), 3);
    assert_eq!(
        desk.app.get_draft(desk.account, draft).await.unwrap().body.reveal(),
        "Dear"
    );
    let inbox = ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    let rows = desk
        .app
        .list_conversations(desk.account, inbox.clone())
        .await
        .unwrap()
        .rows;
    assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [second, first]);
    assert_eq!(rows[0].with, "Virtual School");
    assert_eq!(rows[0].sending, Some(SendState::Waiting));

    store.start_again().await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    assert!(desk.outbox().await.is_empty());
    let bodies: Vec<String> =
        store.inside(|inside| inside.messages.iter().map(|m| m.body.reveal().to_owned()).collect());
    let place = |text: &str| bodies.iter().position(|body| body == text).unwrap();
    assert_eq!(bodies.len(), 3);
    assert!(place("First of one") < place("Second of one"));
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: first,
                before: None,
            },
        )
        .await
        .unwrap();
    assert!(
        view.messages
            .iter()
            .all(|message| message.state.is_none() && message.number.is_some())
    );
    assert!(
        desk.host.notifications().is_empty(),
        "nobody is told of their own messages"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_start_holds_its_own_conversation_keeps_its_words_and_can_be_mended() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::RecipientNotEntitled));
    let refused = desk.send("Refused", "Words to keep").await;
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    desk.reply(refused, "Behind it").await;
    let other = desk.send("Other", "Goes through").await;
    desk.until(|state| state.accounts[0].sync.waiting == 1).await;
    let sent = store.inside(|inside| inside.messages.iter().map(|m| m.conversation_id).collect::<Vec<_>>());
    assert_eq!(
        sent,
        [other],
        "what is behind the refused start waits, the rest goes on"
    );

    let rows = desk.outbox().await;
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].state, SendState::NotSent);
    let problem = rows[0].problem.as_ref().unwrap();
    assert_eq!(problem.code, ProblemCode::Store(ErrorCode::RecipientNotEntitled));
    assert_eq!(problem.request_id.as_deref(), Some("r-1"));

    // The start cannot be taken back from under what waits behind it.
    let taken = desk
        .app
        .take_back(
            desk.account,
            OutboxRef {
                command_id: rows[0].command_id,
            },
        )
        .await;
    assert!(taken.unwrap_err().is_local(LocalCode::Invalid));
    let reply = desk
        .app
        .take_back(
            desk.account,
            OutboxRef {
                command_id: rows[1].command_id,
            },
        )
        .await
        .unwrap();
    let draft = desk.app.get_draft(desk.account, DraftRef { id: reply }).await.unwrap();
    assert_eq!(
        (draft.conversation_id, draft.body.reveal()),
        (Some(refused), "Behind it")
    );
    desk.app
        .delete_draft(desk.account, DraftRef { id: reply })
        .await
        .unwrap();
    let start = desk
        .app
        .take_back(
            desk.account,
            OutboxRef {
                command_id: rows[0].command_id,
            },
        )
        .await
        .unwrap();
    let mut draft = desk.app.get_draft(desk.account, DraftRef { id: start }).await.unwrap();
    assert_eq!(
        (draft.subject.reveal(), draft.body.reveal()),
        ("Refused", "Words to keep")
    );
    assert_eq!(draft.recipients[0].name, "Virtual School");
    assert!(desk.outbox().await.is_empty());
    let gone = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: refused,
                before: None,
            },
        )
        .await;
    assert!(gone.is_err(), "the conversation that never was is gone");

    draft.body = "Mended".into();
    desk.app.save_draft(desk.account, draft).await.unwrap();
    desk.app.send_draft(desk.account, DraftRef { id: start }).await.unwrap();
    desk.until(|state| state.accounts[0].sync.waiting == 0 && state.accounts[0].sync.not_sent == 0)
        .await;
    let commands = store.inside(|inside| {
        inside
            .commands
            .iter()
            .map(|sent| sent.id)
            .collect::<std::collections::BTreeSet<_>>()
    });
    assert!(
        !commands.contains(&rows[0].command_id),
        "a command whose body changed has a new id"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_holds_nothing_and_is_tried_again_under_a_new_id() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let conversation = desk.send("Talk", "One").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::RecipientNotAllowed));
    desk.reply(conversation, "Two").await;
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    desk.reply(conversation, "Three").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let refused = desk.outbox().await.remove(0);
    desk.app
        .try_again(
            desk.account,
            OutboxRef {
                command_id: refused.command_id,
            },
        )
        .await
        .unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 0 && state.accounts[0].sync.waiting == 0)
        .await;
    let (bodies, ids): (Vec<_>, Vec<_>) = store.inside(|inside| {
        let bodies = inside.messages.iter().map(|m| m.body.reveal().to_owned()).collect();
        (bodies, inside.commands.iter().map(|sent| sent.id).collect())
    });
    assert_eq!(bodies, ["One", "Three", "Two"]);
    assert!(
        !ids.contains(&refused.command_id),
        "the store would give its old id the old answer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_for_again_under_the_same_id() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    store.next("/v1/commands", Answer::Lose);
    store.next("/v1/commands", Answer::Lose);
    let conversation = desk.send("Once", "Only once").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let commands = store.inside(|inside| inside.commands.clone());
    assert_eq!(commands.len(), 3);
    assert!(commands.iter().all(|sent| *sent == commands[0]));
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: conversation,
                before: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(view.messages.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_arrived_is_not_taken_back() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    desk.until(|state| !state.accounts[0].sync.online).await;
    // A connection that was never made took nothing along.
    desk.send("Surely here", "Text").await;
    desk.until(|state| state.accounts[0].sync.waiting == 1 && !state.accounts[0].sync.busy)
        .await;
    desk.until_host(|host| host.events().iter().any(|event| matches!(event, UiEvent::Held { .. })))
        .await;
    let row = desk.outbox().await.remove(0);
    desk.until_so(async || {
        match desk
            .app
            .take_back(
                desk.account,
                OutboxRef {
                    command_id: row.command_id,
                },
            )
            .await
        {
            Ok(_) => true,
            // Being tried at this very moment.
            Err(problem) => {
                assert!(problem.is_local(LocalCode::Invalid), "{problem:?}");
                false
            }
        }
    })
    .await;
    assert!(desk.outbox().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_about_a_pupil_is_noted_once_and_told() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    store.inside(|inside| {
        inside.held = vec![(
            lac_wire::HeldPart::Pupils,
            vec![lac_wire::Entity::Pupil(pupil(50, "Tom Reed")).into()],
        )]
    });
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    desk.until(|state| !state.accounts[0].sync.online).await;
    for _ in 0..3 {
        desk.app.get_pupil(desk.account, PupilRef { id: id(50) }).await.unwrap();
    }
    assert!(desk.outbox().await.is_empty(), "it is no message");
    store.start_again().await;
    desk.until_so(async || store.inside(|inside| !inside.commands.is_empty()))
        .await;
    let noted = store.inside(|inside| {
        inside
            .commands
            .iter()
            .filter(|sent| matches!(sent.command, Command::NoteRead { .. }))
            .count()
    });
    assert_eq!(noted, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_too_long_without_contact_nothing_is_shown_until_there_is_one() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let conversation = desk.send("Talk", "One").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    store.stop().await;
    desk.until(|state| !state.accounts[0].sync.online).await;
    let draft = desk.draft(NewDraft::default(), "Kept", "Text").await;
    let open = OpenConversation {
        id: conversation,
        before: None,
    };
    assert!(desk.app.open_conversation(desk.account, open.clone()).await.is_ok());

    desk.app.close().await;
    let later = std::time::Duration::from_secs(15 * 24 * 3600);
    let desk = Desk::open_after(desk.host, later).await;
    let problem = desk
        .app
        .open_conversation(desk.account, open.clone())
        .await
        .unwrap_err();
    assert!(
        problem.is_local(LocalCode::Offline) && problem.message.contains("14 days"),
        "{problem:?}"
    );
    assert!(
        desk.app
            .list_pupils(desk.account, lac_wire::PupilFilter::default())
            .await
            .is_err()
    );
    assert!(desk.app.app_state(()).await.unwrap().accounts[0].problem.is_some());
    assert_eq!(
        desk.app.get_draft(desk.account, draft).await.unwrap().body.reveal(),
        "Text"
    );

    store.start_again().await;
    desk.until(|state| state.accounts[0].problem.is_none() && state.accounts[0].sync.online)
        .await;
    assert!(desk.app.open_conversation(desk.account, open).await.is_ok());
}
