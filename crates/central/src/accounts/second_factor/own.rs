//! What a user does with their own second step: set it up, make recovery codes anew, take it away.

use async_trait::async_trait;
use lac_domain::{Role, UserId, second_factor};
use lac_wire::{ErrorCode, NewSecondFactor, Private, RecoveryCodes};
use totp_rs::Secret;
use uuid::Uuid;

use super::codes::{make_recovery_codes, matching_step, plain};
use super::rows::{remove_second_factor, secret_place, set_up_at};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::mail::Mail;
use crate::random::random;
use crate::scope::Scope;
use crate::settings;
use crate::writer::{Audience, Changed, Job, Tx};

/// How many bytes a secret has: as many as RFC 4226 asks for.
const SECRET: usize = 20;

/// Begins to set up a second step, in place of one that was begun. One that counts goes on counting until the first code
/// of the new one was given.
pub(crate) struct Begin(pub(crate) UserId);

#[async_trait]
impl Job for Begin {
    type Output = NewSecondFactor;

    async fn run(&self, tx: &mut Tx) -> Result<NewSecondFactor, Failure> {
        let (user, now) = (self.0, tx.now());
        let sql = "DELETE FROM second_factors WHERE user_id = $1 AND confirmed_at IS NULL";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).execute(c).await.map(|_| ()))?;
        let (id, secret): (Uuid, [u8; SECRET]) = (tx.new_id()?, random()?);
        let sealed = tx.keys().seal(secret_place(id), &secret)?;
        let sql =
            "INSERT INTO second_factors (id, user_id, sealed_secret, begun_at, last_step) VALUES ($1, $2, $3, $4, 0)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(user).bind(sealed).bind(now).execute(c).await.map(|_| ()))?;
        let email: String = both!(tx.conn(), c => sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
            .bind(user).fetch_one(c).await)?;
        // The name under which an app shows it, which may be read over a shoulder: as in notifications.
        let issuer = settings::load(tx.conn()).await?.notification_sender;
        let secret = Secret::from(secret).to_base32();
        let address = format!(
            "otpauth://totp/{issuer}:{email}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
            issuer = escaped(&issuer),
            email = escaped(&email),
        );
        Ok(NewSecondFactor {
            secret: secret.into(),
            address: address.into(),
        })
    }
}

/// A text as it stands in an address.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// Takes the first code of a second step that was begun: from then on it counts. Answers recovery codes.
pub(crate) struct Confirm {
    pub(crate) user: UserId,
    pub(crate) code: Private,
}

#[async_trait]
impl Job for Confirm {
    type Output = RecoveryCodes;

    async fn run(&self, tx: &mut Tx) -> Result<RecoveryCodes, Failure> {
        let (user, now) = (self.user, tx.now());
        let sql = "SELECT id, sealed_secret FROM second_factors WHERE user_id = $1 AND confirmed_at IS NULL";
        let begun: Option<(Uuid, Vec<u8>)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
        let Some((id, sealed)) = begun else {
            let message = "Nothing was begun that this code could be for. Begin to set up the second step again.";
            return Err(Refusal::field("code", message).into());
        };
        let secret = tx.keys().open(secret_place(id), &sealed)?;
        let Some(step) = matching_step(&secret, &plain(&self.code), now, 0)? else {
            let message = "This is not the code that the app should show now. Check that you scanned the square on this \
                           screen and that your phone’s clock is right, then enter the newest code.";
            return Err(Refusal::new(ErrorCode::SecondFactorWrong, message).about("code").into());
        };
        let sql = "DELETE FROM second_factors WHERE user_id = $1 AND id <> $2";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(id).execute(c).await.map(|_| ()))?;
        let sql = "UPDATE second_factors SET confirmed_at = $2, last_step = $3 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(now).bind(step).execute(c).await.map(|_| ()))?;
        let codes = make_recovery_codes(tx, user).await?;
        tx.queue_mail(user, Mail::SecondFactorSetUp).await?;
        tx.audit("second_factor.set_up", "user", Some(user.0), &serde_json::json!({}));
        tx.change(Audience::User(user), Changed::Me);
        Ok(RecoveryCodes { codes })
    }
}

/// Makes new recovery codes in place of those before.
pub(crate) struct MakeRecoveryCodes(pub(crate) UserId);

#[async_trait]
impl Job for MakeRecoveryCodes {
    type Output = RecoveryCodes;

    async fn run(&self, tx: &mut Tx) -> Result<RecoveryCodes, Failure> {
        let user = self.0;
        if set_up_at(tx.conn(), user).await?.is_none() {
            return Err(Refusal::field("code", "Set up the second step first; recovery codes come with it.").into());
        }
        let codes = make_recovery_codes(tx, user).await?;
        tx.audit(
            "second_factor.recovery_codes_made",
            "user",
            Some(user.0),
            &serde_json::json!({}),
        );
        tx.change(Audience::User(user), Changed::Me);
        Ok(RecoveryCodes { codes })
    }
}

/// Takes one's own second step away, where one may do without.
pub(crate) struct Remove(pub(crate) Scope);

#[async_trait]
impl Job for Remove {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let user = self.0.user;
        let relaxed = settings::load(tx.conn()).await?.second_factor_relaxed;
        let role: String = both!(tx.conn(), c => sqlx::query_scalar("SELECT role FROM users WHERE id = $1")
            .bind(user).fetch_one(c).await)?;
        if second_factor::is_required(Role::parse(&role).unwrap_or(self.0.role), relaxed) {
            let message = "Your authority requires the second step for your role, so it can’t be taken away. With a new \
                           phone, set it up anew.";
            return Err(Refusal::field("second_factor", message).into());
        }
        if remove_second_factor(tx, user).await? {
            tx.queue_mail(user, Mail::SecondFactorRemoved).await?;
            tx.audit("second_factor.removed", "user", Some(user.0), &serde_json::json!({}));
            tx.change(Audience::User(user), Changed::Me);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_are_escaped() {
        assert_eq!(escaped("Secure Messages"), "Secure%20Messages");
        assert_eq!(escaped("o'neill+x@example.org"), "o%27neill%2Bx%40example.org");
    }
}
