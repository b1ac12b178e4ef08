//! Files that go with messages, as far as this device holds them: those of drafts and of messages that wait to be sent,
//! and those that were opened.

use std::collections::{HashMap, HashSet};

use lac_domain::{AttachmentId, AttachmentKind, ConversationId, DraftId, MessageId};
use lac_wire::Attachment;
use sqlx::{AssertSqlSafe, FromRow, SqliteConnection};

use super::lists::hex_list;
use crate::failure::Failure;

/// How many bytes one piece has, in the file and on the way to the store.
pub(crate) const PIECE: usize = 256 * 1024;

const COLUMNS: &str = "id, draft_id, conversation_id, name, kind, size, sha256, received";

/// A file that this device holds, or a part of it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct HeldAttachment {
    pub(crate) id: AttachmentId,
    pub(crate) draft_id: Option<DraftId>,
    /// Where it is, once the store has it.
    pub(crate) conversation_id: Option<ConversationId>,
    pub(crate) name: String,
    #[sqlx(try_from = "String")]
    pub(crate) kind: AttachmentKind,
    pub(crate) size: i64,
    pub(crate) sha256: Option<String>,
    /// How much of it is here.
    pub(crate) received: i64,
}

impl HeldAttachment {
    /// Whether all of it is here.
    pub(crate) fn is_whole(&self) -> bool {
        self.received == self.size
    }
}

/// A file that a person attaches to a draft.
pub(crate) struct NewFile {
    pub(crate) id: AttachmentId,
    pub(crate) name: String,
    pub(crate) kind: AttachmentKind,
    pub(crate) sha256: String,
    pub(crate) bytes: Vec<u8>,
}

/// Attaches a file to a draft, last.
pub(crate) async fn add(conn: &mut SqliteConnection, draft: DraftId, file: &NewFile) -> Result<(), Failure> {
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO held_attachments (id, draft_id, position, name, kind, size, sha256, received)
               SELECT $1, $2, COALESCE(MAX(position) + 1, 0), $3, $4, $5, $6, 0 FROM held_attachments WHERE draft_id = $2";
    sqlx::query(sql)
        .bind(file.id)
        .bind(draft)
        .bind(&file.name)
        .bind(file.kind.as_str())
        .bind(size)
        .bind(&file.sha256)
        .execute(&mut *conn)
        .await?;
    let mut start = 0;
    for piece in file.bytes.chunks(PIECE) {
        put_piece(&mut *conn, file.id, start, piece).await?;
        start += i64::try_from(piece.len()).unwrap_or(i64::MAX);
    }
    Ok(())
}

/// Keeps the next piece of a file. Says no where another was kept meanwhile, or the file is no longer held.
pub(crate) async fn put_piece(
    conn: &mut SqliteConnection,
    id: AttachmentId,
    start: i64,
    bytes: &[u8],
) -> Result<bool, Failure> {
    let sql = "UPDATE held_attachments SET received = received + $3 WHERE id = $1 AND received = $2 AND received + $3 <= size";
    let next = sqlx::query(sql)
        .bind(id)
        .bind(start)
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .execute(&mut *conn)
        .await?;
    if next.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("INSERT INTO attachment_pieces (attachment_id, start, bytes) VALUES ($1, $2, $3)")
        .bind(id)
        .bind(start)
        .bind(bytes)
        .execute(conn)
        .await?;
    Ok(true)
}

/// The bytes of a file from one on, as far as a piece goes.
pub(crate) async fn piece_from(conn: &mut SqliteConnection, id: AttachmentId, offset: i64) -> Result<Vec<u8>, Failure> {
    let sql = "SELECT start, bytes FROM attachment_pieces WHERE attachment_id = $1 AND start <= $2
               ORDER BY start DESC LIMIT 1";
    let found: Option<(i64, Vec<u8>)> = sqlx::query_as(sql).bind(id).bind(offset).fetch_optional(conn).await?;
    Ok(found.map_or_else(Vec::new, |(start, mut bytes)| {
        let passed = usize::try_from(offset - start).unwrap_or(usize::MAX).min(bytes.len());
        bytes.split_off(passed)
    }))
}

