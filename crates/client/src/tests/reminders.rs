//! Reminders and notices on a device: offline, once, in step, and not in quiet hours.

use lac_domain::{ConversationId, NoticeKind, PupilId, ReminderId, ReminderKind, Repeat};
use lac_wire::{Command, Conversation, Entity, ErrorCode, HeldPart, Message, Reminder};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

pub(super) fn reminder(number: u128, text: &str, due: i64) -> Reminder {
    Reminder {
        id: id::<ReminderId>(number),
        kind: ReminderKind::Own,
        text: text.into(),
        pupil_id: None,
        conversation_id: None,
        establishment_id: None,
        due_at: at(due),
        repeat: None,
        snoozed_until: None,
        done_at: None,
    }
}

/// Is reminded of something in three days.
pub(super) async fn remind(
    desk: &Desk,
    text: &str,
    pupil: Option<PupilId>,
    conversation: Option<ConversationId>,
) -> ReminderId {
    save(desk, None, text, pupil, conversation).await
}

pub(super) async fn save(
    desk: &Desk,
    id: Option<ReminderId>,
    text: &str,
    pupil_id: Option<PupilId>,
    conversation_id: Option<ConversationId>,
) -> ReminderId {
    let due = desk.app.computer.now().plus(chrono::TimeDelta::days(3)).london();
    let request = SaveReminder {
        id,
        text: text.into(),
        pupil_id,
        conversation_id,
        on: due.date(),
        time: "09:00".to_owned(),
        repeat: None,
    };
    desk.app.save_reminder(desk.account, request).await.unwrap()
}

pub(super) async fn upcoming(desk: &Desk) -> Vec<ReminderRow> {
    desk.app.list_reminders(desk.account, ()).await.unwrap().upcoming
}

/// The commands that the store took.
pub(super) fn taken(store: &FakeStore) -> Vec<Command> {
    store.inside(|inside| inside.commands.iter().map(|sent| sent.command.clone()).collect())
}

