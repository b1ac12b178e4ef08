//! Sessions: 256-bit tokens, stored hashed, with an idle and an absolute end.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use lac_domain::{DeviceId, Role, SessionId, Timestamp, UserId, UserStatus};
use lac_wire::{Device, OwnSession, Private};
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;

use super::second_factor::begin_grace;
use crate::both;
use crate::config::Config;
use crate::error::{Failure, Refusal, StoreError};
use crate::random::random;
use crate::storage::Conn;
use crate::writer::{Audience, Changed, Job, Tx};

/// The longest name of a device that is kept, in characters.
const DEVICE_NAME: usize = 80;

/// A session that is to be made.
pub(super) struct NewSession {
    token_hash: Vec<u8>,
    pub(super) device: Device,
    lasts: TimeDelta,
}

/// Makes a token, with its hash; it is returned once and stored nowhere.
pub(super) fn new_token() -> Result<(Private, Vec<u8>), StoreError> {
    let bytes: [u8; 32] = random()?;
    Ok((URL_SAFE_NO_PAD.encode(bytes).into(), Sha256::digest(bytes).to_vec()))
}

impl NewSession {
    /// Makes a session and its token.
    pub(super) fn new(device: Device, config: &Config) -> Result<(Self, Private), StoreError> {
        let (token, token_hash) = new_token()?;
        let name: String = device
            .name
            .chars()
            .filter(|c| !c.is_control())
            .take(DEVICE_NAME)
            .collect();
        let device = Device {
            name: name.trim().to_owned(),
            ..device
        };
        let lasts = TimeDelta::days(i64::from(config.session_days));
        Ok((
            Self {
                token_hash,
                device,
                lasts,
            },
            token,
        ))
    }
}

/// Writes a session. One that the same user had on the same device ends.
pub(super) async fn insert_session(
    tx: &mut Tx,
    user: UserId,
    session: &NewSession,
) -> Result<(SessionId, Timestamp), Failure> {
    let (now, id) = (tx.now(), tx.new_id::<SessionId>()?);
    let expires = now.plus(session.lasts);
    let end = "DELETE FROM sessions WHERE user_id = $1 AND device_id = $2";
    both!(tx.conn(), c => sqlx::query(end).bind(user).bind(session.device.id).execute(c).await.map(|_| ()))?;
    let sql =
        "INSERT INTO sessions (id, user_id, token_hash, device_id, device_name, created_at, last_used_at, expires_at,
                 password_confirmed_at) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $6)";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(user).bind(&session.token_hash).bind(session.device.id).bind(&session.device.name)
        .bind(now).bind(expires).execute(c).await.map(|_| ()))?;
    Ok((id, expires))
}

/// A session with its user.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct SessionRow {
    pub id: SessionId,
    pub user_id: UserId,
    pub device_id: DeviceId,
    /// Whether a message was withdrawn that this device has not told to be gone.
    pub unconfirmed: bool,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    pub password_confirmed_at: Timestamp,
    #[sqlx(try_from = "String")]
    pub role: Role,
    #[sqlx(try_from = "String")]
    pub status: UserStatus,
    second_factor_due: Option<Timestamp>,
    has_second_factor: bool,
    second_factor_relaxed: bool,
    /// Whether it was found by a token that it was given and has not used yet.
    pub is_next: bool,
    /// Since when the token is one that was followed by another.
    pub retired_at: Option<Timestamp>,
}

/// What of a session and its user decides about a request.
const COLUMNS: &str = "s.id, s.user_id, s.device_id,
    EXISTS (SELECT 1 FROM withdrawal_devices w WHERE w.user_id = s.user_id AND w.device_id = s.device_id
      AND w.confirmed_at IS NULL) AS unconfirmed, s.last_used_at, s.expires_at, s.password_confirmed_at, u.role, u.status,
    u.second_factor_due, store.second_factor_relaxed,
    EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor";

/// The hash of a token; none where it is of no known form.
pub(super) fn token_hash(token: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    Some(Sha256::digest(bytes).to_vec())
}

/// Finds the session of a token, whatever its state; none where the token is of no known form.
pub(crate) async fn find_session(conn: &mut Conn, token: &str) -> Result<Option<SessionRow>, StoreError> {
    let Some(hash) = token_hash(token) else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT {COLUMNS}, s.token_hash <> $1 AS is_next, NULL AS retired_at
         FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN store
         WHERE s.token_hash = $1 OR s.next_token_hash = $1"
    );
    let found: Option<SessionRow> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(&hash).fetch_optional(c).await)?;
    if found.is_some() {
        return Ok(found);
    }
    let sql = format!(
        "SELECT {COLUMNS}, FALSE AS is_next, t.retired_at
         FROM retired_tokens t JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id CROSS JOIN store
         WHERE t.token_hash = $1"
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(hash).fetch_optional(c).await)?)
}

