//! Doing what was begun, a slice at a time.

use std::time::Duration;

use async_trait::async_trait;
use lac_domain::{Role, UserActionId, UserId, UserStatus};
use lac_wire::{LinkEntry, UserAct};

use super::rows;
use crate::both;
use crate::error::Failure;
use crate::scope::Scope;
use crate::store::Store;
use crate::users::{invite, link, status};
use crate::writer::{Job, Tx};

/// Users of one slice: few enough that a message waits no longer for it than for a handful of others.
const SLICE: i64 = 50;
/// How often it looks for actions that another process began and left.
const EVERY: Duration = Duration::from_secs(30);

/// Goes on with what was begun, now and whenever there is more, until the store closes.
pub(crate) async fn act_for_ever(store: Store) {
    let mut closing = store.closing();
    loop {
        if let Err(error) = store.go_on_with_user_actions().await {
            tracing::error!(%error, "something with many users could not go on");
        }
        tokio::select! {
            () = store.user_action_begun().notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

impl Store {
    /// Does all slices of all actions that run.
    ///
    /// # Errors
    /// When the database fails; what was done until then stays.
    pub(crate) async fn go_on_with_user_actions(&self) -> Result<(), Failure> {
        let running = {
            let mut conn = self.read().await?;
            rows::all_running(&mut conn).await?
        };
        for action in running {
            while let Some(by) = self.who_acts(action).await? {
                // Others' work comes in between: each slice is a job like any other.
                if !self.run(Some(by), Slice(action)).await? {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn who_acts(&self, action: UserActionId) -> Result<Option<UserId>, Failure> {
        let mut conn = self.read().await?;
        Ok(rows::running(&mut conn, action).await?.map(|row| row.begun_by))
    }
}

/// Does the next slice of an action; answers whether there may be another.
struct Slice(UserActionId);

#[async_trait]
impl Job for Slice {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Failure> {
        let Some(running) = rows::running(tx.conn(), self.0).await? else {
            return Ok(false);
        };
        let Some(scope) = who(tx, running.begun_by).await? else {
            // Who began it may not do it any more.
            rows::end(tx, self.0, "cancelled").await?;
            tx.audit(
                "user_action.cancelled",
                "user_action",
                Some(self.0.0),
                &serde_json::json!({}),
            );
            return Ok(false);
        };
        let act = running.act()?;
        let mut slice = Vec::new();
        for (position, user) in rows::waiting(tx.conn(), self.0, SLICE).await? {
            // A refusal comes before anything is written for that user.
            let why = match act_on(tx, scope, user, &act).await {
                Ok(()) => None,
                Err(Failure::Refused(refusal)) => Some(refusal.message),
                Err(failure) => return Err(failure),
            };
            slice.push((position, why));
        }
        rows::note(tx, self.0, &slice).await?;
        if i64::try_from(slice.len()).unwrap_or(i64::MAX) == SLICE {
            return Ok(true);
        }
        rows::end(tx, self.0, "done").await?;
        tx.audit(
            "user_action.ended",
            "user_action",
            Some(self.0.0),
            &serde_json::json!({}),
        );
        Ok(false)
    }
}

/// Who began an action, as they are now; none where they may not do such things any more.
async fn who(tx: &mut Tx, user: UserId) -> Result<Option<Scope>, Failure> {
    let sql = "SELECT role, status FROM users WHERE id = $1";
    let row: Option<(String, String)> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let may =
        row.is_some_and(|(role, status)| role == Role::LaSuperUser.as_str() && status == UserStatus::Active.as_str());
    Ok(may.then(|| Scope {
        user,
        role: Role::LaSuperUser,
        today: tx.today(),
    }))
}

async fn act_on(tx: &mut Tx, scope: Scope, user: UserId, act: &UserAct) -> Result<(), Failure> {
    match act {
        UserAct::Invite => invite::invite(tx, user).await,
        UserAct::MakeInactive { pupils } => status::make_inactive(tx, scope, user, *pupils).await,
        UserAct::MakeActive => status::come_back(tx, user).await,
        UserAct::Link {
            establishment_id,
            capacity,
            start,
            end,
        } => {
            let wanted = LinkEntry {
                id: None,
                establishment_id: *establishment_id,
                capacity: *capacity,
                start: *start,
                end: *end,
            };
            link::link(tx, user, wanted).await
        }
        UserAct::Unknown => Ok(()),
    }
}
