//! Messages, and the index of their words.

use std::collections::{HashMap, HashSet};

use lac_domain::{ConversationId, MessageId, UserId};
use lac_wire::Message;
use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection};

use super::apply::{Arrived, Context};
use super::lists::{hex_list, number_list};
use super::withdrawn::text_of;
use super::{ConversationEntry, Meta, ToFetch, attachments, conversations, millis};
use crate::failure::Failure;

/// How many rows one statement inserts: one text, prepared once.
const ROWS: usize = 250;

/// A message as it is held.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct StoredMessage {
    pub(crate) number: i64,
    pub(crate) id: MessageId,
    pub(crate) author_id: Option<UserId>,
    pub(crate) body: String,
    /// In milliseconds.
    pub(crate) sent_at: i64,
    /// What came with it: JSON of `lac-wire`.
    pub(crate) attachments: Option<String>,
    /// That it was withdrawn: JSON of `lac-wire`.
    pub(crate) withdrawn: Option<String>,
}

/// Keeps messages as the store sent them, with their words, and what is kept beside their conversations. Gives those
/// of which the user is to be told.
pub(super) async fn put(
    conn: &mut SqliteConnection,
    context: &Context,
    messages: &[Message],
) -> Result<Vec<Arrived>, Failure> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let new = without_held(&mut *conn, context, messages).await?;
    let held = conversations::get_all(
        &mut *conn,
        new.iter().map(|m| m.conversation_id).collect::<HashSet<_>>(),
    )
    .await?;
    let mut missing = HashSet::new();
    let new: Vec<&Message> = new
        .into_iter()
        .filter(|message| {
            let known = held
                .get(&message.conversation_id)
                .is_some_and(|conversation| conversation.confirmed);
            if !known {
                missing.insert(message.conversation_id);
            }
            known
        })
        .collect();
    for conversation in missing {
        ToFetch::Conversation(conversation).note(&mut *conn).await?;
    }
    for rows in new.chunks(ROWS) {
        insert(&mut *conn, rows, context.generation).await?;
    }
    index(&mut *conn, new.iter().map(|message| message.number)).await?;
    let wrote: HashSet<_> = new
        .iter()
        .filter(|m| m.author_id == Some(context.me))
        .map(|message| message.conversation_id)
        .collect();
    if !wrote.is_empty() {
        conversations::set_wrote(&mut *conn, wrote).await?;
    }
    if context.deferred {
        return Ok(Vec::new());
    }
    keep_beside(&mut *conn, context, &new, &held).await?;
    if context.news {
        note_arrived(conn, context, &new, &held).await
    } else {
        Ok(Vec::new())
    }
}

/// Leaves out what is held as it is. What another message's id or number stands in the way of is deleted first: the
/// numbers may begin anew after the store was restored. So is a message that was withdrawn since it came: its text, its
/// words and its files, with no copy of them left in the file.
async fn without_held<'a>(
    conn: &mut SqliteConnection,
    context: &Context,
    messages: &'a [Message],
) -> Result<Vec<&'a Message>, Failure> {
    let sql = "SELECT number, id, withdrawn IS NOT NULL FROM messages WHERE number IN (SELECT value FROM json_each($1))
               UNION SELECT number, id, withdrawn IS NOT NULL FROM messages WHERE id IN (SELECT unhex(value) FROM json_each($2))";
    let held: Vec<(i64, MessageId, bool)> = sqlx::query_as(sql)
        .bind(number_list(messages.iter().map(|message| message.number)))
        .bind(hex_list(messages.iter().map(|message| message.id)))
        .fetch_all(&mut *conn)
        .await?;
    if held.is_empty() {
        return Ok(dedup(messages));
    }
    let same: HashMap<(i64, MessageId), bool> = messages
        .iter()
        .map(|message| ((message.number, message.id), message.withdrawn.is_some()))
        .collect();
    let (kept, in_the_way): (Vec<_>, Vec<_>) = held
        .into_iter()
        .partition(|(number, id, withdrawn)| same.get(&(*number, *id)) == Some(withdrawn));
    if in_the_way
        .iter()
        .any(|(number, id, _)| same.contains_key(&(*number, *id)))
    {
        Meta::Traces.set(&mut *conn, "").await?;
    }
    delete(
        &mut *conn,
        context.me,
        &in_the_way.iter().map(|(number, ..)| *number).collect::<Vec<_>>(),
    )
    .await?;
    sqlx::query("UPDATE messages SET generation = $2 WHERE number IN (SELECT value FROM json_each($1))")
        .bind(number_list(kept.iter().map(|(number, ..)| *number)))
        .bind(context.generation)
        .execute(conn)
        .await?;
    let kept: HashSet<i64> = kept.into_iter().map(|(number, ..)| number).collect();
    Ok(dedup(messages)
        .into_iter()
        .filter(|message| !kept.contains(&message.number))
        .collect())
}

