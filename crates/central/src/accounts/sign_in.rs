//! Signing in, and giving the password again. The answer and the time it takes do not tell whether an
//! account exists; wrong tries slow down, growing, and never lock ([`super::tries`]).

use std::net::IpAddr;

use async_trait::async_trait;
use lac_domain::{SessionId, Timestamp, UserId, UserStatus, email_key};
use lac_wire::{ErrorCode, Private, SignIn};

use super::second_factor::{Given, begin_grace};
use super::session_rows::{Confirmed, NewSession, insert_session};
use super::tries::{BeginTry, Counter, Failed, ForgetTries, Places, forget_tries, know_places};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::http::Session;
use crate::store::Store;
use crate::writer::{Job, Tx};

fn failed() -> Refusal {
    Refusal::new(
        ErrorCode::SignInFailed,
        "The e-mail address or the password is wrong, or the account is not active. Check both and try again.",
    )
}

struct SignedIn {
    user: UserId,
    counters: Vec<Counter>,
    places: Places,
    password_hash: String,
    second_factor: Given,
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
        self.second_factor.take(tx, self.user).await?;
        forget_tries(tx, &self.counters).await?;
        know_places(tx, self.user, &self.places).await?;
        begin_grace(tx, self.user).await?;
        let (session, expires) = insert_session(tx, self.user, &self.session).await?;
        let detail = serde_json::json!({ "session": session, "device": self.session.device.id });
        tx.audit("session.begun", "user", Some(self.user.0), &detail);
        Ok((session, expires))
    }
}

impl Store {
    /// Signs in: answers the token, the user, the session and when it ends.
    pub(crate) async fn sign_in(
        &self,
        asked: SignIn,
        address: Option<IpAddr>,
    ) -> Result<(Private, UserId, SessionId, Timestamp), Failure> {
        let key = email_key(&asked.email);
        let places = self.places(&key, asked.device.id, address);
        let counters = self.sign_in_counters(&key, address, &places).await?;
        self.run(None, BeginTry(counters.clone())).await?;
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
            .fits(&asked.password, account.as_ref().map(|(_, hash)| hash.clone()))
            .await?;
        let Some((user, password_hash)) = account.filter(|_| fits) else {
            match known {
                Some(user) => self.run(None, Failed(user, "session.sign_in_failed")).await?,
                None => self.failures().count(self.now(), address, "session.sign_in_failed"),
            }
            return Err(failed().into());
        };
        let second_factor = match self.begin_second_step(user, asked.second_factor).await {
            Ok(given) => given,
            Err(failure) => {
                // The password was right: what is asked for now has a count of its own.
                self.run(None, ForgetTries(counters)).await?;
                return Err(failure);
            }
        };
        let (session, token) = NewSession::new(asked.device, self.config())?;
        let job = SignedIn {
            user,
            counters: counters.clone(),
            places,
            password_hash,
            second_factor,
            session,
        };
        match self.run(Some(user), job).await {
            Ok((session, expires)) => Ok((token, user, session, expires)),
            Err(failure) => {
                if self.second_step_failed(user, &failure).await? {
                    self.run(None, ForgetTries(counters)).await?;
                }
                Err(failure)
            }
        }
    }

    /// Takes the password again.
    pub(crate) async fn confirm_password(&self, session: &Session, password: &Private) -> Result<(), Failure> {
        let user = session.scope.user;
        self.require_password(session, password, "password").await?;
        self.run(Some(user), Confirmed(session.id)).await
    }

    /// Refuses a password that is not the user's own, counted by session; answers its hash.
    pub(super) async fn require_password(
        &self,
        session: &Session,
        password: &Private,
        field: &str,
    ) -> Result<String, Failure> {
        let user = session.scope.user;
        let hash = self.password_hash(user).await?;
        let counter = vec![self.again_counter(session.id)];
        self.run(Some(user), BeginTry(counter.clone())).await?;
        if !self.passwords().fits(password, hash.clone()).await? {
            self.run(Some(user), Failed(user, "session.confirm_failed")).await?;
            return Err(
                Refusal::new(ErrorCode::SignInFailed, "The password is wrong. Try again.")
                    .about(field)
                    .into(),
            );
        }
        self.run(Some(user), ForgetTries(counter)).await?;
        Ok(hash.unwrap_or_default())
    }

    /// The hash of a user's password.
    pub(super) async fn password_hash(&self, user: UserId) -> Result<Option<String>, Failure> {
        let mut conn = self.read().await?;
        let sql = "SELECT password_hash FROM users WHERE id = $1";
        let row: Option<Option<String>> =
            both!(&mut conn, c => sqlx::query_scalar(sql).bind(user).fetch_optional(c).await)?;
        Ok(row.flatten())
    }
}
