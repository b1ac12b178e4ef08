//! The focus list of LA roles: the histories of pupils assigned to them are theirs to hold, and kept up to date.

use chrono::TimeDelta;
use lac_domain::{PupilId, Role};
use lac_wire::{
    Assignment, AssignmentsChanged, ChangeAssignments, ChangeBar, ChangeRestriction, Command, Entity, EntityKind,
    ErrorCode, NewAssignment, Page, Recipient,
};

use crate::test_support::{TestPupil, TestStore, TestUser, answer, conversation, to};
use crate::{both, both_engines};

/// Assigns a pupil to a user from a day on, as the page does.
async fn assign(store: &TestStore, user: &TestUser, pupil: PupilId, start: Option<&str>) {
    let new = NewAssignment {
        user_id: user.id,
        pupil_id: pupil,
        start: start.map(|day| day.parse().unwrap()),
        end: None,
        reads_all: None,
    };
    let asked = ChangeAssignments {
        add: vec![new],
        ..ChangeAssignments::default()
    };
    let done: AssignmentsChanged = store.super_user.client.post("/v1/assignments", &asked).await.json();
    assert_eq!(done.added, 1);
}

async fn take_away_all(store: &TestStore, user: &TestUser) {
    let path = format!("/v1/users/{}/assignments", user.id);
    let page: Page<Assignment> = store.super_user.client.get(&path).await.json();
    let asked = ChangeAssignments {
        remove: page.rows.iter().map(|one| one.id).collect(),
        ..ChangeAssignments::default()
    };
    let done: AssignmentsChanged = store.super_user.client.post("/v1/assignments", &asked).await.json();
    assert_eq!(usize::try_from(done.removed).unwrap(), page.rows.len());
}

/// The bodies of the held set, sorted: conversations come in no order that tells.
/// The body of a message that a person wrote: notices are told of elsewhere.
fn written(entity: &Entity) -> Option<String> {
    match entity {
        Entity::Message(message) if message.author_id.is_some() => Some(message.body.reveal().to_owned()),
        _ => None,
    }
}

async fn words_of(user: &TestUser, path: &str) -> Vec<String> {
    user.all(path).await.iter().filter_map(written).collect()
}

async fn held(user: &TestUser) -> Vec<String> {
    let mut bodies = words_of(user, "/v1/held?part=messages").await;
    bodies.sort();
    bodies
}

/// The bodies among changes, and what they say of a pupil: whether they are on the reader's focus list.
fn told(changes: &[Entity], pupil: PupilId) -> (Vec<String>, Option<bool>) {
    let mine = changes.iter().rev().find_map(|entity| match entity {
        Entity::Pupil(row) if row.id == pupil => Some(row.mine),
        _ => None,
    });
    (changes.iter().filter_map(written).collect(), mine)
}

