//! The local store: one SQLCipher file per account. It is a cache of what the store sent, except for drafts and the
//! outbox, which are never lost. One file per table; [`apply`] alone writes what the store sent.

pub(crate) mod apply;
pub(crate) mod attachments;
pub(crate) mod conversations;
pub(crate) mod drafts;
pub(crate) mod establishments;
pub(crate) mod excerpt;
pub(crate) mod histories;
mod lists;
pub(crate) mod mentions;
pub(crate) mod messages;
pub(crate) mod meta;
mod named;
mod open;
pub(crate) mod outbox;
pub(crate) mod participants;
pub(crate) mod people;
pub(crate) mod pupil_lists;
pub(crate) mod pupils;
mod purge;
pub(crate) mod reminders;
pub(crate) mod search;
mod to_fetch;
pub(crate) mod waiting;
pub(crate) mod withdrawn;
mod words;

pub(crate) use apply::{Arrived, Context, Sweep, apply, settle};
pub(crate) use conversations::ConversationEntry;
pub(crate) use meta::{FirstFetch, Meta};
pub(crate) use open::{Key, OpenError};
pub(crate) use to_fetch::ToFetch;
pub(crate) use words::words_of;

use lac_domain::Timestamp;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};

use crate::failure::{Failure, SqliteTrouble, sqlite_trouble};

/// An open local store.
#[derive(Clone, Debug)]
pub(crate) struct LocalStore {
    /// The one connection that writes.
    write: SqlitePool,
    /// Connections that only read.
    read: SqlitePool,
    /// The file's key, so that it can be sealed under another password; none where a test has it in clear.
    key: Option<Key>,
}

impl LocalStore {
    /// Begins a transaction that writes; one at a time.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Sqlite>, Failure> {
        Ok(self.write.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// A connection to read from.
    pub(crate) async fn reader(&self) -> Result<sqlx::pool::PoolConnection<Sqlite>, Failure> {
        Ok(self.read.acquire().await?)
    }

    /// Closes the file: all of it lies in the one file afterwards.
    pub(crate) async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    /// Waits until it is being closed.
    pub(crate) async fn closing(&self) {
        self.read.close_event().await;
    }

    /// The file's key.
    pub(crate) fn key(&self) -> Option<&Key> {
        self.key.as_ref()
    }

    /// Whether any page of it is damaged. Reads the whole file: only for when there is reason to ask.
    pub(crate) async fn is_damaged(&self) -> bool {
        let checked: Result<String, sqlx::Error> =
            sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(&self.read).await;
        match checked {
            Ok(said) => said != "ok",
            Err(error) => sqlite_trouble(&error) == SqliteTrouble::Damaged,
        }
    }

    /// Leaves nothing of what was deleted in the file or its write-ahead log. Says whether it could: a reader may hold the
    /// log. After a purge the file is written anew: `secure_delete` clears a row where it lies, but a copy may lie between
    /// the rows of a page that was once divided.
    pub(crate) async fn leave_no_trace(&self) -> Result<bool, Failure> {
        let mut conn = self.write.acquire().await?;
        if Meta::Traces.get(&mut conn).await?.is_none() {
            return Self::empty_log(&mut conn).await;
        }
        sqlx::query("VACUUM").execute(&mut *conn).await?;
        if !Self::empty_log(&mut conn).await? {
            return Ok(false);
        }
        Meta::Traces.clear(&mut conn).await?;
        Ok(true)
    }

    /// Whether something was purged since the file was last written anew.
    pub(crate) async fn has_traces(&self) -> Result<bool, Failure> {
        Ok(Meta::Traces.get(&mut *self.reader().await?).await?.is_some())
    }

    async fn empty_log(conn: &mut SqliteConnection) -> Result<bool, Failure> {
        let (busy, _, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)")
            .fetch_one(conn)
            .await?;
        Ok(busy == 0)
    }
}

/// An instant as it is stored: milliseconds since 1970.
pub(crate) fn millis(at: Timestamp) -> i64 {
    at.utc().timestamp_millis()
}

/// An instant as it was stored.
pub(crate) fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis).unwrap_or_else(|| Timestamp::new(chrono::DateTime::UNIX_EPOCH))
}

/// Counts what a condition over one table holds.
pub(crate) async fn count(conn: &mut SqliteConnection, sql: &'static str) -> Result<u32, Failure> {
    let count: i64 = sqlx::query_scalar(sql).fetch_one(conn).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
