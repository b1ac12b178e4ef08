//! The other side: a SQLCipher file with the same tables and the same index of words, filled by bare inserts.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

use lac_domain::ConversationId;
use lac_wire::{Message, Private};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::{Outcome, conversations};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/desktop");

/// Opens a file of our own with the settings of the desktop's.
pub async fn open_bare(path: &Path) -> Outcome<SqliteConnection> {
    open_with_key(path, &[0xAB; 32]).await
}

/// Opens a file with its key and the settings of the desktop's own.
pub async fn open_with_key(path: &Path, key: &[u8]) -> Outcome<SqliteConnection> {
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .pragma("key", format!("\"x'{key}'\""))
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("cache_size", "-16000")
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    Ok(options.connect().await?)
}

/// The same rows and the same index, by bare multi-row inserts.
pub async fn bare_inserts(path: &Path, messages: &[Message]) -> Outcome<Duration> {
    let mut conn = open_bare(path).await?;
    MIGRATIONS.run(&mut conn).await?;
    let began = Instant::now();
    let mut tx = conn.begin().await?;
    for rows in conversations().chunks(500) {
        let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
            "INSERT INTO conversations (id, confirmed, subject, confidential, mine, wrote, read_up_to, sort_key, last_at, generation) ",
        );
        query.push_values(rows, |mut row, conversation| {
            row.push_bind(conversation.id)
                .push("1")
                .push_bind(conversation.subject.reveal())
                .push("0, 1, 0, 0");
            row.push_bind(conversation.last_number).push("0, 1");
        });
        query.build().execute(&mut *tx).await?;
    }
    tx.commit().await?;
    let subjects: HashMap<_, _> = conversations()
        .into_iter()
        .map(|held| (held.id, held.subject))
        .collect();
    for page in messages.chunks(4000) {
        let mut tx = conn.begin().await?;
        for rows in page.chunks(500) {
            insert(&mut tx, rows, &subjects).await?;
        }
        tx.commit().await?;
    }
    let took = began.elapsed();
    conn.close().await?;
    Ok(took)
}

async fn insert(
    conn: &mut SqliteConnection,
    rows: &[Message],
    subjects: &HashMap<ConversationId, Private>,
) -> Outcome<()> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
        "INSERT INTO messages (number, id, conversation_id, author_id, body, sent_at, written_at, generation) ",
    );
    query.push_values(rows, |mut row, message| {
        row.push_bind(message.number)
            .push_bind(message.id)
            .push_bind(message.conversation_id);
        row.push_bind(message.author_id).push_bind(message.body.reveal());
        row.push_bind(message.sent_at.utc().timestamp_millis())
            .push_bind(message.written_at.utc().timestamp_millis());
        row.push_bind(1_i64);
    });
    query.build().execute(&mut *conn).await?;
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new("INSERT INTO messages_fts (rowid, subject, body) ");
    query.push_values(rows, |mut row, message| {
        let subject = subjects
            .get(&message.conversation_id)
            .map(Private::reveal)
            .unwrap_or_default();
        row.push_bind(message.number)
            .push_bind(subject)
            .push_bind(message.body.reveal());
    });
    query.build().execute(conn).await?;
    Ok(())
}
