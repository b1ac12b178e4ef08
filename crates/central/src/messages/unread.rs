//! How many messages a user has not read.

use lac_domain::UserId;

use crate::both;
use crate::error::StoreError;
use crate::storage::Conn;

/// Messages by others, beyond what the user has read, in the conversations that they take part in and have not muted; of
/// those about a pupil, only where they may still see the pupil.
pub(crate) async fn unread_count(conn: &mut Conn, user: UserId) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM participants p
               JOIN conversations v ON v.id = p.conversation_id AND v.last_number > p.read_up_to
               JOIN messages m ON m.conversation_id = v.id AND m.number > p.read_up_to
               JOIN users u ON u.id = p.user_id
               WHERE p.user_id = $1 AND NOT p.muted AND (m.author_id IS NULL OR m.author_id <> $1)
                 AND (v.pupil_id IS NULL OR u.role IN ('la_user', 'la_super_user')
                      OR EXISTS (SELECT 1 FROM pupil_access a WHERE a.user_id = $1 AND a.pupil_id = v.pupil_id))";
    Ok(both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?)
}
