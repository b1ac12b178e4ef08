use axum::http::Method;
use chrono::TimeDelta;
use futures_util::StreamExt;
use lac_domain::Role;
use lac_wire::{Entity, EntityKind, ErrorCode, HeldPart, Recipient};
use tower::ServiceExt;

use super::audiences::{by_audience, in_range};
use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, TestUser, answer, new_uuid, to};

fn names(entities: &[Entity]) -> Vec<&'static str> {
    entities
        .iter()
        .map(|entity| match entity {
            Entity::Me(_) => "me",
            Entity::Person(_) => "person",
            Entity::Establishment(_) => "establishment",
            Entity::Pupil(_) => "pupil",
            Entity::Conversation(_) => "conversation",
            Entity::Message(_) => "message",
            Entity::Reminder(_) => "reminder",
            Entity::Gone { .. } => "gone",
            Entity::ScopeGranted { .. } => "granted",
            Entity::ScopeRevoked { .. } => "revoked",
            Entity::PeopleChanged {} => "people",
        })
        .collect()
}

/// Opens a user's stream of events, without a socket.
async fn stream(store: &TestStore, user: &TestUser) -> axum::body::BodyDataStream {
    let request = user
        .client
        .request(Method::GET, "/v1/events", Vec::new(), "text/plain", new_uuid());
    let response = store.store.router().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().into_data_stream()
}

/// The next poke; none when the stream ended.
async fn next(stream: &mut axum::body::BodyDataStream) -> Option<String> {
    loop {
        let chunk = stream.next().await?.unwrap();
        let text = String::from_utf8(chunk.to_vec()).unwrap();
        if text.starts_with("event") {
            return Some(text);
        }
    }
}

