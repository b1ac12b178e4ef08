//! Who is told that there is something new. A poke says nothing but that; the pull does the work.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lac_domain::{Role, UserId};
use sqlx::AssertSqlSafe;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::storage::{Db, hex_ids};

/// After a failure to read what changed, the wait before the next look.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// How often it looks for what other processes have written: another store on the same database, the command line.
const OTHERS: Duration = Duration::from_secs(2);
/// At most so many changes are looked through for whom they reach.
const MUCH: i64 = 10_000;

/// A connected device.
struct Listener {
    user: UserId,
    role: Role,
    poke: Arc<Notify>,
}

type Listeners = Arc<Mutex<HashMap<u64, Listener>>>;

/// The connected devices.
pub(crate) struct Pokes {
    #[cfg(test)]
    db: Db,
    listeners: Listeners,
    next: std::sync::atomic::AtomicU64,
}

/// A device's place among the connected ones; it leaves when this is dropped.
pub(crate) struct Listening {
    listeners: Listeners,
    key: u64,
    /// Told when there is something new.
    pub(crate) poke: Arc<Notify>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

impl Pokes {
    /// Starts the task that follows what is committed and pokes whom it reaches, until `closing` turns true.
    pub(crate) async fn start(
        db: Db,
        committed: watch::Receiver<i64>,
        closing: watch::Receiver<bool>,
    ) -> Result<(Self, JoinHandle<()>), StoreError> {
        let listeners = Listeners::default();
        let from = newest(&db).await?;
        let task = tokio::spawn(follow(db.clone(), listeners.clone(), committed, closing, from));
        let pokes = Self {
            #[cfg(test)]
            db,
            listeners,
            next: std::sync::atomic::AtomicU64::new(0),
        };
        Ok((pokes, task))
    }

    /// The newest number, for tests.
    #[cfg(test)]
    pub(crate) async fn newest_for_tests(&self) -> i64 {
        newest(&self.db).await.unwrap()
    }

    /// Whom the changes after a number reach: everyone, LA roles, these users, these where they have an LA role; for
    /// tests.
    #[cfg(test)]
    pub(crate) async fn reached_for_tests(
        &self,
        from: i64,
        connected: &HashSet<UserId>,
    ) -> (bool, bool, HashSet<UserId>, HashSet<UserId>) {
        let reached = reached(&self.db, from, i64::MAX, connected).await.unwrap();
        (reached.everyone, reached.la_roles, reached.users, reached.focus)
    }

    /// Joins a device.
    pub(crate) fn listen(&self, user: UserId, role: Role) -> Listening {
        let key = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let poke = Arc::new(Notify::new());
        let listener = Listener {
            user,
            role,
            poke: poke.clone(),
        };
        self.listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, listener);
        Listening {
            listeners: self.listeners.clone(),
            key,
            poke,
        }
    }
}

async fn newest(db: &Db) -> Result<i64, StoreError> {
    let mut conn = db.read().await?;
    Ok(both!(&mut conn, c => sqlx::query_scalar("SELECT seq FROM counter WHERE id = 1").fetch_one(c).await)?)
}

async fn follow(
    db: Db,
    listeners: Listeners,
    mut committed: watch::Receiver<i64>,
    mut closing: watch::Receiver<bool>,
    mut from: i64,
) {
    loop {
        tokio::select! {
            changed = committed.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = tokio::time::sleep(OTHERS) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
        committed.mark_unchanged();
        let connected: HashSet<UserId> = listeners
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .map(|l| l.user)
            .collect();
        if connected.is_empty() {
            // Who connects later is told to look once; what was before that is no news.
            continue;
        }
        let looked = async {
            let to = newest(&db).await?;
            // After a time with nobody connected there may be much between; nobody need be told of all that.
            let recent = from.max(to - MUCH);
            Ok::<_, StoreError>((
                to,
                if to > from {
                    reached(&db, recent, to, &connected).await?
                } else {
                    Reached::default()
                },
            ))
        };
        match looked.await {
            Ok((to, reached)) => {
                from = to;
                reached.poke(&listeners);
            }
            Err(error) => {
                tracing::error!(%error, "who is to be poked could not be worked out");
                tokio::time::sleep(AFTER_FAILURE).await;
                committed.mark_changed();
            }
        }
    }
}

/// Whom the changes between two numbers reach.
#[derive(Default)]
struct Reached {
    everyone: bool,
    la_roles: bool,
    users: HashSet<UserId>,
    /// Users who reach a pupil by an assignment: changes about the pupil are theirs where they have an LA role.
    focus: HashSet<UserId>,
}

impl Reached {
    fn poke(&self, listeners: &Listeners) {
        for listener in listeners.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let by_role = self.la_roles || self.focus.contains(&listener.user);
            if self.everyone || (by_role && listener.role.is_la()) || self.users.contains(&listener.user) {
                listener.poke.notify_one();
            }
        }
    }
}

async fn reached(db: &Db, from: i64, to: i64, connected: &HashSet<UserId>) -> Result<Reached, StoreError> {
    let mut conn = db.read().await?;
    let sql = "SELECT DISTINCT audience_kind, audience_id FROM changes WHERE seq > $1 AND seq <= $2";
    let audiences: Vec<(String, Uuid)> =
        both!(&mut conn, c => sqlx::query_as(sql).bind(from).bind(to).fetch_all(c).await)?;
    let mut reached = Reached::default();
    let mut ids: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for (kind, id) in &audiences {
        match kind.as_str() {
            "everyone" => reached.everyone = true,
            "la_roles" => reached.la_roles = true,
            "user" => {
                reached.users.insert(UserId(*id));
            }
            kind => ids.entry(kind).or_default().push(*id),
        }
    }
    let engine = conn.engine();
    let people = hex_ids(connected.iter().copied());
    for (kind, ids) in ids {
        let (table, column) = match kind {
            "conversation" => ("participants", "conversation_id"),
            "pupil" => ("pupil_access", "pupil_id"),
            "establishment" => ("establishment_links", "establishment_id"),
            _ => return Err(StoreError::Inconsistent("an audience of an unknown kind")),
        };
        let sql = format!(
            "SELECT DISTINCT user_id FROM {table} WHERE {column} IN {} AND user_id IN {}",
            engine.ids("$1"),
            engine.ids("$2")
        );
        let ids = hex_ids(ids);
        let users: Vec<UserId> = both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(&ids).bind(&people).fetch_all(c).await)?;
        reached.users.extend(users);
        if kind == "pupil" {
            let sql = format!(
                "SELECT DISTINCT a.user_id FROM assignments a JOIN store s ON s.id = 1
                 WHERE a.pupil_id IN {} AND a.user_id IN {}
                   AND a.start_on <= s.access_as_of AND (a.end_on IS NULL OR a.end_on >= s.access_as_of)",
                engine.ids("$1"),
                engine.ids("$2")
            );
            let users: Vec<UserId> = both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
                .bind(&ids).bind(&people).fetch_all(c).await)?;
            reached.focus.extend(users);
        }
    }
    Ok(reached)
}
