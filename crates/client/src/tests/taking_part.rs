//! Who takes part in a conversation: adding people, leaving, muting.

use lac_domain::Role;
use lac_wire::{Command, Entity, ErrorCode, HeldPart};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

const ANNA: u128 = 3;

/// A desk that holds one conversation, and knows Anna Webb, who is not in it.
async fn desk(store: &FakeStore, folder: &std::path::Path) -> Desk {
    let talk = conversation(100, "Trip", None, 1, 6);
    store.inside(|inside| {
        inside.conversations = vec![talk.clone()];
        inside.messages = vec![message(6, 100, PRIYA, "On Friday")];
        inside.held = vec![
            (
                HeldPart::People,
                vec![
                    Entity::Person(priya()).into(),
                    Entity::Person(person(ANNA, "Anna", "Webb", Role::DesignatedTeacher, &["Hilltop"])).into(),
                ],
            ),
            (HeldPart::Conversations, vec![Entity::Conversation(talk).into()]),
            (
                HeldPart::Messages,
                vec![Entity::Message(message(6, 100, PRIYA, "On Friday")).into()],
            ),
        ];
    });
    store.desk(folder).await
}

async fn view(desk: &Desk) -> ConversationView {
    let request = OpenConversation {
        id: id(100),
        before: None,
    };
    desk.app.open_conversation(desk.account, request).await.unwrap()
}

fn talk() -> ConversationRef {
    ConversationRef { id: id(100) }
}

async fn in_inbox(desk: &Desk) -> usize {
    let filter = ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    desk.app
        .list_conversations(desk.account, filter)
        .await
        .unwrap()
        .rows
        .len()
}

async fn add_anna(desk: &Desk) {
    let request = AddPeople {
        id: id(100),
        users: vec![id(ANNA)],
    };
    desk.app.add_participants(desk.account, request).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_added_with_no_network_and_shown_as_being_added_until_then() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    let nobody = AddPeople {
        id: id(100),
        users: Vec::new(),
    };
    assert!(desk.app.add_participants(desk.account, nobody).await.is_err());
    store.stop().await;
    add_anna(&desk).await;
    assert_eq!(view(&desk).await.adding, ["Anna Webb"]);
    let rows = desk.outbox().await;
    assert_eq!(
        (rows[0].change, rows[0].to.as_str()),
        (Some(OutboxChange::AddPeople), "Anna Webb")
    );
    assert_eq!(rows[0].subject.reveal(), "Trip");
    store.start_again().await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let view = view(&desk).await;
    assert!(view.adding.is_empty());
    assert_eq!(view.members.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_addition_is_told_with_its_reason_and_can_be_given_up() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::RecipientNotEntitled));
    add_anna(&desk).await;
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    let row = desk.outbox().await.remove(0);
    assert_eq!(row.state, SendState::NotSent);
    assert_eq!(
        row.problem.unwrap().code,
        ProblemCode::Store(ErrorCode::RecipientNotEntitled)
    );
    assert!(view(&desk).await.adding.is_empty());
    // It holds no message back.
    desk.reply(id(100), "Still here").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    let command = OutboxRef {
        command_id: row.command_id,
    };
    assert!(
        desk.app.take_back(desk.account, command.clone()).await.is_err(),
        "it is no message"
    );
    desk.app.give_up_change(desk.account, command).await.unwrap();
    assert!(desk.outbox().await.is_empty());
    desk.until(|state| state.accounts[0].sync.not_sent == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_was_left_is_gone_and_a_refused_leaving_brings_it_back() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::FieldInvalid));
    desk.app.leave_conversation(desk.account, talk()).await.unwrap();
    assert_eq!(in_inbox(&desk).await, 0, "here at once");
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    desk.until_so(async || in_inbox(&desk).await == 1).await;
    let row = desk.outbox().await.remove(0);
    assert_eq!(row.change, Some(OutboxChange::Leave));
    let command = OutboxRef {
        command_id: row.command_id,
    };
    desk.app.try_again(desk.account, command).await.unwrap();
    desk.until(|state| state.accounts[0].sync.waiting == 0 && state.accounts[0].sync.not_sent == 0)
        .await;
    assert_eq!(in_inbox(&desk).await, 0);
    let request = OpenConversation {
        id: id(100),
        before: None,
    };
    let gone = desk.app.open_conversation(desk.account, request).await;
    assert!(gone.is_err(), "nothing of it is held");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_told_of_a_muted_conversation_and_it_is_told_again_once_it_is_not() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    let mute = |muted| MuteConversation { id: id(100), muted };
    desk.app.mute_conversation(desk.account, mute(true)).await.unwrap();
    assert!(view(&desk).await.muted, "here at once");
    desk.until_so(async || {
        let muted = |one: &lac_wire::CommandEnvelope| matches!(one.command, Command::Mute { muted: true, .. });
        store.inside(|inside| inside.commands.iter().any(muted))
    })
    .await;
    store.change([Entity::Message(message(7, 100, PRIYA, "And on Monday"))]);
    desk.until_so(async || view(&desk).await.messages.len() == 2).await;
    assert!(desk.host.notifications().is_empty());
    desk.until(|state| state.accounts[0].sync.unread == 1).await;
    desk.app.mute_conversation(desk.account, mute(false)).await.unwrap();
    desk.until_so(async || store.inside(|inside| !inside.conversations[0].muted))
        .await;
    store.change([Entity::Message(message(8, 100, PRIYA, "And on Tuesday"))]);
    desk.until_host(|host| host.notifications().len() == 1).await;
}
