//! Drafts: never lost, and never in the index of words.

use lac_domain::{ConversationId, DraftId};
use sqlx::SqliteConnection;

use super::{attachments, millis, timestamp};
use crate::failure::Failure;
use crate::view::Draft;

/// The version in which payloads are written. A version that reads others keeps reading this one.
pub(super) const VERSION: i64 = 1;

/// A draft as it is held.
#[derive(Clone, Debug)]
pub(crate) struct StoredDraft {
    pub(crate) draft: Draft,
    /// When it was saved.
    pub(crate) saved_at: lac_domain::Timestamp,
}

fn read((payload, saved_at): (String, i64)) -> Result<StoredDraft, Failure> {
    let mut draft: Draft = serde_json::from_str(&payload)?;
    let saved_at = timestamp(saved_at);
    draft.saved_at = Some(saved_at);
    Ok(StoredDraft { draft, saved_at })
}

/// Keeps a draft.
pub(crate) async fn put(
    conn: &mut SqliteConnection,
    draft: &Draft,
    saved_at: lac_domain::Timestamp,
) -> Result<(), Failure> {
    // Its files lie in a table of their own.
    let payload = Draft {
        attachments: Vec::new(),
        ..draft.clone()
    };
    let sql = "INSERT INTO drafts (id, conversation_id, pupil_id, version, payload, saved_at)
               VALUES ($1, $2, $3, $4, $5, $6)
               ON CONFLICT (id) DO UPDATE SET conversation_id = $2, pupil_id = $3, version = $4, payload = $5, saved_at = $6";
    sqlx::query(sql)
        .bind(draft.id)
        .bind(draft.conversation_id)
        .bind(draft.pupil_id)
        .bind(VERSION)
        .bind(serde_json::to_string(&payload)?)
        .bind(millis(saved_at))
        .execute(conn)
        .await?;
    Ok(())
}

/// One draft.
pub(crate) async fn get(conn: &mut SqliteConnection, id: DraftId) -> Result<Option<Draft>, Failure> {
    let sql = "SELECT payload, saved_at FROM drafts WHERE id = $1";
    let row: Option<(String, i64)> = sqlx::query_as(sql).bind(id).fetch_optional(conn).await?;
    Ok(row.map(read).transpose()?.map(|stored| stored.draft))
}

/// The newest draft of a reply in a conversation.
pub(crate) async fn of_conversation(conn: &mut SqliteConnection, id: ConversationId) -> Result<Option<Draft>, Failure> {
    let sql = "SELECT payload, saved_at FROM drafts WHERE conversation_id = $1 ORDER BY saved_at DESC LIMIT 1";
    let row: Option<(String, i64)> = sqlx::query_as(sql).bind(id).fetch_optional(conn).await?;
    Ok(row.map(read).transpose()?.map(|stored| stored.draft))
}

/// All drafts, the newest first.
pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<StoredDraft>, Failure> {
    let rows: Vec<(String, i64)> = sqlx::query_as("SELECT payload, saved_at FROM drafts ORDER BY saved_at DESC, id")
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(read).collect()
}

/// Deletes a draft with its files, but for those that a message has taken over. Says whether there was one.
pub(crate) async fn delete(conn: &mut SqliteConnection, id: DraftId) -> Result<bool, Failure> {
    attachments::delete_of_draft(&mut *conn, id).await?;
    let done = sqlx::query("DELETE FROM drafts WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// How many drafts there are.
pub(crate) async fn count(conn: &mut SqliteConnection) -> Result<u32, Failure> {
    super::count(conn, "SELECT COUNT(*) FROM drafts").await
}
