//! Which histories a device of an LA role holds: those of the pupils on the user's focus list, and others only because
//! someone opened them.

use lac_domain::{ConversationId, PupilId, Timestamp};
use sqlx::SqliteConnection;

use super::lists::hex_list;
use super::{millis, purge};
use crate::failure::Failure;

/// Notes that a pupil's history was opened.
pub(crate) async fn opened(conn: &mut SqliteConnection, pupil: PupilId, at: Timestamp) -> Result<(), Failure> {
    let sql = "INSERT INTO opened_histories (pupil_id, opened_at) VALUES ($1, $2)
               ON CONFLICT (pupil_id) DO UPDATE SET opened_at = $2";
    sqlx::query(sql).bind(pupil).bind(millis(at)).execute(conn).await?;
    Ok(())
}

/// Whether a pupil's history was opened, and is held for that: one that is still to be fetched is not.
pub(crate) async fn is_opened(conn: &mut SqliteConnection, pupil: PupilId) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM opened_histories WHERE pupil_id = $1)
               AND NOT EXISTS (SELECT 1 FROM to_fetch WHERE kind = 'history' AND id = $1)";
    Ok(sqlx::query_scalar(sql).bind(pupil).fetch_one(conn).await?)
}

/// Forgets that pupils' histories were opened or are to be fetched: the pupils may no longer be seen.
pub(super) async fn forget(conn: &mut SqliteConnection, pupils: &[PupilId]) -> Result<(), Failure> {
    let list = hex_list(pupils.iter().copied());
    for sql in [
        "DELETE FROM opened_histories WHERE pupil_id IN (SELECT unhex(value) FROM json_each($1))",
        "DELETE FROM to_fetch WHERE kind = 'history' AND id IN (SELECT unhex(value) FROM json_each($1))",
    ] {
        sqlx::query(sql).bind(&list).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Drops the histories of pupils who are not on the user's focus list and that were not opened since an instant, but
/// for conversations that the user takes part in. Says whether there were any. For LA roles alone: others hold the
/// history of every pupil whom they see.
pub(crate) async fn drop_unheld(conn: &mut SqliteConnection, since: Timestamp) -> Result<bool, Failure> {
    sqlx::query("DELETE FROM opened_histories WHERE opened_at < $1")
        .bind(millis(since))
        .execute(&mut *conn)
        .await?;
    let sql = "SELECT c.id FROM conversations c WHERE c.mine = 0 AND c.confirmed = 1
                 AND NOT EXISTS (SELECT 1 FROM pupils p WHERE p.id = c.pupil_id AND p.mine = 1)
                 AND NOT EXISTS (SELECT 1 FROM opened_histories h WHERE h.pupil_id = c.pupil_id)";
    let old: Vec<ConversationId> = sqlx::query_scalar(sql).fetch_all(&mut *conn).await?;
    purge::conversations(conn, &old).await?;
    Ok(!old.is_empty())
}
