//! Reminders that the store refuses: their words stay, and the user says what becomes of them.

use lac_domain::ReminderId;
use lac_wire::{Command, Entity, ErrorCode, HeldPart};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::reminders::{remind, save, taken, texts, upcoming};
use super::samples::*;
use crate::view::*;

/// A desk at which Tom can be seen, and a reminder about him that was written without a network: the store refuses it
/// once it is there again, since Tom may not be seen any more.
async fn refused(store: &mut FakeStore, folder: &std::path::Path) -> (Desk, ReminderId) {
    let (desk, written) = offline(store, folder).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::NotFound));
    let gone = Entity::Gone {
        entity: lac_wire::EntityKind::Pupil,
        id: uuid::Uuid::from_u128(500),
    };
    store.change([gone]);
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    (desk, written)
}

async fn offline(store: &mut FakeStore, folder: &std::path::Path) -> (Desk, ReminderId) {
    let tom = pupil(500, "Tom Reed");
    store.inside(|inside| inside.held = vec![(HeldPart::Pupils, vec![Entity::Pupil(tom).into()])]);
    let desk = store.desk(folder).await;
    store.stop().await;
    let written = remind(&desk, "Ring the carer about the bruise", Some(id(500)), None).await;
    (desk, written)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_refused_reminder_stay_under_no_name() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let (desk, written) = offline(&mut store, folder.path()).await;
    let waiting = desk.outbox().await.remove(0);
    let about = waiting.reminder.unwrap();
    assert_eq!((waiting.state, about.out_of_sight), (SendState::Waiting, false));
    assert_eq!(about.pupil_name.unwrap().reveal(), "Tom Reed");
    store.next("/v1/commands", Answer::Refuse(ErrorCode::NotFound));
    store.change([Entity::ScopeRevoked { pupil_id: id(500) }]);
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    // The store is asked for the reminders once more, and has none.
    desk.app.sync_now(desk.account, ()).await.unwrap();

    let desk = desk.reopen().await;
    let row = desk.outbox().await.remove(0);
    assert_eq!(row.excerpt.reveal(), "Ring the carer about the bruise");
    assert_eq!(row.problem.unwrap().message, "The store says no, in a sentence.");
    let about = row.reminder.unwrap();
    assert!(about.out_of_sight && about.pupil_name.is_none());
    assert_eq!((row.state, row.conversation_id), (SendState::NotSent, None));
    assert_eq!(desk.app.folder_counts(desk.account, ()).await.unwrap().not_sent, 1);
    let held = upcoming(&desk).await;
    assert_eq!((held[0].reminder.id, &held[0].pupil_name), (written, &None));
    let request = SignOut { discard_unsent: false };
    let lost = desk.app.sign_out(desk.account, request).await.unwrap_err();
    assert!(
        lost.is_local(LocalCode::UnsentWaiting) && lost.message.contains("1 reminder that was not sent"),
        "{lost}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reminder_is_tried_again_or_deleted() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let (desk, written) = refused(&mut store, folder.path()).await;
    let again = OutboxRef {
        command_id: desk.outbox().await[0].command_id,
    };
    // What is done with it waits behind it.
    desk.app
        .finish_reminder(desk.account, ReminderRef { id: written })
        .await
        .unwrap();
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert!(taken(&store).is_empty());
    desk.app.try_again(desk.account, again).await.unwrap();
    desk.until_so(async || taken(&store).len() == 2).await;
    assert!(matches!(taken(&store)[0], Command::SaveReminder { .. }));
    desk.until(|state| state.accounts[0].sync.not_sent == 0 && state.accounts[0].sync.waiting == 0)
        .await;
    assert!(desk.outbox().await.is_empty());

    store.next("/v1/commands", Answer::Refuse(ErrorCode::NotFound));
    remind(&desk, "Ask for the plan", None, None).await;
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    let row = desk.outbox().await.remove(0);
    let delete = || OutboxRef {
        command_id: row.command_id,
    };
    assert!(desk.app.take_back(desk.account, delete()).await.is_err());
    desk.app.delete_unsaved_reminder(desk.account, delete()).await.unwrap();
    assert!(desk.outbox().await.is_empty() && upcoming(&desk).await.is_empty());
    let again = desk.app.delete_unsaved_reminder(desk.account, delete()).await;
    assert!(again.unwrap_err().is_local(LocalCode::Gone));
    assert_eq!(taken(&store).len(), 2, "it was never taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_written_anew_takes_the_place_of_the_refused_one() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let (desk, written) = refused(&mut store, folder.path()).await;
    save(&desk, Some(written), "Ring the carer", None, None).await;
    desk.until(|state| state.accounts[0].sync.not_sent == 0 && state.accounts[0].sync.waiting == 0)
        .await;
    assert!(desk.outbox().await.is_empty());
    assert_eq!(texts(&upcoming(&desk).await), ["Ring the carer"]);
    assert_eq!(taken(&store).len(), 1);

    // And where the second is written before the first is refused.
    store.stop().await;
    for text in ["First", "Second"] {
        save(&desk, Some(written), text, None, None).await;
    }
    store.next("/v1/commands", Answer::Refuse(ErrorCode::NotFound));
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until_so(async || taken(&store).len() == 2).await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    assert!(desk.outbox().await.is_empty());
    assert_eq!(texts(&upcoming(&desk).await), ["Second"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_that_the_store_keeps_out_of_sight_goes_once_it_is_there() {
    let (mut store, folder) = (FakeStore::start().await, tempfile::tempdir().unwrap());
    let (desk, _) = offline(&mut store, folder.path()).await;
    store.inside(|inside| inside.hides_reminders = true);
    store.change([Entity::ScopeRevoked { pupil_id: id(500) }]);
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.until_so(async || taken(&store).len() == 1).await;
    desk.until_so(async || upcoming(&desk).await.is_empty()).await;
    assert!(desk.outbox().await.is_empty());
}
