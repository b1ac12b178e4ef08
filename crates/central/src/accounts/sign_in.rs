//! Signing in, and giving the password again. The answer and the time it takes do not tell whether an
//! account exists; wrong tries slow the address down, growing, and never lock it.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{SessionId, Timestamp, UserId, UserStatus, email_key};
use lac_wire::{Device, ErrorCode, Private};

use super::session_rows::{Confirmed, NewSession, insert_session};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::http::Session;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// After so many wrong passwords the account slows down.
const FREE_TRIES: i64 = 5;
/// The first wait, in seconds; each further try doubles it.
const FIRST_WAIT: i64 = 10;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 15 * 60;

fn failed() -> Refusal {
    Refusal::new(
        ErrorCode::SignInFailed,
        "The e-mail address or the password is wrong, or the account is not active. Check both and try again.",
    )
}

fn wait_after(tries: i64) -> Option<TimeDelta> {
    let beyond = u32::try_from(tries.checked_sub(FREE_TRIES)?).ok()?;
    let seconds = FIRST_WAIT.saturating_mul(1_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX));
    Some(TimeDelta::seconds(seconds.min(LONGEST_WAIT)))
}

/// Counts a try before the password is looked at, so that many at once count as many.
struct BeginTry {
    email_hash: Vec<u8>,
}

#[async_trait]
impl Job for BeginTry {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let sql = "SELECT tries, slowed_until FROM sign_in_tries WHERE email_hash = $1";
        let row: Option<(i64, Option<Timestamp>)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(&self.email_hash).fetch_optional(c).await)?;
        let (tries, slowed_until) = row.unwrap_or_default();
        if let Some(until) = slowed_until
            && now < until
        {
            let seconds = until.since(now).num_seconds().max(0).unsigned_abs() + 1;
            let refusal = Refusal::new(
                ErrorCode::TooMany,
                format!(
                    "There were several wrong passwords. Wait {} and try again.",
                    in_words(seconds)
                ),
            );
            return Err(Refusal {
                retry_after: Some(seconds),
                ..refusal
            }
            .into());
        }
        let tries = tries + 1;
        let until = wait_after(tries).map(|wait| now.plus(wait));
        let sql = "INSERT INTO sign_in_tries (email_hash, tries, slowed_until, at) VALUES ($1, $2, $3, $4)
                   ON CONFLICT (email_hash) DO UPDATE SET tries = $2, slowed_until = $3, at = $4";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(&self.email_hash).bind(tries).bind(until).bind(now).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

struct SignedIn {
    user: UserId,
    email_hash: Vec<u8>,
    password_hash: String,
    session: NewSession,
}

#[async_trait]
impl Job for SignedIn {
    type Output = (SessionId, Timestamp);

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure> {
        let now = tx.now();
        // The account may have been closed, or its password changed, while the hash was worked out.
        let sql = "UPDATE users SET last_signed_in = $3
                   WHERE id = $1 AND status = 'active' AND password_hash = $2 RETURNING id";
        let still: Option<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(self.user).bind(&self.password_hash).bind(now).fetch_optional(c).await)?;
        if still.is_none() {
            return Err(failed().into());
        }
        forget_tries(tx, &self.email_hash).await?;
        let (session, expires) = insert_session(tx, self.user, &self.session).await?;
        let detail = serde_json::json!({ "session": session, "device": self.session.device.id });
        tx.audit("session.begun", "user", Some(self.user.0), &detail);
        Ok((session, expires))
    }
}

async fn forget_tries(tx: &mut Tx, email_hash: &[u8]) -> Result<(), Failure> {
    let sql = "DELETE FROM sign_in_tries WHERE email_hash = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(email_hash).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Puts a failed try into the trail, for an account that exists.
struct Failed(UserId, &'static str);

#[async_trait]
impl Job for Failed {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit(self.1, "user", Some(self.0.0), &serde_json::json!({}));
        Ok(())
    }
}

struct ForgetTries(Vec<u8>);

#[async_trait]
impl Job for ForgetTries {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        forget_tries(tx, &self.0).await
    }
}

impl Store {
    /// Signs in: answers the token, the user, the session and when it ends.
    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: &Private,
        device: Device,
        address: Option<IpAddr>,
    ) -> Result<(Private, UserId, SessionId, Timestamp), Failure> {
        let key = email_key(email);
        let email_hash = self.keys().fingerprint(key.as_bytes()).to_vec();
        self.run(
            None,
            BeginTry {
                email_hash: email_hash.clone(),
            },
        )
        .await?;
        let sql = "SELECT id, status, password_hash FROM users WHERE email_key = $1";
        let row: Option<(UserId, String, Option<String>)> = {
            let mut conn = self.read().await?;
            both!(&mut conn, c => sqlx::query_as(sql).bind(key).fetch_optional(c).await)?
        };
        let known = row.as_ref().map(|row| row.0);
        let account = row.and_then(|(user, status, hash)| {
            (status == UserStatus::Active.as_str()).then_some(())?;
            Some((user, hash?))
        });
        let fits = self
            .passwords()
            .fits(password, account.as_ref().map(|(_, hash)| hash.clone()))
            .await?;
        let Some((user, password_hash)) = account.filter(|_| fits) else {
            match known {
                Some(user) => self.run(None, Failed(user, "session.sign_in_failed")).await?,
                None => self.failures().count(self.now(), address, "session.sign_in_failed"),
            }
            return Err(failed().into());
        };
        let (session, token) = NewSession::new(device, self.config())?;
        let (session, expires) = self
            .run(
                Some(user),
                SignedIn {
                    user,
                    email_hash,
                    password_hash,
                    session,
                },
            )
            .await?;
        Ok((token, user, session, expires))
    }

    /// Takes the password again.
    pub(crate) async fn confirm_password(&self, session: &Session, password: &Private) -> Result<(), Failure> {
        let user = session.scope.user;
        let sql = "SELECT email_key, password_hash FROM users WHERE id = $1";
        let row: Option<(String, Option<String>)> = {
            let mut conn = self.read().await?;
            both!(&mut conn, c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?
        };
        let (key, hash) = row.unwrap_or_default();
        let email_hash = self.keys().fingerprint(key.as_bytes()).to_vec();
        self.run(
            Some(user),
            BeginTry {
                email_hash: email_hash.clone(),
            },
        )
        .await?;
        if !self.passwords().fits(password, hash).await? {
            self.run(Some(user), Failed(user, "session.confirm_failed")).await?;
            return Err(
                Refusal::new(ErrorCode::SignInFailed, "The password is wrong. Try again.")
                    .about("password")
                    .into(),
            );
        }
        self.run(Some(user), ForgetTries(email_hash)).await?;
        self.run(Some(user), Confirmed(session.id)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait_after(4), None);
        assert_eq!(wait_after(5), Some(TimeDelta::seconds(10)));
        assert_eq!(wait_after(7), Some(TimeDelta::seconds(40)));
        assert_eq!(wait_after(1_000_000), Some(TimeDelta::seconds(LONGEST_WAIT)));
        assert_eq!(in_words(61), "61 seconds");
        assert_eq!(in_words(121), "3 minutes");
    }
}
