//! The invitations of a bulk add, many in one statement.

use lac_domain::{InvitationId, UserId};
use sqlx::AssertSqlSafe;

use super::code::{hash_code, new_code};
use super::invitations::VALID;
use crate::both;
use crate::error::StoreError;
use crate::later::{self, Work};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::Tx;

/// Invitations in one statement.
const BATCH: usize = 5_000;

impl Tx {
    /// Makes a new invitation for each user and queues its mail; the ones before it can no longer be used. At once
    /// where they are few, otherwise after COMMIT. The trail and the devices are told by the caller, once for all.
    pub(crate) async fn invite_many(&mut self, users: &[UserId]) -> Result<(), StoreError> {
        if users.len() > later::AT_ONCE {
            return self.leave_for_later(Work::Invitations, users).await;
        }
        self.invite_many_now(users).await
    }

    /// The same in this transaction, however many they are.
    pub(crate) async fn invite_many_now(&mut self, users: &[UserId]) -> Result<(), StoreError> {
        let now = self.now();
        for batch in users.chunks(BATCH) {
            let replace = format!(
                "UPDATE invitations SET replaced = TRUE WHERE user_id IN {} AND NOT replaced",
                self.engine().ids("$1")
            );
            let ids = hex_ids(batch.iter().copied());
            both!(self.conn(), c => sqlx::query(AssertSqlSafe(replace)).bind(ids).execute(c).await.map(|_| ()))?;
            let mut rows = JsonRows::new();
            let mut codes = Vec::with_capacity(batch.len());
            for user in batch {
                let code = new_code()?;
                rows.push(&[&self.new_id::<InvitationId>()?, user, &hash_code(&code)]);
                codes.push((*user, code));
            }
            let columns = [Column::Id("id"), Column::Id("user_id"), Column::Bytes("code_hash")];
            let source = self.engine().rows("$1", &columns);
            let sql = format!(
                "INSERT INTO invitations (id, user_id, code_hash, created_at, expires_at, replaced)
                 SELECT id, user_id, code_hash, $2, $3, FALSE FROM {source} AS r"
            );
            let json = rows.json();
            both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql))
                .bind(json).bind(now).bind(now.plus(VALID)).execute(c).await.map(|_| ()))?;
            self.queue_invitations(&codes).await?;
        }
        Ok(())
    }
}