/// All that is held of a file.
pub(crate) async fn content(conn: &mut SqliteConnection, id: AttachmentId) -> Result<Vec<u8>, Failure> {
    let sql = "SELECT bytes FROM attachment_pieces WHERE attachment_id = $1 ORDER BY start";
    let pieces: Vec<Vec<u8>> = sqlx::query_scalar(sql).bind(id).fetch_all(conn).await?;
    Ok(pieces.concat())
}

/// One file.
pub(crate) async fn get(conn: &mut SqliteConnection, id: AttachmentId) -> Result<Option<HeldAttachment>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM held_attachments WHERE id = $1");
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(conn).await?)
}

/// The files of a draft, in order.
pub(crate) async fn of_draft(conn: &mut SqliteConnection, draft: DraftId) -> Result<Vec<HeldAttachment>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM held_attachments WHERE draft_id = $1 ORDER BY position");
    Ok(sqlx::query_as(AssertSqlSafe(sql)).bind(draft).fetch_all(conn).await?)
}

/// The files of all drafts.
pub(crate) async fn of_drafts(conn: &mut SqliteConnection) -> Result<HashMap<DraftId, Vec<HeldAttachment>>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM held_attachments WHERE draft_id IS NOT NULL ORDER BY draft_id, position");
    let rows: Vec<HeldAttachment> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(conn).await?;
    let mut all: HashMap<DraftId, Vec<HeldAttachment>> = HashMap::new();
    for row in rows {
        if let Some(draft) = row.draft_id {
            all.entry(draft).or_default().push(row);
        }
    }
    Ok(all)
}

/// The files of messages, as far as any of them are held, by their ids.
pub(crate) async fn of_messages(
    conn: &mut SqliteConnection,
    messages: impl IntoIterator<Item = MessageId>,
) -> Result<HashMap<AttachmentId, HeldAttachment>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM held_attachments
         WHERE message_id IS NOT NULL AND message_id IN (SELECT unhex(value) FROM json_each($1))"
    );
    let rows: Vec<HeldAttachment> = sqlx::query_as(AssertSqlSafe(sql))
        .bind(hex_list(messages))
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Takes a file off a draft.
pub(crate) async fn remove(conn: &mut SqliteConnection, draft: DraftId, id: AttachmentId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM held_attachments WHERE id = $1 AND draft_id = $2")
        .bind(id)
        .bind(draft)
        .execute(conn)
        .await?;
    Ok(())
}

/// Deletes the files of a draft.
pub(crate) async fn delete_of_draft(conn: &mut SqliteConnection, draft: DraftId) -> Result<(), Failure> {
    sqlx::query("DELETE FROM held_attachments WHERE draft_id = $1")
        .bind(draft)
        .execute(conn)
        .await?;
    Ok(())
}

/// Moves the files of a draft to the message that it became. Gives their ids, in order.
pub(crate) async fn to_message(
    conn: &mut SqliteConnection,
    draft: DraftId,
    message: MessageId,
) -> Result<Vec<AttachmentId>, Failure> {
    let ids = of_draft(&mut *conn, draft)
        .await?
        .into_iter()
        .map(|held| held.id)
        .collect();
    sqlx::query("UPDATE held_attachments SET message_id = $2, draft_id = NULL WHERE draft_id = $1")
        .bind(draft)
        .bind(message)
        .execute(conn)
        .await?;
    Ok(ids)
}

