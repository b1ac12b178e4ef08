//! For whom the second step is required, and taking it away from one who has lost their phone.

use async_trait::async_trait;
use lac_domain::{UserId, email_key};
use lac_wire::ErrorCode;

use super::rows::remove_second_factor;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::mail::Mail;
use crate::scope::Scope;
use crate::settings;
use crate::writer::{Audience, Changed, Job, Tx};

/// Says whether roles other than LA may do without.
pub(crate) struct SetRule {
    pub(crate) relaxed: bool,
}

#[async_trait]
impl Job for SetRule {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let was_relaxed = settings::load(tx.conn()).await?.second_factor_relaxed;
        if was_relaxed == self.relaxed {
            return Ok(());
        }
        let sql = "UPDATE store SET second_factor_relaxed = $1 WHERE id = 1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.relaxed).execute(c).await.map(|_| ()))?;
        if was_relaxed {
            // Who could do without until now gets the days that everyone gets, from their next use on.
            let sql = "UPDATE users SET second_factor_due = NULL
                       WHERE role NOT IN ('la_user', 'la_super_user') AND second_factor_due IS NOT NULL
                         AND NOT EXISTS (SELECT 1 FROM second_factors s WHERE s.user_id = users.id AND s.confirmed_at IS NOT NULL)";
            both!(tx.conn(), c => sqlx::query(sql).execute(c).await.map(|_| ()))?;
        }
        tx.change(Audience::Everyone, Changed::Me);
        let detail = serde_json::json!({ "relaxed": self.relaxed });
        tx.audit("authority.second_factor_rule_set", "store", None, &detail);
        Ok(())
    }
}

/// Takes a user's second step away and signs them out everywhere; they set it up anew at their next sign-in.
async fn reset(tx: &mut Tx, user: UserId) -> Result<(), Failure> {
    if !remove_second_factor(tx, user).await? {
        let message = "This user has no second step that could be reset.";
        return Err(Refusal::field("second_factor", message).into());
    }
    let now = tx.now();
    let sql = "UPDATE users SET second_factor_due = $2 WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(now).execute(c).await.map(|_| ()))?;
    tx.queue_mail(user, Mail::SecondFactorReset).await?;
    tx.audit("second_factor.reset", "user", Some(user.0), &serde_json::json!({}));
    tx.end_sessions(user).await
}

/// Resets another user's second step.
pub(crate) struct Reset {
    pub(crate) scope: Scope,
    pub(crate) user: UserId,
}

#[async_trait]
impl Job for Reset {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)";
        let there: bool = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(self.user).fetch_one(c).await)?;
        if !there {
            return Err(Refusal::not_found()
                .denied("second_factor.reset", "user", self.user.0)
                .into());
        }
        if self.user == self.scope.user {
            let message = "Your own second step is set up anew under Settings. If you have lost your phone and your \
                           recovery codes, another LA Super User can reset it.";
            return Err(Refusal::field("second_factor", message).into());
        }
        reset(tx, self.user).await
    }
}

/// Resets the second step of the user with an e-mail address, for the command line: the last LA Super User may have lost
/// their phone.
pub struct ResetByEmail(pub String);

#[async_trait]
impl Job for ResetByEmail {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let sql = "SELECT id FROM users WHERE email_key = $1";
        let key = email_key(&self.0);
        let user: Option<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(key).fetch_optional(c).await)?;
        let Some(user) = user else {
            return Err(Refusal::new(ErrorCode::NotFound, "No user of this store has this e-mail address.").into());
        };
        reset(tx, user).await
    }
}
