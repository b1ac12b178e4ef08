//! Bars: a user who never sees a pupil, whatever else is true.

use async_trait::async_trait;
use lac_domain::PupilId;
use lac_wire::ChangeBar;
use serde_json::json;

use super::head::{Head, bring_back_conversations, finish, require_users};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Audience, Changed, Job, Tx};

/// Bars a user from a pupil, or takes the bar away; answers the pupil's id.
pub(super) struct Bar {
    pub scope: Scope,
    pub pupil: PupilId,
    pub bar: ChangeBar,
}

#[async_trait]
impl Job for Bar {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (pupil, user) = (self.pupil, self.bar.user_id);
        let head = Head::of(tx, self.scope, pupil, "pupil.bar").await?;
        head.require_open(tx, pupil, None).await?;
        if self.bar.barred {
            if user == self.scope.user {
                let message = "You cannot bar yourself. Ask a colleague to do it, so that somebody else knows of it.";
                return Err(Refusal::field("user_id", message).into());
            }
            require_users(tx, "user_id", &[user]).await?;
        }
        let sql = if self.bar.barred {
            "INSERT INTO bars (user_id, pupil_id) VALUES ($1, $2) ON CONFLICT (user_id, pupil_id) DO NOTHING"
        } else {
            "DELETE FROM bars WHERE user_id = $1 AND pupil_id = $2"
        };
        let changed = both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(pupil).execute(c).await.map(|done| done.rows_affected()))?;
        if changed > 0 {
            let action = if self.bar.barred {
                "pupil.barred"
            } else {
                "pupil.bar_lifted"
            };
            finish(tx, pupil, action, json!({ "user": user })).await?;
            // An LA role has no row of access: their device looks at the pupil again, and finds it gone.
            tx.change(Audience::User(user), Changed::Pupil(pupil));
            if !self.bar.barred {
                bring_back_conversations(tx, pupil).await?;
            }
        }
        Ok(pupil)
    }
}
