//! Reading reminders back, each for who may see it.

use chrono::TimeDelta;
use lac_domain::{ConversationId, EstablishmentId, PupilId, ReminderId, ReminderKind, Repeat, Timestamp};
use lac_wire::Reminder;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::establishments::nobody_to_read;
use crate::keys::Keys;
use crate::scope::Scope;
use crate::seal::Place;
use crate::storage::{Conn, hex_ids};
use crate::writer::Tx;

/// What was done so long ago is not sent to devices any more.
const SHOWN: TimeDelta = TimeDelta::days(30);
/// What was done so long ago is deleted.
const KEPT: TimeDelta = TimeDelta::days(365);

/// Where a reminder's text is sealed.
pub(super) fn text_place(id: ReminderId) -> Place {
    Place::new("reminders", id, "sealed_text")
}

#[derive(sqlx::FromRow)]
struct Row {
    id: ReminderId,
    kind: String,
    sealed_text: Vec<u8>,
    pupil_id: Option<PupilId>,
    conversation_id: Option<ConversationId>,
    establishment_id: Option<EstablishmentId>,
    due_at: Timestamp,
    repeat: Option<String>,
    snoozed_until: Option<Timestamp>,
    done_at: Option<Timestamp>,
}

const COLUMNS: &str =
    "r.id, r.kind, r.sealed_text, r.pupil_id, r.conversation_id, r.establishment_id, r.due_at, r.repeat,
    s.snoozed_until, s.done_at";
const FROM: &str = "reminders r LEFT JOIN reminder_states s ON s.reminder_id = r.id AND s.user_id = $1";

/// SQL that is true where a reminder `r` is for the user, `$1`, and speaks of nothing that they may not see.
pub(super) fn sees_reminder(scope: Scope) -> String {
    let audience = if scope.is_la() {
        "('la_roles', 'everyone')"
    } else {
        "('everyone')"
    };
    format!(
        "(r.owner_id = $1 OR r.audience IN {audience})
         AND (r.pupil_id IS NULL OR {})
         AND (r.conversation_id IS NULL OR EXISTS (SELECT 1 FROM conversations v WHERE v.id = r.conversation_id AND {}))
         AND (r.kind <> 'nobody_to_read' OR EXISTS (SELECT 1 FROM establishments e
                WHERE e.id = r.establishment_id AND {}))",
        scope.sees_pupil("r.pupil_id"),
        scope.reads_conversation("v"),
        nobody_to_read(scope),
    )
}

fn open(keys: &Keys, rows: Vec<Row>) -> Result<Vec<Reminder>, StoreError> {
    rows.into_iter()
        .map(|row| {
            let text = keys.open(text_place(row.id), &row.sealed_text)?;
            Ok(Reminder {
                id: row.id,
                kind: ReminderKind::parse(&row.kind)
                    .map_err(|_| StoreError::Inconsistent("an unknown kind of reminder"))?,
                text: String::from_utf8_lossy(&text).into_owned().into(),
                pupil_id: row.pupil_id,
                conversation_id: row.conversation_id,
                establishment_id: row.establishment_id,
                due_at: row.due_at,
                repeat: row.repeat.and_then(|repeat| Repeat::parse(&repeat).ok()),
                snoozed_until: row.snoozed_until,
                done_at: row.done_at,
            })
        })
        .collect()
}

/// Loads reminders by their ids, in order of id; those that are not for the user are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_reminders(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    ids: impl IntoIterator<Item = ReminderId>,
) -> Result<Vec<Reminder>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE r.id IN {} AND {} ORDER BY r.id",
        conn.engine().ids("$2"),
        sees_reminder(scope)
    );
    let ids = hex_ids(ids);
    let rows = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    open(keys, rows)
}

/// A page of all reminders that a device holds, in order of id.
///
/// # Errors
/// When the database fails.
pub(crate) async fn reminders_page(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    after: ReminderId,
    limit: u32,
) -> Result<Vec<Reminder>, StoreError> {
    let since = lac_domain::reminders::morning_of(scope.today).plus(-SHOWN);
    let sql = format!(
        "SELECT {COLUMNS} FROM {FROM} WHERE r.id > $2 AND (s.done_at IS NULL OR s.done_at > $3) AND {} ORDER BY r.id LIMIT $4",
        sees_reminder(scope)
    );
    let rows = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(after).bind(since).bind(i64::from(limit)).fetch_all(c).await)?;
    open(keys, rows)
}

/// Deletes what its owner was done with long ago.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_reminders(tx: &mut Tx) -> Result<(), StoreError> {
    let before = tx.now().plus(-KEPT);
    let sql = "DELETE FROM reminders WHERE kind = 'own' AND id IN
                 (SELECT s.reminder_id FROM reminder_states s WHERE s.done_at < $1)";
    both!(tx.conn(), c => sqlx::query(sql).bind(before).execute(c).await.map(|_| ()))?;
    Ok(())
}
