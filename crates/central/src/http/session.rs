//! The session of a request: who is asking.

use std::sync::{Arc, OnceLock};

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use chrono::TimeDelta;
use lac_domain::{DeviceId, SessionId, Timestamp, UserId};
use lac_wire::ErrorCode;

use super::ApiError;
use crate::accounts::{SessionRow, Touch, find_session};
use crate::error::Refusal;
use crate::scope::Scope;
use crate::store::Store;

/// For so long after the password was given, nothing asks for it again.
pub const CONFIRMED_FOR: TimeDelta = TimeDelta::minutes(15);
/// A session's last use is noted at most so often.
const TOUCH_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A live session; taking it as an argument makes an endpoint one for signed-in users.
#[derive(Debug, Clone, Copy)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// Who is asking; every read takes this.
    pub scope: Scope,
    /// The device.
    pub device: DeviceId,
    /// Whether a message was withdrawn that the device has not told to be gone.
    pub unconfirmed: bool,
    password_confirmed_at: Timestamp,
}

impl Session {
    /// Refuses when the password was given more than 15 minutes ago, for bulk adds, exports and the like.
    ///
    /// # Errors
    /// A refusal that asks for the password.
    pub fn require_recent_password(&self, store: &Store) -> Result<(), Refusal> {
        if store.now().since(self.password_confirmed_at) <= CONFIRMED_FOR {
            return Ok(());
        }
        Err(Refusal::new(
            ErrorCode::ConfirmPassword,
            "Enter your password again to do this.",
        ))
    }
}

/// Where the session notes who asks, for the layer around the request.
#[derive(Clone, Default)]
pub(super) struct Asker(pub Arc<OnceLock<UserId>>);

pub(crate) fn signed_out() -> Refusal {
    Refusal::new(ErrorCode::SignedOut, "You are signed out. Sign in again.")
}

fn second_factor_needed() -> Refusal {
    Refusal::new(
        ErrorCode::SecondFactorNeeded,
        "Your authority asks for a second step when you sign in. Set it up to go on; it takes two minutes and needs a phone.",
    )
}

/// A live session whose user may have to set up a second step before anything else: for doing that, and for getting out.
#[derive(Debug, Clone, Copy)]
pub struct BeforeSecondFactor(pub Session);

impl FromRequestParts<Store> for BeforeSecondFactor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, store: &Store) -> Result<Self, ApiError> {
        Ok(Self(Session::find(parts, store).await?.0))
    }
}

impl FromRequestParts<Store> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, store: &Store) -> Result<Self, ApiError> {
        match Self::find(parts, store).await? {
            (_, true) => Err(second_factor_needed().into()),
            (session, false) => Ok(session),
        }
    }
}

impl Session {
    /// The session of a request, and whether its user must set up a second step first.
    async fn find(parts: &mut Parts, store: &Store) -> Result<(Self, bool), ApiError> {
        let token = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or_else(signed_out)?;
        let row = {
            let mut conn = store.read().await?;
            find_session(&mut conn, token).await?
        };
        let now = store.now();
        let row: SessionRow = row
            .filter(|row| row.is_live(now, store.config().session_idle_days))
            .ok_or_else(signed_out)?;
        if !store.judge_token(&row, token, now).await? {
            return Err(signed_out().into());
        }
        if now.since(row.last_used_at) >= TOUCH_EVERY {
            let (store, id) = (store.clone(), row.id);
            tokio::spawn(async move {
                if let Err(error) = store.run(None, Touch(id)).await {
                    tracing::warn!(%error, "a session's last use could not be noted");
                }
            });
        }
        if let Some(asker) = parts.extensions.get::<Asker>() {
            // A request has one session; asking for it twice gives the same.
            let _ = asker.0.set(row.user_id);
        }
        store.ensure_access_is_of_today().await?;
        let scope = Scope {
            user: row.user_id,
            role: row.role,
            today: store.today(),
        };
        let session = Self {
            id: row.id,
            scope,
            device: row.device_id,
            unconfirmed: row.unconfirmed,
            password_confirmed_at: row.password_confirmed_at,
        };
        Ok((session, row.needs_second_factor(now)))
    }
}
