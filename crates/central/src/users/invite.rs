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
        invite(tx, self.0).await?;
        Ok(self.0)
    }
}

/// Sends a user a new invitation, where they may have one. Nothing is written before that is judged.
///
/// # Errors
/// A refusal where they may not, or what failed.
pub(super) async fn invite(tx: &mut Tx, user: UserId) -> Result<(), Failure> {
    let sql = "SELECT role, status FROM users WHERE id = $1";
    let row: Option<(String, String)> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let (role, status) = row.ok_or_else(|| Refusal::not_found().denied("user.invite", "user", user.0))?;
    let refuse = |message| Err(Refusal::field("status", message).into());
    if status == UserStatus::Active.as_str() {
        return refuse("This user has signed in already, so there is no invitation to send.");
    }
    if status == UserStatus::Inactive.as_str() {
        return refuse("This user is inactive. Set them to invited first, then send the invitation.");
    }
    if role == Role::DesignatedTeacher.as_str() && !is_linked(tx, user).await? {
        let message =
            "This Designated Teacher is not linked to an establishment yet. Link them first, then send the invitation.";
        return Err(Refusal::new(ErrorCode::EstablishmentNeeded, message)
            .about("links")
            .into());
    }
    send_invitation(tx, user).await
}

/// Whether a user has a link today or later.
///
/// # Errors
/// When the database fails.
pub(super) async fn is_linked(tx: &mut Tx, user: UserId) -> Result<bool, Failure> {
    let today = tx.today();
    let sql =
        "SELECT EXISTS (SELECT 1 FROM establishment_links WHERE user_id = $1 AND (end_on IS NULL OR end_on >= $2))";
    Ok(both!(tx.conn(), c => sqlx::query_scalar(sql).bind(user).bind(today).fetch_one(c).await)?)
}

/// Sends an invitation, which then waits for no link any more.
///
/// # Errors
/// When the database fails.
pub(super) async fn send_invitation(tx: &mut Tx, user: UserId) -> Result<(), Failure> {
    tx.invite(user, NewCode::Mailed).await?;
    both!(tx.conn(), c => sqlx::query("UPDATE users SET invitation_held = FALSE WHERE id = $1 AND invitation_held")
        .bind(user).execute(c).await.map(|_| ()))?;
    Ok(())
}
