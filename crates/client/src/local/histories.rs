//! Histories that are held only because someone opened them.

use lac_domain::{ConversationId, PupilId, Timestamp};
use sqlx::SqliteConnection;

use super::{conversations, millis};
use crate::failure::Failure;

/// Notes that a pupil's history was opened.
pub(crate) async fn opened(conn: &mut SqliteConnection, pupil: PupilId, at: Timestamp) -> Result<(), Failure> {
    let sql = "INSERT INTO opened_histories (pupil_id, opened_at) VALUES ($1, $2)
               ON CONFLICT (pupil_id) DO UPDATE SET opened_at = $2";
    sqlx::query(sql).bind(pupil).bind(millis(at)).execute(conn).await?;
    Ok(())
}

/// Drops the histories that were not opened since an instant, but for conversations that the user takes part in.
/// Says whether there were any.
pub(crate) async fn drop_unopened(conn: &mut SqliteConnection, since: Timestamp) -> Result<bool, Failure> {
    let sql = "SELECT c.id FROM conversations c JOIN opened_histories h ON h.pupil_id = c.pupil_id
               WHERE h.opened_at < $1 AND c.mine = 0 AND c.confirmed = 1";
    let old: Vec<ConversationId> = sqlx::query_scalar(sql)
        .bind(millis(since))
        .fetch_all(&mut *conn)
        .await?;
    conversations::delete(&mut *conn, &old).await?;
    sqlx::query("DELETE FROM opened_histories WHERE opened_at < $1")
        .bind(millis(since))
        .execute(conn)
        .await?;
    Ok(!old.is_empty())
}
