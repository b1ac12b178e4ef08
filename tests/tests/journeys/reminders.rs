//! Notices and reminders, between a real store and real desktops.

use lac_client::view::*;
use lac_domain::NoticeKind;
use lac_tests::barsetshire::{Town, now};
use lac_tests::support::cable::Cable;
use lac_wire::{ChangeBar, Pupil, PupilRecord};

use crate::desk::{Desk, PATIENCE};
use crate::sight::into_care;

async fn notices(desk: &Desk, account: AccountId) -> Vec<ConversationRow> {
    let filter = ConversationFilter {
        folder: Some(Folder::Notices),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    desk.app.list_conversations(account, filter).await.unwrap().rows
}

async fn wait(desk: &Desk, what: &str, holds: impl AsyncFn() -> bool) {
    let waited = desk.host.until(async |_| holds().await);
    tokio::time::timeout(PATIENCE, waited)
        .await
        .unwrap_or_else(|_| panic!("waited in vain for {what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_is_told_of_a_child_and_loses_the_notice_with_the_child() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let code = barsetshire.invitation("owen.bell@example.org").unwrap();
    let (owen, account) = Desk::take_up(&town.store.url(), &code).await;
    assert!(
        notices(&owen, account).await.is_empty(),
        "what was there before is no news"
    );
    let today = now().london_date();
    let request = into_care("Una", "Thorne", barsetshire.establishments["990104"], today);
    let pupil: Pupil = barsetshire.head.post("/v1/pupils", &request).await.unwrap();
    wait(&owen, "the notice", async || !notices(&owen, account).await.is_empty()).await;
    let rows = notices(&owen, account).await;
    assert_eq!(
        (rows.len(), rows[0].notice, rows[0].subject.reveal()),
        (1, Some(NoticeKind::NewChild), "New for you: Una Thorne")
    );
    wait(&owen, "the notification", async || {
        !owen.host.notifications().is_empty()
    })
    .await;
    let told = owen.host.notifications();
    assert_eq!(told[0].body, "You have a new secure message");

    // A bar: the child and what was said of the child are gone.
    let state = owen.app.app_state(()).await.unwrap();
    let bar = ChangeBar {
        user_id: state.accounts[0].me.as_ref().unwrap().id,
        barred: true,
    };
    let path = format!("/v1/pupils/{}/bars", pupil.id);
    let _: PupilRecord = barsetshire.head.post(&path, &bar).await.unwrap();
    wait(&owen, "the notice to go", async || {
        notices(&owen, account).await.is_empty()
    })
    .await;
    assert!(!owen.pupils(account).await.contains(&"Una Thorne".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_made_offline_is_done_on_another_computer() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let code = barsetshire.invitation("owen.bell@example.org").unwrap();
    let (laptop, account) = Desk::take_up(&cable.url(), &code).await;
    cable.cut().await;
    let day = now().london_date();
    let request = SaveReminder {
        id: None,
        text: "Ring the carer".into(),
        pupil_id: None,
        conversation_id: None,
        on: day - chrono::Days::new(1),
        time: "09:00".to_owned(),
        repeat: None,
    };
    let id = laptop.app.save_reminder(account, request).await.unwrap();
    wait(&laptop, "the reminder, with no network", async || {
        laptop.host.notifications().iter().any(|told| told.reminders)
    })
    .await;
    cable.mend().await.unwrap();

    let (office, office_account) = Desk::sign_in(&town.store.url(), "owen.bell@example.org").await;
    let at_office = async || office.app.list_reminders(office_account, ()).await.unwrap();
    wait(&office, "the reminder to come over", async || {
        !at_office().await.due.is_empty()
    })
    .await;
    office
        .app
        .finish_reminder(office_account, ReminderRef { id })
        .await
        .unwrap();
    wait(&laptop, "the reminder to be done", async || {
        let held = laptop.app.list_reminders(account, ()).await.unwrap();
        held.due.is_empty() && held.done.iter().any(|row| row.reminder.id == id)
    })
    .await;
    assert_eq!(laptop.host.notifications().len(), 1, "once, and not again");
}
