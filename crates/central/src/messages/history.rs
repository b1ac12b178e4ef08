//! Reading conversations back, a page at a time.

use lac_domain::{ConversationId, PupilId};
use lac_wire::{Conversation, Entity, HELD_PAGE_LIMIT, MaybeEntity, Message, Page};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::load_conversations;
use super::rows::{MESSAGE_COLUMNS, MESSAGES, MessageRow, open_messages};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keys::Keys;
use crate::keyset::read_after;
use crate::pupils::load_pupils;
use crate::scope::Scope;
use crate::storage::Conn;

/// How many entities a page has.
pub(crate) fn held_page_size(asked: Option<u32>) -> u32 {
    asked.unwrap_or(HELD_PAGE_LIMIT / 2).clamp(1, HELD_PAGE_LIMIT)
}

/// Where a page of messages goes on: after this one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct AfterMessage {
    conversation: ConversationId,
    number: i64,
}

impl AfterMessage {
    const START: Self = Self {
        conversation: ConversationId(uuid::Uuid::nil()),
        number: 0,
    };

    fn of(message: &Message) -> Self {
        Self {
            conversation: message.conversation_id,
            number: message.number,
        }
    }
}

/// A page of the messages of the conversations that meet `condition` (SQL over `conversations c`, with `$5` the id
/// given) and that the user may read.
pub(crate) async fn messages_page(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    condition: &str,
    id: Option<uuid::Uuid>,
    after: Option<AfterMessage>,
    limit: u32,
) -> Result<(Vec<Message>, Option<AfterMessage>), StoreError> {
    let after = after.unwrap_or(AfterMessage::START);
    let sql = format!(
        "SELECT {MESSAGE_COLUMNS} FROM {MESSAGES}
         WHERE {condition} AND {} AND (m.conversation_id, m.number) > ($2, $3) AND ($5 IS NULL OR TRUE)
         ORDER BY m.conversation_id, m.number LIMIT $4",
        scope.reads_conversation("c"),
    );
    let rows: Vec<MessageRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(after.conversation).bind(after.number).bind(i64::from(limit)).bind(id)
        .fetch_all(c).await)?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let messages = open_messages(conn, keys, rows).await?;
    let next = messages.last().filter(|_| full).map(AfterMessage::of);
    Ok((messages, next))
}

/// A page of the conversations that meet `condition` (SQL over `conversations c`, with `$4` the id given) and that the
/// user may read, in order of id.
pub(crate) async fn conversations_page(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    condition: &str,
    id: Option<uuid::Uuid>,
    after: Option<ConversationId>,
    limit: u32,
) -> Result<(Vec<Conversation>, Option<ConversationId>), StoreError> {
    let after = after.unwrap_or(ConversationId(uuid::Uuid::nil()));
    let sql = format!(
        "SELECT c.id FROM conversations c WHERE {condition} AND {} AND c.id > $2 AND ($4 IS NULL OR TRUE)
         ORDER BY c.id LIMIT $3",
        scope.reads_conversation("c"),
    );
    let ids: Vec<ConversationId> = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(after).bind(i64::from(limit)).bind(id).fetch_all(c).await)?;
    let full = u32::try_from(ids.len()).is_ok_and(|count| count == limit);
    let next = ids.last().copied().filter(|_| full);
    Ok((load_conversations(conn, keys, scope, ids).await?, next))
}

/// Where a history goes on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum AfterInHistory {
    Conversations(Option<ConversationId>),
    Messages(Option<AfterMessage>),
}

/// The opaque form of where a page goes on.
pub(crate) fn write_after<K: Serialize>(after: &K) -> Result<String, StoreError> {
    use base64::Engine as _;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(serde_json::to_vec(after)?))
}

/// A page of all that may be read about a pupil. The second answer tells whether it was the first page.
pub(super) async fn history(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    pupil: PupilId,
    after: Option<&str>,
    limit: u32,
) -> Result<(Page<MaybeEntity>, bool), Failure> {
    let first = after.is_none();
    let at: AfterInHistory = read_after(after)?.unwrap_or(AfterInHistory::Conversations(None));
    let seen = load_pupils(conn, scope, [pupil]).await?.pop();
    let seen = seen.ok_or_else(|| Refusal::not_found().denied("history.read", "pupil", pupil.0))?;
    let mut rows: Vec<MaybeEntity> = Vec::new();
    if first {
        rows.push(Entity::Pupil(seen).into());
    }
    let next = match at {
        AfterInHistory::Conversations(after) => {
            let (page, next) =
                conversations_page(conn, keys, scope, "c.pupil_id = $4", Some(pupil.0), after, limit).await?;
            rows.extend(
                page.into_iter()
                    .map(|conversation| Entity::Conversation(conversation).into()),
            );
            Some(next.map_or(AfterInHistory::Messages(None), |next| {
                AfterInHistory::Conversations(Some(next))
            }))
        }
        AfterInHistory::Messages(after) => {
            let (page, next) = messages_page(conn, keys, scope, "c.pupil_id = $5", Some(pupil.0), after, limit).await?;
            rows.extend(page.into_iter().map(|message| Entity::Message(message).into()));
            next.map(|next| AfterInHistory::Messages(Some(next)))
        }
    };
    let after = next.map(|next| write_after(&next)).transpose()?;
    Ok((Page { rows, after }, first))
}

/// A page of a conversation: itself first, then its messages by number.
pub(super) async fn conversation(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    id: ConversationId,
    after: Option<&str>,
    limit: u32,
) -> Result<(Page<MaybeEntity>, bool), Failure> {
    let first = after.is_none();
    let at: Option<AfterMessage> = read_after(after)?;
    let found = load_conversations(conn, keys, scope, [id]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found().denied("conversation.read", "conversation", id.0))?;
    let mut rows: Vec<MaybeEntity> = Vec::new();
    if first {
        rows.push(Entity::Conversation(found).into());
    }
    let (messages, next) = messages_page(conn, keys, scope, "c.id = $5", Some(id.0), at, limit).await?;
    rows.extend(messages.into_iter().map(|message| Entity::Message(message).into()));
    Ok((
        Page {
            rows,
            after: next.map(|next| write_after(&next)).transpose()?,
        },
        first,
    ))
}
