//! Conversations, each with what its row in a list shows.

mod unread;

use std::collections::HashMap;

use lac_domain::{ConversationId, NoticeKind, PupilId, Timestamp, UserId};
use lac_wire::Conversation;
use sqlx::{AssertSqlSafe, FromRow, SqliteConnection};
use uuid::Uuid;

pub(super) use self::unread::{count_unread, recount};
pub(crate) use self::unread::{count_unread_conversations, count_unread_messages, count_unread_notices};
use super::apply::Context;
use super::lists::hex_list;
use super::waiting::{self, Pending};
use super::{attachments, messages, millis, participants};
use crate::failure::Failure;

/// Sort keys from here on belong to conversations that wait to be sent; the store's numbers stay far below.
pub(super) const UNSENT: i64 = 1 << 60;

const COLUMNS: &str = "id, confirmed, subject, pupil_id, confidential, mine, wrote, read_up_to, sort_key, held_count, \
                       held_last, last_at, excerpt, unread, notice, muted";

/// The columns of a [`ConversationEntry`], of a table of another name.
pub(super) fn columns_of(table: &str) -> String {
    let columns: Vec<String> = COLUMNS.split(", ").map(|column| format!("{table}.{column}")).collect();
    columns.join(", ")
}

/// A conversation as it is held.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct ConversationEntry {
    pub(crate) id: ConversationId,
    /// Whether the store has it.
    pub(crate) confirmed: bool,
    pub(crate) subject: String,
    pub(crate) pupil_id: Option<PupilId>,
    pub(crate) confidential: bool,
    /// Whether the user takes part.
    pub(crate) mine: bool,
    /// Whether the user wrote in it.
    pub(crate) wrote: bool,
    /// What the user has read, with what waits to be sent.
    pub(crate) read_up_to: i64,
    pub(crate) sort_key: i64,
    pub(crate) held_count: i64,
    pub(crate) held_last: i64,
    /// When its newest message was sent, in milliseconds.
    pub(crate) last_at: i64,
    /// The beginning of its newest message.
    pub(crate) excerpt: String,
    pub(crate) unread: i64,
    /// What it is a notice of, as it is stored.
    pub(crate) notice: Option<String>,
    /// Whether no notification of it is wanted, with what waits to be sent.
    pub(crate) muted: bool,
}

impl ConversationEntry {
    /// What it is a notice of, where the system wrote it.
    pub(crate) fn kind_of_notice(&self) -> Option<NoticeKind> {
        let kind = self.notice.as_deref()?;
        Some(NoticeKind::parse(kind).unwrap_or(NoticeKind::Other))
    }
}

/// A place in a list of conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListKey {
    pub(crate) sort_key: i64,
    pub(crate) id: ConversationId,
}

/// Which conversations a list shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FolderPage {
    /// Those that the user takes part in.
    Inbox,
    /// Those with an unread message.
    Unread,
    /// Those of people with an unread message.
    UnreadOfPeople,
    /// Unread notices that a child is new to the user.
    UnreadOfNewPupils,
    /// Those in which the user wrote.
    Sent,
    /// Notices of the system.
    Notices,
    /// Those about a pupil.
    Pupil(PupilId),
    /// All that are held.
    All,
}

/// A page of a list, the newest first.
pub(crate) async fn list(
    conn: &mut SqliteConnection,
    folder: FolderPage,
    after: Option<ListKey>,
    limit: i64,
) -> Result<Vec<ConversationEntry>, Failure> {
    let condition = match folder {
        FolderPage::Inbox => "mine = 1",
        FolderPage::Unread => "unread > 0",
        FolderPage::UnreadOfPeople => "unread > 0 AND notice IS NULL",
        FolderPage::UnreadOfNewPupils => {
            "unread > 0 AND notice IN ('new_child', 'new_to_care') AND pupil_id IS NOT NULL"
        }
        FolderPage::Sent => "wrote = 1",
        FolderPage::Notices => "notice IS NOT NULL",
        FolderPage::Pupil(_) => "pupil_id = $4 AND notice IS NULL",
        FolderPage::All => "true",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM conversations
         WHERE {condition} AND sort_key <= $1 AND (sort_key < $1 OR id > $2)
         ORDER BY sort_key DESC, id LIMIT $3"
    );
    let after = after.unwrap_or(ListKey {
        sort_key: i64::MAX,
        id: ConversationId(Uuid::nil()),
    });
    let mut query = sqlx::query_as(AssertSqlSafe(sql))
        .bind(after.sort_key)
        .bind(after.id)
        .bind(limit);
    if let FolderPage::Pupil(pupil) = folder {
        query = query.bind(pupil);
    }
    Ok(query.fetch_all(conn).await?)
}

