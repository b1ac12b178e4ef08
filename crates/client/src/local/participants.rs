//! Who takes part in conversations, and how far each has read.

use std::collections::HashMap;

use lac_domain::{ConversationId, Timestamp, UserId};
use lac_wire::{Conversation, Participant};
use sqlx::SqliteConnection;

use super::lists::hex_list;
use super::{millis, timestamp};
use crate::failure::Failure;

/// Keeps who takes part. Of conversations that were held already, only what differs is written.
pub(super) async fn put(
    conn: &mut SqliteConnection,
    conversations: &[Conversation],
    was_held: impl Fn(&ConversationId) -> bool,
) -> Result<(), Failure> {
    let held_ids = conversations.iter().map(|c| c.id).filter(&was_held);
    let mut held: HashMap<(ConversationId, UserId), (i64, Option<Timestamp>)> = HashMap::new();
    for (conversation, participant) in of(&mut *conn, held_ids).await? {
        held.insert(
            (conversation, participant.user_id),
            (participant.read_up_to, participant.read_at),
        );
    }
    let mut written = Vec::new();
    for conversation in conversations {
        for participant in &conversation.participants {
            let before = held.remove(&(conversation.id, participant.user_id));
            if before != Some((participant.read_up_to, participant.read_at)) {
                written.push((
                    hex::encode(conversation.id.as_bytes()),
                    hex::encode(participant.user_id.as_bytes()),
                    participant.read_up_to,
                    participant.read_at.map(millis),
                ));
            }
        }
    }
    if !written.is_empty() {
        let sql = "INSERT INTO participants (conversation_id, user_id, read_up_to, read_at)
                   SELECT unhex(value ->> 0), unhex(value ->> 1), value ->> 2, value ->> 3 FROM json_each($1) WHERE true
                   ON CONFLICT (conversation_id, user_id) DO UPDATE SET
                       read_up_to = excluded.read_up_to, read_at = excluded.read_at";
        sqlx::query(sql)
            .bind(serde_json::to_string(&written)?)
            .execute(&mut *conn)
            .await?;
    }
    // Whoever is left of those held takes part no longer.
    for (conversation, user) in held.into_keys() {
        sqlx::query("DELETE FROM participants WHERE conversation_id = $1 AND user_id = $2")
            .bind(conversation)
            .bind(user)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Who takes part in some conversations.
pub(crate) async fn of(
    conn: &mut SqliteConnection,
    conversations: impl IntoIterator<Item = ConversationId>,
) -> Result<Vec<(ConversationId, Participant)>, Failure> {
    let sql = "SELECT conversation_id, user_id, read_up_to, read_at FROM participants
               WHERE conversation_id IN (SELECT unhex(value) FROM json_each($1))";
    let rows: Vec<(ConversationId, UserId, i64, Option<i64>)> = sqlx::query_as(sql)
        .bind(hex_list(conversations))
        .fetch_all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(conversation, user_id, read_up_to, read_at)| {
            (
                conversation,
                Participant {
                    user_id,
                    read_up_to,
                    read_at: read_at.map(timestamp),
                },
            )
        })
        .collect())
}

/// The others who take part in each of some conversations: the names of at most four that are known, and how many
/// there are.
pub(crate) async fn others(
    conn: &mut SqliteConnection,
    conversations: impl IntoIterator<Item = ConversationId>,
    me: UserId,
) -> Result<HashMap<ConversationId, (Vec<String>, u32)>, Failure> {
    let sql = "WITH newest AS (
                 SELECT unhex(value) AS id,
                        (SELECT m.author_id FROM messages m
                         WHERE m.conversation_id = unhex(value) AND m.author_id <> $2
                         ORDER BY m.number DESC LIMIT 1) AS author
                 FROM json_each($1))
               SELECT q.conversation_id, q.others, p.payload ->> 'first_name' || ' ' || (p.payload ->> 'last_name')
               FROM (SELECT o.conversation_id, o.user_id, o.user_id = n.author AS wrote_last,
                            COUNT(*) OVER (PARTITION BY o.conversation_id) AS others,
                            ROW_NUMBER() OVER (PARTITION BY o.conversation_id
                                               ORDER BY o.user_id = n.author DESC, o.user_id) AS place
                     FROM newest n JOIN participants o ON o.conversation_id = n.id
                     WHERE o.user_id <> $2) q
               LEFT JOIN people p ON p.id = q.user_id
               WHERE q.place <= 4 ORDER BY q.conversation_id, q.wrote_last DESC, p.sort_key";
    let rows: Vec<(ConversationId, i64, Option<String>)> = sqlx::query_as(sql)
        .bind(hex_list(conversations))
        .bind(me)
        .fetch_all(conn)
        .await?;
    let mut found: HashMap<ConversationId, (Vec<String>, u32)> = HashMap::new();
    for (conversation, others, name) in rows {
        let entry = found.entry(conversation).or_default();
        entry.1 = u32::try_from(others).unwrap_or(u32::MAX);
        entry.0.extend(name);
    }
    Ok(found)
}
