//! Sessions: 256-bit tokens, stored hashed, with an idle and an absolute end.

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use lac_domain::{DeviceId, Role, SessionId, Timestamp, UserId, UserStatus};
use lac_wire::{Device, OwnSession, Private};
use sha2::{Digest, Sha256};

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

impl NewSession {
    /// Makes a token; it is returned once and stored nowhere.
    pub(super) fn new(device: Device, config: &Config) -> Result<(Self, Private), StoreError> {
        let bytes: [u8; 32] = random()?;
        let token = Private::from(URL_SAFE_NO_PAD.encode(bytes));
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
                token_hash: Sha256::digest(bytes).to_vec(),
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
}

/// Finds the session of a token, whatever its state; none where the token is of no known form.
pub(crate) async fn find_session(conn: &mut Conn, token: &str) -> Result<Option<SessionRow>, StoreError> {
    let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
        return Ok(None);
    };
    let hash = Sha256::digest(bytes).to_vec();
    let sql = "SELECT s.id, s.user_id, s.device_id,
                 EXISTS (SELECT 1 FROM withdrawal_devices w WHERE w.user_id = s.user_id AND w.device_id = s.device_id
                   AND w.confirmed_at IS NULL) AS unconfirmed, s.last_used_at, s.expires_at, s.password_confirmed_at, u.role, u.status
               FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = $1";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?)
}

impl SessionRow {
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
        let sql = "UPDATE sessions SET last_used_at = $2 WHERE id = $1 AND last_used_at < $2";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.0).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
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

impl Tx {
    /// Ends every session of a user at once: they became Inactive, say. The streams of their devices end too.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn end_sessions(&mut self, user: UserId) -> Result<(), Failure> {
        let sql = "DELETE FROM sessions WHERE user_id = $1 RETURNING id";
        let ended: Vec<SessionId> = both!(self.conn(), c => sqlx::query_scalar(sql).bind(user).fetch_all(c).await)?;
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
) -> Result<Vec<OwnSession>, StoreError> {
    let sql = "SELECT id, device_name, created_at, last_used_at FROM sessions WHERE user_id = $1
               ORDER BY last_used_at DESC, id";
    type Row = (SessionId, String, Timestamp, Timestamp);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_all(c).await)?;
    let own = |(id, device_name, created_at, last_used_at): Row| OwnSession {
        id,
        device_name,
        created_at,
        last_used_at,
        current: id == current,
    };
    Ok(rows.into_iter().map(own).collect())
}
