//! What is unread, and what else is counted and kept beside conversations.

use lac_domain::{ConversationId, UserId};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::failure::Failure;
use crate::local::lists::hex_list;

/// How many messages of a conversation the user has not read. **`$2` is the user.**
const UNREAD: &str = "CASE mine WHEN 0 THEN 0 ELSE (
    SELECT COUNT(*) FROM messages m
    WHERE m.conversation_id = conversations.id AND m.number > conversations.read_up_to
      AND (m.author_id IS NULL OR m.author_id <> $2)) END";

/// Counts the unread messages of conversations anew.
pub(in crate::local) async fn count_unread(
    conn: &mut SqliteConnection,
    me: UserId,
    ids: &[ConversationId],
) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql =
        format!("UPDATE conversations SET unread = {UNREAD} WHERE id IN (SELECT unhex(value) FROM json_each($1))");
    sqlx::query(AssertSqlSafe(sql))
        .bind(hex_list(ids.iter().copied()))
        .bind(me)
        .execute(conn)
        .await?;
    Ok(())
}

/// Works out anew what is kept beside conversations: of some, or of all.
pub(in crate::local) async fn recount(
    conn: &mut SqliteConnection,
    me: UserId,
    ids: Option<&[ConversationId]>,
) -> Result<(), Failure> {
    let list = ids.map(|ids| hex_list(ids.iter().copied()));
    let sql = format!(
        "UPDATE conversations SET
                   held_count = (SELECT COUNT(*) FROM messages m WHERE m.conversation_id = conversations.id),
                   held_last = COALESCE((SELECT MAX(m.number) FROM messages m WHERE m.conversation_id = conversations.id), 0),
                   unread = {UNREAD}
               WHERE $1 IS NULL OR id IN (SELECT unhex(value) FROM json_each($1))"
    );
    sqlx::query(AssertSqlSafe(sql))
        .bind(&list)
        .bind(me)
        .execute(&mut *conn)
        .await?;
    let sql = "UPDATE conversations SET
                   excerpt = COALESCE((SELECT substr(m.body, 1, $2) FROM messages m WHERE m.number = held_last), ''),
                   last_at = COALESCE((SELECT m.sent_at FROM messages m WHERE m.number = held_last), last_at),
                   sort_key = MAX(sort_key, held_last)
               WHERE confirmed = 1 AND ($1 IS NULL OR id IN (SELECT unhex(value) FROM json_each($1)))";
    sqlx::query(sql)
        .bind(&list)
        .bind(i64::try_from(super::super::excerpt::KEPT).unwrap_or(i64::MAX))
        .execute(conn)
        .await?;
    Ok(())
}

/// How many conversations have unread messages.
pub(crate) async fn count_unread_conversations(conn: &mut SqliteConnection) -> Result<u32, Failure> {
    super::super::count(conn, "SELECT COUNT(*) FROM conversations WHERE unread > 0").await
}

/// How many notices are unread.
pub(crate) async fn count_unread_notices(conn: &mut SqliteConnection) -> Result<u32, Failure> {
    super::super::count(
        conn,
        "SELECT COUNT(*) FROM conversations WHERE unread > 0 AND notice IS NOT NULL",
    )
    .await
}

/// How many messages are unread.
pub(crate) async fn count_unread_messages(conn: &mut SqliteConnection) -> Result<usize, Failure> {
    let sql = "SELECT COALESCE(SUM(unread), 0) FROM conversations WHERE unread > 0";
    let count: i64 = sqlx::query_scalar(sql).fetch_one(conn).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}