/// Each message once, though a page may name it twice.
fn dedup(messages: &[Message]) -> Vec<&Message> {
    let (mut numbers, mut ids) = (HashSet::new(), HashSet::new());
    messages
        .iter()
        .filter(|message| numbers.insert(message.number) && ids.insert(message.id))
        .collect()
}

async fn insert(conn: &mut SqliteConnection, messages: &[&Message], generation: i64) -> Result<(), Failure> {
    let mut query: QueryBuilder<Sqlite> = QueryBuilder::new(
        "INSERT INTO messages (number, id, conversation_id, author_id, body, sent_at, written_at, generation,
             attachments, attachment_names, withdrawn) ",
    );
    let with: Vec<(&&Message, Option<String>, String)> = messages.iter().map(with_files).collect::<Result<_, _>>()?;
    let withdrawn: Vec<Option<String>> = messages
        .iter()
        .map(|message| message.withdrawn.as_ref().map(serde_json::to_string).transpose())
        .collect::<Result<_, _>>()?;
    query.push_values(
        with.into_iter().zip(withdrawn),
        |mut row, ((message, attachments, names), withdrawn)| {
            row.push_bind(message.number)
                .push_bind(message.id)
                .push_bind(message.conversation_id)
                .push_bind(message.author_id)
                .push_bind(text_of(message))
                .push_bind(millis(message.sent_at))
                .push_bind(millis(message.written_at))
                .push_bind(generation)
                .push_bind(attachments)
                .push_bind(names)
                .push_bind(withdrawn);
        },
    );
    query.build().persistent(messages.len() == ROWS).execute(conn).await?;
    Ok(())
}

/// A message with what came with it as JSON, and with the words of the files' names.
fn with_files<'a, 'b>(message: &'b &'a Message) -> Result<(&'b &'a Message, Option<String>, String), Failure> {
    if message.attachments.is_empty() {
        return Ok((message, None, String::new()));
    }
    let names = message
        .attachments
        .iter()
        .map(|attachment| format!("\n{}", attachment.name.reveal()));
    Ok((
        message,
        Some(serde_json::to_string(&message.attachments)?),
        names.collect(),
    ))
}

