//! Histories that LA roles open: fetched then, and dropped when nobody opened them for seven days.

use lac_domain::Role;
use lac_wire::{Entity, HeldPart};

use super::fake_store::FakeStore;
use super::samples::*;
use crate::local::{conversations, histories};
use crate::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_fetched_when_an_la_user_opens_it() {
    let store = FakeStore::start().await;
    store.inside(|inside| {
        inside.role = Some(Role::LaUser);
        inside.held = vec![(HeldPart::Pupils, vec![Entity::Pupil(pupil(50, "Tom Reed")).into()])];
        let mut others = conversation(100, "Between others", Some(50), 1, 3);
        others.participants.remove(0);
        inside.history = vec![
            Entity::Conversation(others).into(),
            Entity::Message(message(3, 100, PRIYA, "Text")).into(),
        ];
    });
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let filter = ConversationFilter {
        folder: None,
        search: None,
        pupil_id: Some(id(50)),
        after: None,
        limit: None,
    };
    let fetched = desk.host.until(async |_| {
        let page = desk.app.list_conversations(desk.account, filter.clone()).await.unwrap();
        page.rows.len() == 1 && page.rows[0].unread == 0
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), fetched)
        .await
        .unwrap();
    for _ in 0..3 {
        desk.app.list_conversations(desk.account, filter.clone()).await.unwrap();
    }
    let fetches = store.inside(|inside| {
        inside
            .asked
            .iter()
            .filter(|(_, path, _)| path.contains("/history"))
            .count()
    });
    assert_eq!(fetches, 1, "what was fetched lately is not fetched again");
    let inbox = ConversationFilter {
        folder: Some(Folder::Inbox),
        pupil_id: None,
        ..filter
    };
    assert!(
        desk.app
            .list_conversations(desk.account, inbox)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test]
async fn what_nobody_opened_for_long_is_dropped_but_one_s_own_stays() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let others = |number: u128, about: u128| {
        let mut others = conversation(number, "Between others", Some(about), 1, 3);
        others.participants.remove(0);
        Entity::Conversation(others)
    };
    bring(
        &store,
        &news(),
        [
            others(100, 50),
            others(101, 51),
            Entity::Conversation(conversation(102, "Mine", Some(50), 0, 0)),
        ],
    )
    .await;
    let mut tx = store.begin().await.unwrap();
    histories::opened(&mut tx, id(50), at(0)).await.unwrap();
    histories::opened(&mut tx, id(51), at(10)).await.unwrap();
    assert!(histories::drop_unopened(&mut tx, at(5)).await.unwrap());
    assert!(!histories::drop_unopened(&mut tx, at(5)).await.unwrap());
    for (number, held) in [(100, false), (101, true), (102, true)] {
        assert_eq!(
            conversations::get(&mut tx, id(number)).await.unwrap().is_some(),
            held,
            "{number}"
        );
    }
}