pub(super) fn texts(rows: &[ReminderRow]) -> Vec<&str> {
    rows.iter().map(|row| row.reminder.text.reveal()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_made_offline_comes_once_and_reaches_the_store_in_order() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    let due = desk.app.computer.now().plus(chrono::TimeDelta::minutes(3)).london();
    let request = SaveReminder {
        id: None,
        text: " Ring the school ".into(),
        pupil_id: None,
        conversation_id: None,
        on: due.date(),
        time: due.format("%H:%M").to_string(),
        repeat: None,
    };
    let saved = desk.app.save_reminder(desk.account, request).await.unwrap();
    desk.until_host(|host| !host.notifications().is_empty()).await;
    let told = desk.host.notifications();
    assert_eq!((told[0].body.as_str(), told[0].reminders), ("1 reminder is due", true));
    assert!(!told[0].body.contains("school"));
    let reminders = desk.app.list_reminders(desk.account, ()).await.unwrap();
    assert_eq!(texts(&reminders.due), ["Ring the school"]);
    desk.app
        .finish_reminder(desk.account, ReminderRef { id: saved })
        .await
        .unwrap();
    let reminders = desk.app.list_reminders(desk.account, ()).await.unwrap();
    assert_eq!(
        (reminders.due.len(), texts(&reminders.done)),
        (0, vec!["Ring the school"])
    );

    // Both changes reach the store, the first first; and after a restart nothing is told again.
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until_host(|_| store.inside(|inside| inside.commands.len() == 2))
        .await;
    let kinds: Vec<bool> = store.inside(|inside| {
        let commands = inside.commands.iter();
        commands
            .map(|sent| matches!(sent.command, Command::SaveReminder { .. }))
            .collect()
    });
    assert_eq!(kinds, [true, false]);
    let desk = desk.reopen().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert_eq!(desk.host.notifications().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_device_did_counts_here_and_sight_takes_reminders_along() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    store.inside(|inside| {
        let far = 1_000_000;
        let weekly = Reminder {
            repeat: Some(Repeat::Weekly),
            ..reminder(701, "Attendance", far)
        };
        let about = Reminder {
            pupil_id: Some(id(500)),
            ..reminder(702, "Books", far)
        };
        let held = [reminder(700, "Minutes", far), weekly, about];
        inside.held = vec![
            (HeldPart::Pupils, vec![Entity::Pupil(pupil(500, "Tom Reed")).into()]),
            (
                HeldPart::Reminders,
                held.map(|one| Entity::Reminder(one).into()).to_vec(),
            ),
        ];
    });
    let desk = store.desk(folder.path()).await;
    let reminders = desk.app.list_reminders(desk.account, ()).await.unwrap();
    assert_eq!(texts(&reminders.upcoming), ["Minutes", "Attendance", "Books"]);
    assert_eq!(reminders.upcoming[2].pupil_name.as_ref().unwrap().reveal(), "Tom Reed");
    // Done this time: it comes again.
    let weekly = ReminderRef { id: id(701) };
    desk.app.finish_reminder(desk.account, weekly).await.unwrap();
    let again = desk.app.list_reminders(desk.account, ()).await.unwrap();
    assert!(
        again
            .upcoming
            .iter()
            .any(|row| row.reminder.id == id::<ReminderId>(701) && row.at > at(1_000_000))
    );
    // Done on another device; and due in the past, done too: nothing is told.
    let done = Reminder {
        done_at: Some(at(1)),
        ..reminder(700, "Minutes", -5)
    };
    store.change([Entity::Reminder(done), Entity::ScopeRevoked { pupil_id: id(500) }]);
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let after = desk.app.list_reminders(desk.account, ()).await.unwrap();
    assert_eq!(
        (texts(&after.upcoming), texts(&after.done)),
        (vec!["Attendance"], vec!["Minutes"])
    );
    assert!(desk.host.notifications().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_back_and_are_followed_by_one_notification() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    store.inside(|inside| {
        inside.held = vec![
            (HeldPart::People, vec![Entity::Person(priya()).into()]),
            (
                HeldPart::Conversations,
                vec![Entity::Conversation(conversation(100, "Trip", None, 0, 0)).into()],
            ),
        ];
    });
    let desk = store.desk(folder.path()).await;
    let quiet = Settings {
        quiet: Some(Quiet { from: 0, to: 24 * 60 }),
        ..Settings::default()
    };
    desk.app.save_settings(quiet).await.unwrap();
    for number in [6, 7] {
        store.change([Entity::Message(message(number, 100, PRIYA, "Secret"))]);
        desk.app.sync_now(desk.account, ()).await.unwrap();
    }
    store.change([Entity::Reminder(reminder(700, "Minutes", -5))]);
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until(|state| state.accounts[0].sync.unread == 1 && state.accounts[0].sync.reminders == 1)
        .await;
    assert!(desk.host.notifications().is_empty());
    // What was held back outlives a restart.
    let desk = desk.reopen().await;
    desk.app.save_settings(Settings::default()).await.unwrap();
    desk.until_host(|host| !host.notifications().is_empty()).await;
    let told = desk.host.notifications();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].body, "You have 2 new secure messages, and 1 reminder is due");

    // A name is shown where that is wanted, and no other word.
    let named = Settings {
        show_sender: true,
        ..Settings::default()
    };
    desk.app.save_settings(named).await.unwrap();
    store.change([Entity::Message(message(8, 100, PRIYA, "Secret"))]);
    desk.until_host(|host| host.notifications().len() == 2).await;
    assert_eq!(
        desk.host.notifications()[1].body,
        "You have a new secure message from Priya Shah"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_lies_in_its_folder_and_the_inbox_and_takes_no_answer() {
    let (store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    let notice = Conversation {
        notice: Some(NoticeKind::NewToCare),
        participants: vec![lac_wire::Participant {
            user_id: id(ME),
            read_up_to: 0,
            read_at: None,
        }],
        ..conversation(100, "New to care: Tom Reed", None, 1, 6)
    };
    let written = Message {
        author_id: None,
        ..message(6, 100, ME, "Tom Reed is looked after.")
    };
    store.change([Entity::Conversation(notice), Entity::Message(written)]);
    desk.until_host(|host| !host.notifications().is_empty()).await;
    assert_eq!(desk.host.notifications()[0].body, "You have a new secure message");
    let list = async |folder| {
        let filter = ConversationFilter {
            folder: Some(folder),
            search: None,
            pupil_id: None,
            after: None,
            limit: None,
        };
        desk.app.list_conversations(desk.account, filter).await.unwrap().rows
    };
    for folder in [Folder::Notices, Folder::Inbox, Folder::Unread] {
        let rows = list(folder).await;
        assert_eq!(
            (rows.len(), rows[0].notice),
            (1, Some(NoticeKind::NewToCare)),
            "{folder:?}"
        );
    }
    assert_eq!(desk.app.folder_counts(desk.account, ()).await.unwrap().notices, 1);
    let request = OpenConversation {
        id: id(100),
        before: None,
    };
    let view = desk.app.open_conversation(desk.account, request).await.unwrap();
    assert!(!view.may_reply && view.messages[0].notice);
    desk.app
        .mark_read(desk.account, ConversationRef { id: id(100) })
        .await
        .unwrap();
    assert_eq!(desk.app.folder_counts(desk.account, ()).await.unwrap().notices, 0);
    // Notices may be left out of what the operating system shows; they come all the same.
    let without = Settings {
        notices: false,
        ..Settings::default()
    };
    desk.app.save_settings(without).await.unwrap();
    let written = Message {
        author_id: None,
        ..message(7, 100, ME, "Again.")
    };
    store.change([Entity::Message(written)]);
    desk.until(|state| state.accounts[0].sync.unread == 1).await;
    assert_eq!(desk.host.notifications().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_about_a_conversation_that_waits_goes_after_it() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    let conversation = desk.send("Trip", "Shall we go?").await;
    remind(&desk, "Ask again", None, Some(conversation)).await;
    // The store does not take the conversation at once: what waits behind it waits on.
    store.next("/v1/commands", Answer::Raw(503, "busy", None));
    store.next("/v1/commands", Answer::Refuse(ErrorCode::FieldInvalid));
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    let rows = desk.outbox().await;
    let states: Vec<_> = rows.iter().map(|row| (row.reminder.is_some(), row.state)).collect();
    assert_eq!(states, [(false, SendState::NotSent), (true, SendState::Waiting)]);
    assert!(taken(&store).is_empty());
    let again = OutboxRef {
        command_id: rows[0].command_id,
    };
    desk.app.try_again(desk.account, again).await.unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 0 && state.accounts[0].sync.waiting == 0)
        .await;
    let taken = taken(&store);
    assert!(
        matches!(
            &taken[..],
            [Command::StartConversation { .. }, Command::SaveReminder { reminder }]
                if reminder.conversation_id == Some(conversation)
        ),
        "{}",
        taken.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_outlives_the_conversation_that_is_taken_back() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    let conversation = desk.send("Trip", "Shall we go?").await;
    remind(&desk, "Ask again", None, Some(conversation)).await;
    let rows = desk.outbox().await;
    let back = OutboxRef {
        command_id: rows[0].command_id,
    };
    desk.until_so(async || desk.app.take_back(desk.account, back.clone()).await.is_ok())
        .await;
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until_so(async || taken(&store).len() == 1).await;
    assert!(matches!(
        &taken(&store)[0],
        Command::SaveReminder { reminder } if reminder.conversation_id.is_none()
    ));
    let held = upcoming(&desk).await;
    assert_eq!(texts(&held), ["Ask again"]);
    assert_eq!(held[0].reminder.conversation_id, None);
}
