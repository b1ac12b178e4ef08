//! The devices that a user is signed in on, as LA Super Users see them, and signing a user out of them.

use async_trait::async_trait;
use lac_domain::{Role, SessionId, Timestamp, UserId};
use lac_wire::{UserDevice, UserSecondFactor};

use crate::accounts::set_up_at;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::settings;
use crate::storage::Conn;
use crate::writer::{Audience, Changed, Job, Tx};

/// The devices of a user whose sessions may still be used, the one used last first.
///
/// # Errors
/// When the database fails.
pub(super) async fn devices(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    idle_days: u32,
) -> Result<Vec<UserDevice>, StoreError> {
    let sql = "SELECT id, device_name, created_at, last_used_at FROM sessions
               WHERE user_id = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, id";
    let idle = now.plus(-chrono::TimeDelta::days(i64::from(idle_days)));
    type Row = (SessionId, String, Timestamp, Timestamp);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(user).bind(now).bind(idle).fetch_all(c).await)?;
    let device = |(session_id, name, since, last_used_at): Row| UserDevice {
        session_id,
        name,
        since,
        last_used_at,
    };
    Ok(rows.into_iter().map(device).collect())
}

/// How it stands with the second step of a user who is there.
///
/// # Errors
/// When the database fails.
pub(super) async fn second_factor(conn: &mut Conn, user: UserId) -> Result<UserSecondFactor, StoreError> {
    let sql = "SELECT role FROM users WHERE id = $1";
    let role: String = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
    let role = Role::parse(&role).map_err(|_| StoreError::Inconsistent("a user has an unknown role"))?;
    let relaxed = settings::load(conn).await?.second_factor_relaxed;
    Ok(UserSecondFactor {
        set_up_at: set_up_at(conn, user).await?,
        required: lac_domain::second_factor::is_required(role, relaxed),
    })
}

/// Whether there is such a user.
///
/// # Errors
/// A refusal where there is none.
pub(super) async fn require_user(conn: &mut Conn, user: UserId, asked: &'static str) -> Result<(), Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)";
    let there: bool = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
    if there {
        Ok(())
    } else {
        Err(Refusal::not_found().denied(asked, "user", user.0).into())
    }
}

/// Signs a user out of one device, or of all.
pub(super) struct SignOut {
    pub user: UserId,
    pub session: Option<SessionId>,
}

#[async_trait]
impl Job for SignOut {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        require_user(tx.conn(), self.user, "session.end").await?;
        let Some(session) = self.session else {
            return tx.end_sessions(self.user).await;
        };
        let sql = "DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id";
        let ended: Option<SessionId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(session).bind(self.user).fetch_optional(c).await)?;
        // One that ended by itself meanwhile is what was wanted.
        if ended.is_some() {
            let detail = serde_json::json!({ "session": session });
            tx.audit("session.ended", "user", Some(self.user.0), &detail);
            tx.change(Audience::User(self.user), Changed::Me);
        }
        Ok(())
    }
}
