//! Queueing the invitations of a bulk add, many in one statement.

use lac_domain::UserId;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::detail_place;
use crate::both;
use crate::error::StoreError;
use crate::storage::{Column, JsonRows};
use crate::writer::Tx;

impl Tx {
    /// Queues an invitation to each user, with its one-time code.
    pub(crate) async fn queue_invitations(&mut self, codes: &[(UserId, String)]) -> Result<(), StoreError> {
        if codes.is_empty() {
            return Ok(());
        }
        let (keys, now) = (self.keys(), self.now());
        let mut rows = JsonRows::new();
        for (user, code) in codes {
            let id: Uuid = self.new_id()?;
            rows.push(&[&id, user, &keys.seal(detail_place(id), code.as_bytes())?]);
        }
        let columns = [Column::Id("id"), Column::Id("user_id"), Column::Bytes("sealed_detail")];
        let source = self.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO mails (id, user_id, kind, sealed_detail, state, created_at, next_try_at)
             SELECT id, user_id, 'invitation', sealed_detail, 'waiting', $2, $2 FROM {source} AS r"
        );
        let json = rows.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(now).execute(c).await.map(|_| ()))?;
        self.note_mail();
        Ok(())
    }
}
