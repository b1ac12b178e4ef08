use chrono::TimeDelta;
use lac_domain::{EmailFrequency, NoticeKind, PupilId, Role, UserId};
use lac_wire::{
    AddPupil, CareChange, CarePeriodEntry, ChangeCare, ChangeRestriction, Command, Conversation, EnrolmentEntry,
    Entity, ErrorCode, Me, NotificationChoices, Pupil,
};

use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, TestUser, message, to};

/// The notices that a user may read, with what they say, the oldest first.
async fn notices(user: &TestUser) -> Vec<(NoticeKind, String)> {
    let held = user.all("/v1/held?part=conversations").await;
    let mut found: Vec<Conversation> = held
        .into_iter()
        .filter_map(|entity| match entity {
            Entity::Conversation(conversation) if conversation.notice.is_some() => Some(conversation),
            _ => None,
        })
        .collect();
    found.sort_by_key(|conversation| conversation.last_number);
    found
        .into_iter()
        .map(|one| (one.notice.unwrap(), one.subject.reveal().to_owned()))
        .collect()
}

fn kinds(notices: &[(NoticeKind, String)]) -> Vec<NoticeKind> {
    notices.iter().map(|(kind, _)| *kind).collect()
}

/// A pupil as the form for adding one holds them.
fn new_pupil(name: &str, store: &TestStore) -> AddPupil {
    let (first, last) = name.split_once(' ').unwrap();
    let today = store.store.today();
    serde_json::from_value(serde_json::json!({
        "legal_first_name": first, "legal_last_name": last, "known_as": name, "born": "2014-05-04", "upn": null,
        "reference": null, "enrolments": [], "care_periods": [{ "start": today, "end": null }],
    }))
    .unwrap()
}

async fn add(store: &TestStore, by: &TestUser, name: &str) -> PupilId {
    let pupil: Pupil = by.client.post("/v1/pupils", &new_pupil(name, store)).await.json();
    pupil.id
}

async fn choose(user: &TestUser, choices: &NotificationChoices) -> Me {
    user.client.put("/v1/me/notifications", choices).await.json()
}

