//! Forgets files that were sent and that no message names.

use chrono::TimeDelta;
use lac_domain::AttachmentId;

use crate::both;
use crate::error::StoreError;
use crate::writer::Tx;

/// For so long a file waits for its message after something of it arrived. A device that was offline for longer sends
/// it anew.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Deletes what has waited too long for a message.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_unclaimed(tx: &mut Tx) -> Result<(), StoreError> {
    let before = tx.now().plus(-KEPT);
    let sql = "DELETE FROM attachments WHERE message_id IS NULL AND touched_at < $1 RETURNING id";
    let gone: Vec<AttachmentId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(before).fetch_all(c).await)?;
    for id in gone {
        tx.audit("attachment.forgotten", "attachment", Some(id.0), &serde_json::json!({}));
    }
    Ok(())
}
