//! Opening the file: the key first, a probe, then the tables brought up to date.

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use zeroize::Zeroizing;

use super::LocalStore;
use crate::failure::{SqliteTrouble, sqlite_trouble};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/desktop");

/// How long a connection waits for another one.
const BUSY: Duration = Duration::from_secs(10);
/// Connections that read at the same time.
const READERS: u32 = 4;

/// The 32-byte key of a file.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// A key made of random bytes.
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key as the keyring gave it; none where it is not 32 bytes long.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// Its bytes, for the keyring.
    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    fn pragma(&self) -> String {
        format!("\"x'{}'\"", hex::encode(self.0.as_slice()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why the file could not be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// It is damaged, or the key is another.
    #[error("damaged, or another key")]
    Unreadable,
    /// A newer version of the application has written it.
    #[error("written by a newer version")]
    Newer,
    /// Anything else: it may open later.
    #[error("{0}")]
    Other(sqlx::Error),
}

impl From<sqlx::Error> for OpenError {
    fn from(error: sqlx::Error) -> Self {
        match sqlite_trouble(&error) {
            SqliteTrouble::Damaged => Self::Unreadable,
            _ => Self::Other(error),
        }
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) => Self::Newer,
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
            other => Self::Other(sqlx::Error::Migrate(Box::new(other))),
        }
    }
}

impl LocalStore {
    /// Opens the file, or makes it when `create` is said and there is none.
    pub(crate) async fn open(path: &Path, key: &Key, create: bool) -> Result<Self, OpenError> {
        #[cfg(any(test, feature = "test-support"))]
        if crate::test_support::is_in_clear(path) {
            let opened = Self::open_with(path, None, create).await?;
            return Ok(opened.with_key(key));
        }
        Ok(Self::open_with(path, Some(key), create).await?.with_key(key))
    }

    fn with_key(self, key: &Key) -> Self {
        Self {
            key: Some(key.clone()),
            ..self
        }
    }

    /// Opens a file that is not enciphered, so that a test can look for what lies in it.
    #[cfg(test)]
    pub(crate) async fn open_plain(path: &Path) -> Self {
        Self::open_with(path, None, true).await.unwrap()
    }

    async fn open_with(path: &Path, key: Option<&Key>, create: bool) -> Result<Self, OpenError> {
        #[cfg(test)]
        crate::test_support::wait_for_files_at_the_end();
        let mut options = SqliteConnectOptions::new().filename(path).create_if_missing(create);
        if let Some(key) = key {
            options = options.pragma("key", key.pragma());
            if path.exists() {
                key_fits(path, key).await?;
            }
        }
        let options = options
            // Otherwise a wrong key is written about to the console.
            .pragma("cipher_log_level", "NONE")
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("cache_size", "-16000")
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(200)
            // The first statement of a connection has the key in it.
            .disable_statement_logging();
        // Every connection is made here, and none later: one that a task had begun to make when it was ended would be
        // finished by a thread that nobody waits for. After the file was closed, set aside and made anew, it would
        // still make an empty file of the old name, or delete the new file's write-ahead log with the old one's name.
        let pool = |connections| {
            SqlitePoolOptions::new()
                .min_connections(connections)
                .max_connections(connections)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
        let write = pool(1).connect_with(options.clone()).await?;
        let opened = async {
            probe(&write).await?;
            MIGRATIONS.run(&write).await?;
            let readers = options.create_if_missing(false).pragma("query_only", "ON");
            Ok::<_, OpenError>(pool(READERS).connect_with(readers).await?)
        };
        match opened.await {
            Ok(read) => Ok(Self { write, read, key: None }),
            Err(error) => {
                write.close().await;
                Err(error)
            }
        }
    }
}

/// Tries the key on the file's first page alone, without its write-ahead log: an ordinary opening may move the log
/// into the file, and a file that is to be set aside shall stay as it is to the last byte.
async fn key_fits(path: &Path, key: &Key) -> Result<(), OpenError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true)
        .pragma("key", key.pragma())
        .pragma("cipher_log_level", "NONE")
        .disable_statement_logging();
    let tried = async {
        let mut conn = options.connect().await?;
        let read = sqlx::query("SELECT COUNT(*) FROM sqlite_schema")
            .execute(&mut conn)
            .await;
        conn.close().await?;
        read.map(|_| ())
    };
    match tried.await {
        Err(error) if is_no_database(&error) => Err(OpenError::Unreadable),
        // Without its log the file may not be whole; the ordinary opening tells.
        _ => Ok(()),
    }
}

/// SQLite's code 26: the first page is not one, or not under this key.
fn is_no_database(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(inner) if inner.code().as_deref() == Some("26"))
}

/// Reads what must not be lost: a wrong key or a damaged page shows only when something is read.
async fn probe(pool: &sqlx::SqlitePool) -> Result<(), sqlx::Error> {
    let tables: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .fetch_all(pool)
        .await?;
    if tables.iter().any(|name| name == "outbox") {
        sqlx::query("SELECT (SELECT COUNT(payload) FROM outbox), (SELECT COUNT(payload) FROM drafts), (SELECT COUNT(value) FROM meta)")
            .execute(pool)
            .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> Key {
        Key::new([byte; 32])
    }

    #[tokio::test]
    async fn the_file_is_sealed_and_needs_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        LocalStore::open(&path, &key(1), true).await.unwrap().close().await;
        let bytes = std::fs::read(&path).unwrap();
        assert!(!bytes.starts_with(b"SQLite format 3"));

        assert!(matches!(
            LocalStore::open(&path, &key(2), false).await,
            Err(OpenError::Unreadable)
        ));
        assert!(matches!(
            LocalStore::open_with(&path, None, false).await,
            Err(OpenError::Unreadable)
        ));
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "a failed opening changes nothing");
        LocalStore::open(&path, &key(1), false).await.unwrap().close().await;
    }

    #[tokio::test]
    async fn a_file_that_is_not_there_is_not_made_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        assert!(matches!(
            LocalStore::open(&path, &key(1), false).await,
            Err(OpenError::Other(_))
        ));
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_file_of_a_newer_version_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let store = LocalStore::open(&path, &key(1), true).await.unwrap();
        sqlx::query("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', 1, x'00', 0)")
            .execute(&store.write)
            .await
            .unwrap();
        store.close().await;
        assert!(matches!(
            LocalStore::open(&path, &key(1), false).await,
            Err(OpenError::Newer)
        ));
    }

    /// The names of the files that this process has open, where the system shows them.
    fn open_files() -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
        entries
            .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok())
            .collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn nothing_holds_a_closed_file_though_its_readers_were_ended_midway() {
        for round in 0..30 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("store.db");
            let store = LocalStore::open(&path, &key(1), true).await.unwrap();
            let readers: Vec<_> = (0..8)
                .map(|_| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        loop {
                            let mut conn = store.reader().await.unwrap();
                            sqlx::query("SELECT COUNT(*) FROM outbox")
                                .execute(&mut *conn)
                                .await
                                .unwrap();
                        }
                    })
                })
                .collect();
            for _ in 0..round {
                tokio::task::yield_now().await;
            }
            readers.iter().for_each(tokio::task::JoinHandle::abort);
            for reader in readers {
                assert!(reader.await.unwrap_err().is_cancelled());
            }
            store.close().await;
            let held: Vec<_> = open_files()
                .into_iter()
                .filter(|file| file.starts_with(folder.path()))
                .collect();
            assert!(held.is_empty(), "round {round}: {held:?}");
            let left = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(left, 1, "round {round}: no log is left beside the file");
        }
    }
}