both_engines! {
    async fn a_child_new_to_care_is_told_to_those_who_see_them_and_want_it(store: &TestStore) {
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let unwilling = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let unwanted = vec![NoticeKind::NewToCare];
        let me = choose(&unwilling, &NotificationChoices { email: EmailFrequency::AtOnce, unwanted: unwanted.clone() }).await;
        assert_eq!(me.notifications.unwanted, unwanted);
        let cursor = priya.cursor().await;
        add(store, &store.super_user, "Tom Reed").await;
        let told = notices(&priya).await;
        assert_eq!(told, [(NoticeKind::NewToCare, "New to care: Tom Reed".to_owned())]);
        // It comes by the changes as any message does, and its author is nobody.
        let changes = priya.changes(cursor).await;
        let message = changes.iter().find_map(|entity| match entity { Entity::Message(message) => Some(message), _ => None });
        assert_eq!(message.unwrap().author_id, None);
        assert_eq!(notices(&unwilling).await, []);
        assert_eq!(notices(&store.super_user).await, [], "who did it knows");
    }

    async fn a_notice_is_its_reader_s_alone_and_nobody_answers_it(store: &TestStore) {
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let tom = add(store, &store.super_user, "Tom Reed").await;
        let held = priya.all("/v1/held?part=conversations").await;
        let Some(Entity::Conversation(notice)) = held.first() else { panic!("{held:?}") };
        assert_eq!((notice.pupil_id, notice.participants.len()), (Some(tom), 1));
        // Another of the Virtual School sees the pupil, and no notice of anyone else's.
        let path = format!("/v1/conversations/{}", notice.id);
        assert_eq!(store.super_user.client.get(&path).await.code(), ErrorCode::NotFound);
        let history = store.super_user.all(&format!("/v1/pupils/{tom}/history")).await;
        assert!(!history.iter().any(|entity| matches!(entity, Entity::Conversation(_))), "{history:?}");
        let answer = Command::SendMessage { conversation_id: notice.id, message: message(store, "Thank you") };
        assert_eq!(priya.command(answer).await.code(), ErrorCode::RecipientNotAllowed);
        // Read like a message.
        let read = Command::MarkRead { conversation_id: notice.id, up_to: notice.last_number };
        let reply: lac_wire::CommandReply = priya.command(read).await.json();
        assert_eq!(reply.conversation.unwrap().participants[0].read_up_to, notice.last_number);
    }

    async fn a_child_who_comes_into_view_is_told_once_and_goes_with_sight(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let worker = store.user(Role::SocialWorker, "Eleanor", "Bold").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        store.assign(worker.id, tom, false).await;
        assert_eq!(notices(&teacher).await, [(NoticeKind::NewChild, "New for you: Tom Reed".to_owned())]);
        assert_eq!(kinds(&notices(&worker).await), [NoticeKind::NewChild]);
        // A bar takes it away with everything else about the pupil.
        store.bar(teacher.id, tom).await;
        assert_eq!(notices(&teacher).await, []);
        // A restricted pupil has no notice for anyone whom it does not name.
        let restrict = ChangeRestriction { restricted: true, named: vec![store.super_user.id] };
        let reply = store.super_user.client.put(&format!("/v1/pupils/{tom}/restriction"), &restrict).await;
        assert_eq!(reply.status, 204);
        assert_eq!(notices(&worker).await, []);
        let change = ChangeCare {
            revision: None,
            change: CareChange::Add {
                entry: CarePeriodEntry { start: "2024-01-10".parse().unwrap(), end: Some("2024-02-10".parse().unwrap()), end_reason: None },
                held_from_schools_until: None,
            },
        };
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let path = format!("/v1/pupils/{tom}/care-periods");
        assert!(store.super_user.client.post(&path, &change).await.status.is_success());
        assert_eq!(notices(&priya).await, [], "neither a restricted pupil nor what was long ago is news");
    }

    async fn many_children_at_once_make_one_notice_that_names_none(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        for name in ["Ann Vance", "Bo Fox", "Cy May", "Di Orr", "Ed Pike", "Flo Quick"] {
            store.pupil(TestPupil::at(name, riverside)).await;
        }
        let teacher = store.user(Role::DesignatedTeacher, "Theophilus", "Grantly").await;
        store.link(teacher.id, riverside, "2026-09-01", None).await;
        assert_eq!(notices(&teacher).await, [(NoticeKind::NewChild, "6 children are new for you".to_owned())]);
        let bodies = teacher.bodies("/v1/held?part=messages").await;
        assert!(bodies.iter().all(|body| !body.contains("Vance")), "{bodies:?}");
    }

    async fn the_end_of_access_is_told_in_time_and_once_with_no_reason(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        // Today is 23 November.
        store.end_links(teacher.id, "2026-12-14").await;
        assert_eq!(kinds(&notices(&teacher).await), [NoticeKind::NewChild], "that is far off");
        store.clock.advance(TimeDelta::days(8));
        store.store.ensure_access_is_of_today().await.unwrap();
        let told = notices(&teacher).await;
        assert_eq!(told[1], (NoticeKind::AccessEnds, "Your access to Tom Reed ends on 14 December 2026".to_owned()));
        store.clock.advance(TimeDelta::days(1));
        store.store.ensure_access_is_of_today().await.unwrap();
        assert_eq!(notices(&teacher).await.len(), 2, "once");
        // Another day is told again.
        store.end_links(teacher.id, "2026-12-11").await;
        assert_eq!(kinds(&notices(&teacher).await), [NoticeKind::NewChild, NoticeKind::AccessEnds, NoticeKind::AccessEnds]);
    }

    async fn a_move_of_school_names_no_school(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let old = store.teacher("Theophilus", "Grantly", riverside).await;
        let new = store.teacher("Eleanor", "Bold", hilltop).await;
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let tom = store.pupil(TestPupil {
            enrolments: vec![(riverside, "2024-09-03".parse().unwrap(), Some("2026-12-18".parse().unwrap()))],
            ..TestPupil::at("Tom Reed", riverside)
        }).await;
        let entry = EnrolmentEntry {
            establishment_id: hilltop,
            kind: lac_domain::EnrolmentKind::Main,
            start: "2027-01-05".parse().unwrap(),
            end: None,
            visible_from: Some(store.store.today()),
        };
        let change = serde_json::json!({ "revision": null, "change": { "kind": "add", "entry": entry } });
        let reply = store.super_user.client.post(&format!("/v1/pupils/{tom}/enrolments"), &change).await;
        assert!(reply.status.is_success(), "{}", String::from_utf8_lossy(&reply.body));
        assert_eq!(kinds(&notices(&priya).await), [NoticeKind::SchoolMove]);
        assert_eq!(kinds(&notices(&old).await), [NoticeKind::NewChild, NoticeKind::SchoolMove]);
        assert_eq!(kinds(&notices(&new).await), [NoticeKind::NewChild], "who comes to see the child is told that alone");
        let bodies = old.bodies("/v1/held?part=messages").await;
        assert!(bodies.iter().all(|body| !body.contains("Hilltop")), "{bodies:?}");
    }

    async fn only_la_roles_choose_which(store: &TestStore) {
        let teacher = store.user(Role::DesignatedTeacher, "Theophilus", "Grantly").await;
        let choices = NotificationChoices { email: EmailFrequency::Weekly, unwanted: vec![NoticeKind::NewChild] };
        let error = teacher.client.put("/v1/me/notifications", &choices).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some("unwanted")));
        let weekly = NotificationChoices { unwanted: Vec::new(), ..choices };
        assert_eq!(choose(&teacher, &weekly).await.notifications, weekly);
    }

    async fn mails_wait_for_when_their_reader_wants_them(store: &TestStore) {
        let users: Vec<TestUser> = [
            store.user(Role::LaUser, "Priya", "Shah").await,
            store.user(Role::LaUser, "Obadiah", "Slope").await,
            store.user(Role::LaUser, "Eleanor", "Bold").await,
            store.user(Role::LaUser, "Theophilus", "Grantly").await,
        ].into();
        for (user, email) in users.iter().zip(EmailFrequency::ALL) {
            choose(user, &NotificationChoices { email: *email, unwanted: Vec::new() }).await;
        }
        let news = async || {
            let mut mails = store.mails().await;
            mails.retain(|mail| mail.contains(" unread"));
            mails
        };
        let everyone = users.iter().map(to).collect();
        store.super_user.begins(store, None, everyone, "The minutes").await;
        add(store, &store.super_user, "Tom Reed").await;
        // Monday, nine o'clock: one at once, then at ten, on Tuesday morning, and next Monday.
        for (hours, count) in [(0, 1), (1, 2), (22, 2), (23, 3), (24 * 6, 3), (24 * 7, 4), (24 * 8, 4)] {
            let now = serde_json::from_value(crate::test_support::BEGINNING.into()).unwrap();
            store.clock.set(lac_domain::Timestamp::plus(now, TimeDelta::hours(hours)));
            let mails = news().await;
            assert_eq!(mails.len(), count, "after {hours} hours");
            assert!(mails.iter().all(|mail| !mail.contains("Tom") && !mail.contains("minutes")), "{mails:?}");
        }
        let mails = news().await;
        assert!(mails.iter().all(|mail| mail.contains("2 are unread")), "{mails:?}");
    }

    async fn a_mail_whose_news_was_read_is_not_sent(store: &TestStore) {
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        choose(&priya, &NotificationChoices { email: EmailFrequency::Daily, unwanted: Vec::new() }).await;
        let before = store.mails().await.len();
        let id = store.super_user.begins(store, None, vec![to(&priya)], "The minutes").await;
        let read = Command::MarkRead { conversation_id: id, up_to: i64::MAX };
        let _: lac_wire::CommandReply = priya.command(read).await.json();
        store.clock.advance(TimeDelta::days(2));
        assert_eq!(store.mails().await.len(), before);
    }
}

#[tokio::test]
async fn many_notices_are_a_few_statements() {
    let store = TestStore::make(crate::storage::Engine::Sqlite).await;
    let riverside = store.school("Riverside Primary").await;
    let mut users: Vec<UserId> = Vec::new();
    for nth in 0..12 {
        users.push(
            store
                .teacher("Theophilus", &format!("Grantly{nth}"), riverside)
                .await
                .id,
        );
    }
    let counted = async |name: &str| {
        let before = crate::storage::statements();
        store.pupil(TestPupil::at(name, riverside)).await;
        crate::storage::statements() - before
    };
    // Afterwards a mail waits for everyone, and none is queued again.
    counted("Bo Fox").await;
    let twelve = counted("Tom Reed").await;
    for user in &users[1..] {
        store.end_links(*user, "2026-01-01").await;
    }
    let one = counted("Ann Vance").await;
    assert_eq!(twelve, one, "no statement per user");
    store.store.close().await;
}
