use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use lac_domain::{CommandId, PupilId};
use lac_wire::ErrorCode;
use sqlx::AssertSqlSafe;

use super::{Audience, Changed, Job, Once, Tx};
use crate::audit::Trail;
use crate::error::{Failure, Refusal, StoreError};
use crate::test_support::new_uuid;
use crate::{Store, both, both_engines};

/// Notes a change to a pupil, after writing a row to be found or not.
#[derive(Clone, Copy)]
enum Do {
    Note(PupilId),
    Refuse,
    BreakARule,
    Panic,
}

#[async_trait]
impl Job for Do {
    type Output = i64;

    async fn run(&self, tx: &mut Tx) -> Result<i64, Failure> {
        let now = tx.now();
        let key = new_uuid().as_bytes().to_vec();
        let sql = "INSERT INTO wrong_tries (key_hash, tries, since, at) VALUES ($1, 1, $2, $2)";
        both!(tx.conn(), c => sqlx::query(sql).bind(key).bind(now).execute(c).await.map(|_| ()))?;
        tx.change(Audience::Everyone, Changed::Pupil(PupilId(new_uuid())));
        tx.audit("test.tried", "test", None, &serde_json::json!({}));
        match self {
            Self::Note(pupil) => {
                tx.change(Audience::LaRoles, Changed::Pupil(*pupil));
                Ok(count(tx.conn()).await)
            }
            Self::Refuse => Err(Refusal::not_found().denied("test.refused", "test", None).into()),
            Self::BreakARule => {
                both!(tx.conn(), c => sqlx::query("UPDATE store SET offline_days = 0").execute(c).await.map(|_| ()))?;
                Ok(0)
            }
            Self::Panic => panic!("on purpose"),
        }
    }
}

async fn count(conn: &mut crate::storage::Conn) -> i64 {
    both!(conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM wrong_tries").fetch_one(c).await).unwrap()
}

async fn actions(store: &Store, action: &str) -> i64 {
    let mut conn = store.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit_events WHERE action = $1";
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(action).fetch_one(c).await).unwrap()
}

async fn numbers(store: &Store, after: i64, limit: i64) -> Vec<i64> {
    let mut conn = store.read().await.unwrap();
    let sql = "SELECT seq FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2";
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(after).bind(limit).fetch_all(c).await).unwrap()
}

const WRITERS: usize = 16;
const EACH: usize = 20;

