//! What this device has to send and the store has not yet confirmed. The rows; what happens with them is in
//! `crate::outbox`.

mod turns;

use std::collections::HashSet;

use lac_domain::{CommandId, ConversationId, MessageId, ReminderId, Timestamp};
use lac_wire::Command;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use self::turns::stored_kind;
pub(crate) use self::turns::{CommandKind, Line, OutboxState, ready};
use super::millis;
use crate::failure::Failure;
use crate::view::{Draft, Problem};

/// The version in which payloads are written.
const VERSION: i64 = 1;

/// A row.
#[derive(Clone, Debug)]
pub(crate) struct OutboxEntry {
    pub(crate) command_id: CommandId,
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) kind: CommandKind,
    pub(crate) state: OutboxState,
    pub(crate) command: Command,
    pub(crate) draft: Option<Draft>,
    pub(crate) written_at: Timestamp,
    /// The store may have taken it although its answer did not come.
    pub(crate) maybe_sent: bool,
    pub(crate) problem: Option<Problem>,
}

#[derive(FromRow)]
struct Row {
    command_id: CommandId,
    conversation_id: Option<ConversationId>,
    kind: String,
    state: String,
    payload: String,
    draft: Option<String>,
    written_at: i64,
    maybe_sent: bool,
    problem: Option<String>,
}

impl TryFrom<Row> for OutboxEntry {
    type Error = Failure;

    fn try_from(row: Row) -> Result<Self, Failure> {
        let command = serde_json::from_str(&row.payload)?;
        Ok(Self {
            command_id: row.command_id,
            conversation_id: row.conversation_id,
            kind: CommandKind::of(&row.kind, Some(&command)),
            state: OutboxState::of(&row.state),
            command,
            draft: row.draft.as_deref().map(serde_json::from_str).transpose()?,
            written_at: super::timestamp(row.written_at),
            maybe_sent: row.maybe_sent,
            problem: row.problem.as_deref().map(serde_json::from_str).transpose()?,
        })
    }
}

/// Puts a command last.
pub(crate) async fn push(
    conn: &mut SqliteConnection,
    id: CommandId,
    command: &Command,
    draft: Option<&Draft>,
    at: Timestamp,
) -> Result<(), Failure> {
    let sql = "INSERT INTO outbox (command_id, conversation_id, kind, state, version, payload, draft, written_at)
               VALUES ($1, $2, $3, 'waiting', $4, $5, $6, $7)";
    sqlx::query(sql)
        .bind(id)
        .bind(
            command
                .conversation_id()
                .map(Uuid::from)
                .or(command.reminder_id().map(Uuid::from)),
        )
        .bind(stored_kind(command))
        .bind(VERSION)
        .bind(serde_json::to_string(command)?)
        .bind(draft.map(serde_json::to_string).transpose()?)
        .bind(millis(at))
        .execute(conn)
        .await?;
    Ok(())
}

const ROW: &str =
    "SELECT command_id, conversation_id, kind, state, payload, draft, written_at, maybe_sent, problem FROM outbox";

/// All rows, in order.
pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<OutboxEntry>, Failure> {
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!("{ROW} ORDER BY seq")))
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(OutboxEntry::try_from).collect()
}

/// A conversation's rows, in order.
pub(crate) async fn of_conversation(
    conn: &mut SqliteConnection,
    id: ConversationId,
) -> Result<Vec<OutboxEntry>, Failure> {
    let sql = format!("{ROW} WHERE conversation_id = $1 ORDER BY seq");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(OutboxEntry::try_from).collect()
}

/// One row.
pub(crate) async fn get(conn: &mut SqliteConnection, id: CommandId) -> Result<Option<OutboxEntry>, Failure> {
    let sql = format!("{ROW} WHERE command_id = $1");
    let row: Option<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.map(OutboxEntry::try_from).transpose()
}

/// A line as it is stored; of a command about a reminder, with what it says.
type LineRow = (CommandId, Option<ConversationId>, String, String, Option<String>);

/// What decides about each row, in order.
pub(crate) async fn lines(conn: &mut SqliteConnection) -> Result<Vec<Line>, Failure> {
    let sql = "SELECT command_id, conversation_id, kind, state, CASE kind WHEN 'reminder' THEN payload END
               FROM outbox ORDER BY seq";
    let rows: Vec<LineRow> = sqlx::query_as(sql).fetch_all(conn).await?;
    rows.into_iter()
        .map(|(command_id, conversation_id, kind, state, payload)| {
            let command: Option<Command> = payload.as_deref().map(serde_json::from_str).transpose()?;
            let about = match &command {
                Some(Command::SaveReminder { reminder }) => reminder.conversation_id,
                _ => None,
            };
            Ok(Line {
                command_id,
                conversation_id,
                about,
                kind: CommandKind::of(&kind, command.as_ref()),
                state: OutboxState::of(&state),
            })
        })
        .collect()
}

/// Takes a waiting row into hand. Says no where it is no longer there, or no longer waits.
pub(crate) async fn take_in_hand(conn: &mut SqliteConnection, id: CommandId) -> Result<bool, Failure> {
    let sql = "UPDATE outbox SET state = 'sending', maybe_sent = 1, problem = NULL WHERE command_id = $1 AND state = 'waiting'";
    Ok(sqlx::query(sql).bind(id).execute(conn).await?.rows_affected() == 1)
}

/// Has a row wait again. `maybe_sent` stays what it was unless it is known that the store did not take it.
pub(crate) async fn wait_again(
    conn: &mut SqliteConnection,
    id: CommandId,
    surely_not_sent: bool,
) -> Result<(), Failure> {
    let sql = "UPDATE outbox SET state = 'waiting', maybe_sent = CASE WHEN $2 THEN 0 ELSE maybe_sent END WHERE command_id = $1";
    sqlx::query(sql).bind(id).bind(surely_not_sent).execute(conn).await?;
    Ok(())
}

