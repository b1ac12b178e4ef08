//! What the store sends, written by the one function that writes it.

use lac_wire::{Entity, EntityKind, Participant};

use super::samples::*;
use crate::local::conversations::{FolderPage, ListKey};
use crate::local::{Context, Sweep, ToFetch, conversations, messages, people, pupils, settle};

#[tokio::test]
async fn what_a_list_shows_is_kept_beside_the_conversation() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let arrived = bring(
        &store,
        &news(),
        [
            Entity::Message(message(5, 100, PRIYA, "First\nline")),
            Entity::Message(message(7, 100, ME, "My answer")),
            Entity::Message(message(9, 100, PRIYA, "And another")),
            Entity::Conversation(conversation(100, "Trip", None, 3, 9)),
            Entity::Person(priya()),
        ],
    )
    .await;
    assert_eq!(arrived.len(), 2, "of one's own message nobody is told");
    let mut conn = store.reader().await.unwrap();
    let row = conversations::get(&mut conn, id(100)).await.unwrap().unwrap();
    assert_eq!((row.held_count, row.held_last, row.unread), (3, 9, 2));
    assert_eq!(row.excerpt, "And another");
    assert_eq!(row.sort_key, 9);
    assert!(row.wrote && row.mine && row.confirmed);
    drop(conn);

    // The same page again changes nothing and tells nobody.
    let again = bring(
        &store,
        &news(),
        [Entity::Message(message(9, 100, PRIYA, "And another"))],
    )
    .await;
    assert!(again.is_empty());
    let read = Participant {
        user_id: id(ME),
        read_up_to: 7,
        read_at: Some(at(8)),
    };
    let mut changed = conversation(100, "Trip", None, 3, 9);
    changed.participants[0] = read;
    bring(&store, &news(), [Entity::Conversation(changed)]).await;
    let mut conn = store.reader().await.unwrap();
    let row = conversations::get(&mut conn, id(100)).await.unwrap().unwrap();
    assert_eq!((row.held_count, row.unread), (3, 1));
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_lose_no_row() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    for number in 1..=25_u8 {
        let (number, key) = (u128::from(number), i64::from(number));
        bring(
            &store,
            &news(),
            [
                Entity::Conversation(conversation(100 + number, "Subject", Some(40 + number % 2), 1, key)),
                Entity::Message(message(
                    key,
                    100 + number,
                    if number.is_multiple_of(5) { ME } else { PRIYA },
                    "Text",
                )),
            ],
        )
        .await;
    }
    let mut conn = store.reader().await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = conversations::list(&mut conn, FolderPage::Inbox, after, 7)
            .await
            .unwrap();
        let Some(last) = page.last() else { break };
        after = Some(ListKey {
            sort_key: last.sort_key,
            id: last.id,
        });
        seen.extend(page.iter().map(|row| row.sort_key));
    }
    assert_eq!(seen, (1..=25).rev().collect::<Vec<_>>());
    let sent = conversations::list(&mut conn, FolderPage::Sent, None, 100)
        .await
        .unwrap();
    assert_eq!(sent.len(), 5);
    let unread = conversations::list(&mut conn, FolderPage::Unread, None, 100)
        .await
        .unwrap();
    assert_eq!(unread.len(), 20);
    let about = conversations::list(&mut conn, FolderPage::Pupil(id(40)), None, 100)
        .await
        .unwrap();
    assert_eq!(about.len(), 12);
}

#[tokio::test]
async fn a_deferred_fetch_ends_as_if_every_page_had_been_news() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    std::fs::create_dir_all(&first).unwrap();
    std::fs::create_dir_all(&second).unwrap();
    let (slow, fast) = (sealed(&first).await, sealed(&second).await);
    let deferred = Context {
        news: false,
        deferred: true,
        ..news()
    };
    let mut entities: Vec<Entity> = (0..10_u32)
        .map(|n| Entity::Conversation(conversation(u128::from(100 + n), "S", None, 30, 300)))
        .collect();
    entities.extend((1..=300_i64).map(|n| {
        Entity::Message(message(
            n,
            100 + u128::from(n.unsigned_abs() % 10),
            if n % 3 == 0 { ME } else { PRIYA },
            &format!("Text {n}"),
        ))
    }));
    bring(&slow, &news(), entities.clone()).await;
    for page in entities.chunks(37) {
        assert!(
            bring(&fast, &deferred, page.to_vec()).await.is_empty(),
            "a first fetch tells nobody"
        );
    }
    let mut tx = fast.begin().await.unwrap();
    settle(&mut tx, &deferred, Sweep::All).await.unwrap();
    tx.commit().await.unwrap();
    for n in 0..10_u32 {
        let conversation = id(u128::from(100 + n));
        let one = conversations::get(&mut slow.reader().await.unwrap(), conversation)
            .await
            .unwrap()
            .unwrap();
        let other = conversations::get(&mut fast.reader().await.unwrap(), conversation)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(format!("{one:?}"), format!("{other:?}"));
    }
}