both_engines! {
    async fn a_pupil_comes_into_view_and_leaves_it(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let cursor = teacher.cursor().await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let _other = store.pupil(TestPupil::at("Ann Vance", hilltop)).await;
        let changes = teacher.changes(cursor).await;
        assert!(changes.contains(&Entity::ScopeGranted { pupil_id: tom }));
        assert!(names(&changes).iter().all(|name| ["granted", "people", "pupil", "conversation", "message"].contains(name)), "{changes:?}");
        let held = teacher.all("/v1/held?part=pupils").await;
        assert!(matches!(held.as_slice(), [Entity::Pupil(pupil)] if pupil.id == tom && pupil.legal_first_name.is_none()));
        let id = teacher.begins(store, Some(tom), vec![Recipient::VirtualSchool], "x").await;
        let cursor = teacher.cursor().await;
        store.end_links(teacher.id, "2026-11-22").await;
        let changes = teacher.changes(cursor.clone()).await;
        assert!(changes.contains(&Entity::ScopeRevoked { pupil_id: tom }));
        store.super_user.command(answer(store, id, "after")).await;
        assert!(!names(&teacher.changes(cursor).await).contains(&"message"), "a participant who may not see the pupil");
        for part in ["pupils", "conversations", "messages"] {
            assert_eq!(teacher.all(&format!("/v1/held?part={part}")).await, [], "{part}");
        }
        assert_eq!(teacher.client.get(&format!("/v1/pupils/{tom}/history")).await.code(), ErrorCode::NotFound);
    }

    async fn the_first_request_of_a_day_works_out_who_sees_whom(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let mut pupil = TestPupil::at("Tom Reed", riverside);
        pupil.born = "2008-11-24".parse().unwrap();
        store.pupil(pupil).await;
        assert_eq!(teacher.all("/v1/held?part=pupils").await.len(), 1);
        // One minute before midnight, in winter London is at UTC; eighteen on the next day.
        store.clock.advance(TimeDelta::hours(15) - TimeDelta::minutes(1));
        assert_eq!(teacher.all("/v1/held?part=pupils").await.len(), 1);
        store.clock.advance(TimeDelta::minutes(1));
        assert_eq!(teacher.all("/v1/held?part=pupils").await.len(), 0);
        assert_eq!(store.super_user.all("/v1/held?part=pupils").await.len(), 1);
        // A clock that goes back gives nothing back: what was ended stays ended until the day comes again.
        store.clock.advance(TimeDelta::days(-1));
        assert_eq!(teacher.all("/v1/held?part=pupils").await.len(), 0);
    }

    async fn a_cursor_of_another_store_or_of_long_ago_is_refused(store: &TestStore) {
        let user = &store.super_user;
        let cursor = user.cursor().await;
        for wrong in ["", "xyz", "AAAA"] {
            assert_eq!(user.client.get(&format!("/v1/changes?cursor={wrong}")).await.code(), ErrorCode::ResyncRequired);
        }
        store.user(Role::LaUser, "Obadiah", "Slope").await;
        assert!(names(&user.changes(cursor.clone()).await).contains(&"person"));
        let fresh = user.cursor().await;
        store.clock.advance(TimeDelta::days(91));
        store.store.prune().await.unwrap_or_else(|error| panic!("{error}"));
        let user = user.on_another_device(store).await;
        assert_eq!(user.client.get(&format!("/v1/changes?cursor={cursor}")).await.code(), ErrorCode::ResyncRequired);
        assert_eq!(user.client.get(&format!("/v1/changes?cursor={fresh}")).await.status, 200);
    }

    async fn a_page_with_nothing_visible_moves_the_cursor_on_and_a_caught_up_one_has_counts(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let cursor = teacher.cursor().await;
        store.super_user.begins(store, None, vec![to(&other)], "not for teachers").await;
        let page: lac_wire::Changes = teacher.client.get(&format!("/v1/changes?cursor={cursor}")).await.json();
        assert_eq!((page.entities.len(), page.more), (0, false));
        assert_ne!(page.cursor, cursor);
        let id = store.super_user.begins(store, None, vec![to(&teacher)], "one").await;
        store.super_user.command(answer(store, id, "two")).await;
        let next: lac_wire::Changes = teacher.client.get(&format!("/v1/changes?cursor={}&limit=1", page.cursor)).await.json();
        assert_eq!((next.entities.len(), next.more, next.counts.len()), (2, true, 0), "a message with its conversation");
        let last: lac_wire::Changes = teacher.client.get(&format!("/v1/changes?cursor={}", next.cursor)).await.json();
        assert_eq!((last.more, last.counts.len(), last.counts[0].count), (false, 1, 2));
    }

    async fn looking_by_range_and_by_audience_gives_the_same(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        store.assign(worker.id, tom, false).await;
        let id = teacher.begins(store, Some(tom), vec![Recipient::VirtualSchool, to(&worker)], "one").await;
        store.super_user.command(answer(store, id, "two")).await;
        store.super_user.begins(store, None, vec![to(&worker)], "three").await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        store.assign(slope.id, tom, true).await;
        let mut conn = store.store.read().await.unwrap();
        for user in [&store.super_user, &teacher, &worker, &slope] {
            let scope = user.scope(store);
            for (from, limit) in [(0, 1000), (0, 3), (4, 5)] {
                let ranged = in_range(&mut conn, scope, from, 1_000_000, limit).await.unwrap();
                assert!(!ranged.is_empty());
                assert_eq!(ranged, by_audience(&mut conn, scope, from, 1_000_000, limit).await.unwrap());
            }
        }
    }

    async fn people_whom_one_may_see_are_the_same_in_lists_and_one_by_one(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let grantly = store.teacher("Theophilus", "Grantly", riverside).await;
        let arabin = store.teacher("Francis", "Arabin", hilltop).await;
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        store.assign(worker.id, tom, true).await;
        store.super_user.begins(store, None, vec![to(&worker), to(&arabin)], "hello").await;
        let everyone = [&store.super_user, &grantly, &arabin, &worker];
        let seen = async |by: &TestUser| {
            let (listed, scope) = (by.people().await, by.scope(store));
            let mut conn = store.store.read().await.unwrap();
            let loaded = crate::sync::people::load_people(&mut conn, scope, everyone.map(|u| u.id)).await.unwrap();
            assert_eq!(listed, loaded.iter().map(|person| person.id).collect::<Vec<_>>());
            assert_eq!(loaded.iter().any(|person| person.email.is_some()), by.role.is_la());
            everyone.iter().filter(|user| listed.contains(&user.id)).map(|user| user.email.split('.').next().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(seen(&store.super_user).await.len(), 4);
        assert_eq!(seen(&grantly).await, ["septimus", "Theophilus", "Mary"], "a shared pupil");
        assert_eq!(seen(&arabin).await, ["septimus", "Francis", "Mary"], "a shared conversation");
        assert_eq!(seen(&worker).await.len(), 4);
    }

    async fn a_poke_reaches_whom_a_change_reaches_and_ends_with_the_session(store: &TestStore) {
        let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let teacher = store.user(Role::DesignatedTeacher, "Theophilus", "Grantly").await;
        let (mut mine, mut theirs) = (stream(store, &other).await, stream(store, &teacher).await);
        assert!(next(&mut mine).await.unwrap().starts_with("event: poke"), "the first comes by itself");
        assert!(next(&mut theirs).await.is_some());
        store.super_user.begins(store, None, vec![to(&other)], "hello").await;
        assert!(next(&mut mine).await.is_some());
        store.make_inactive(other.id).await;
        while next(&mut mine).await.is_some() {}
        store.store.begin_closing();
        // What they were told before is read first; then a store that closes ends its streams.
        while next(&mut theirs).await.is_some() {}
    }

    async fn whom_a_change_reaches(store: &TestStore) {
        let riverside = store.school("Riverside Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", riverside).await;
        let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let connected = [store.super_user.id, teacher.id, other.id, worker.id].into_iter().collect();
        let reached = async |from: i64| store.store.pokes().reached_for_tests(from, &connected).await;
        let now = async || store.store.pokes().newest_for_tests().await;
        let from = now().await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let nobody = || std::collections::HashSet::new();
        assert_eq!(reached(from).await, (false, true, [teacher.id].into_iter().collect(), nobody()));
        let from = now().await;
        store.super_user.begins(store, Some(tom), vec![to(&other)], "hello").await;
        let told = [store.super_user.id, other.id, teacher.id].into_iter().collect();
        assert_eq!(reached(from).await, (false, false, told, nobody()));
        let from = now().await;
        store.super_user.begins(store, None, vec![to(&worker)], "hello").await;
        assert_eq!(reached(from).await, (false, false, [store.super_user.id, worker.id].into_iter().collect(), nobody()));
    }

    async fn what_may_not_be_seen_is_gone_for_people_and_pupils(store: &TestStore) {
        let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let riverside = store.school("Riverside Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let cursor = other.cursor().await;
        store.bar(other.id, tom).await;
        let changes = other.changes(cursor.clone()).await;
        assert!(changes.contains(&Entity::Gone { entity: EntityKind::Pupil, id: tom.0 }), "{changes:?}");
        assert!(names(&store.super_user.changes(cursor).await).contains(&"pupil"));
    }
}

#[test]
fn parts_of_the_held_set_are_spelt_as_the_contract_says() {
    assert_eq!(serde_json::to_string(&HeldPart::People).unwrap(), "\"people\"");
}