/// Has every row that was being sent wait again: the application was ended meanwhile.
pub(crate) async fn wait_again_all(conn: &mut SqliteConnection) -> Result<(), Failure> {
    sqlx::query("UPDATE outbox SET state = 'waiting' WHERE state = 'sending'")
        .execute(conn)
        .await?;
    Ok(())
}

/// Marks a row refused, with the store's reason. Its words stay.
pub(crate) async fn refuse(conn: &mut SqliteConnection, id: CommandId, problem: &Problem) -> Result<(), Failure> {
    let sql = "UPDATE outbox SET state = 'needs_attention', maybe_sent = 0, problem = $2 WHERE command_id = $1";
    sqlx::query(sql)
        .bind(id)
        .bind(serde_json::to_string(problem)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Has a refused row wait again under a new id: the store would give its old id the old answer.
pub(crate) async fn renew(conn: &mut SqliteConnection, id: CommandId, new_id: CommandId) -> Result<(), Failure> {
    let sql = "UPDATE outbox SET command_id = $2, state = 'waiting', problem = NULL
               WHERE command_id = $1 AND state = 'needs_attention'";
    sqlx::query(sql).bind(id).bind(new_id).execute(conn).await?;
    Ok(())
}

/// Gives a row another command, under a new id: the store may know the old one with the old command.
pub(crate) async fn rewrite(
    conn: &mut SqliteConnection,
    id: CommandId,
    new_id: CommandId,
    command: &Command,
) -> Result<(), Failure> {
    sqlx::query("UPDATE outbox SET command_id = $2, payload = $3 WHERE command_id = $1")
        .bind(id)
        .bind(new_id)
        .bind(serde_json::to_string(command)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes a row out.
pub(crate) async fn delete(conn: &mut SqliteConnection, id: CommandId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM outbox WHERE command_id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Rewrites the draft beside a row.
pub(super) async fn set_draft(conn: &mut SqliteConnection, id: CommandId, draft: &Draft) -> Result<(), Failure> {
    sqlx::query("UPDATE outbox SET draft = $2 WHERE command_id = $1")
        .bind(id)
        .bind(serde_json::to_string(draft)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Reminders of which something waits to be sent.
pub(super) async fn pending_reminders(conn: &mut SqliteConnection) -> Result<HashSet<ReminderId>, Failure> {
    let sql = "SELECT DISTINCT conversation_id FROM outbox WHERE kind = 'reminder'";
    Ok(sqlx::query_scalar(sql).fetch_all(conn).await?.into_iter().collect())
}

/// A reminder's rows, in order.
pub(crate) async fn of_reminder(conn: &mut SqliteConnection, id: ReminderId) -> Result<Vec<OutboxEntry>, Failure> {
    of_conversation(conn, ConversationId(id.0)).await
}

/// Reminders whose words wait to be sent, or were refused.
pub(super) async fn unsaved_reminders(conn: &mut SqliteConnection) -> Result<HashSet<ReminderId>, Failure> {
    let lines = lines(conn).await?;
    let unsaved = lines.iter().filter(|line| line.kind == CommandKind::SaveReminder);
    Ok(unsaved
        .filter_map(|line| line.conversation_id.map(|id| ReminderId(id.0)))
        .collect())
}

/// How many things of which a person is told wait to be sent, and how many were refused.
pub(crate) async fn counts(conn: &mut SqliteConnection) -> Result<(u32, u32), Failure> {
    let mut lines = lines(conn).await?;
    lines.retain(|line| line.kind.is_shown());
    let refused = lines.iter().filter(|line| line.state == OutboxState::NeedsAttention);
    let refused = refused.count();
    Ok((
        u32::try_from(lines.len() - refused).unwrap_or(u32::MAX),
        u32::try_from(refused).unwrap_or(u32::MAX),
    ))
}

/// Notes that a command was sent, for 30 days and without its words.
pub(crate) async fn note_sent(
    conn: &mut SqliteConnection,
    entry: &OutboxEntry,
    message: Option<MessageId>,
    left_out: &[String],
    at: Timestamp,
) -> Result<(), Failure> {
    let left_out = if left_out.is_empty() {
        None
    } else {
        Some(serde_json::to_string(left_out)?)
    };
    let sql = "INSERT INTO sent (command_id, conversation_id, message_id, kind, sent_at, left_out)
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(entry.command_id)
        .bind(entry.conversation_id)
        .bind(message)
        .bind(stored_kind(&entry.command))
        .bind(millis(at))
        .bind(left_out)
        .execute(&mut *conn)
        .await?;
    let before = at.plus(-chrono::TimeDelta::days(30));
    sqlx::query("DELETE FROM sent WHERE sent_at < $1")
        .bind(millis(before))
        .execute(conn)
        .await?;
    Ok(())
}

/// The names of those whom some messages did not reach.
pub(crate) async fn left_out(
    conn: &mut SqliteConnection,
    messages: impl IntoIterator<Item = MessageId>,
) -> Result<Vec<(MessageId, Vec<String>)>, Failure> {
    let sql = "SELECT message_id, left_out FROM sent
               WHERE left_out IS NOT NULL AND message_id IN (SELECT unhex(value) FROM json_each($1))";
    let rows: Vec<(MessageId, String)> = sqlx::query_as(sql)
        .bind(super::lists::hex_list(messages))
        .fetch_all(conn)
        .await?;
    rows.into_iter()
        .map(|(id, names)| Ok((id, serde_json::from_str(&names)?)))
        .collect()
}
