//! A device that shows a place in the changes behind the withdrawal of a message has applied it: the message is gone
//! from it.

use async_trait::async_trait;
use lac_domain::{DeviceId, MessageId, UserId};

use crate::both;
use crate::error::Failure;
use crate::writer::{Job, Tx};

/// Notes which withdrawn messages are gone from a device that has applied all changes up to a number.
pub(crate) struct Confirm {
    pub user: UserId,
    pub device: DeviceId,
    pub seq: i64,
}

#[async_trait]
impl Job for Confirm {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        // What was pruned from the changes lies before every place that is still taken.
        let sql = "UPDATE withdrawal_devices SET confirmed_at = $4
                   WHERE user_id = $1 AND device_id = $2 AND confirmed_at IS NULL AND message_id IN (
                     SELECT w.message_id FROM withdrawals w WHERE $3 >= COALESCE((SELECT MAX(x.seq) FROM changes x
                       WHERE x.audience_kind = 'conversation' AND x.audience_id = w.conversation_id
                         AND x.entity_kind = 'message' AND x.entity_id = w.message_id), 0))
                   RETURNING message_id";
        let gone: Vec<MessageId> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(self.user).bind(self.device).bind(self.seq).bind(now).fetch_all(c).await)?;
        for message in gone {
            let detail = serde_json::json!({ "device": self.device });
            tx.audit("message.withdrawal_confirmed", "message", Some(message.0), &detail);
        }
        Ok(())
    }
}
