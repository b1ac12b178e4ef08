//! Beginning something with many users, and cancelling it.

use std::collections::{BTreeSet, HashSet};

use async_trait::async_trait;
use lac_domain::{EstablishmentId, UserActionId, UserId};
use lac_wire::{ActOnUsers, ErrorCode, UserAct, WhichUsers};
use sqlx::AssertSqlSafe;

use super::rows;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::storage::hex_ids;
use crate::users::list;
use crate::writer::{Job, Tx};

/// The most users that a request may name one by one.
const MOST_NAMED: usize = 5_000;

/// Begins something with many users. The same id with the same content is the same action.
pub(super) struct Begin {
    /// Who asks.
    pub scope: Scope,
    /// What for.
    pub asked: ActOnUsers,
    /// A keyed hash of it.
    pub fingerprint: Vec<u8>,
}

#[async_trait]
impl Job for Begin {
    type Output = UserActionId;

    async fn run(&self, tx: &mut Tx) -> Result<UserActionId, Failure> {
        let ActOnUsers { id, which, act } = &self.asked;
        if let Some(before) = rows::fingerprint(tx.conn(), *id).await? {
            if before == (self.scope.user, self.fingerprint.clone()) {
                return Ok(*id);
            }
            let message = "This was sent once before with another content. Send it again as something new.";
            return Err(Refusal::new(ErrorCode::IdReused, message).into());
        }
        judge(tx, act).await?;
        let users = self.users(tx, which).await?;
        if users.is_empty() {
            return Err(Refusal::field("which", "No user was chosen. Choose at least one.").into());
        }
        rows::insert(tx, *id, self.scope.user, act, &self.fingerprint, &users).await?;
        let detail = serde_json::json!({ "act": act, "users": users.len() });
        tx.audit("user_action.begun", "user_action", Some(id.0), &detail);
        Ok(*id)
    }
}

impl Begin {
    async fn users(&self, tx: &mut Tx, which: &WhichUsers) -> Result<Vec<UserId>, Failure> {
        match which {
            WhichUsers::These { ids } if ids.len() > MOST_NAMED => {
                let message = format!("At most {MOST_NAMED} users can be chosen one by one. Use a filter instead.");
                Err(Refusal::field("which", message).into())
            }
            WhichUsers::These { ids } => {
                let wanted: BTreeSet<UserId> = ids.iter().copied().collect();
                let sql = format!("SELECT id FROM users WHERE id IN {}", tx.engine().ids("$1"));
                let json = hex_ids(wanted.iter().copied());
                let found: Vec<UserId> =
                    both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?;
                let found: HashSet<UserId> = found.into_iter().collect();
                if let Some(missing) = wanted.iter().find(|id| !found.contains(id)) {
                    return Err(Refusal::not_found().denied("user.act", "user", missing.0).into());
                }
                let mut seen = HashSet::new();
                Ok(ids.iter().copied().filter(|id| seen.insert(*id)).collect())
            }
            WhichUsers::Matching { except, .. } if except.len() > MOST_NAMED => {
                let message =
                    format!("At most {MOST_NAMED} users can be taken out one by one. Narrow the filter instead.");
                Err(Refusal::field("which", message).into())
            }
            WhichUsers::Matching { filter, except } => {
                let (now, except) = (tx.now(), except.iter().copied().collect::<HashSet<UserId>>());
                let mut found = list::ids(tx.conn(), self.scope, now, filter).await?;
                found.retain(|id| !except.contains(id));
                Ok(found)
            }
            WhichUsers::Unknown => Err(unknown().into()),
        }
    }
}

fn unknown() -> Refusal {
    let message = "The store does not know this action. The application may be newer than the store.";
    Refusal::new(ErrorCode::CommandUnknown, message)
}

/// Refuses at once what could go well with nobody.
async fn judge(tx: &mut Tx, act: &UserAct) -> Result<(), Failure> {
    match act {
        UserAct::Link {
            establishment_id,
            start,
            end,
            ..
        } => {
            if start.zip(*end).is_some_and(|(start, end)| end < start) {
                let message = "The last day of the links is before their first day. Check both dates.";
                return Err(Refusal::field("end", message).into());
            }
            let sql = "SELECT id FROM establishments WHERE id = $1";
            let found: Option<EstablishmentId> =
                both!(tx.conn(), c => sqlx::query_scalar(sql).bind(establishment_id).fetch_optional(c).await)?;
            match found {
                Some(_) => Ok(()),
                None => Err(Refusal::field(
                    "establishment_id",
                    "This establishment could not be found. Choose it again.",
                )
                .into()),
            }
        }
        UserAct::Unknown => Err(unknown().into()),
        UserAct::Invite | UserAct::MakeInactive { .. } | UserAct::MakeActive => Ok(()),
    }
}

/// Cancels an action: what was done stays, the rest is not done.
pub(super) struct Cancel(pub UserActionId);

#[async_trait]
impl Job for Cancel {
    type Output = UserActionId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<UserActionId, Failure> {
        if rows::fingerprint(tx.conn(), self.0).await?.is_none() {
            return Err(Refusal::not_found()
                .denied("user_action.cancel", "user_action", self.0.0)
                .into());
        }
        if rows::end(tx, self.0, "cancelled").await? {
            tx.audit(
                "user_action.cancelled",
                "user_action",
                Some(self.0.0),
                &serde_json::json!({}),
            );
        }
        Ok(self.0)
    }
}
