//! Opening the database on either engine, and bringing its tables up to date.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Db;
use crate::config::Database;
use crate::keys::Secret;

static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/central/sqlite");
static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/central/postgres");

/// How long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(30);
/// Connections that read at the same time, on SQLite.
const READERS: u32 = 8;
/// Memory for the pages of the one connection that writes, in KiB with a minus sign: a bulk add touches many pages
/// many times, and each that does not fit is enciphered and deciphered again.
const WRITER_CACHE: &str = "-49152";
/// Pages of the write-ahead log after which they are moved into the file: a page that is written often is moved once.
const CHECKPOINT: &str = "4000";
/// SQLite's code for a file that is no database, or is enciphered with another key.
const NOT_A_DATABASE: &str = "26";

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no database there yet.
    #[error("There is no store at {0}. Run `lac-central init` first.")]
    Missing(String),
    /// There is one already, where a new one was to be made.
    #[error("There is a store at {0} already. Nothing was changed.")]
    Exists(String),
    /// The key does not fit.
    #[error(
        "The database at {0} does not open with the database key of this key file, or it is damaged. Use the key file that was made with it."
    )]
    WrongKey(String),
    /// The key file is missing or damaged.
    #[error(transparent)]
    Keys(#[from] crate::keys::KeyFileError),
    /// The database was made by a newer version, or a migration was altered.
    #[error("The database cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The engine refused.
    #[error("The database cannot be opened: {0}")]
    Engine(#[from] sqlx::Error),
    /// It was opened, but could not be read.
    #[error(transparent)]
    Store(#[from] crate::error::StoreError),
}

impl Db {
    /// Opens the database and brings its tables up to date. `create` makes an SQLite file that is not there.
    ///
    /// # Errors
    /// When it is not there, the key does not fit, or the engine refuses.
    pub async fn open(database: &Database, key: &Secret, create: bool) -> Result<Self, OpenError> {
        match database {
            Database::Sqlite(path) => Self::open_sqlite(path, key, create).await,
            Database::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    async fn open_sqlite(path: &Path, key: &Secret, create: bool) -> Result<Self, OpenError> {
        let shown = path.display().to_string();
        if !create && !path.exists() {
            return Err(OpenError::Missing(shown));
        }
        if create {
            make_private(path)?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            .pragma("key", format!("\"x'{}'\"", key.hex()))
            .pragma("cipher_log_level", "NONE")
            .pragma("temp_store", "MEMORY")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(300)
            // The first statement of a connection has the key in it.
            .disable_statement_logging();
        let wrong_key = |error: sqlx::Error| match &error {
            sqlx::Error::Database(inner) if inner.code().as_deref() == Some(NOT_A_DATABASE) => {
                OpenError::WrongKey(shown.clone())
            }
            _ => OpenError::Engine(error),
        };
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(
                options
                    .clone()
                    .pragma("cache_size", WRITER_CACHE)
                    .pragma("wal_autocheckpoint", CHECKPOINT),
            )
            .await
            .map_err(wrong_key)?;
        sqlx::query("SELECT COUNT(*) FROM sqlite_schema")
            .execute(&write)
            .await
            .map_err(wrong_key)?;
        SQLITE_MIGRATIONS.run(&write).await?;
        // All are made here, and none later: one that a request had begun to make when it was given up would be finished
        // by a thread that closing the store does not wait for.
        let read = SqlitePoolOptions::new()
            .min_connections(READERS)
            .max_connections(READERS)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options.create_if_missing(false).pragma("query_only", "ON"))
            .await
            .map_err(wrong_key)?;
        Ok(Self::Sqlite { write, read })
    }

    async fn open_postgres(url: &str) -> Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("lac-central")
            .statement_cache_capacity(300);
        let pool = PgPoolOptions::new()
            .max_connections(12)
            .acquire_timeout(BUSY)
            .test_before_acquire(true)
            .connect_with(options)
            .await?;
        POSTGRES_MIGRATIONS.run(&pool).await?;
        Ok(Self::Postgres(pool))
    }
}

/// Makes an empty file that only its owner can read; SQLite gives its companions the same rights.
fn make_private(path: &Path) -> Result<(), OpenError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(sqlx::Error::Io)?;
    Ok(())
}