/// One conversation.
pub(crate) async fn get(conn: &mut SqliteConnection, id: ConversationId) -> Result<Option<ConversationEntry>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM conversations WHERE id = $1");
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?)
}

/// Some conversations, by id; those that are not held are left out.
pub(crate) async fn get_all(
    conn: &mut SqliteConnection,
    ids: impl IntoIterator<Item = ConversationId>,
) -> Result<HashMap<ConversationId, ConversationEntry>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM conversations WHERE id IN (SELECT unhex(value) FROM json_each($1))");
    let rows: Vec<ConversationEntry> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(hex_list(ids))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Keeps conversations as the store sent them, with who takes part.
pub(super) async fn put(
    conn: &mut SqliteConnection,
    context: &Context,
    conversations: &[Conversation],
) -> Result<(), Failure> {
    if conversations.is_empty() {
        return Ok(());
    }
    let held = get_all(&mut *conn, conversations.iter().map(|c| c.id)).await?;
    let pending = if held.is_empty() {
        Pending::default()
    } else {
        waiting::pending(&mut *conn).await?
    };
    let mut rows = Vec::with_capacity(conversations.len());
    let (mut renamed, mut recount) = (Vec::new(), Vec::new());
    for conversation in conversations {
        let me = conversation
            .participants
            .iter()
            .find(|participant| participant.user_id == context.me)
            .filter(|_| !pending.leaves.contains(&conversation.id));
        let before = held.get(&conversation.id);
        let read_up_to = match (before, pending.marks.contains(&conversation.id)) {
            // What waits to be sent is newer than what the store says.
            (Some(before), true) => before.read_up_to,
            _ => me.map_or(0, |participant| participant.read_up_to),
        };
        let muted = match (before, pending.mutes.contains(&conversation.id)) {
            (Some(before), true) => before.muted,
            _ => conversation.muted,
        };
        if let Some(before) = before {
            if before.held_count > 0 && before.subject != conversation.subject.reveal() {
                renamed.push(conversation.id);
            }
            if before.read_up_to != read_up_to || before.mine != me.is_some() {
                recount.push(conversation.id);
            }
        }
        rows.push((
            hex::encode(conversation.id.as_bytes()),
            conversation.subject.reveal(),
            conversation.pupil_id.map(|pupil| hex::encode(pupil.as_bytes())),
            i64::from(conversation.confidential),
            i64::from(me.is_some()),
            read_up_to,
            conversation.last_number,
            millis(conversation.started_at),
            conversation.notice.map(NoticeKind::as_str),
            i64::from(muted),
        ));
    }
    messages::unindex_conversations(&mut *conn, &renamed).await?;
    let sql = "INSERT INTO conversations
                   (id, confirmed, subject, pupil_id, confidential, mine, wrote, read_up_to, sort_key, last_at, notice, muted,
                    generation)
               SELECT unhex(value ->> 0), 1, value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, 0, value ->> 5,
                      value ->> 6, value ->> 7, value ->> 8, value ->> 9, $2
               FROM json_each($1) WHERE true
               ON CONFLICT (id) DO UPDATE SET confirmed = 1, subject = excluded.subject, pupil_id = excluded.pupil_id,
                   confidential = excluded.confidential, mine = excluded.mine, notice = excluded.notice, muted = excluded.muted,
                   read_up_to = excluded.read_up_to,
                   sort_key = MAX(held_last, excluded.sort_key), generation = excluded.generation";
    sqlx::query(sql)
        .bind(serde_json::to_string(&rows)?)
        .bind(context.generation)
        .execute(&mut *conn)
        .await?;
    messages::index_conversations(&mut *conn, &renamed).await?;
    participants::put(&mut *conn, conversations, |id| held.contains_key(id)).await?;
    count_unread(conn, context.me, &recount).await
}

