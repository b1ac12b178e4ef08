//! Queueing the invitations of a bulk add, many in one statement.

use lac_domain::UserId;
use uuid::Uuid;

use super::detail_place;
use crate::error::StoreError;
use crate::storage::{Bulk, Column};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[Column::Id("id"), Column::Id("user_id"), Column::Bytes("sealed_detail")];

impl Tx {
    /// Queues an invitation to each user, with its one-time code.
    pub(crate) async fn queue_invitations(&mut self, codes: &[(UserId, String)]) -> Result<(), StoreError> {
        if codes.is_empty() {
            return Ok(());
        }
        let (keys, now) = (self.keys(), self.now());
        let mut rows = Bulk::into(self.engine(), "mails", COLUMNS).same(
            &[
                Column::Text("kind"),
                Column::Text("state"),
                Column::Instant("created_at"),
                Column::Instant("next_try_at"),
            ],
            &[&"invitation", &"waiting", &now, &now],
        )?;
        for (user, code) in codes {
            let id: Uuid = self.new_id()?;
            let sealed = keys.seal(detail_place(id), code.as_bytes())?;
            rows.add(self.conn(), &[&id, user, &sealed]).await?;
        }
        rows.finish(self.conn()).await?;
        self.note_mail();
        Ok(())
    }
}
