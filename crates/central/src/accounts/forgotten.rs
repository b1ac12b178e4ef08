//! Passwords that were forgotten: a one-time code by e-mail, for an hour. Whoever asks for one learns nothing of whether
//! there is such an account. It is no way round the second step.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{Timestamp, UserId, UserStatus, email_key};
use lac_wire::{ErrorCode, Private};
use uuid::Uuid;

use super::change_password::own_words;
use super::code::{hash_code, new_code};
use super::passwords::require_strong;
use super::tries::BeginTry;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::mail::Mail;
use crate::storage::Conn;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// For how long a code can be used.
const VALID: TimeDelta = TimeDelta::hours(1);
/// So many codes are sent to a user in the time that one can be used. Each of them holds, so that nobody can spoil the
/// code of another by asking again.
const AT_A_TIME: i64 = 3;

/// Sends a code to the user with an e-mail address, where there is one who can sign in.
struct SendCode(String);

#[async_trait]
impl Job for SendCode {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let sql = "SELECT id FROM users WHERE email_key = $1 AND status = 'active' AND password_hash IS NOT NULL";
        let user: Option<UserId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(&self.0).fetch_optional(c).await)?;
        let Some(user) = user else {
            return Ok(());
        };
        let sql = "SELECT COUNT(*) FROM password_codes WHERE user_id = $1 AND created_at > $2";
        let sent: i64 =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(user).bind(now.plus(-VALID)).fetch_one(c).await)?;
        if sent >= AT_A_TIME {
            return Ok(());
        }
        let (id, code): (Uuid, String) = (tx.new_id()?, new_code()?);
        let sql =
            "INSERT INTO password_codes (id, user_id, code_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(user).bind(hash_code(&code)).bind(now).bind(now.plus(VALID))
            .execute(c).await.map(|_| ()))?;
        tx.queue_mail(user, Mail::PasswordCode { code: &code }).await?;
        tx.audit("password.code_sent", "user", Some(user.0), &serde_json::json!({}));
        Ok(())
    }
}

/// Whom a code is for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct CodeRow {
    pub(super) user_id: UserId,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) expires_at: Timestamp,
    used_at: Option<Timestamp>,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    password_hash: Option<String>,
}

fn unknown() -> Refusal {
    let message = "This code does not hold: codes last an hour and work once. Check it against the newest e-mail, or ask \
                   for another.";
    Refusal::new(ErrorCode::PasswordCodeUnknown, message).about("code")
}

async fn find(conn: &mut Conn, code: &Private) -> Result<CodeRow, Failure> {
    let sql = "SELECT p.user_id, u.first_name, u.last_name, u.email, p.expires_at, p.used_at, u.status, u.password_hash
               FROM password_codes p JOIN users u ON u.id = p.user_id WHERE p.code_hash = $1";
    let hash = hash_code(code.reveal());
    let row: Option<CodeRow> = both!(conn, c => sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?;
    Ok(row.ok_or_else(unknown)?)
}

impl CodeRow {
    fn require_live(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.used_at.is_none() && now < self.expires_at && self.status == UserStatus::Active {
            Ok(())
        } else {
            Err(unknown())
        }
    }
}

struct UseCode {
    code: Private,
    hash: String,
}

#[async_trait]
impl Job for UseCode {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let row = find(tx.conn(), &self.code).await?;
        row.require_live(now)?;
        let user = row.user_id;
        // The others that were sent are done with too.
        let sql = "UPDATE password_codes SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(now).execute(c).await.map(|_| ()))?;
        let sql = "UPDATE users SET password_hash = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(&self.hash).execute(c).await.map(|_| ()))?;
        tx.audit("password.set_by_code", "user", Some(user.0), &serde_json::json!({}));
        tx.queue_mail(user, Mail::PasswordChanged).await?;
        tx.end_sessions(user).await
    }
}

impl Store {
    /// Sends a code for a forgotten password, where there is such an account; afterwards, so that the time of the answer
    /// does not tell.
    pub(crate) async fn ask_for_password_code(&self, email: &str, address: Option<IpAddr>) -> Result<(), Failure> {
        self.run(None, BeginTry(vec![self.asked_counter(address)])).await?;
        let (store, job) = (self.clone(), SendCode(email_key(email)));
        tokio::spawn(async move {
            if let Err(error) = store.run(None, job).await {
                tracing::error!(%error, "a code for a forgotten password could not be sent");
            }
        });
        Ok(())
    }

    /// Whom a code for a forgotten password is for.
    pub(super) async fn look_at_password_code(
        &self,
        code: &Private,
        address: Option<IpAddr>,
    ) -> Result<CodeRow, Failure> {
        let mut conn = self.read().await?;
        let found = match find(&mut conn, code).await {
            Ok(row) => row.require_live(self.now()).map(|()| row).map_err(Failure::from),
            Err(failure) => Err(failure),
        };
        if matches!(found, Err(Failure::Refused(_))) {
            self.failures().count(self.now(), address, "password.code_refused");
        }
        found
    }

    /// Sets a new password by a code. Every session of the user ends.
    pub(crate) async fn use_password_code(
        &self,
        code: Private,
        password: &Private,
        address: Option<IpAddr>,
    ) -> Result<(), Failure> {
        let own = match self.look_at_password_code(&code, address).await {
            Ok(row) => {
                let mut conn = self.read().await?;
                own_words(&mut conn, row.user_id).await?
            }
            // Asked again after the answer was lost: it is done already.
            Err(failure) => return self.is_done(&code, password, failure).await,
        };
        require_strong(password, &own.each_ref().map(String::as_str))?;
        let hash = self.passwords().hash(password).await?;
        self.run(None, UseCode { code, hash }).await
    }

    async fn is_done(&self, code: &Private, password: &Private, failure: Failure) -> Result<(), Failure> {
        let row = {
            let mut conn = self.read().await?;
            find(&mut conn, code).await
        };
        let used = row
            .ok()
            .filter(|row| row.used_at.is_some() && self.now() < row.expires_at);
        let Some(row) = used else {
            return Err(failure);
        };
        if self.passwords().fits(password, row.password_hash).await? {
            Ok(())
        } else {
            Err(failure)
        }
    }
}

impl From<CodeRow> for lac_wire::Invitation {
    fn from(row: CodeRow) -> Self {
        Self {
            email: row.email,
            first_name: row.first_name,
            last_name: row.last_name,
            expires_at: row.expires_at,
        }
    }
}
