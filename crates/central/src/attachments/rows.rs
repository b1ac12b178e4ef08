//! Rows of attachments, and where in them what is sealed.

use std::collections::HashMap;

use lac_domain::{AttachmentId, AttachmentKind, ConversationId, MessageId, UserId};
use lac_wire::Attachment;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::scope::Scope;
use crate::seal::{OwnKey, Place};
use crate::storage::{Conn, hex_ids};

/// Where an attachment's own key is sealed: by the authority's key, and once a message names it by its conversation's.
pub(super) fn key_place(id: AttachmentId) -> Place {
    Place::new("attachments", id, "sealed_key")
}

/// Where its name is.
pub(super) fn name_place(id: AttachmentId) -> Place {
    Place::new("attachments", id, "sealed_name")
}

/// Where a piece of its content is.
pub(super) fn piece_place(id: AttachmentId, start: i64) -> Place {
    Place::new("attachment_pieces", id, "sealed_bytes").at(start)
}

/// A file on its way.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Upload {
    pub id: AttachmentId,
    pub user_id: UserId,
    pub size: i64,
    pub fingerprint: Vec<u8>,
    pub received: i64,
    /// Known once it arrived whole and was judged.
    pub kind: Option<String>,
    pub sealed_key: Vec<u8>,
    pub sealed_name: Vec<u8>,
}

/// Finds a file on its way, or one that has arrived.
pub(super) async fn upload(conn: &mut Conn, id: AttachmentId) -> Result<Option<Upload>, StoreError> {
    let sql = "SELECT id, user_id, size, fingerprint, received, kind, sealed_key, sealed_name
               FROM attachments WHERE id = $1";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The pieces of a file, in order: where each begins, and its sealed bytes.
pub(super) async fn pieces(conn: &mut Conn, id: AttachmentId) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT start, sealed_bytes FROM attachment_pieces WHERE attachment_id = $1 ORDER BY start";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).fetch_all(c).await)?)
}

/// An attachment of a message that the user may read, with its keys.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Readable {
    pub conversation_id: ConversationId,
    pub sealed_key: Vec<u8>,
    pub conversation_key: Vec<u8>,
}

/// Finds an attachment for who may read the conversation that it is in.
pub(super) async fn readable(conn: &mut Conn, scope: Scope, id: AttachmentId) -> Result<Option<Readable>, Failure> {
    let sql = format!(
        "SELECT a.conversation_id, a.sealed_key, c.sealed_key AS conversation_key
         FROM attachments a JOIN conversations c ON c.id = a.conversation_id
         WHERE a.id = $2 AND a.message_id IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM withdrawals w WHERE w.message_id = a.message_id) AND {}",
        scope.reads_conversation("c")
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(id).fetch_optional(c).await)?)
}

/// The piece of a file in which a byte lies: where it begins, and its sealed bytes.
pub(super) async fn piece_at(
    conn: &mut Conn,
    id: AttachmentId,
    offset: i64,
) -> Result<Option<(i64, Vec<u8>)>, Failure> {
    let sql = "SELECT start, sealed_bytes FROM attachment_pieces WHERE attachment_id = $1 AND start <= $2
               ORDER BY start DESC LIMIT 1";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).bind(offset).fetch_optional(c).await)?)
}

/// An attachment of a message, its name still sealed.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Sealed {
    pub message_id: MessageId,
    id: AttachmentId,
    #[sqlx(try_from = "String")]
    kind: AttachmentKind,
    size: i64,
    sealed_key: Vec<u8>,
    sealed_name: Vec<u8>,
}

impl Sealed {
    /// Opens it with its conversation's key.
    pub(crate) fn open(self, conversation: &OwnKey) -> Result<Attachment, StoreError> {
        let own = conversation.own_key(key_place(self.id), &self.sealed_key)?;
        Ok(Attachment {
            id: self.id,
            name: own.open_text(name_place(self.id), &self.sealed_name)?.into(),
            kind: self.kind,
            size: self.size,
        })
    }
}

/// What came with some messages, each message's in order.
pub(crate) async fn of_messages(
    conn: &mut Conn,
    messages: Vec<MessageId>,
) -> Result<HashMap<MessageId, Vec<Sealed>>, StoreError> {
    let mut all: HashMap<MessageId, Vec<Sealed>> = HashMap::new();
    if messages.is_empty() {
        return Ok(all);
    }
    let sql = format!(
        "SELECT message_id, id, kind, size, sealed_key, sealed_name FROM attachments
         WHERE message_id IS NOT NULL AND message_id IN {} ORDER BY message_id, position",
        conn.engine().ids("$1")
    );
    let rows: Vec<Sealed> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(hex_ids(messages)).fetch_all(c).await)?;
    for row in rows {
        all.entry(row.message_id).or_default().push(row);
    }
    Ok(all)
}