/// Deletes conversations with their messages, words and participants.
pub(super) async fn delete(conn: &mut SqliteConnection, ids: &[ConversationId]) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    messages::unindex_conversations(&mut *conn, ids).await?;
    let list = hex_list(ids.iter().copied());
    attachments::delete_of_conversations(&mut *conn, &list).await?;
    for sql in [
        "DELETE FROM messages WHERE conversation_id IN (SELECT unhex(value) FROM json_each($1))",
        "DELETE FROM conversations WHERE id IN (SELECT unhex(value) FROM json_each($1))",
    ] {
        sqlx::query(sql).bind(&list).execute(&mut *conn).await?;
    }
    Ok(())
}

/// The conversations about pupils that the store has.
pub(super) async fn about(conn: &mut SqliteConnection, pupils: &[PupilId]) -> Result<Vec<ConversationId>, Failure> {
    let sql = "SELECT id FROM conversations
               WHERE pupil_id IN (SELECT unhex(value) FROM json_each($1)) AND confirmed = 1";
    let list = hex_list(pupils.iter().copied());
    Ok(sqlx::query_scalar(sql).bind(list).fetch_all(conn).await?)
}

/// The conversations that a first fetch did not bring again.
pub(super) async fn older_than(conn: &mut SqliteConnection, generation: i64) -> Result<Vec<ConversationId>, Failure> {
    let sql = "SELECT id FROM conversations WHERE generation < $1 AND confirmed = 1";
    Ok(sqlx::query_scalar(sql).bind(generation).fetch_all(conn).await?)
}

/// Shows a conversation that waits to be sent.
pub(crate) async fn put_unsent(
    conn: &mut SqliteConnection,
    id: ConversationId,
    subject: &str,
    pupil: Option<PupilId>,
    confidential: bool,
    excerpt: &str,
    at: Timestamp,
) -> Result<(), Failure> {
    let sql = "INSERT INTO conversations (id, confirmed, subject, pupil_id, confidential, mine, wrote, read_up_to,
                   sort_key, last_at, excerpt, generation) VALUES ($1, 0, $2, $3, $4, 1, 1, 0, $5, $6, $7, 0)
               ON CONFLICT (id) DO NOTHING";
    sqlx::query(sql)
        .bind(id)
        .bind(subject)
        .bind(pupil)
        .bind(confidential)
        .bind(UNSENT + millis(at))
        .bind(millis(at))
        .bind(super::excerpt::kept(excerpt))
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes away a conversation that only this device knew.
pub(crate) async fn delete_unsent(conn: &mut SqliteConnection, id: ConversationId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM conversations WHERE id = $1 AND confirmed = 0")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes that the user wrote in a conversation.
pub(crate) async fn set_wrote(
    conn: &mut SqliteConnection,
    ids: impl IntoIterator<Item = ConversationId>,
) -> Result<(), Failure> {
    let sql = "UPDATE conversations SET wrote = 1 WHERE wrote = 0 AND id IN (SELECT unhex(value) FROM json_each($1))";
    sqlx::query(sql).bind(hex_list(ids)).execute(conn).await?;
    Ok(())
}

/// Notes up to where the user has read, and counts what is unread.
pub(crate) async fn set_read(
    conn: &mut SqliteConnection,
    me: UserId,
    id: ConversationId,
    up_to: i64,
) -> Result<(), Failure> {
    sqlx::query("UPDATE conversations SET read_up_to = $2 WHERE id = $1")
        .bind(id)
        .bind(up_to)
        .execute(&mut *conn)
        .await?;
    count_unread(conn, me, &[id]).await
}

/// Notes that the user takes part in a conversation no longer.
pub(crate) async fn set_left(conn: &mut SqliteConnection, id: ConversationId) -> Result<(), Failure> {
    sqlx::query("UPDATE conversations SET mine = 0, unread = 0 WHERE id = $1")
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Notes whether a conversation is muted.
pub(crate) async fn set_muted(conn: &mut SqliteConnection, id: ConversationId, muted: bool) -> Result<(), Failure> {
    sqlx::query("UPDATE conversations SET muted = $2 WHERE id = $1")
        .bind(id)
        .bind(muted)
        .execute(conn)
        .await?;
    Ok(())
}
