//! Sending an invitation again.

use async_trait::async_trait;
use lac_domain::{Role, UserId, UserStatus};
use lac_wire::ErrorCode;

use crate::accounts::NewCode;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Job, Tx};

/// Sends a user a new invitation; the ones before it can no longer be used.
pub(super) struct Invite(pub UserId);

#[async_trait]
impl Job for Invite {
    type Output = UserId;

    async fn run(&self, tx: &mut Tx) -> Result<UserId, Failure> {
        let sql = "SELECT role, status FROM users WHERE id = $1";
        let row: Option<(String, String)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(self.0).fetch_optional(c).await)?;
        let (role, status) = row.ok_or_else(|| Refusal::not_found().denied("user.invite", "user", self.0.0))?;
        let refuse = |message| Err(Refusal::field("status", message).into());
        if status == UserStatus::Active.as_str() {
            return refuse("This user has signed in already, so there is no invitation to send.");
        }
        if status == UserStatus::Inactive.as_str() {
            return refuse("This user is inactive. Set them to invited first, then send the invitation.");
        }
        if role == Role::DesignatedTeacher.as_str() {
            let today = tx.today();
            let sql =
                "SELECT COUNT(*) FROM establishment_links WHERE user_id = $1 AND (end_on IS NULL OR end_on >= $2)";
            let links: i64 =
                both!(tx.conn(), c => sqlx::query_scalar(sql).bind(self.0).bind(today).fetch_one(c).await)?;
            if links == 0 {
                let message = "This Designated Teacher is not linked to an establishment yet. Link them first, then send the invitation.";
                return Err(Refusal::new(ErrorCode::EstablishmentNeeded, message)
                    .about("links")
                    .into());
            }
        }
        tx.invite(self.0, NewCode::Mailed).await?;
        both!(tx.conn(), c => sqlx::query("UPDATE users SET invitation_held = FALSE WHERE id = $1 AND invitation_held")
            .bind(self.0).execute(c).await.map(|_| ()))?;
        Ok(self.0)
    }
}
