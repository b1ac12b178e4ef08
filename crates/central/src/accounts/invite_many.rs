//! The invitations of a bulk add, many in one statement.

use lac_domain::{InvitationId, UserId};
use sqlx::AssertSqlSafe;

use super::code::{hash_code, new_code};
use super::invitations::VALID;
use crate::both;
use crate::error::StoreError;
use crate::later::{self, Work};
use crate::storage::{Bulk, Column, hex_ids};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[Column::Id("id"), Column::Id("user_id"), Column::Bytes("code_hash")];

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
        let replace = format!(
            "UPDATE invitations SET replaced = TRUE WHERE user_id IN {} AND NOT replaced",
            self.engine().ids("$1")
        );
        let ids = hex_ids(users.iter().copied());
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(replace)).bind(ids).execute(c).await.map(|_| ()))?;
        let mut rows = Bulk::into(self.engine(), "invitations", COLUMNS).same(
            &[
                Column::Instant("created_at"),
                Column::Instant("expires_at"),
                Column::Bool("replaced"),
            ],
            &[&now, &now.plus(VALID), &false],
        )?;
        let mut codes = Vec::with_capacity(users.len());
        for user in users {
            let (id, code) = (self.new_id::<InvitationId>()?, new_code()?);
            rows.add(self.conn(), &[&id, user, &hash_code(&code)]).await?;
            codes.push((*user, code));
        }
        rows.finish(self.conn()).await?;
        self.queue_invitations(&codes).await
    }
}