/// Keeps beside each conversation what its row in a list shows.
async fn keep_beside(
    conn: &mut SqliteConnection,
    context: &Context,
    new: &[&Message],
    held: &HashMap<ConversationId, ConversationEntry>,
) -> Result<(), Failure> {
    let mut touched: HashMap<ConversationId, (i64, i64, &Message)> = HashMap::new();
    for message in new {
        let Some(conversation) = held.get(&message.conversation_id) else {
            continue;
        };
        let (count, unread, newest) = touched.entry(message.conversation_id).or_insert((0, 0, message));
        *count += 1;
        *unread += i64::from(is_unread(context, conversation, message));
        if message.number > newest.number {
            *newest = message;
        }
    }
    let rows: Vec<_> = touched
        .into_iter()
        .map(|(id, (count, unread, newest))| {
            let kept = super::excerpt::kept(text_of(newest));
            (
                hex::encode(id.as_bytes()),
                count,
                unread,
                newest.number,
                kept,
                millis(newest.sent_at),
            )
        })
        .collect();
    let sql = "UPDATE conversations SET
                   held_count = held_count + (n.value ->> 1),
                   unread = unread + (n.value ->> 2),
                   excerpt = CASE WHEN n.value ->> 3 > held_last THEN n.value ->> 4 ELSE excerpt END,
                   last_at = CASE WHEN n.value ->> 3 > held_last THEN n.value ->> 5 ELSE last_at END,
                   sort_key = MAX(CASE WHEN sort_key >= $2 THEN 0 ELSE sort_key END, n.value ->> 3),
                   held_last = MAX(held_last, n.value ->> 3)
               FROM json_each($1) n WHERE conversations.id = unhex(n.value ->> 0)";
    sqlx::query(sql)
        .bind(serde_json::to_string(&rows)?)
        .bind(conversations::UNSENT)
        .execute(conn)
        .await?;
    Ok(())
}

fn is_unread(context: &Context, conversation: &ConversationEntry, message: &Message) -> bool {
    conversation.mine && message.number > conversation.read_up_to && message.author_id != Some(context.me)
}

/// Notes the messages of which the user is to be told, each once on this device.
async fn note_arrived(
    conn: &mut SqliteConnection,
    context: &Context,
    new: &[&Message],
    held: &HashMap<ConversationId, ConversationEntry>,
) -> Result<Vec<Arrived>, Failure> {
    let mut arrived = Vec::new();
    for message in new {
        let unread = held
            .get(&message.conversation_id)
            .is_some_and(|conversation| !conversation.muted && is_unread(context, conversation, message));
        if !unread || message.withdrawn.is_some() {
            continue;
        }
        let noted = sqlx::query("INSERT INTO notified (message_id) VALUES ($1) ON CONFLICT DO NOTHING")
            .bind(message.id)
            .execute(&mut *conn)
            .await?;
        if noted.rows_affected() == 1 {
            arrived.push(Arrived {
                conversation_id: message.conversation_id,
                author_id: message.author_id,
                is_notice: held
                    .get(&message.conversation_id)
                    .is_some_and(|conversation| conversation.notice.is_some()),
            });
        }
    }
    Ok(arrived)
}

/// Deletes messages by number, with their words, and counts their conversations anew.
pub(super) async fn delete(conn: &mut SqliteConnection, me: UserId, numbers: &[i64]) -> Result<(), Failure> {
    if numbers.is_empty() {
        return Ok(());
    }
    let list = number_list(numbers.iter().copied());
    let sql = "SELECT DISTINCT conversation_id FROM messages WHERE number IN (SELECT value FROM json_each($1))";
    let touched: Vec<ConversationId> = sqlx::query_scalar(sql).bind(&list).fetch_all(&mut *conn).await?;
    unindex(&mut *conn, numbers.iter().copied()).await?;
    attachments::delete_of_numbers(&mut *conn, &list).await?;
    sqlx::query("DELETE FROM messages WHERE number IN (SELECT value FROM json_each($1))")
        .bind(&list)
        .execute(&mut *conn)
        .await?;
    conversations::recount(conn, me, Some(&touched)).await
}

/// The numbers of messages with these ids.
pub(super) async fn numbers_of(conn: &mut SqliteConnection, ids: &[MessageId]) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT number FROM messages WHERE id IN (SELECT unhex(value) FROM json_each($1))";
    Ok(sqlx::query_scalar(sql)
        .bind(hex_list(ids.iter().copied()))
        .fetch_all(conn)
        .await?)
}

