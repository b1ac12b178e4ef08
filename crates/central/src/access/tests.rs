use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::{Days, TimeDelta};
use lac_domain::access::{UserFacts, entitlement};
use lac_domain::calendar::SchoolCalendar;
use lac_domain::{AssignmentId, CarePeriodId, EnrolmentId, EstablishmentId, LinkId, PupilId, Role, UserId, UserStatus};
use proptest::prelude::*;
use sqlx::AssertSqlSafe;

use super::Affected;
use super::facts::{self, Which};
use crate::both;
use crate::error::Failure;
use crate::scope::{Scope, user_sees_pupil};
use crate::storage::Engine;
use crate::test_support::{TestPupil, TestStore};
use crate::writer::{Job, Tx};

/// Something that decides who sees whom; days are counted from the day the test begins, people by their place.
#[derive(Debug, Clone)]
enum Event {
    Link {
        user: usize,
        school: usize,
        start: i8,
        length: Option<u8>,
    },
    EndLinks {
        user: usize,
    },
    Assign {
        user: usize,
        pupil: usize,
        start: i8,
        length: Option<u8>,
        reads_all: bool,
    },
    Enrol {
        pupil: usize,
        school: usize,
        start: i8,
        length: Option<u8>,
        handover_ended: bool,
    },
    Care {
        pupil: usize,
        start: i8,
        length: Option<u8>,
    },
    EndCare {
        pupil: usize,
    },
    Bar {
        user: usize,
        pupil: usize,
    },
    Restrict {
        pupil: usize,
        named: usize,
    },
    Hold {
        pupil: usize,
        until: i8,
    },
    Adopt {
        pupil: usize,
    },
    Role {
        user: usize,
        role: usize,
    },
    Status {
        user: usize,
        active: bool,
    },
    Days(u8),
}

fn events() -> impl Strategy<Value = Event> {
    let (user, pupil, school, length) = (0..4_usize, 0..3_usize, 0..2_usize, proptest::option::of(0..60_u8));
    prop_oneof![
        4 => (user.clone(), school.clone(), -40..40_i8, length.clone())
            .prop_map(|(user, school, start, length)| Event::Link { user, school, start, length }),
        1 => user.clone().prop_map(|user| Event::EndLinks { user }),
        3 => (user.clone(), pupil.clone(), -40..40_i8, length.clone(), any::<bool>())
            .prop_map(|(user, pupil, start, length, reads_all)| Event::Assign { user, pupil, start, length, reads_all }),
        4 => (pupil.clone(), school, -60..40_i8, length.clone(), any::<bool>()).prop_map(
            |(pupil, school, start, length, handover_ended)| Event::Enrol { pupil, school, start, length, handover_ended }
        ),
        2 => (pupil.clone(), -40..20_i8, length).prop_map(|(pupil, start, length)| Event::Care { pupil, start, length }),
        1 => pupil.clone().prop_map(|pupil| Event::EndCare { pupil }),
        1 => (user.clone(), pupil.clone()).prop_map(|(user, pupil)| Event::Bar { user, pupil }),
        1 => (pupil.clone(), user.clone()).prop_map(|(pupil, named)| Event::Restrict { pupil, named }),
        1 => (pupil.clone(), -20..20_i8).prop_map(|(pupil, until)| Event::Hold { pupil, until }),
        1 => pupil.prop_map(|pupil| Event::Adopt { pupil }),
        2 => (user.clone(), 0..Role::ALL.len()).prop_map(|(user, role)| Event::Role { user, role }),
        1 => (user, any::<bool>()).prop_map(|(user, active)| Event::Status { user, active }),
        2 => (1..30_u8).prop_map(Event::Days),
    ]
}

#[derive(Clone)]
struct World {
    users: Vec<UserId>,
    pupils: Vec<PupilId>,
    schools: Vec<EstablishmentId>,
    first: chrono::NaiveDate,
}

impl World {
    fn day(&self, offset: i8) -> chrono::NaiveDate {
        self.first + TimeDelta::days(i64::from(offset))
    }

    fn end(&self, start: i8, length: Option<u8>) -> Option<chrono::NaiveDate> {
        length.map(|length| self.day(start) + Days::new(u64::from(length)))
    }
}

struct Happens(World, Event);

