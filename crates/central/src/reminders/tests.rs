use chrono::{NaiveDate, TimeDelta};
use lac_domain::calendar::Term;
use lac_domain::{ReminderId, ReminderKind, Repeat, Role, TermName, Timestamp};
use lac_wire::{Command, CommandReply, Entity, EntityKind, ErrorCode, Me, NewReminder, Reminder, TermDates};

use crate::both_engines;
use crate::test_support::{TestPupil, TestUser, new_uuid, to};

async fn held(user: &TestUser) -> Vec<Reminder> {
    user.all("/v1/held?part=reminders")
        .await
        .into_iter()
        .map(|entity| match entity {
            Entity::Reminder(reminder) => reminder,
            other => panic!("{other:?}"),
        })
        .collect()
}

async fn kinds(user: &TestUser) -> Vec<ReminderKind> {
    let mut kinds: Vec<ReminderKind> = held(user).await.iter().map(|one| one.kind).collect();
    kinds.sort();
    kinds
}

fn at(text: &str) -> Timestamp {
    Timestamp::from_london(text.parse().unwrap())
}

fn reminder(text: &str) -> NewReminder {
    NewReminder {
        id: ReminderId(new_uuid()),
        text: text.into(),
        pupil_id: None,
        conversation_id: None,
        due_at: at("2026-11-27T09:00:00"),
        repeat: None,
    }
}