/// The numbers of messages that a first fetch did not bring again.
pub(super) async fn older_than(conn: &mut SqliteConnection, generation: i64) -> Result<Vec<i64>, Failure> {
    Ok(sqlx::query_scalar("SELECT number FROM messages WHERE generation < $1")
        .bind(generation)
        .fetch_all(conn)
        .await?)
}

/// Puts the words of messages into the index. The order of the joins is said, since SQLite might otherwise walk through
/// all conversations for a few messages.
async fn index(conn: &mut SqliteConnection, numbers: impl IntoIterator<Item = i64>) -> Result<(), Failure> {
    let sql = "INSERT INTO messages_fts (rowid, subject, body)
               SELECT m.number, c.subject, m.body || m.attachment_names FROM json_each($1) j
               CROSS JOIN messages m ON m.number = j.value CROSS JOIN conversations c ON c.id = m.conversation_id";
    sqlx::query(sql).bind(number_list(numbers)).execute(conn).await?;
    Ok(())
}

/// Takes the words of messages out of the index; the rows must still be as they were indexed.
async fn unindex(conn: &mut SqliteConnection, numbers: impl IntoIterator<Item = i64>) -> Result<(), Failure> {
    let sql = "INSERT INTO messages_fts (messages_fts, rowid, subject, body)
               SELECT 'delete', m.number, c.subject, m.body || m.attachment_names FROM json_each($1) j
               CROSS JOIN messages m ON m.number = j.value CROSS JOIN conversations c ON c.id = m.conversation_id";
    sqlx::query(sql).bind(number_list(numbers)).execute(conn).await?;
    Ok(())
}

async fn numbers_in(conn: &mut SqliteConnection, ids: &[ConversationId]) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT m.number FROM json_each($1) j CROSS JOIN messages m ON m.conversation_id = unhex(j.value)";
    let list = hex_list(ids.iter().copied());
    Ok(sqlx::query_scalar(sql).bind(list).fetch_all(conn).await?)
}

/// Takes the words of conversations out of the index; the rows must still be as they were indexed.
pub(super) async fn unindex_conversations(conn: &mut SqliteConnection, ids: &[ConversationId]) -> Result<(), Failure> {
    let numbers = numbers_in(&mut *conn, ids).await?;
    if numbers.is_empty() {
        Ok(())
    } else {
        unindex(conn, numbers).await
    }
}

/// Puts the words of conversations into the index.
pub(super) async fn index_conversations(conn: &mut SqliteConnection, ids: &[ConversationId]) -> Result<(), Failure> {
    let numbers = numbers_in(&mut *conn, ids).await?;
    if numbers.is_empty() {
        Ok(())
    } else {
        index(conn, numbers).await
    }
}

/// A page of a conversation, the newest first: messages with a number below `before`.
pub(crate) async fn page(
    conn: &mut SqliteConnection,
    conversation: ConversationId,
    before: i64,
    limit: i64,
) -> Result<Vec<StoredMessage>, Failure> {
    let sql = "SELECT number, id, author_id, body, sent_at, attachments, withdrawn FROM messages
               WHERE conversation_id = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    Ok(sqlx::query_as(sql)
        .bind(conversation)
        .bind(before)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// The number of the newest message of others in a conversation.
pub(crate) async fn newest_of_others(
    conn: &mut SqliteConnection,
    conversation: ConversationId,
    me: UserId,
) -> Result<Option<i64>, Failure> {
    let sql = "SELECT number FROM messages WHERE conversation_id = $1 AND (author_id IS NULL OR author_id <> $2)
               ORDER BY number DESC LIMIT 1";
    Ok(sqlx::query_scalar(sql)
        .bind(conversation)
        .bind(me)
        .fetch_optional(conn)
        .await?)
}

/// The ids of a conversation's messages, by number.
pub(crate) async fn ids_in(
    conn: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<HashMap<MessageId, i64>, Failure> {
    let sql = "SELECT id, number FROM messages WHERE conversation_id = $1";
    let rows: Vec<(MessageId, i64)> = sqlx::query_as(sql).bind(conversation).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}