/// Finds a session by its id, whatever its state.
pub(crate) async fn session_by_id(conn: &mut Conn, id: SessionId) -> Result<Option<SessionRow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, FALSE AS is_next, NULL AS retired_at
         FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN store WHERE s.id = $1"
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

impl SessionRow {
    /// Whether the user must set up a second step before anything else.
    pub(crate) fn needs_second_factor(&self, now: Timestamp) -> bool {
        lac_domain::second_factor::is_required(self.role, self.second_factor_relaxed)
            && !self.has_second_factor
            && self.second_factor_due.is_some_and(|due| due <= now)
    }

    /// Whether the session may be used at an instant.
    pub(crate) fn is_live(&self, now: Timestamp, idle_days: u32) -> bool {
        self.status == UserStatus::Active
            && now < self.expires_at
            && now.since(self.last_used_at) < TimeDelta::days(i64::from(idle_days))
    }
}

/// Notes that a session was used.
pub(crate) struct Touch(pub SessionId);

#[async_trait]
impl Job for Touch {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let sql = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2 RETURNING user_id";
        let user: Option<UserId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(self.0).bind(now).fetch_optional(c).await)?;
        match user {
            // Who was signed in before there was a second step begins their days now.
            Some(user) => begin_grace(tx, user).await,
            None => Ok(()),
        }
    }
}

/// Notes that the password was given again.
pub(super) struct Confirmed(pub SessionId);

#[async_trait]
impl Job for Confirmed {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let sql = "UPDATE sessions SET password_confirmed_at = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.0).bind(now).execute(c).await.map(|_| ()))?;
        let actor = tx.actor().map(Into::into);
        tx.audit(
            "session.confirmed",
            "user",
            actor,
            &serde_json::json!({ "session": self.0 }),
        );
        Ok(())
    }
}

/// Ends one of a user's own sessions.
pub(super) struct EndSession(pub SessionId);

#[async_trait]
impl Job for EndSession {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let sql = "DELETE FROM sessions WHERE id = $1 AND user_id = $2 RETURNING id";
        let actor = tx.actor();
        let ended: Option<SessionId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(self.0).bind(actor).fetch_optional(c).await)?;
        if ended.is_none() {
            return Err(Refusal::not_found().denied("session.end", "session", self.0.0).into());
        }
        tx.audit(
            "session.ended",
            "user",
            actor.map(Into::into),
            &serde_json::json!({ "session": self.0 }),
        );
        if let Some(user) = actor {
            // Wakes the session's stream, which looks for its session and ends.
            tx.change(Audience::User(user), Changed::Me);
        }
        Ok(())
    }
}

/// Ends every session of the user who asks, but this one.
pub(super) struct EndOthers(pub SessionId);

#[async_trait]
impl Job for EndOthers {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        match tx.actor() {
            Some(user) => tx.end_other_sessions(user, Some(self.0)).await,
            None => Ok(()),
        }
    }
}

impl Tx {
    /// Ends every session of a user at once: they became Inactive, say. The streams of their devices end too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&mut self, user: UserId) -> Result<(), Failure> {
        self.end_other_sessions(user, None).await
    }

    /// The same, but for one that stays.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn end_other_sessions(&mut self, user: UserId, stays: Option<SessionId>) -> Result<(), Failure> {
        let stays = stays.map_or_else(uuid::Uuid::nil, |session| session.0);
        let sql = "DELETE FROM sessions WHERE user_id = $1 AND id <> $2 RETURNING id";
        let ended: Vec<SessionId> =
            both!(self.conn(), c => sqlx::query_scalar(sql).bind(user).bind(stays).fetch_all(c).await)?;
        for session in ended {
            self.audit(
                "session.ended",
                "user",
                Some(user.0),
                &serde_json::json!({ "session": session }),
            );
        }
        // Wakes the user's streams, which look at their session and end.
        self.change(Audience::User(user), Changed::Me);
        Ok(())
    }
}

/// The user's own sessions, the one used last first.
pub(super) async fn own_sessions(
    conn: &mut Conn,
    user: UserId,
    current: SessionId,
    (now, idle_days): (Timestamp, u32),
) -> Result<Vec<OwnSession>, StoreError> {
    let sql = "SELECT id, device_name, created_at, last_used_at FROM sessions
               WHERE user_id = $1 AND expires_at > $2 AND last_used_at > $3 ORDER BY last_used_at DESC, id";
    let idle = now.plus(-TimeDelta::days(i64::from(idle_days)));
    type Row = (SessionId, String, Timestamp, Timestamp);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(user).bind(now).bind(idle).fetch_all(c).await)?;
    let own = |(id, device_name, created_at, last_used_at): Row| OwnSession {
        id,
        device_name,
        created_at,
        last_used_at,
        current: id == current,
    };
    Ok(rows.into_iter().map(own).collect())
}
