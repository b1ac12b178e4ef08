//! Rows of conversations and messages, opened for who may read them.

use std::collections::HashMap;

use lac_domain::{ConversationId, MessageId, NoticeKind, PupilId, Timestamp, UserId};
use lac_wire::{Conversation, Message, Participant, Withdrawn};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::scope::Scope;
use crate::seal::{OwnKey, Place};
use crate::storage::{Conn, hex_ids};

/// Where a conversation's own key is sealed.
pub(crate) fn conversation_key_place(id: ConversationId) -> Place {
    Place::new("conversations", id, "sealed_key")
}

/// Where its subject is.
pub(crate) fn subject_place(id: ConversationId) -> Place {
    Place::new("conversations", id, "sealed_subject")
}

/// Where a message's body is.
pub(crate) fn body_place(id: MessageId) -> Place {
    Place::new("messages", id, "sealed_body")
}

/// Where it stands why a message was withdrawn.
pub(crate) fn reason_place(id: MessageId) -> Place {
    Place::new("withdrawals", id, "sealed_reason")
}

#[derive(sqlx::FromRow)]
struct ConversationRow {
    id: ConversationId,
    sealed_key: Vec<u8>,
    sealed_subject: Vec<u8>,
    pupil_id: Option<PupilId>,
    confidential: bool,
    notice: Option<String>,
    started_at: Timestamp,
    message_count: i64,
    last_number: i64,
    muted: bool,
}

/// Loads conversations by their ids, in order of id; those that the user may not read are left out.
pub(crate) async fn load_conversations(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    ids: impl IntoIterator<Item = ConversationId>,
) -> Result<Vec<Conversation>, StoreError> {
    let sql = format!(
        "SELECT c.id, c.sealed_key, c.sealed_subject, c.pupil_id, c.confidential, c.notice, c.started_at, c.message_count,
           c.last_number, EXISTS (SELECT 1 FROM participants p
             WHERE p.conversation_id = c.id AND p.user_id = $1 AND p.muted) AS muted
         FROM conversations c WHERE c.id IN {} AND {} ORDER BY c.id",
        conn.engine().ids("$2"),
        scope.reads_conversation("c"),
    );
    let ids = hex_ids(ids);
    let rows: Vec<ConversationRow> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    let mut participants = participants(conn, &hex_ids(rows.iter().map(|row| row.id))).await?;
    rows.into_iter()
        .map(|row| {
            let key = keys.own_key(conversation_key_place(row.id), &row.sealed_key)?;
            Ok(Conversation {
                id: row.id,
                subject: key.open_text(subject_place(row.id), &row.sealed_subject)?.into(),
                pupil_id: row.pupil_id,
                confidential: row.confidential,
                notice: row
                    .notice
                    .map(|kind| NoticeKind::parse(&kind).unwrap_or(NoticeKind::Other)),
                participants: participants.remove(&row.id).unwrap_or_default(),
                started_at: row.started_at,
                message_count: row.message_count,
                last_number: row.last_number,
                muted: row.muted,
            })
        })
        .collect()
}

async fn participants(conn: &mut Conn, ids: &str) -> Result<HashMap<ConversationId, Vec<Participant>>, StoreError> {
    let sql = format!(
        "SELECT conversation_id, user_id, read_up_to, read_at FROM participants WHERE conversation_id IN {}
         ORDER BY conversation_id, joined_at, user_id",
        conn.engine().ids("$1")
    );
    let rows: Vec<(ConversationId, UserId, i64, Option<Timestamp>)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut all: HashMap<ConversationId, Vec<Participant>> = HashMap::new();
    for (conversation, user_id, read_up_to, read_at) in rows {
        all.entry(conversation).or_default().push(Participant {
            user_id,
            read_up_to,
            read_at,
        });
    }
    Ok(all)
}

/// A message's row with its conversation's key.
#[derive(sqlx::FromRow)]
pub(crate) struct MessageRow {
    id: MessageId,
    conversation_id: ConversationId,
    number: i64,
    author_id: Option<UserId>,
    sealed_body: Vec<u8>,
    sent_at: Timestamp,
    written_at: Timestamp,
    sealed_key: Vec<u8>,
    has_attachments: bool,
    withdrawn_at: Option<Timestamp>,
    withdrawn_by: Option<UserId>,
    sealed_reason: Option<Vec<u8>>,
    subject_withdrawn: bool,
}

impl MessageRow {
    /// That it was withdrawn.
    fn withdrawn(&self, key: &OwnKey) -> Result<Option<Withdrawn>, StoreError> {
        let (Some(at), Some(by), Some(reason)) = (self.withdrawn_at, self.withdrawn_by, &self.sealed_reason) else {
            return Ok(None);
        };
        Ok(Some(Withdrawn {
            at,
            by,
            reason: key.open_text(reason_place(self.id), reason)?.into(),
            subject: self.subject_withdrawn,
        }))
    }
}

/// The columns of [`MessageRow`], of [`MESSAGES`]. Files of a withdrawn message come with it no more.
pub(super) const MESSAGE_COLUMNS: &str =
    "m.id, m.conversation_id, m.number, m.author_id, m.sealed_body, m.sent_at, m.written_at, c.sealed_key,
     w.message_id IS NULL AND EXISTS (SELECT 1 FROM attachments a WHERE a.message_id = m.id) AS has_attachments,
     w.at AS withdrawn_at, w.by_user AS withdrawn_by, w.sealed_reason, w.sealed_subject IS NOT NULL AS subject_withdrawn";

/// Messages with their conversations, and that they were withdrawn.
pub(super) const MESSAGES: &str = "messages m JOIN conversations c ON c.id = m.conversation_id
     LEFT JOIN withdrawals w ON w.message_id = m.id";

/// Opens messages with what came with them, each conversation's key once.
pub(super) async fn open_messages(
    conn: &mut Conn,
    keys: &Keys,
    rows: Vec<MessageRow>,
) -> Result<Vec<Message>, StoreError> {
    let with: Vec<MessageId> = rows
        .iter()
        .filter(|row| row.has_attachments)
        .map(|row| row.id)
        .collect();
    let mut attachments = crate::attachments::of_messages(conn, with).await?;
    let mut own_keys = HashMap::new();
    rows.into_iter()
        .map(|row| {
            let key = match own_keys.entry(row.conversation_id) {
                std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
                std::collections::hash_map::Entry::Vacant(entry) => {
                    entry.insert(keys.own_key(conversation_key_place(row.conversation_id), &row.sealed_key)?)
                }
            };
            Ok(Message {
                withdrawn: row.withdrawn(key)?,
                id: row.id,
                conversation_id: row.conversation_id,
                number: row.number,
                author_id: row.author_id,
                body: key.open_text(body_place(row.id), &row.sealed_body)?.into(),
                sent_at: row.sent_at,
                written_at: row.written_at,
                attachments: attachments
                    .remove(&row.id)
                    .unwrap_or_default()
                    .into_iter()
                    .map(|attachment| attachment.open(key))
                    .collect::<Result<_, _>>()?,
            })
        })
        .collect()
}

/// Loads messages by their ids, in order of number; those that the user may not read are left out.
pub(crate) async fn load_messages(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    ids: impl IntoIterator<Item = MessageId>,
) -> Result<Vec<Message>, StoreError> {
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM {MESSAGES}
         WHERE m.id IN {} AND {} ORDER BY m.number",
        conn.engine().ids("$2"),
        scope.reads_conversation("c"),
    );
    let ids = hex_ids(ids);
    let rows = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    open_messages(conn, keys, rows).await
}