both_engines! {
    async fn the_histories_of_the_focus_list_are_held_and_no_others(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let ann = store.pupil(TestPupil::at("Ann Vance", riverside)).await;
        store.assign(worker.id, tom, true).await;
        store.assign(worker.id, ann, true).await;
        let about_tom = teacher.begins(store, Some(tom), vec![to(&worker)], "about Tom").await;
        let about_ann = teacher.begins(store, Some(ann), vec![to(&worker)], "about Ann").await;
        assert_eq!(held(&slope).await, [""; 0]);

        let cursor = slope.cursor().await;
        assign(store, &slope, tom, None).await;
        assert_eq!(told(&slope.changes(cursor).await, tom), (vec![], Some(true)));
        assert_eq!(held(&slope).await, ["about Tom"]);
        let given = slope.all("/v1/held?part=conversations").await;
        let written = given.iter().filter(|one| matches!(one, Entity::Conversation(one) if one.notice.is_none()));
        assert_eq!(written.count(), 1);
        // What is written from now on comes by itself, confidential or not; what is about others does not.
        let cursor = slope.cursor().await;
        worker.command(answer(store, about_tom, "more about Tom")).await;
        worker.command(answer(store, about_ann, "more about Ann")).await;
        for (pupil, text) in [(tom, "between us"), (ann, "between others")] {
            let mut command = conversation(store, Some(pupil), vec![to(&worker)], text);
            if let Command::StartConversation { confidential, .. } = &mut command {
                *confidential = true;
            }
            assert_eq!(teacher.command(command).await.status, 200);
        }
        let (bodies, _) = told(&slope.changes(cursor.clone()).await, tom);
        assert_eq!(bodies, ["more about Tom", "between us"]);
        let (bodies, _) = told(&store.super_user.changes(cursor).await, tom);
        assert_eq!(bodies, [""; 0], "who has nobody on the list is sent nothing");
        assert_eq!(held(&slope).await, ["about Tom", "between us", "more about Tom"]);
        // Any other history is there for who opens it.
        assert_eq!(words_of(&slope, &format!("/v1/pupils/{ann}/history")).await.len(), 3);

        let cursor = slope.cursor().await;
        take_away_all(store, &slope).await;
        assert_eq!(told(&slope.changes(cursor.clone()).await, tom), (vec![], Some(false)));
        worker.command(answer(store, about_tom, "for others")).await;
        assert_eq!(told(&slope.changes(cursor).await, tom).0, [""; 0]);
        assert_eq!(held(&slope).await, [""; 0]);
    }

    async fn a_fetch_is_noted_once_however_many_pages_it_has(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        for number in 0..4 {
            teacher.begins(store, Some(tom), vec![Recipient::VirtualSchool], &format!("number {number}")).await;
        }
        assign(store, &slope, tom, None).await;
        assert_eq!(words_of(&slope, &format!("/v1/pupils/{tom}/history?limit=1")).await.len(), 4);
        let sql = "SELECT COUNT(*) FROM audit_events WHERE action = 'history.fetched' AND object_id = $1 AND actor = $2";
        let mut conn = store.store.read().await.unwrap();
        let noted: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).bind(tom).bind(slope.id).fetch_one(c).await).unwrap();
        assert_eq!(noted, 1);
    }

    async fn a_focus_list_shows_nobody_whom_a_bar_or_a_restriction_hides(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        teacher.begins(store, Some(tom), vec![Recipient::VirtualSchool], "about Tom").await;
        assign(store, &slope, tom, None).await;
        assert_eq!(held(&slope).await, ["about Tom"]);
        let super_user = &store.super_user;
        let bars = format!("/v1/pupils/{tom}/bars");
        let restriction = format!("/v1/pupils/{tom}/restriction");
        for hidden in ["barred", "restricted"] {
            let set = async |on: bool| {
                let reply = if hidden == "barred" {
                    super_user.client.post(&bars, &ChangeBar { user_id: slope.id, barred: on }).await
                } else {
                    let named = if on { vec![super_user.id, teacher.id] } else { vec![] };
                    super_user.client.put(&restriction, &ChangeRestriction { restricted: on, named }).await
                };
                assert!(reply.status.is_success(), "{hidden}: {}", reply.status);
            };
            let cursor = slope.cursor().await;
            set(true).await;
            let changes = slope.changes(cursor).await;
            assert!(changes.contains(&Entity::Gone { entity: EntityKind::Pupil, id: tom.0 }), "{hidden}: {changes:?}");
            assert_eq!(held(&slope).await, [""; 0], "{hidden}");
            assert_eq!(slope.client.get(&format!("/v1/pupils/{tom}/history")).await.code(), ErrorCode::NotFound);
            let cursor = slope.cursor().await;
            super_user.begins(store, Some(tom), vec![to(&teacher)], "hidden").await;
            assert_eq!(told(&slope.changes(cursor.clone()).await, tom), (vec![], None), "{hidden}");
            set(false).await;
            assert_eq!(told(&slope.changes(cursor).await, tom).1, Some(true), "{hidden}: the list is as it was");
            assert!(held(&slope).await.contains(&"hidden".to_owned()), "{hidden}");
        }
    }

    async fn a_focus_list_turns_with_the_day(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        teacher.begins(store, Some(tom), vec![to(&store.super_user)], "about Tom").await;
        let cursor = slope.cursor().await;
        assign(store, &slope, tom, Some("2026-11-24")).await;
        assert_eq!(told(&slope.changes(cursor).await, tom), (vec![], Some(false)));
        assert_eq!(held(&slope).await, [""; 0]);
        let cursor = slope.cursor().await;
        store.clock.advance(TimeDelta::days(1));
        assert_eq!(told(&slope.changes(cursor).await, tom), (vec![], Some(true)));
        assert_eq!(held(&slope).await, ["about Tom"]);
    }

    async fn a_poke_reaches_those_who_have_the_pupil_on_their_list(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        store.assign(worker.id, tom, true).await;
        assign(store, &slope, tom, None).await;
        let connected = [teacher.id, worker.id, slope.id].into_iter().collect();
        let from = store.store.pokes().newest_for_tests().await;
        teacher.begins(store, Some(tom), vec![to(&worker)], "about Tom").await;
        let (everyone, la_roles, users, focus) = store.store.pokes().reached_for_tests(from, &connected).await;
        assert_eq!((everyone, la_roles), (false, false));
        assert_eq!(users, [teacher.id, worker.id].into_iter().collect());
        assert!(focus.contains(&slope.id) && !focus.contains(&teacher.id));
    }
}
