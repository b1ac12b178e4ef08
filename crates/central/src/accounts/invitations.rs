//! Invitations: making a one-time code, looking at what it is for, taking it up.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{InvitationId, SessionId, Timestamp, UserId, UserStatus, email_key};
use lac_wire::{AcceptInvitation, ErrorCode, Private};

use super::code::{hash_code, new_code};
use super::passwords::require_strong;
use super::second_factor::{Given, begin_grace};
use super::session_rows::{NewSession, insert_session};
use super::tries::{Places, know_places};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::later::Work;
use crate::mail::Mail;
use crate::settings;
use crate::storage::Conn;
use crate::store::Store;
use crate::writer::{Audience, Changed, Job, Tx};

/// For how long a code can be used.
pub(super) const VALID: TimeDelta = TimeDelta::hours(24);

/// Whether a code goes out by e-mail, or is shown to who asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NewCode {
    /// By e-mail.
    Mailed,
    /// On the command line.
    Shown,
}

/// Whom an invitation is for.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct InvitationWords {
    /// The invitation.
    pub id: InvitationId,
    /// The user.
    pub user_id: UserId,
    /// Their first name.
    pub first_name: String,
    /// Their last name.
    pub last_name: String,
    /// Their e-mail address.
    pub email: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    used_at: Option<Timestamp>,
    replaced: bool,
    #[sqlx(try_from = "String")]
    status: UserStatus,
}

impl Tx {
    /// Makes a new invitation for a user; the ones before it can no longer be used. Answers its code.
    pub(crate) async fn invite(&mut self, user: UserId, how: NewCode) -> Result<String, Failure> {
        let (now, id) = (self.now(), self.new_id::<InvitationId>()?);
        let code = new_code()?;
        // One that a bulk add has not come to yet is this one.
        self.done_with(Work::Invitations, [user]).await?;
        let replace = "UPDATE invitations SET replaced = TRUE WHERE user_id = $1 AND NOT replaced";
        both!(self.conn(), c => sqlx::query(replace).bind(user).execute(c).await.map(|_| ()))?;
        let insert = "INSERT INTO invitations (id, user_id, code_hash, created_at, expires_at, used_at, replaced)
                      VALUES ($1, $2, $3, $4, $5, NULL, FALSE)";
        both!(self.conn(), c => sqlx::query(insert)
            .bind(id).bind(user).bind(hash_code(&code)).bind(now).bind(now.plus(VALID))
            .execute(c).await.map(|_| ()))?;
        if how == NewCode::Mailed {
            self.queue_mail(user, Mail::Invitation { code: &code }).await?;
        }
        self.audit(
            "user.invited",
            "user",
            Some(user.0),
            &serde_json::json!({ "invitation": id }),
        );
        self.change(Audience::LaRoles, Changed::Person(user));
        Ok(code)
    }
}

/// Invites the user with an e-mail address again, for the command line. Answers the code.
pub struct InviteByEmail(pub String);

#[async_trait]
impl Job for InviteByEmail {
    type Output = String;

    async fn run(&self, tx: &mut Tx) -> Result<String, Failure> {
        let sql = "SELECT id, status FROM users WHERE email_key = $1";
        let key = email_key(&self.0);
        let row: Option<(UserId, String)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(key).fetch_optional(c).await)?;
        let Some((user, status)) = row else {
            return Err(Refusal::new(ErrorCode::NotFound, "No user of this store has this e-mail address.").into());
        };
        if status == UserStatus::Inactive.as_str() {
            return Err(Refusal::new(
                ErrorCode::Forbidden,
                "This user is inactive. An LA Super User must make them active first.",
            )
            .into());
        }
        tx.invite(user, NewCode::Shown).await
    }
}

