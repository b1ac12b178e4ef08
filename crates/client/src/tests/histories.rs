//! Histories on the devices of LA roles: those of the focus list are held; others are fetched when they are opened, and
//! dropped when nobody opened them for seven days.

use lac_domain::{ConversationId, Role};
use lac_wire::{Entity, EntityKind, HeldPart, Pupil, Recipient};

use super::desk::Desk;
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
    assert!(histories::drop_unheld(&mut tx, at(5)).await.unwrap());
    assert!(!histories::drop_unheld(&mut tx, at(5)).await.unwrap());
    for (number, held) in [(100, false), (101, true), (102, true)] {
        assert_eq!(
            conversations::get(&mut tx, id(number)).await.unwrap().is_some(),
            held,
            "{number}"
        );
    }
}

/// How often histories were fetched.
fn fetches(store: &FakeStore) -> usize {
    store.inside(|inside| {
        inside
            .asked
            .iter()
            .filter(|(_, path, _)| path.contains("/history"))
            .count()
    })
}

fn tom(mine: bool) -> Pupil {
    Pupil {
        mine,
        ..pupil(50, "Tom Reed")
    }
}

/// A store with a history that the user takes no part in, and an LA user's desktop.
async fn with_history(folder: &std::path::Path) -> (FakeStore, Desk) {
    let store = FakeStore::start().await;
    store.inside(|inside| {
        inside.role = Some(Role::LaUser);
        inside.held = vec![(HeldPart::Pupils, vec![Entity::Pupil(tom(false)).into()])];
    });
    let desk = store.desk(folder).await;
    bring_history(&store, true);
    (store, desk)
}

fn bring_history(store: &FakeStore, mine: bool) {
    let mut others = conversation(100, "Between others", Some(50), 1, 3);
    others.participants.remove(0);
    store.inside(|inside| {
        inside.history = vec![
            Entity::Pupil(tom(mine)).into(),
            Entity::Conversation(others).into(),
            Entity::Message(message(3, 100, PRIYA, "Text")).into(),
        ];
    });
}