#[async_trait]
impl Job for Happens {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (w, today) = (&self.0, tx.today());
        let affected = match &self.1 {
            Event::Link {
                user,
                school,
                start,
                length,
            } => {
                let id: LinkId = tx.new_id()?;
                let sql = "INSERT INTO establishment_links (id, user_id, establishment_id, capacity, start_on, end_on)
                           VALUES ($1, $2, $3, 'cover', $4, $5)";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.users[*user]).bind(w.schools[*school])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::EndLinks { user } => {
                let sql = "UPDATE establishment_links SET end_on = $2 WHERE user_id = $1 AND start_on <= $2";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Assign {
                user,
                pupil,
                start,
                length,
                reads_all,
            } => {
                let id: AssignmentId = tx.new_id()?;
                let sql = "INSERT INTO assignments (id, user_id, pupil_id, start_on, end_on, reads_all)
                           VALUES ($1, $2, $3, $4, $5, $6)";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.users[*user]).bind(w.pupils[*pupil])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).bind(reads_all).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Enrol {
                pupil,
                school,
                start,
                length,
                handover_ended,
            } => {
                let id: EnrolmentId = tx.new_id()?;
                let sql =
                    "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from,
                             handover_ended) VALUES ($1, $2, $3, 'main', $4, $5, $6, $7)";
                let visible = lac_domain::calendar::working_days_before(w.day(*start), 10);
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.pupils[*pupil]).bind(w.schools[*school])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).bind(visible).bind(handover_ended)
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Care { pupil, start, length } => {
                let id: CarePeriodId = tx.new_id()?;
                let sql = "INSERT INTO care_periods (id, pupil_id, start_on, end_on) VALUES ($1, $2, $3, $4)";
                let end = length.map(|length| w.day(*start) + Days::new(u64::from(length) + 1));
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.pupils[*pupil]).bind(w.day(*start)).bind(end)
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::EndCare { pupil } => {
                let sql = "UPDATE care_periods SET end_on = $2 WHERE pupil_id = $1 AND start_on < $2";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Bar { user, pupil } => {
                let sql = "INSERT INTO bars (user_id, pupil_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(w.pupils[*pupil])
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Restrict { pupil, named } => {
                let sql = "UPDATE pupils SET restricted = TRUE WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                let sql = "INSERT INTO pupil_names (pupil_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(w.users[*named])
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Hold { pupil, until } => {
                let sql = "UPDATE pupils SET held_from_schools_until = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(w.day(*until))
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Adopt { pupil } => {
                let sql = "UPDATE pupils SET adopted = TRUE WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Role { user, role } => {
                let sql = "UPDATE users SET role = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(Role::ALL[*role].as_str())
                    .execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Status { user, active } => {
                let status = if *active {
                    UserStatus::Active
                } else {
                    UserStatus::Inactive
                };
                let sql = "UPDATE users SET status = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(status.as_str())
                    .execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Days(_) => return Ok(()),
        };
        tx.refresh_access(&affected).await
    }
}

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

async fn history(store: &TestStore, events: Vec<Event>) {
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
    for name in ["Tom", "Ann", "Lee"] {
        let mut pupil = TestPupil::at(name, world.schools[0]);
        // One of them comes of age in the course of things.
        pupil.born = if name == "Lee" { "2008-12-20" } else { "2014-05-04" }.parse().unwrap();
        world.pupils.push(store.pupil(pupil).await);
    }
    check(store, &world).await;
    for event in events {
        if let Event::Days(days) = event {
            store.clock.advance(TimeDelta::days(i64::from(days)));
            store
                .store
                .ensure_access_is_of_today()
                .await
                .unwrap_or_else(|error| panic!("{error}"));
        }
        let done = store.store.run(None, Happens(world.clone(), event)).await;
        done.unwrap_or_else(|error| panic!("{error}"));
        check(store, &world).await;
    }
}

fn on(engine: Engine, events: Vec<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(TestStore::with(engine, async |store: &TestStore| {
        history(store, events).await
    }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::test_support::store_cases(10), max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn access_is_what_the_rule_says_after_any_history_sqlite(events in proptest::collection::vec(events(), 20..40)) {
        on(Engine::Sqlite, events);
    }

    #[test]
    fn access_is_what_the_rule_says_after_any_history_postgres(events in proptest::collection::vec(events(), 20..40)) {
        on(Engine::Postgres, events);
    }
}
