//! The database, on either engine: opening it, reading from it in one snapshot, and the few places where the
//! engines differ.
//!
//! SQL is written once. [`both!`] compiles one body for each engine; parameters are `$1`, `$2`…; a list of
//! values is one JSON parameter, opened by [`Engine::ids`], [`Engine::texts`] or [`Engine::rows`]; rows by the thousand
//! go in by [`Bulk`].

mod bulk;
mod lists;
mod open;
#[cfg(test)]
mod tests;

use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};

pub(crate) use bulk::Bulk;
pub(crate) use lists::Cell;
pub use lists::{Column, JsonRows, hex_ids};
pub use open::OpenError;

use crate::error::StoreError;

/// Which engine holds the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// SQLite with SQLCipher, inside this process.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// The database.
#[derive(Debug, Clone)]
pub enum Db {
    /// One connection that writes, and several that read.
    Sqlite {
        /// For the writer alone.
        write: SqlitePool,
        /// For everything else.
        read: SqlitePool,
    },
    /// PostgreSQL.
    Postgres(PgPool),
}

/// A connection inside a transaction. Dropping it without [`Conn::commit`] rolls back.
#[derive(Debug)]
pub enum Conn {
    /// On SQLite.
    Sqlite(Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
}

/// Compiles one body for each engine: `both!(conn, c => sqlx::query("…").bind(x).execute(c).await)`.
/// `conn` is a `&mut Conn`; `c` is the engine's own `&mut` connection, to be used once or as `&mut *c`.
#[macro_export]
macro_rules! both {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.counted() {
            $crate::storage::Conn::Sqlite(transaction) => {
                let $c: &mut sqlx::SqliteConnection = &mut *transaction;
                $body
            }
            $crate::storage::Conn::Postgres(transaction) => {
                let $c: &mut sqlx::PgConnection = &mut *transaction;
                $body
            }
        }
    };
}

impl Db {
    /// Which engine this is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite { .. } => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Begins a read-only transaction: all that it reads is of one moment.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { read, .. } => Conn::Sqlite(read.begin().await?),
            Self::Postgres(pool) => Conn::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Begins the writer's transaction. `exclusive` keeps writers of other processes away until it ends, for
    /// whatever decides who may see what.
    ///
    /// # Errors
    /// When no connection can be had, or another process writes for too long.
    pub(crate) async fn write(&self, exclusive: bool) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { write, .. } => Conn::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Self::Postgres(pool) => {
                let mut transaction = pool.begin().await?;
                if exclusive {
                    sqlx::query("SELECT pg_advisory_xact_lock($1)")
                        .bind(WRITER_LOCK)
                        .execute(&mut *transaction)
                        .await?;
                }
                Conn::Postgres(transaction)
            }
        })
    }

    /// Closes every connection, waiting for those in use.
    pub async fn close(&self) {
        match self {
            Self::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The number of the advisory lock that exclusive writers hold on PostgreSQL ("LACw").
const WRITER_LOCK: i64 = 0x4c41_4377;

#[cfg(test)]
thread_local! {
    /// Statements that jobs and reads of this thread ran, for tests on a runtime of one thread.
    static STATEMENTS: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// How many statements this thread ran so far.
#[cfg(test)]
pub(crate) fn statements() -> usize {
    STATEMENTS.with(std::cell::Cell::get)
}

impl Conn {
    /// Which engine this is on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// The connection, about to run a statement; tests count them.
    #[doc(hidden)]
    #[inline]
    pub fn counted(&mut self) -> &mut Self {
        #[cfg(test)]
        STATEMENTS.with(|count| count.set(count.get() + 1));
        self
    }

    /// Runs statements without parameters, such as SAVEPOINT, in one go.
    ///
    /// # Errors
    /// As the engine reports.
    pub(crate) async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        both!(self, c => sqlx::raw_sql(sql).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Commits; nothing is durable before.
    ///
    /// # Errors
    /// As the engine reports; then nothing was written.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.commit().await?,
            Self::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    /// Rolls back.
    ///
    /// # Errors
    /// As the engine reports.
    pub(crate) async fn rollback(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(transaction) => transaction.rollback().await?,
            Self::Postgres(transaction) => transaction.rollback().await?,
        }
        Ok(())
    }
}
