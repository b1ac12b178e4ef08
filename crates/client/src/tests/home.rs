//! What needs the user today, and finding anything, from what this device holds.

use lac_domain::{NoticeKind, ReminderId, ReminderKind, Role};
use lac_wire::{Conversation, Entity, HeldPart, MaybeEntity, Message, Pupil, PupilFilter, Reminder, SocialWorker};

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::view::*;

fn part(part: HeldPart, entities: Vec<Entity>) -> (HeldPart, Vec<MaybeEntity>) {
    (part, entities.into_iter().map(MaybeEntity::from).collect())
}

fn notice(number: u128, kind: NoticeKind, pupil: u128) -> Conversation {
    Conversation {
        notice: Some(kind),
        ..conversation(
            number,
            "New for you",
            Some(pupil),
            1,
            20 + i64::try_from(number).unwrap(),
        )
    }
}

async fn desk(store: &FakeStore, folder: &std::path::Path, role: Role) -> Desk {
    let nowhere = Pupil {
        enrolments: Vec::new(),
        ..pupil(51, "Mia Stone")
    };
    let settled = Pupil {
        social_worker: Some(SocialWorker {
            user_id: None,
            name: "Nora Quill".into(),
            team: String::new(),
            phone: String::new(),
        }),
        ..pupil(52, "Ben Wood")
    };
    let grown = Pupil {
        looked_after: false,
        ..pupil(53, "Ada Elder")
    };
    let reminder = Reminder {
        id: id::<ReminderId>(70),
        kind: ReminderKind::Own,
        text: "Ring about transport".into(),
        pupil_id: Some(id(50)),
        conversation_id: None,
        establishment_id: None,
        due_at: at(-60),
        repeat: None,
        snoozed_until: None,
        done_at: None,
    };
    let told = Message {
        author_id: None,
        ..message(41, 101, PRIYA, "Tom Reed is new for you.")
    };
    store.inside(|inside| {
        inside.role = Some(role);
        inside.held = vec![
            part(HeldPart::People, vec![Entity::Person(priya())]),
            part(
                HeldPart::Pupils,
                [pupil(50, "Tom Reed"), nowhere, settled, grown]
                    .map(Entity::Pupil)
                    .to_vec(),
            ),
            part(
                HeldPart::Conversations,
                vec![
                    Entity::Conversation(conversation(100, "Transport", Some(50), 1, 40)),
                    Entity::Conversation(Conversation {
                        last_number: 41,
                        ..notice(101, NoticeKind::NewChild, 50)
                    }),
                ],
            ),
            part(
                HeldPart::Messages,
                vec![
                    Entity::Message(message(40, 100, PRIYA, "The taxi was late")),
                    Entity::Message(told),
                ],
            ),
            part(HeldPart::Reminders, vec![Entity::Reminder(reminder)]),
        ];
    });
    store.desk(folder).await
}

#[tokio::test(flavor = "multi_thread")]
async fn home_brings_together_what_needs_a_teacher() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path(), Role::DesignatedTeacher).await;
    store.stop().await;
    let home = desk.app.home(desk.account, ()).await.unwrap();
    assert_eq!((home.unread, home.notices, home.due), (1, 1, 1));
    assert_eq!(home.unread_rows[0].subject.reveal(), "Transport");
    assert_eq!(home.due_rows[0].reminder.text.reveal(), "Ring about transport");
    let new = &home.new_pupils[0];
    assert_eq!(
        (new.known_as.reveal(), new.detail.as_str()),
        ("Tom Reed", "Year 6, Riverside Primary")
    );
    assert_eq!(
        (home.no_school, home.no_social_worker),
        (None, None),
        "that is for LA roles"
    );
    let read = ConversationRef {
        id: new.conversation_id,
    };
    desk.app.mark_read(desk.account, read).await.unwrap();
    assert!(desk.app.home(desk.account, ()).await.unwrap().new_pupils.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn home_counts_for_the_virtual_school_as_its_lists_do() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path(), Role::LaUser).await;
    let home = desk.app.home(desk.account, ()).await.unwrap();
    assert_eq!((home.no_school, home.no_social_worker), (Some(1), Some(2)));
    for (filter, count) in [
        (
            PupilFilter {
                no_school: Some(true),
                looked_after: Some(true),
                ..PupilFilter::default()
            },
            1,
        ),
        (
            PupilFilter {
                no_social_worker: Some(true),
                looked_after: Some(true),
                ..PupilFilter::default()
            },
            2,
        ),
    ] {
        let listed = desk.app.list_pupils(desk.account, filter).await.unwrap();
        assert_eq!(listed.rows.len(), count, "Home leads to exactly those");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn anything_held_is_found_by_the_beginnings_of_words() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path(), Role::DesignatedTeacher).await;
    store.stop().await;
    let find = async |search: &str| {
        let request = FindAnything {
            search: search.to_owned(),
        };
        desk.app.find_anything(desk.account, request).await.unwrap()
    };
    let tom = find("re tom").await;
    assert_eq!(tom.pupils[0].known_as.reveal(), "Tom Reed");
    assert_eq!(find("river").await.pupils.len(), 3, "by the school's name too");
    let priya = find("shah").await;
    assert_eq!((priya.people[0].name.as_str(), priya.pupils.len()), ("Priya Shah", 0));
    assert_eq!(find("taxi").await.conversations[0].subject.reveal(), "Transport");
    for nothing in ["", "  ", "…", "zebra"] {
        assert_eq!(find(nothing).await, FoundAnything::default(), "{nothing:?}");
    }
}