#[tokio::test]
async fn a_second_first_fetch_drops_what_it_does_not_bring() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let all = [
        Entity::Person(priya()),
        Entity::Pupil(pupil(50, "Tom Reed")),
        Entity::Pupil(pupil(51, "Zara Khan")),
        Entity::Conversation(conversation(100, "Stays", None, 2, 2)),
        Entity::Conversation(conversation(101, "Goes", None, 1, 3)),
        Entity::Message(message(1, 100, PRIYA, "one")),
        Entity::Message(message(2, 100, PRIYA, "two")),
        Entity::Message(message(3, 101, PRIYA, "three")),
    ];
    bring(&store, &news(), all).await;
    // The store was restored: number 2 is another message now.
    let context = Context {
        me: id(ME),
        generation: 2,
        news: false,
        deferred: true,
    };
    let mut other = message(2, 100, PRIYA, "another two");
    other.id = id(77);
    let again = [
        Entity::Person(priya()),
        Entity::Pupil(pupil(51, "Zara Khan")),
        Entity::Conversation(conversation(100, "Stays", None, 2, 2)),
        Entity::Message(message(1, 100, PRIYA, "one")),
        Entity::Message(other),
    ];
    bring(&store, &context, again).await;
    let mut tx = store.begin().await.unwrap();
    settle(&mut tx, &context, Sweep::All).await.unwrap();
    tx.commit().await.unwrap();
    let mut conn = store.reader().await.unwrap();
    assert!(conversations::get(&mut conn, id(101)).await.unwrap().is_none());
    assert!(pupils::get(&mut conn, id(50)).await.unwrap().is_none());
    assert!(pupils::get(&mut conn, id(51)).await.unwrap().is_some());
    assert!(people::get(&mut conn, id(PRIYA)).await.unwrap().is_some());
    let texts: Vec<String> = messages::page(&mut conn, id(100), i64::MAX, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|message| message.body)
        .collect();
    assert_eq!(texts, ["another two", "one"]);
}

#[tokio::test]
async fn a_message_without_its_conversation_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    bring(&store, &news(), [Entity::Message(message(1, 100, PRIYA, "Early"))]).await;
    let mut conn = store.reader().await.unwrap();
    assert_eq!(ToFetch::all(&mut conn).await.unwrap(), [ToFetch::Conversation(id(100))]);
    drop(conn);
    let gone = Entity::Gone {
        entity: EntityKind::Conversation,
        id: id(100),
    };
    bring(&store, &news(), [gone]).await;
    assert!(
        ToFetch::all(&mut store.reader().await.unwrap())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_message_that_is_gone_leaves_its_conversation_counted() {
    let folder = tempfile::tempdir().unwrap();
    let store = sealed(folder.path()).await;
    let all = [
        Entity::Conversation(conversation(100, "Trip", None, 2, 2)),
        Entity::Message(message(1, 100, PRIYA, "one")),
        Entity::Message(message(2, 100, PRIYA, "two")),
    ];
    bring(&store, &news(), all).await;
    let gone = message(2, 100, PRIYA, "two").id;
    bring(
        &store,
        &news(),
        [Entity::Gone {
            entity: EntityKind::Message,
            id: gone.0,
        }],
    )
    .await;
    let row = conversations::get(&mut store.reader().await.unwrap(), id(100))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.held_count, row.held_last, row.unread, row.excerpt.as_str()),
        (1, 1, 1, "one")
    );
}
