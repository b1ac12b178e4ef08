//! Checks the audit trail: each event's hash covers the one before it, and the counter row holds the last.

pub(crate) mod actions;
mod list;
mod routes;
#[cfg(test)]
mod trail_tests;

pub(crate) use routes::router;

use lac_domain::Timestamp;
use lac_domain::audit::{AuditFacts, CHAIN_START, ChainHash};
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::storage::Conn;
use crate::store::Store;

/// Events looked at in one go.
const PAGE: i64 = 5_000;

/// What a check of the trail found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// Every event is as it was written.
    Intact {
        /// How many there are.
        events: i64,
    },
    /// An event is missing.
    Removed {
        /// The first that is.
        number: i64,
    },
    /// An event is not what was written there: it was altered, or another was moved to its place.
    Altered {
        /// The first that is not.
        number: i64,
    },
    /// There is an event that was never written by the store.
    Added {
        /// The first of those.
        number: i64,
    },
}

impl std::fmt::Display for Trail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Intact { events } => write!(f, "The audit trail is intact: {events} events."),
            Self::Removed { number } => write!(f, "The audit trail is broken: event {number} was removed."),
            Self::Altered { number } => write!(f, "The audit trail is broken: event {number} was altered or moved."),
            Self::Added { number } => write!(
                f,
                "The audit trail is broken: event {number} was added by something other than the store."
            ),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at: Timestamp,
    actor: Option<Uuid>,
    action: String,
    object_kind: String,
    object_id: Option<Uuid>,
    import_id: Option<Uuid>,
    detail: String,
    hash: Vec<u8>,
}

impl Row {
    fn chain(&self, before: &ChainHash) -> ChainHash {
        AuditFacts {
            number: self.number,
            at: self.at,
            actor: self.actor,
            action: &self.action,
            object_kind: &self.object_kind,
            object_id: self.object_id,
            import_id: self.import_id,
            detail: &self.detail,
        }
        .chain(before)
    }
}

impl Store {
    /// Checks the whole audit trail, in one snapshot, and names the first event that is not as it was written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn verify_audit(&self) -> Result<Trail, StoreError> {
        let mut conn = self.read().await?;
        verify(&mut conn).await
    }
}

async fn verify(conn: &mut Conn) -> Result<Trail, StoreError> {
    let sql = "SELECT audit_number, audit_head FROM counter WHERE id = 1";
    let (newest, last_hash): (i64, Vec<u8>) = both!(conn, c => sqlx::query_as(sql).fetch_one(c).await)?;
    let mut head = CHAIN_START;
    let mut number = 0;
    loop {
        let sql = "SELECT number, at, actor, action, object_kind, object_id, import_id, detail, hash FROM audit_events
                   WHERE number > $1 ORDER BY number LIMIT $2";
        let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(number).bind(PAGE).fetch_all(c).await)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            number += 1;
            if row.number > newest {
                return Ok(Trail::Added { number: row.number });
            }
            if row.number != number {
                return Ok(Trail::Removed { number });
            }
            head = row.chain(&head);
            if head.as_slice() != row.hash {
                return Ok(Trail::Altered { number });
            }
        }
    }
    if number < newest {
        return Ok(Trail::Removed { number: number + 1 });
    }
    if head.as_slice() != last_hash {
        return Ok(Trail::Altered { number });
    }
    Ok(Trail::Intact { events: number })
}

#[cfg(test)]
mod tests {
    use super::Trail;
    use crate::storage::Conn;
    use crate::test_support::TestStore;
    use crate::{both, both_engines};

    async fn tamper(store: &TestStore, statements: &[&'static str]) {
        let mut conn = store.store.write_for_tests().await;
        for sql in statements {
            both!(&mut conn, c => sqlx::query(*sql).execute(c).await.map(|_| ())).unwrap();
        }
        Conn::commit(conn).await.unwrap();
    }

    async fn events(store: &TestStore) -> i64 {
        // The first user's invitation, its acceptance and so on; enough to tamper with.
        store.super_user.on_another_device(store).await;
        match store.store.verify_audit().await.unwrap() {
            Trail::Intact { events } => events,
            broken => panic!("{broken}"),
        }
    }

    both_engines! {
        async fn an_altered_event_is_found(store: &TestStore) {
            assert!(events(store).await >= 6);
            tamper(store, &["UPDATE audit_events SET detail = '{\"role\":\"la_user\"}' WHERE number = 2"]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Altered { number: 2 });
        }

        async fn an_altered_event_with_its_hash_worked_out_anew_is_found_at_the_next(store: &TestStore) {
            events(store).await;
            tamper(store, &["UPDATE audit_events SET hash = (SELECT hash FROM audit_events WHERE number = 1) WHERE number = 3"]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Altered { number: 3 });
        }

        async fn a_removed_event_is_found_in_the_middle_and_at_the_end(store: &TestStore) {
            let last = events(store).await;
            tamper(store, &["DELETE FROM audit_events WHERE number = (SELECT MAX(number) FROM audit_events)"]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Removed { number: last });
            tamper(store, &["DELETE FROM audit_events WHERE number = 2"]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Removed { number: 2 });
        }

        async fn moved_events_are_found(store: &TestStore) {
            events(store).await;
            tamper(store, &[
                "UPDATE audit_events SET number = -1 WHERE number = 2",
                "UPDATE audit_events SET number = 2 WHERE number = 4",
                "UPDATE audit_events SET number = 4 WHERE number = -1",
            ]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Altered { number: 2 });
        }

        async fn an_added_event_is_found(store: &TestStore) {
            let last = events(store).await;
            tamper(store, &["INSERT INTO audit_events (number, at, actor, action, object_kind, object_id, import_id, detail, hash)
                SELECT number + 1, at, actor, action, object_kind, object_id, import_id, detail, hash FROM audit_events
                WHERE number = (SELECT MAX(number) FROM audit_events)"]).await;
            assert_eq!(store.store.verify_audit().await.unwrap(), Trail::Added { number: last + 1 });
        }
    }
}
