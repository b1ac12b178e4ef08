//! Keeping up with the store: the first fetch, changes, pokes, notifications, and what has to be fetched anew.

use lac_wire::{ConversationCount, Entity, ErrorCode, HeldPart, MaybeEntity};

use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

fn inbox() -> ConversationFilter {
    ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    }
}

async fn with_conversation() -> (FakeStore, tempfile::TempDir) {
    let store = FakeStore::start().await;
    store.inside(|inside| {
        let mut held = conversation(100, "Trip", Some(50), 1, 5);
        held.participants[0].read_up_to = 0;
        inside.held = vec![
            (HeldPart::People, vec![Entity::Person(priya()).into()]),
            (HeldPart::Pupils, vec![Entity::Pupil(pupil(50, "Tom Reed")).into()]),
            (HeldPart::Conversations, vec![Entity::Conversation(held.clone()).into()]),
            (
                HeldPart::Messages,
                vec![Entity::Message(message(5, 100, PRIYA, "Old news")).into()],
            ),
        ];
        inside.conversations = vec![held];
        inside.messages = vec![message(5, 100, PRIYA, "Old news")];
    });
    (store, tempfile::tempdir().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_fetch_brings_everything_and_tells_nobody() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    let page = desk.app.list_conversations(desk.account, inbox()).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    let row = &page.rows[0];
    assert_eq!(
        (
            row.subject.reveal(),
            row.with.as_str(),
            row.excerpt.reveal(),
            row.unread
        ),
        ("Trip", "Priya Shah", "Old news", 1)
    );
    assert_eq!(row.pupil_name.as_ref().unwrap().reveal(), "Tom Reed");
    assert!(desk.host.notifications().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn new_messages_are_told_once_in_one_notification_without_a_word_of_them() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    store.change([
        Entity::Message(message(6, 100, PRIYA, "Secret one")),
        Entity::Message(message(7, 100, PRIYA, "Secret two")),
    ]);
    desk.until_host(|host| !host.notifications().is_empty()).await;
    let told = desk.host.notifications();
    assert_eq!(told[0].title, "Secure Messages");
    assert_eq!(told[0].body, "You have 2 new secure messages");
    assert_eq!(told[0].conversation, Some(id(100)));

    // The same again, and one of one's own from another device: nobody is told. Then one more.
    store.change([
        Entity::Message(message(7, 100, PRIYA, "Secret two")),
        Entity::Message(message(8, 100, ME, "Mine")),
    ]);
    store.change([Entity::Message(message(9, 100, PRIYA, "Secret three"))]);
    desk.until_host(|host| host.notifications().len() == 2).await;
    assert_eq!(desk.host.notifications()[1].body, "You have a new secure message");

    // With notifications off they are noted, not shown; and not shown later either.
    desk.app
        .save_settings(Settings {
            theme: Theme::Dark,
            notifications: false,
            ..Settings::default()
        })
        .await
        .unwrap();
    store.change([Entity::Message(message(10, 100, PRIYA, "Quiet"))]);
    desk.until(|state| state.accounts[0].sync.unread == 1 && state.settings.theme == Theme::Dark)
        .await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.app
        .save_settings(Settings {
            theme: Theme::Dark,
            ..Settings::default()
        })
        .await
        .unwrap();
    store.change([Entity::Message(message(10, 100, PRIYA, "Quiet"))]);
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert_eq!(desk.host.notifications().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pupil_who_comes_into_view_brings_a_history_and_one_who_leaves_takes_it_along() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    store.inside(|inside| {
        inside.history = vec![
            Entity::Conversation(conversation(101, "Long ago", Some(51), 1, 3)).into(),
            Entity::Message(message(3, 101, PRIYA, "History")).into(),
        ];
    });
    store.change([
        Entity::ScopeGranted { pupil_id: id(51) },
        Entity::Pupil(pupil(51, "Zara Khan")),
    ]);
    let history = ConversationFilter {
        folder: None,
        pupil_id: Some(id(51)),
        ..inbox()
    };
    let arrives = desk.host.until(async |_| {
        desk.app
            .list_conversations(desk.account, history.clone())
            .await
            .is_ok_and(|page| page.rows.len() == 1)
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), arrives)
        .await
        .unwrap();
    assert!(desk.host.notifications().is_empty(), "a history is no news");

    store.change([Entity::ScopeRevoked { pupil_id: id(51) }, Entity::PeopleChanged {}]);
    let leaves = desk
        .host
        .until(async |_| desk.app.get_pupil(desk.account, PupilRef { id: id(51) }).await.is_err());
    tokio::time::timeout(std::time::Duration::from_secs(30), leaves)
        .await
        .unwrap();
    assert!(
        desk.app
            .list_conversations(desk.account, history)
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn people_who_may_no_longer_be_seen_are_dropped() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    let everyone = FindRecipients {
        search: "shah".to_owned(),
        pupil_id: None,
    };
    assert_eq!(
        desk.app
            .find_recipients(desk.account, everyone.clone())
            .await
            .unwrap()
            .len(),
        1
    );
    store.inside(|inside| inside.held.retain(|(part, _)| *part != HeldPart::People));
    store.change([Entity::PeopleChanged {}]);
    let dropped = desk.host.until(async |_| {
        desk.app
            .find_recipients(desk.account, everyone.clone())
            .await
            .unwrap()
            .is_empty()
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), dropped)
        .await
        .unwrap();
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: id(100),
                before: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(view.messages[0].author_name, "A former colleague");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_that_differ_bring_the_conversation_again_and_not_for_ever() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    store.inside(|inside| {
        inside.messages.push(message(6, 100, PRIYA, "Missed"));
        inside.counts = vec![ConversationCount {
            conversation_id: id(100),
            count: 2,
            last_number: 6,
        }];
    });
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: id(100),
                before: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(view.messages.len(), 2);
    // A count that no fetch can reach is asked for once.
    store.inside(|inside| inside.counts[0].count = 99);
    let fetches = || {
        store.inside(|inside| {
            inside
                .asked
                .iter()
                .filter(|(_, path, _)| path.starts_with("/v1/conversations/"))
                .count()
        })
    };
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let after_one = fetches();
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert_eq!(fetches(), after_one);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_store_is_fetched_anew_and_drafts_stay() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    let draft = desk.draft(NewDraft::default(), "Kept", "My words").await;
    store.inside(|inside| {
        inside.held.retain(|(part, _)| *part == HeldPart::People);
        inside.cursor = 40;
    });
    store.next("/v1/changes", Answer::Refuse(ErrorCode::ResyncRequired));
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert!(
        desk.app
            .list_conversations(desk.account, inbox())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    assert_eq!(
        desk.app.get_draft(desk.account, draft).await.unwrap().body.reveal(),
        "My words"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_this_version_does_not_know_is_skipped() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    store.inside(|inside| {
        inside.changes.push_back(vec![
            MaybeEntity::Unknown {},
            Entity::Message(message(6, 100, PRIYA, "Known")).into(),
        ]);
    });
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let view = desk
        .app
        .open_conversation(
            desk.account,
            OpenConversation {
                id: id(100),
                before: None,
            },
        )
        .await
        .unwrap();
    assert_eq!(view.messages.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn marking_read_shows_at_once_and_is_told_once() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    let conversation = ConversationRef { id: id(100) };
    desk.app.mark_read(desk.account, conversation.clone()).await.unwrap();
    assert_eq!(desk.app.folder_counts(desk.account, ()).await.unwrap().unread, 0);
    desk.app.mark_read(desk.account, conversation.clone()).await.unwrap();
    desk.app.mark_unread(desk.account, conversation.clone()).await.unwrap();
    assert_eq!(desk.app.folder_counts(desk.account, ()).await.unwrap().unread, 1);
    desk.until_so(async || {
        store.inside(|inside| {
            inside
                .commands
                .iter()
                .any(|sent| matches!(sent.command, lac_wire::Command::MarkUnread { .. }))
        })
    })
    .await;
    let reads = store.inside(|inside| {
        inside
            .commands
            .iter()
            .filter(|sent| matches!(sent.command, lac_wire::Command::MarkRead { .. }))
            .count()
    });
    assert!(reads <= 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_finds_each_conversation_once_over_all_pages() {
    let (store, folder) = with_conversation().await;
    let desk = store.desk(folder.path()).await;
    let mut entities = Vec::new();
    for number in 0..30_i64 {
        let conversation_number = 200 + u128::from(number.unsigned_abs() % 9);
        if number < 9 {
            entities.push(Entity::Conversation(conversation(
                conversation_number,
                "Rota",
                None,
                0,
                60,
            )));
        }
        entities.push(Entity::Message(message(
            20 + number,
            conversation_number,
            PRIYA,
            "The minibus is late again today",
        )));
    }
    store.change(entities);
    desk.app.sync_now(desk.account, ()).await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let filter = ConversationFilter {
            folder: None,
            search: Some("minib late".to_owned()),
            pupil_id: None,
            after,
            limit: Some(2),
        };
        let page = desk.app.list_conversations(desk.account, filter).await.unwrap();
        seen.extend(page.rows.iter().map(|row| row.id));
        assert!(page.rows.iter().all(|row| row.excerpt.reveal().contains("minibus")));
        match page.after {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let each: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), each.len()), (9, 9), "{seen:?}");
}