both_engines! {
    async fn a_polling_reader_misses_nothing_while_two_processes_write(store: &TestStore) {
        // A second store on the same database stands for another process.
        let other = Store::open(store.store.config().clone(), store.clock.clone()).await.unwrap();
        let start = *numbers(&store.store, 0, i64::MAX).await.last().unwrap_or(&0);
        let done = Arc::new(AtomicBool::new(false));
        let reader = {
            let (store, done) = (store.store.clone(), done.clone());
            tokio::spawn(async move {
                let (mut cursor, mut seen) = (start, Vec::new());
                loop {
                    let last_look = done.load(Ordering::SeqCst);
                    let found = numbers(&store, cursor, 7).await;
                    cursor = found.last().copied().unwrap_or(cursor);
                    let empty = found.is_empty();
                    seen.extend(found);
                    if last_look && empty {
                        return seen;
                    }
                    tokio::task::yield_now().await;
                }
            })
        };
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let store = if writer % 2 == 0 { store.store.clone() } else { other.clone() };
                tokio::spawn(async move {
                    for _ in 0..EACH {
                        store.run(None, Do::Note(PupilId(new_uuid()))).await.unwrap_or_else(|error| panic!("{error}"));
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        done.store(true, Ordering::SeqCst);
        let seen = reader.await.unwrap();
        assert_eq!(seen.len(), WRITERS * EACH * 2);
        assert_eq!(seen, numbers(&store.store, start, i64::MAX).await);
        other.close().await;
        assert!(matches!(store.store.verify_audit().await.unwrap(), Trail::Intact { .. }));
    }

    async fn one_job_s_trouble_is_its_own(store: &TestStore) {
        let before = count(&mut store.store.read().await.unwrap()).await;
        let jobs = [Do::Note(PupilId(new_uuid())), Do::Refuse, Do::BreakARule, Do::Panic, Do::Note(PupilId(new_uuid()))];
        let outcomes = futures_util::future::join_all(jobs.map(|job| store.store.run(None, job))).await;
        let codes: Vec<&str> = outcomes
            .iter()
            .map(|outcome| match outcome {
                Ok(_) => "done",
                Err(Failure::Refused(_)) => "refused",
                Err(Failure::Store(StoreError::Inconsistent(_))) => "panicked",
                Err(Failure::Store(_)) => "failed",
            })
            .collect();
        assert_eq!(codes, ["done", "refused", "failed", "panicked", "done"]);
        assert_eq!(count(&mut store.store.read().await.unwrap()).await, before + 2, "the others left nothing");
        assert_eq!(actions(&store.store, "test.tried").await, 2);
        assert_eq!(actions(&store.store, "request.denied").await, 1, "a denial leaves its trail alone");
        assert!(matches!(store.store.verify_audit().await.unwrap(), Trail::Intact { .. }));
    }

    async fn the_same_id_is_done_once_and_answered_alike(store: &TestStore) {
        let user = store.super_user.id;
        let once = Once { id: CommandId(new_uuid()), fingerprint: [7; 32] };
        let note = || Do::Note(PupilId(new_uuid()));
        let all = futures_util::future::join_all((0..10).map(|_| store.store.run_once(user, once, note()))).await;
        let first = all[0].as_ref().unwrap_or_else(|error| panic!("{error}"));
        assert!(all.iter().all(|outcome| matches!(outcome, Ok(answer) if answer == first)));
        assert_eq!(actions(&store.store, "test.tried").await, 1);
        let other = Once { fingerprint: [8; 32], ..once };
        let Err(Failure::Refused(refusal)) = store.store.run_once(user, other, note()).await else { panic!("taken") };
        assert_eq!(refusal.code, ErrorCode::IdReused);
        let refused = Once { id: CommandId(new_uuid()), ..once };
        for _ in 0..2 {
            let Err(Failure::Refused(refusal)) = store.store.run_once(user, refused, Do::Refuse).await else { panic!("taken") };
            assert_eq!(refusal.code, ErrorCode::NotFound);
        }
        let again = store.store.run_once(user, refused, note()).await;
        assert!(matches!(again, Err(Failure::Refused(_))), "a refusal is remembered");
    }

    async fn a_refusal_that_passes_is_not_remembered(store: &TestStore) {
        struct Busy(bool);
        #[async_trait]
        impl Job for Busy {
            type Output = ();
            async fn run(&self, _: &mut Tx) -> Result<(), Failure> {
                if self.0 { Err(Refusal::new(ErrorCode::Unavailable, "Later.").into()) } else { Ok(()) }
            }
        }
        let once = Once { id: CommandId(new_uuid()), fingerprint: [7; 32] };
        assert!(store.store.run_once(store.super_user.id, once, Busy(true)).await.is_err());
        assert!(store.store.run_once(store.super_user.id, once, Busy(false)).await.is_ok());
    }

    async fn what_waits_is_done_when_the_store_closes(store: &TestStore) {
        let other = Store::open(store.store.config().clone(), store.clock.clone()).await.unwrap();
        let jobs: Vec<_> = (0..50)
            .map(|_| {
                let other = other.clone();
                tokio::spawn(async move { other.run(None, Do::Note(PupilId(new_uuid()))).await.is_ok() })
            })
            .collect();
        tokio::task::yield_now().await;
        other.close().await;
        let mut done = 0;
        for job in jobs {
            done += i64::from(job.await.unwrap());
        }
        assert_eq!(actions(&store.store, "test.tried").await, done, "what was answered was done, and nothing else");
        assert!(matches!(other.run(None, Do::Refuse).await, Err(Failure::Store(StoreError::Closing))));
    }

    async fn both_engines_have_the_same_tables(store: &TestStore) {
        let mut conn = store.store.read().await.unwrap();
        let sql = match conn.engine() {
            crate::storage::Engine::Sqlite => {
                "SELECT m.name || '.' || p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table'
                   AND m.name NOT LIKE 'sqlite_%' AND m.name <> '_sqlx_migrations' ORDER BY 1"
            }
            crate::storage::Engine::Postgres => {
                "SELECT (table_name || '.' || column_name) COLLATE \"C\" FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations' ORDER BY 1"
            }
        };
        let columns: Vec<String> =
            both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_all(c).await).unwrap();
        insta::assert_snapshot!("tables", columns.join("\n"));
    }
}