/// Finds what a code is for.
///
/// # Errors
/// A refusal where the code is unknown, used or expired.
pub(crate) async fn look(conn: &mut Conn, code: &Private, now: Timestamp) -> Result<InvitationWords, Failure> {
    let sql =
        "SELECT i.id, i.user_id, u.first_name, u.last_name, u.email, i.expires_at, i.used_at, i.replaced, u.status
               FROM invitations i JOIN users u ON u.id = i.user_id WHERE i.code_hash = $1";
    let hash = hash_code(code.reveal());
    let row: Option<InvitationWords> = both!(conn, c => sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?;
    let unknown = || {
        Refusal::new(
            ErrorCode::InvitationUnknown,
            "This code is not known. Check it against the e-mail that it came in.",
        )
        .about("code")
    };
    let row = row.ok_or_else(unknown)?;
    if row.used_at.is_some() {
        return Err(Refusal::new(
            ErrorCode::InvitationUsed,
            "This code has been used. Sign in with your e-mail address and password.",
        )
        .into());
    }
    if row.status == UserStatus::Inactive {
        return Err(unknown().into());
    }
    if row.replaced {
        return Err(Refusal::new(
            ErrorCode::InvitationExpired,
            "A newer code has been sent. Use the code in the newest e-mail.",
        )
        .into());
    }
    if row.expires_at <= now {
        return Err(Refusal::new(
            ErrorCode::InvitationExpired,
            "This code has expired: codes last 24 hours. Ask your Virtual School to send a new one.",
        )
        .into());
    }
    Ok(row)
}

struct Accept {
    code: Private,
    password_hash: String,
    second_factor: Given,
    places: Places,
    session: NewSession,
}

#[async_trait]
impl Job for Accept {
    type Output = (UserId, SessionId, Timestamp);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure> {
        let now = tx.now();
        // Looked at again here: two devices may try the same code at once.
        let invitation = look(tx.conn(), &self.code, now).await?;
        let user = invitation.user_id;
        self.second_factor.take(tx, user).await?;
        let used = "UPDATE invitations SET used_at = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(used).bind(invitation.id).bind(now).execute(c).await.map(|_| ()))?;
        let sql = "UPDATE users SET password_hash = $2, status = 'active', revision = revision + 1, last_signed_in = $3
                   WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(user).bind(&self.password_hash).bind(now).execute(c).await.map(|_| ()))?;
        tx.note_user_change(user, &["status"]).await?;
        // A password that is set anew ends what was signed in with the old one.
        tx.end_sessions(user).await?;
        know_places(tx, user, &self.places).await?;
        begin_grace(tx, user).await?;
        let (session, expires) = insert_session(tx, user, &self.session).await?;
        tx.audit(
            "invitation.accepted",
            "user",
            Some(user.0),
            &serde_json::json!({ "invitation": invitation.id }),
        );
        tx.audit(
            "session.begun",
            "user",
            Some(user.0),
            &serde_json::json!({ "session": session, "device": self.session.device.id }),
        );
        tx.change(Audience::LaRoles, Changed::Person(user));
        Ok((user, session, expires))
    }
}

impl Store {
    /// Takes up an invitation: sets the password and signs in. Answers the token's session.
    pub(crate) async fn accept_invitation(
        &self,
        asked: AcceptInvitation,
        address: Option<IpAddr>,
    ) -> Result<(Private, UserId, SessionId, Timestamp), Failure> {
        let (invitation, authority) = {
            let mut conn = self.read().await?;
            (
                look(&mut conn, &asked.code, self.now()).await?,
                settings::load(&mut conn).await?.authority_name,
            )
        };
        let own = [
            &*invitation.first_name,
            &*invitation.last_name,
            &*invitation.email,
            &*authority,
        ];
        require_strong(&asked.password, &own)?;
        let known = invitation.user_id;
        // Who was invited again has a second step perhaps: a code by e-mail is no way round it.
        let second_factor = self.begin_second_step(known, asked.second_factor).await?;
        let password_hash = self.passwords().hash(&asked.password).await?;
        let places = self.places(&email_key(&invitation.email), asked.device.id, address);
        let (session, token) = NewSession::new(asked.device, self.config())?;
        let job = Accept {
            code: asked.code,
            password_hash,
            second_factor,
            places,
            session,
        };
        match self.run(None, job).await {
            Ok((user, session, expires)) => Ok((token, user, session, expires)),
            Err(failure) => {
                self.second_step_failed(known, &failure).await?;
                Err(failure)
            }
        }
    }
}

impl From<InvitationWords> for lac_wire::Invitation {
    fn from(words: InvitationWords) -> Self {
        Self {
            email: words.email,
            first_name: words.first_name,
            last_name: words.last_name,
            expires_at: words.expires_at,
        }
    }
}
