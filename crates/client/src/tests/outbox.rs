//! The order in which commands leave.

use lac_domain::CommandId;
use lac_wire::{Command, NewMessage};
use proptest::prelude::*;

use super::samples::*;
use crate::local::outbox::{self, CommandKind, Line, OutboxState, ready};

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let kind = prop_oneof![
        Just(CommandKind::Start),
        Just(CommandKind::Send),
        Just(CommandKind::Mark),
        Just(CommandKind::TakePart),
        Just(CommandKind::SaveReminder),
        Just(CommandKind::Reminder),
        Just(CommandKind::Note)
    ];
    let state = prop_oneof![
        4 => Just(OutboxState::Waiting),
        1 => Just(OutboxState::Sending),
        1 => Just(OutboxState::NeedsAttention)
    ];
    let about = proptest::option::of(0..4_u128);
    proptest::collection::vec((0..4_u128, about, kind, state), 0..20).prop_map(|rows| {
        rows.into_iter()
            .enumerate()
            .map(|(place, (number, about, kind, state))| {
                let of_reminder = matches!(kind, CommandKind::SaveReminder | CommandKind::Reminder);
                let keeps_order = kind != CommandKind::Note;
                Line {
                    command_id: id::<CommandId>(place as u128),
                    conversation_id: keeps_order.then(|| id(if of_reminder { 10 + number } else { number })),
                    about: about.filter(|_| kind == CommandKind::SaveReminder).map(id),
                    kind,
                    state,
                }
            })
            .collect()
    })
}

proptest! {
    /// One at a time in a conversation, or of a reminder, in order; a refused start holds its own conversation and the
    /// reminders about it, a refused reminder what is done with it, and neither holds anything else; a refused message
    /// holds nothing; and what nothing holds is ready.
    #[test]
    fn order_is_kept_within_a_conversation_and_nowhere_else(lines in lines()) {
        let ready = ready(&lines);
        for (place, line) in lines.iter().enumerate() {
            let holding = lines[..place].iter().any(|before| {
                let same = before.conversation_id.is_some() && before.conversation_id == line.conversation_id;
                let keeps = matches!(before.kind, CommandKind::Start | CommandKind::SaveReminder);
                let begins = before.kind == CommandKind::Start && before.conversation_id == line.about;
                begins || (same && (before.state != OutboxState::NeedsAttention || keeps))
            });
            let expected = line.state == OutboxState::Waiting && !holding;
            prop_assert_eq!(ready.contains(&line.command_id), expected, "{:?}", line);
        }
        let mut sorted = ready.clone();
        sorted.sort();
        prop_assert_eq!(sorted, ready);
    }
}

#[tokio::test]
async fn rows_survive_a_restart_and_what_was_being_sent_waits_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let command = |number: u128| Command::SendMessage {
        conversation_id: id(100 + number % 2),
        message: NewMessage {
            id: id(200 + number),
            body: format!("Text {number}").as_str().into(),
            written_at: at(1),
            attachments: Vec::new(),
        },
    };
    let mut tx = store.begin().await.unwrap();
    for number in 0..4 {
        outbox::push(&mut tx, id(300 + number), &command(number), None, at(1))
            .await
            .unwrap();
    }
    assert!(outbox::take_in_hand(&mut tx, id(300)).await.unwrap());
    assert!(
        !outbox::take_in_hand(&mut tx, id(300)).await.unwrap(),
        "it is in hand already"
    );
    tx.commit().await.unwrap();
    store.close().await;

    let store = sealed(folder.path()).await;
    let mut tx = store.begin().await.unwrap();
    outbox::wait_again_all(&mut tx).await.unwrap();
    let all = outbox::all(&mut tx).await.unwrap();
    assert_eq!(
        all.iter().map(|entry| entry.command_id).collect::<Vec<_>>(),
        (300..304).map(id).collect::<Vec<_>>()
    );
    assert!(all.iter().all(|entry| entry.state == OutboxState::Waiting));
    assert!(
        all[0].maybe_sent && !all[1].maybe_sent,
        "whether it may have arrived is not forgotten"
    );
    assert_eq!(all[3].command, command(3));
    assert_eq!(ready(&outbox::lines(&mut tx).await.unwrap()), [id(300), id(301)]);
}

#[tokio::test]
async fn a_number_is_never_given_twice() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let note = Command::NoteRead {
        pupil_id: id(50),
        at: at(1),
    };
    let mut tx = store.begin().await.unwrap();
    outbox::push(&mut tx, id(1), &note, None, at(1)).await.unwrap();
    outbox::delete(&mut tx, id(1)).await.unwrap();
    outbox::push(&mut tx, id(2), &note, None, at(1)).await.unwrap();
    let seq: i64 = sqlx::query_scalar("SELECT seq FROM outbox")
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert_eq!(seq, 2);
}
