//! Reminders, with what waits to be sent of them, and which of them have been told on this device.

use lac_domain::{PupilId, ReminderId, Timestamp};
use lac_wire::Reminder;
use sqlx::SqliteConnection;

use super::lists::hex_list;
use super::{millis, outbox};
use crate::failure::Failure;

/// The most that one list shows.
const SHOWN: i64 = 500;

fn read(rows: Vec<String>) -> Result<Vec<Reminder>, Failure> {
    rows.iter().map(|payload| Ok(serde_json::from_str(payload)?)).collect()
}

/// Keeps reminders as the store sent them, but for those of which something still waits to be sent: that is newer.
pub(super) async fn put(conn: &mut SqliteConnection, reminders: &[Reminder]) -> Result<(), Failure> {
    if reminders.is_empty() {
        return Ok(());
    }
    let pending = outbox::pending_reminders(&mut *conn).await?;
    for reminder in reminders.iter().filter(|one| !pending.contains(&one.id)) {
        set(&mut *conn, reminder).await?;
    }
    Ok(())
}

/// Keeps a reminder.
pub(crate) async fn set(conn: &mut SqliteConnection, reminder: &Reminder) -> Result<(), Failure> {
    let sql = "INSERT INTO reminders (id, pupil_id, due_at, done_at, payload) VALUES ($1, $2, $3, $4, $5)
               ON CONFLICT (id) DO UPDATE SET pupil_id = excluded.pupil_id, due_at = excluded.due_at,
                   done_at = excluded.done_at, payload = excluded.payload";
    sqlx::query(sql)
        .bind(reminder.id)
        .bind(reminder.pupil_id)
        .bind(millis(reminder.effective()))
        .bind(reminder.done_at.map(millis))
        .bind(serde_json::to_string(reminder)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// One reminder.
pub(crate) async fn get(conn: &mut SqliteConnection, id: ReminderId) -> Result<Option<Reminder>, Failure> {
    let payload: Option<String> = sqlx::query_scalar("SELECT payload FROM reminders WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    Ok(payload.map(|payload| serde_json::from_str(&payload)).transpose()?)
}

/// Those that are not done, in the order in which they are due.
pub(crate) async fn open(conn: &mut SqliteConnection) -> Result<Vec<Reminder>, Failure> {
    let sql = "SELECT payload FROM reminders WHERE done_at IS NULL ORDER BY due_at, id LIMIT $1";
    read(sqlx::query_scalar(sql).bind(SHOWN).fetch_all(conn).await?)
}

/// The first of those that are due.
pub(crate) async fn due(conn: &mut SqliteConnection, now: Timestamp, limit: i64) -> Result<Vec<Reminder>, Failure> {
    let sql = "SELECT payload FROM reminders WHERE done_at IS NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2";
    read(
        sqlx::query_scalar(sql)
            .bind(millis(now))
            .bind(limit)
            .fetch_all(conn)
            .await?,
    )
}

/// Those that are done, the last first.
pub(crate) async fn done(conn: &mut SqliteConnection) -> Result<Vec<Reminder>, Failure> {
    let sql = "SELECT payload FROM reminders WHERE done_at IS NOT NULL ORDER BY done_at DESC, id LIMIT $1";
    read(sqlx::query_scalar(sql).bind(SHOWN).fetch_all(conn).await?)
}

/// How many are due.
pub(crate) async fn count_due(conn: &mut SqliteConnection, now: Timestamp) -> Result<u32, Failure> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM reminders WHERE done_at IS NULL AND due_at <= $1")
        .bind(millis(now))
        .fetch_one(conn)
        .await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

const UNTOLD: &str = "done_at IS NULL AND due_at <= $1 AND (fired_for IS NULL OR fired_for <> due_at)";

/// How many are due that were not told on this device.
pub(crate) async fn count_untold(conn: &mut SqliteConnection, now: Timestamp) -> Result<u64, Failure> {
    let sql = format!("SELECT COUNT(*) FROM reminders WHERE {UNTOLD}");
    let count: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
        .bind(millis(now))
        .fetch_one(conn)
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Notes that those which are due are told on this device. Gives how many of them were not before.
pub(crate) async fn note_told(conn: &mut SqliteConnection, now: Timestamp) -> Result<u64, Failure> {
    let sql = format!("UPDATE reminders SET fired_for = due_at WHERE {UNTOLD}");
    let noted = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(millis(now))
        .execute(conn)
        .await?;
    Ok(noted.rows_affected())
}

/// Deletes a reminder.
pub(crate) async fn delete_one(conn: &mut SqliteConnection, id: ReminderId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM reminders WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes reminders, but for those whose words wait to be sent: they are the user's own.
pub(super) async fn delete(conn: &mut SqliteConnection, ids: &[uuid::Uuid]) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    let unsaved = outbox::unsaved_reminders(&mut *conn).await?;
    sqlx::query("DELETE FROM reminders WHERE id IN (SELECT unhex(value) FROM json_each($1))")
        .bind(hex_list(
            ids.iter().copied().filter(|id| !unsaved.contains(&ReminderId(*id))),
        ))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the reminders about pupils, but for those whose words wait to be sent.
pub(super) async fn delete_about(conn: &mut SqliteConnection, pupils: &[PupilId]) -> Result<(), Failure> {
    let unsaved = outbox::unsaved_reminders(&mut *conn).await?;
    let sql = "DELETE FROM reminders WHERE pupil_id IN (SELECT unhex(value) FROM json_each($1))
               AND id NOT IN (SELECT unhex(value) FROM json_each($2))";
    sqlx::query(sql)
        .bind(hex_list(pupils.iter().copied()))
        .bind(hex_list(unsaved))
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes all but some, and but those of which something waits to be sent.
pub(crate) async fn keep_only(conn: &mut SqliteConnection, ids: &[ReminderId]) -> Result<(), Failure> {
    let mut kept = outbox::pending_reminders(&mut *conn).await?;
    kept.extend(ids);
    sqlx::query("DELETE FROM reminders WHERE id NOT IN (SELECT unhex(value) FROM json_each($1))")
        .bind(hex_list(kept))
        .execute(conn)
        .await?;
    Ok(())
}
