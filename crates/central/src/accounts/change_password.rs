//! Changing one's password.

use async_trait::async_trait;
use lac_domain::UserId;
use lac_wire::{ChangePassword, ErrorCode};

use super::passwords::require_strong;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::http::Session;
use crate::mail::Mail;
use crate::settings;
use crate::storage::Conn;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// A person's own words and the authority's, on which a password should not lean.
pub(super) async fn own_words(conn: &mut Conn, user: UserId) -> Result<[String; 4], Failure> {
    let sql = "SELECT first_name, last_name, email FROM users WHERE id = $1";
    let (first, last, email): (String, String, String) =
        both!(conn, c => sqlx::query_as(sql).bind(user).fetch_one(c).await)?;
    Ok([first, last, email, settings::load(conn).await?.authority_name])
}

struct Change {
    session: Session,
    before: String,
    hash: String,
}

#[async_trait]
impl Job for Change {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let user = self.session.scope.user;
        let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2 RETURNING id";
        let done: Option<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(user).bind(&self.before).bind(&self.hash).fetch_optional(c).await)?;
        if done.is_none() {
            let message = "Your password was changed meanwhile. Try again with the new one.";
            return Err(Refusal::new(ErrorCode::SignInFailed, message).about("current").into());
        }
        tx.audit("password.changed", "user", Some(user.0), &serde_json::json!({}));
        tx.queue_mail(user, Mail::PasswordChanged).await?;
        tx.end_other_sessions(user, Some(self.session.id)).await
    }
}

impl Store {
    /// Changes the password of who asks; every other session of theirs ends.
    pub(crate) async fn change_password(&self, session: &Session, asked: &ChangePassword) -> Result<(), Failure> {
        let user = session.scope.user;
        let before = match self.require_password(session, &asked.current, "current").await {
            Ok(before) => before,
            // Asked again after the answer was lost: it is done already.
            Err(failure) => {
                let now = self.password_hash(user).await?;
                let done = matches!(&failure, Failure::Refused(refusal) if refusal.code == ErrorCode::SignInFailed)
                    && self.passwords().fits(&asked.password, now).await?;
                return if done { Ok(()) } else { Err(failure) };
            }
        };
        let own = {
            let mut conn = self.read().await?;
            own_words(&mut conn, user).await?
        };
        if asked.password == asked.current {
            let message = "This is the password that you have. Choose another.";
            return Err(Refusal::new(ErrorCode::PasswordWeak, message).about("password").into());
        }
        require_strong(&asked.password, &own.each_ref().map(String::as_str))?;
        let hash = self.passwords().hash(&asked.password).await?;
        let job = Change {
            session: *session,
            before,
            hash,
        };
        self.run(Some(user), job).await
    }
}
