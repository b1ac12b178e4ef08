//! What waits to be sent about conversations, beside messages: here it holds already, whatever the store still says.

use std::collections::HashSet;

use lac_domain::ConversationId;
use sqlx::SqliteConnection;

use crate::failure::Failure;

/// Conversations of which something waits for the store to learn.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// How far the user has read.
    pub(super) marks: HashSet<ConversationId>,
    /// Whether it is muted.
    pub(super) mutes: HashSet<ConversationId>,
    /// That the user has left.
    pub(super) leaves: HashSet<ConversationId>,
}

/// What waits.
pub(super) async fn pending(conn: &mut SqliteConnection) -> Result<Pending, Failure> {
    let sql = "SELECT DISTINCT conversation_id, kind FROM outbox
               WHERE kind IN ('mark_read', 'mark_unread', 'mute', 'leave') AND state <> 'needs_attention'";
    let rows: Vec<(ConversationId, String)> = sqlx::query_as(sql).fetch_all(conn).await?;
    let mut pending = Pending::default();
    for (conversation, kind) in rows {
        match kind.as_str() {
            "mute" => pending.mutes.insert(conversation),
            "leave" => pending.leaves.insert(conversation),
            _ => pending.marks.insert(conversation),
        };
    }
    Ok(pending)
}

/// Takes out what a conversation still had to tell of being read, unless it is being sent.
pub(crate) async fn drop_marks(conn: &mut SqliteConnection, id: ConversationId) -> Result<(), Failure> {
    drop_kinds(conn, id, "'mark_read', 'mark_unread'").await
}

/// The same of being muted.
pub(crate) async fn drop_mutes(conn: &mut SqliteConnection, id: ConversationId) -> Result<(), Failure> {
    drop_kinds(conn, id, "'mute'").await
}

/// Takes out all that is nothing to a conversation that is gone.
pub(super) async fn drop_all(conn: &mut SqliteConnection, id: ConversationId) -> Result<(), Failure> {
    drop_kinds(conn, id, "'mark_read', 'mark_unread', 'mute', 'leave'").await
}

async fn drop_kinds(conn: &mut SqliteConnection, id: ConversationId, kinds: &'static str) -> Result<(), Failure> {
    let sql = format!("DELETE FROM outbox WHERE conversation_id = $1 AND kind IN ({kinds}) AND state = 'waiting'");
    sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id).execute(conn).await?;
    Ok(())
}