/// Moves the files of a message that has not left back to a draft.
pub(crate) async fn to_draft(conn: &mut SqliteConnection, message: MessageId, draft: DraftId) -> Result<(), Failure> {
    let sql = "UPDATE held_attachments SET draft_id = $2, message_id = NULL WHERE message_id = $1 AND conversation_id IS NULL";
    sqlx::query(sql).bind(message).bind(draft).execute(conn).await?;
    Ok(())
}

/// The store took a message: its files are the conversation's from now on. Where the user may not read it, they go.
pub(crate) async fn sent(
    conn: &mut SqliteConnection,
    message: MessageId,
    conversation: Option<ConversationId>,
) -> Result<(), Failure> {
    let sql = if conversation.is_some() {
        "UPDATE held_attachments SET conversation_id = $2 WHERE message_id = $1"
    } else {
        "DELETE FROM held_attachments WHERE message_id = $1 AND $2 IS NULL"
    };
    sqlx::query(sql).bind(message).bind(conversation).execute(conn).await?;
    Ok(())
}

/// Begins to hold a file of a message.
pub(crate) async fn begin(
    conn: &mut SqliteConnection,
    (conversation, message): (ConversationId, MessageId),
    attachment: &Attachment,
) -> Result<(), Failure> {
    let sql = "INSERT INTO held_attachments (id, message_id, conversation_id, position, name, kind, size, received)
               VALUES ($1, $2, $3, 0, $4, $5, $6, 0) ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(attachment.id)
        .bind(message)
        .bind(conversation)
        .bind(attachment.name.reveal())
        .bind(attachment.kind.as_str())
        .bind(attachment.size)
        .execute(conn)
        .await?;
    Ok(())
}

/// What came with a message that is held, and its conversation.
pub(crate) async fn of_message(
    conn: &mut SqliteConnection,
    message: MessageId,
) -> Result<Option<(ConversationId, Vec<Attachment>)>, Failure> {
    let sql = "SELECT conversation_id, attachments FROM messages WHERE id = $1 AND attachments IS NOT NULL";
    let found: Option<(ConversationId, String)> = sqlx::query_as(sql).bind(message).fetch_optional(conn).await?;
    found
        .map(|(conversation, text)| Ok((conversation, serde_json::from_str(&text)?)))
        .transpose()
}

/// Of some conversations, those in which a message has a file.
pub(crate) async fn in_conversations(
    conn: &mut SqliteConnection,
    ids: impl IntoIterator<Item = ConversationId>,
) -> Result<HashSet<ConversationId>, Failure> {
    let sql = "SELECT unhex(j.value) FROM json_each($1) j WHERE EXISTS (
                   SELECT 1 FROM messages m WHERE m.conversation_id = unhex(j.value) AND m.attachments IS NOT NULL)";
    let rows: Vec<ConversationId> = sqlx::query_scalar(sql).bind(hex_list(ids)).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}

/// The files that are held, whole or in part.
pub(crate) async fn all_ids(conn: &mut SqliteConnection) -> Result<HashSet<AttachmentId>, Failure> {
    let rows: Vec<AttachmentId> = sqlx::query_scalar("SELECT id FROM held_attachments")
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Deletes what is held of the files of conversations, or of messages by their numbers. Those of messages that have not
/// left stay.
pub(super) async fn delete_of_conversations(conn: &mut SqliteConnection, list: &str) -> Result<(), Failure> {
    let sql = "DELETE FROM held_attachments WHERE conversation_id IN (SELECT unhex(value) FROM json_each($1))";
    sqlx::query(sql).bind(list).execute(conn).await?;
    Ok(())
}

/// The same of messages, by a list of their numbers.
pub(super) async fn delete_of_numbers(conn: &mut SqliteConnection, list: &str) -> Result<(), Failure> {
    let sql = "DELETE FROM held_attachments WHERE conversation_id IS NOT NULL AND message_id IN (
                   SELECT m.id FROM json_each($1) j CROSS JOIN messages m ON m.number = j.value)";
    sqlx::query(sql).bind(list).execute(conn).await?;
    Ok(())
}
