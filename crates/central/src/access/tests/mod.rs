//! Random histories: after every step `pupil_access` holds what the rule says when it is asked for everyone.

mod days;
mod events;
mod size;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use lac_domain::access::{UserFacts, entitlement};
use lac_domain::calendar::SchoolCalendar;
use lac_domain::{PupilId, Role, UserId, UserStatus};
use proptest::test_runner::{Config, TestRunner};
use sqlx::AssertSqlSafe;

use self::events::{Event, Happens, World, events};
use super::facts::{self, Which};
use crate::both;
use crate::scope::{Scope, user_sees_pupil};
use crate::storage::Engine;
use crate::test_support::{TestPupil, TestStore, cases, wipe};

/// Asks the rule for every user and every pupil, and compares.
async fn check(store: &TestStore, world: &World) {
    let mut conn = store.store.read().await.unwrap();
    let today = store.store.today();
    let mut users = facts::users(&mut conn, &Which::All).await.unwrap();
    let sql = "SELECT id, role, status FROM users WHERE role IN ('la_user', 'la_super_user')";
    let la: Vec<(UserId, String, String)> = both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap();
    users.extend(la.into_iter().map(|(id, role, status)| UserFacts {
        id,
        role: Role::parse(&role).unwrap(),
        status: UserStatus::parse(&status).unwrap(),
        links: vec![],
        assignments: vec![],
    }));
    let pupils = facts::pupils(&mut conn, &Which::All).await.unwrap();
    assert_eq!((users.len(), pupils.len()), (world.users.len() + 1, world.pupils.len()));
    let stored: BTreeSet<(UserId, PupilId, bool)> = facts::access_of_users(&mut conn, &Which::All)
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.user_id, row.pupil_id, row.reads_all))
        .collect();
    let sql = format!(
        "SELECT u.id, p.id FROM users u CROSS JOIN pupils p WHERE {}",
        user_sees_pupil("u", "p.id")
    );
    let pairs: Vec<(UserId, PupilId)> =
        both!(&mut conn, c => sqlx::query_as(AssertSqlSafe(sql)).fetch_all(c).await).unwrap();
    let mut expected = BTreeSet::new();
    for user in &users {
        let scope = Scope {
            user: user.id,
            role: user.role,
            today,
        };
        let sql = format!("SELECT p.id FROM pupils p WHERE {}", scope.sees_pupil("p.id"));
        let seen: Vec<PupilId> =
            both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(user.id).fetch_all(c).await).unwrap();
        for pupil in &pupils {
            let entitled = entitlement(user, pupil, today, &SchoolCalendar::default());
            if let Some(entitled) = entitled.filter(|_| !user.role.is_la()) {
                expected.insert((user.id, pupil.id, entitled.reads_all));
            }
            // Who is inactive asks nothing: the session is refused before any rule is.
            if user.status != UserStatus::Inactive {
                assert_eq!(seen.contains(&pupil.id), entitled.is_some(), "{user:?} {pupil:?}");
                assert_eq!(
                    pairs.contains(&(user.id, pupil.id)),
                    entitled.is_some(),
                    "{user:?} {pupil:?}"
                );
            }
        }
    }
    assert_eq!(stored, expected);
}

async fn new_day(store: &TestStore) {
    let done = store.store.ensure_access_is_of_today().await;
    done.unwrap_or_else(|error| panic!("{error}"));
}

async fn history(store: &TestStore, events: Vec<Event>) {
    wipe(store).await;
    let mut world = World {
        users: vec![],
        pupils: vec![],
        schools: vec![],
        first: store.store.today(),
    };
    for name in ["Riverside", "Hilltop"] {
        world.schools.push(store.school(name).await);
    }
    let roles = [
        Role::DesignatedTeacher,
        Role::DesignatedTeacher,
        Role::SocialWorker,
        Role::LaUser,
    ];
    for (role, name) in roles.into_iter().zip(["Theophilus", "Francis", "Mary", "Obadiah"]) {
        world.users.push(store.invited(role, name, "Grantly").await);
    }
    for (name, days_old) in [("Tom", 4_585), ("Ann", 4_585), ("Lee", 6_548)] {
        // One of them comes of age in the course of things.
        let born = world.first - TimeDelta::days(days_old);
        let pupil = TestPupil {
            born,
            in_care_from: Some(world.first - TimeDelta::days(600)),
            enrolments: vec![(world.schools[0], world.first - TimeDelta::days(800), None)],
            ..TestPupil::at(name, world.schools[0])
        };
        world.pupils.push(store.pupil(pupil).await);
    }
    check(store, &world).await;
    let mut asleep = false;
    for event in events {
        if let Event::Days(days) | Event::Sleep(days) = event {
            store.clock.advance(TimeDelta::days(i64::from(days)));
        }
        if matches!(event, Event::Sleep(_)) {
            asleep = true;
            continue;
        }
        if !asleep {
            new_day(store).await;
        }
        let done = store.store.run(None, Happens(world.clone(), event)).await;
        done.unwrap_or_else(|error| panic!("{error}"));
        new_day(store).await;
        asleep = false;
        check(store, &world).await;
    }
    new_day(store).await;
    check(store, &world).await;
}

/// As many histories as `LAC_CASES` says, one after the other in one store, whose clock goes on.
async fn histories(engine: Engine, ordinarily: u32) {
    TestStore::with(engine, async |store: &TestStore| {
        let mut runner = TestRunner::new(Config {
            cases: cases(ordinarily),
            max_shrink_iters: 200,
            source_file: Some(file!()),
            ..Config::default()
        });
        let now = tokio::runtime::Handle::current();
        let outcome = tokio::task::block_in_place(|| {
            runner.run(&proptest::collection::vec(events(), 8..24), |events| {
                now.block_on(history(store, events));
                Ok(())
            })
        });
        outcome.unwrap_or_else(|error| panic!("{error}\n{runner}"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_what_the_rule_says_after_any_history_sqlite() {
    histories(Engine::Sqlite, 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_what_the_rule_says_after_any_history_postgres() {
    histories(Engine::Postgres, 20).await;
}