async fn save(user: &TestUser, reminder: NewReminder) -> Reminder {
    let reply: CommandReply = user.command(Command::SaveReminder { reminder }).await.json();
    reply.reminder.unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn term(name: TermName, first: &str, last: &str) -> Term {
    Term {
        name,
        first: day(first),
        last: day(last),
        half_term_first: None,
        half_term_last: None,
    }
}

fn terms() -> TermDates {
    TermDates {
        terms: vec![
            term(TermName::Autumn, "2026-09-02", "2026-12-18"),
            term(TermName::Spring, "2027-01-05", "2027-03-25"),
            term(TermName::Summer, "2027-04-12", "2027-07-21"),
        ],
        unread_after_days: 3,
    }
}

both_engines! {
    async fn one_s_own_is_in_step_across_devices(store: &TestStore) {
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let laptop = priya.on_another_device(store).await;
        let cursor = laptop.cursor().await;
        let saved = save(&priya, reminder("Ring the school")).await;
        assert_eq!(laptop.changes(cursor.clone()).await, [Entity::Reminder(saved.clone())]);
        // Done on one, done on the other; again changes nothing.
        let done = Command::FinishReminder { id: saved.id, due_at: saved.due_at, next_due: None };
        let reply: CommandReply = laptop.command(done.clone()).await.json();
        assert_eq!(reply.reminder.unwrap().done_at, Some(store.store.now()));
        assert!(held(&priya).await[0].done_at.is_some());
        // Nobody else's.
        assert_eq!(held(&store.super_user).await, []);
        assert_eq!(store.super_user.command(done).await.code(), ErrorCode::NotFound);
        let stolen = NewReminder { id: saved.id, ..reminder("Mine now") };
        assert_eq!(store.super_user.command(Command::SaveReminder { reminder: stolen }).await.code(), ErrorCode::NotFound);
        let empty = reminder("  ");
        assert_eq!(priya.command(Command::SaveReminder { reminder: empty }).await.error().field.as_deref(), Some("text"));
    }

    async fn a_time_that_two_devices_are_done_with_is_done_once(store: &TestStore) {
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        let weekly = NewReminder { repeat: Some(Repeat::Weekly), ..reminder("Look at attendance") };
        let saved = save(&priya, weekly).await;
        let next = at("2026-12-04T09:00:00");
        for _ in 0..2 {
            let done = Command::FinishReminder { id: saved.id, due_at: saved.due_at, next_due: Some(next) };
            let reply: CommandReply = priya.command(done).await.json();
            let now = reply.reminder.unwrap();
            assert_eq!((now.due_at, now.done_at), (next, None));
        }
        let until = at("2026-12-04T10:00:00");
        let reply: CommandReply = priya.command(Command::SnoozeReminder { id: saved.id, until }).await.json();
        let snoozed = reply.reminder.unwrap();
        assert_eq!((snoozed.due_at, snoozed.effective()), (next, until));
    }

    async fn a_reminder_about_a_pupil_goes_with_sight_and_comes_back(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let stranger = store.pupil(TestPupil::at("Ann Vance", store.school("Hilltop").await)).await;
        let unseen = NewReminder { pupil_id: Some(stranger), ..reminder("Who is that?") };
        assert_eq!(teacher.command(Command::SaveReminder { reminder: unseen }).await.code(), ErrorCode::NotFound);
        let saved = save(&teacher, NewReminder { pupil_id: Some(tom), ..reminder("Books for Tom") }).await;
        store.bar(teacher.id, tom).await;
        assert_eq!(held(&teacher).await, []);
        // Written offline before the bar was known: it is kept, out of sight.
        let late = NewReminder { pupil_id: Some(tom), ..reminder("More books for Tom") };
        let reply: CommandReply = teacher.command(Command::SaveReminder { reminder: late }).await.json();
        assert_eq!(reply.reminder, None);
        let done = Command::FinishReminder { id: saved.id, due_at: saved.due_at, next_due: None };
        assert_eq!(teacher.command(done).await.code(), ErrorCode::NotFound);
    }

    async fn school_terms_are_set_by_super_users_and_remind_everyone(store: &TestStore) {
        let teacher = store.user(Role::DesignatedTeacher, "Theophilus", "Grantly").await;
        assert_eq!(teacher.client.put("/v1/authority/terms", &terms()).await.code(), ErrorCode::Forbidden);
        let half = TermDates { terms: terms().terms[..2].to_vec(), ..terms() };
        let error = store.super_user.client.put("/v1/authority/terms", &half).await.error();
        assert_eq!(error.field.as_deref(), Some("terms"));
        let me: Me = store.super_user.client.put("/v1/authority/terms", &terms()).await.json();
        assert_eq!(me.authority.term_dates, terms());
        assert_eq!(kinds(&teacher).await, [], "the last day of term is more than two weeks away");
        // The computer slept over several midnights.
        store.clock.set(at("2026-12-17T10:00:00"));
        let (teacher, head) = (teacher.on_another_device(store).await, store.super_user.on_another_device(store).await);
        store.store.remind().await.unwrap();
        let held_now = held(&teacher).await;
        let texts: Vec<&str> = held_now.iter().filter(|one| one.kind == ReminderKind::Term).map(|one| one.text.reveal()).collect();
        assert_eq!(texts, ["Last day of the autumn term"]);
        let last = held_now.into_iter().find(|one| one.kind == ReminderKind::Term).unwrap();
        assert_eq!(last.due_at, at("2026-12-18T08:00:00"));
        // What one is done with, the other is not.
        let done = Command::FinishReminder { id: last.id, due_at: last.due_at, next_due: None };
        let _: CommandReply = teacher.command(done).await.json();
        let of = async |user: &TestUser| held(user).await.into_iter().find(|one| one.id == last.id).unwrap().done_at.is_some();
        assert!(of(&teacher).await && !of(&head).await);
        // The term is moved: the reminder moves along, and is no second one.
        let mut later = terms();
        later.terms[0].last = day("2026-12-21");
        let _: Me = head.client.put("/v1/authority/terms", &later).await.json();
        let found: Vec<Reminder> = held(&head).await.into_iter().filter(|one| one.kind == ReminderKind::Term).collect();
        assert_eq!(found.iter().filter(|one| one.text.reveal().starts_with("Last day")).count(), 1);
        assert_eq!(found.iter().find(|one| one.id == last.id).unwrap().due_at, at("2026-12-21T08:00:00"));
        // Long after, it is gone.
        store.clock.set(at("2027-02-01T10:00:00"));
        let head = head.on_another_device(store).await;
        store.store.remind().await.unwrap();
        assert!(!held(&head).await.iter().any(|one| one.id == last.id));
    }

    async fn the_store_reminds_once_and_stops_when_the_cause_is_gone(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let la = &store.super_user;
        let teacher = store.user(Role::DesignatedTeacher, "Theophilus", "Grantly").await;
        store.invited(Role::SocialWorker, "Eleanor", "Bold").await;
        store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        for _ in 0..2 {
            store.store.remind_now().await.unwrap();
            assert_eq!(kinds(la).await, [ReminderKind::NotLinked, ReminderKind::NobodyToRead]);
        }
        assert_eq!(kinds(&teacher).await, [], "they are for the Virtual School");
        let nobody = held(la).await.into_iter().find(|one| one.kind == ReminderKind::NobodyToRead).unwrap();
        assert_eq!(nobody.establishment_id, Some(riverside));
        assert!(nobody.text.reveal().starts_with("Riverside Primary has a looked-after pupil"));
        let done = Command::FinishReminder { id: nobody.id, due_at: nobody.due_at, next_due: None };
        assert_eq!(la.command(done).await.code(), ErrorCode::FieldInvalid, "it goes by itself");
        // A week later the invitation is old; by the ordinary round, which a new day makes due.
        store.clock.advance(TimeDelta::days(8));
        store.store.remind().await.unwrap();
        assert_eq!(kinds(la).await, [ReminderKind::InvitationsWaiting, ReminderKind::NotLinked, ReminderKind::NobodyToRead]);
        let cursor = la.cursor().await;
        store.link(teacher.id, riverside, "2026-09-01", None).await;
        store.clock.advance(TimeDelta::hours(2));
        store.store.remind().await.unwrap();
        assert_eq!(kinds(la).await, [ReminderKind::InvitationsWaiting]);
        let gone = la.changes(cursor).await.into_iter().filter(|entity| matches!(entity, Entity::Gone { entity: EntityKind::Reminder, .. })).count();
        assert_eq!(gone, 2, "devices learn it");
    }

    async fn a_restricted_or_barred_child_is_counted_for_nobody(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        // One who left long ago tells of nobody who is there.
        let mut left = TestPupil::at("Una Slope", riverside);
        left.in_care_from = None;
        store.pupil(left).await;
        store.store.remind_now().await.unwrap();
        assert_eq!(kinds(&store.super_user).await, [ReminderKind::NobodyToRead]);
        store.bar(store.super_user.id, tom).await;
        assert_eq!(kinds(&store.super_user).await, []);
    }

    async fn a_message_that_was_not_read_for_some_school_days(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let priya = store.user(Role::LaUser, "Priya", "Shah").await;
        // Monday 23 November. Whole school days: Tuesday to Thursday.
        let id = priya.begins(store, None, vec![to(&teacher)], "Please answer").await;
        store.clock.set(at("2026-11-26T18:00:00"));
        store.store.remind_now().await.unwrap();
        assert_eq!(kinds(&priya).await, []);
        store.clock.set(at("2026-11-27T08:00:00"));
        store.store.remind_now().await.unwrap();
        let found = held(&priya).await;
        assert_eq!((found.len(), found[0].kind, found[0].conversation_id), (1, ReminderKind::MessageUnread, Some(id)));
        assert_eq!(found[0].text.reveal(), "1 person has not read what you wrote more than 3 school days ago.");
        let read = Command::MarkRead { conversation_id: id, up_to: i64::MAX };
        let _: CommandReply = teacher.command(read).await.json();
        store.store.remind_now().await.unwrap();
        assert_eq!(kinds(&priya).await, []);
    }
}
