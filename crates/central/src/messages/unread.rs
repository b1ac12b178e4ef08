//! How many messages a user has not read.

use lac_domain::UserId;
use lac_wire::Unread;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::user_sees_pupil;
use crate::storage::Conn;

/// The messages by others, beyond what the user has read, in the conversations that they take part in and have not muted;
/// of those about a pupil, only where they may still see the pupil. **`$1` is the user.**
fn from_unread() -> String {
    format!(
        "FROM participants p
    JOIN conversations v ON v.id = p.conversation_id AND v.last_number > p.read_up_to
    JOIN messages m ON m.conversation_id = v.id AND m.number > p.read_up_to
    JOIN users u ON u.id = p.user_id
    WHERE p.user_id = $1 AND NOT p.muted AND (m.author_id IS NULL OR m.author_id <> $1)
      AND (v.pupil_id IS NULL OR {})",
        user_sees_pupil("u", "v.pupil_id")
    )
}

/// How many messages a user has not read.
pub(crate) async fn unread_count(conn: &mut Conn, user: UserId) -> Result<i64, StoreError> {
    let sql = format!("SELECT COUNT(*) {}", from_unread());
    Ok(both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(user).fetch_one(c).await)?)
}

/// The same, told apart by who wrote.
pub(crate) async fn unread(conn: &mut Conn, user: UserId) -> Result<Unread, StoreError> {
    let sql = format!(
        "SELECT COUNT(m.author_id), COUNT(*) - COUNT(m.author_id), COUNT(DISTINCT v.id) {}",
        from_unread()
    );
    let (messages, notices, conversations): (i64, i64, i64) =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(user).fetch_one(c).await)?;
    Ok(Unread {
        messages,
        notices,
        conversations,
    })
}