/// The conversations that are held.
async fn held(desk: &Desk) -> Vec<ConversationId> {
    let everything = ConversationFilter {
        folder: None,
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    let page = desk.app.list_conversations(desk.account, everything).await.unwrap();
    page.rows.iter().map(|row| row.id).collect()
}

async fn changes(store: &FakeStore, desk: &Desk, entities: impl IntoIterator<Item = Entity>) {
    store.inside(|inside| inside.changes.push_back(entities.into_iter().map(Into::into).collect()));
    // The second waits for a pull that had begun before.
    for _ in 0..2 {
        desk.app.sync_now(desk.account, ()).await.unwrap();
    }
}

async fn open(desk: &Desk) {
    let about_tom = ConversationFilter {
        folder: None,
        search: None,
        pupil_id: Some(id(50)),
        after: None,
        limit: None,
    };
    desk.app.list_conversations(desk.account, about_tom).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_of_the_focus_list_brings_the_history_and_takes_it_along() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    assert_eq!(held(&desk).await, []);
    changes(&store, &desk, [Entity::Pupil(tom(true))]).await;
    assert_eq!((held(&desk).await, fetches(&store)), (vec![id(100)], 1));
    // It is kept up to date like all else: nothing is fetched for the same row again.
    changes(&store, &desk, [Entity::Pupil(tom(true))]).await;
    changes(&store, &desk, [Entity::Message(message(4, 100, PRIYA, "More"))]).await;
    assert_eq!((held(&desk).await, fetches(&store)), (vec![id(100)], 1));
    let more = OpenConversation {
        id: id(100),
        before: None,
    };
    let view = desk.app.open_conversation(desk.account, more).await.unwrap();
    assert_eq!(view.messages.len(), 2);
    bring_history(&store, false);
    changes(&store, &desk, [Entity::Pupil(tom(false))]).await;
    assert_eq!((held(&desk).await, fetches(&store)), (vec![], 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_of_the_focus_list_that_was_opened_outlives_it_for_seven_days() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    changes(&store, &desk, [Entity::Pupil(tom(true))]).await;
    open(&desk).await;
    assert_eq!(fetches(&store), 1, "what is held is not fetched by opening it");
    bring_history(&store, false);
    changes(&store, &desk, [Entity::Pupil(tom(false))]).await;
    assert_eq!(held(&desk).await, [id(100)]);
    // Seven days later.
    let Desk { host, app, .. } = desk;
    app.close().await;
    let desk = Desk::open_after(host, std::time::Duration::from_secs(8 * 24 * 3600)).await;
    desk.until(|state| state.accounts[0].sync.online).await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert_eq!(held(&desk).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bar_takes_the_pupil_the_history_and_that_it_was_opened() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    changes(&store, &desk, [Entity::Pupil(tom(true))]).await;
    open(&desk).await;
    let gone = Entity::Gone {
        entity: EntityKind::Pupil,
        id: id::<lac_domain::PupilId>(50).0,
    };
    changes(&store, &desk, [gone]).await;
    assert_eq!(held(&desk).await, []);
    let filter = lac_wire::PupilFilter::default();
    assert!(
        desk.app
            .list_pupils(desk.account, filter)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    // Lifted again, all of it comes back by itself.
    changes(&store, &desk, [Entity::Pupil(tom(true))]).await;
    assert_eq!((held(&desk).await, fetches(&store)), (vec![id(100)], 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_has_all_fetched_anew_and_drops_what_does_not_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    changes(
        &store,
        &desk,
        [Entity::Pupil(tom(true)), Entity::Pupil(pupil(51, "Una Khan"))],
    )
    .await;
    assert_eq!(held(&desk).await, [id(100)]);
    let draft = desk
        .app
        .new_draft(
            desk.account,
            NewDraft {
                pupil_id: Some(id(50)),
                ..NewDraft::default()
            },
        )
        .await
        .unwrap();
    let around = RecipientChoice {
        recipient: Recipient::AroundPupil { pupil_id: id(50) },
        name: "Everyone who can see Tom Reed".to_owned(),
        detail: String::new(),
        people: 3,
    };
    let kept = DraftRef { id: draft.id };
    let draft = Draft {
        recipients: vec![around],
        body: "My words".into(),
        ..draft
    };
    desk.app.save_draft(desk.account, draft).await.unwrap();

    let teacher = lac_wire::Me {
        role: Role::DesignatedTeacher,
        ..me()
    };
    store.inside(|inside| {
        inside.role = None;
        inside.held = vec![
            (HeldPart::Pupils, vec![Entity::Pupil(pupil(52, "Ann Vance")).into()]),
            (
                HeldPart::Conversations,
                vec![Entity::Conversation(conversation(101, "Mine", Some(52), 0, 0)).into()],
            ),
        ];
    });
    changes(&store, &desk, [Entity::Me(teacher.clone())]).await;
    let pupils = desk
        .app
        .list_pupils(desk.account, lac_wire::PupilFilter::default())
        .await
        .unwrap();
    let names: Vec<_> = pupils.rows.iter().map(|pupil| pupil.known_as.reveal()).collect();
    assert_eq!((names, held(&desk).await), (vec!["Ann Vance"], vec![id(101)]));
    let draft = desk.app.get_draft(desk.account, kept).await.unwrap();
    assert_eq!(draft.body.reveal(), "My words");
    assert_eq!(draft.recipients[0].name, "Everyone who can see this pupil");
    let whole = || {
        store.inside(|inside| {
            let held = |path: &str| path.starts_with("/v1/held?part=messages");
            inside.asked.iter().filter(|(_, path, _)| held(path)).count()
        })
    };
    let before = whole();
    changes(&store, &desk, [Entity::Me(teacher)]).await;
    assert_eq!(whole(), before, "the same role again changes nothing");
}
