//! What a claimed mail says at the moment when it is sent, or why it need not be sent any more.

use chrono::TimeDelta;
use lac_domain::{Timestamp, UserStatus};
use uuid::Uuid;

use super::eml::Letter;
use super::queue::{Claimed, Outcome};
use super::text::{Text, address_after, address_before, changed, invitation, password_code, unread};
use crate::accounts::hash_code;
use crate::both;
use crate::error::Failure;
use crate::seal::Place;
use crate::settings;
use crate::storage::Conn;
use crate::store::Store;

/// News of unread messages that could not be sent for so long is given up: the next message makes a new mail. A weekly
/// mail waits for seven days by itself.
const NEWS: TimeDelta = TimeDelta::days(10);

/// Where what a mail needs is sealed.
pub(super) fn detail_place(mail: Uuid) -> Place {
    Place::new("mails", mail, "sealed_detail")
}

/// A mail that is ready to go.
pub(super) struct Ready {
    /// The address that it goes to.
    pub(super) to: String,
    /// The whole mail.
    pub(super) eml: String,
}

#[derive(sqlx::FromRow)]
struct Reader {
    email: String,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    invitation_held: bool,
}

#[derive(sqlx::FromRow)]
struct Invitation {
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    replaced: bool,
}

impl Store {
    /// Writes a claimed mail as things are now; or says what becomes of it instead.
    pub(super) async fn letter(&self, mail: &Claimed) -> Result<Result<Ready, Outcome>, Failure> {
        let mut conn = self.read().await?;
        let sql = "SELECT email, status, invitation_held FROM users WHERE id = $1";
        let reader: Option<Reader> =
            both!(&mut conn, c => sqlx::query_as(sql).bind(mail.user_id).fetch_optional(c).await)?;
        let Some(reader) = reader else {
            return Ok(Err(Outcome::Dropped("the user is gone")));
        };
        let authority = settings::load(&mut conn).await?.authority_name;
        let mut to = reader.email.clone();
        let text = match mail.kind.as_str() {
            "address_before" => match self.detail(mail)? {
                Some(address) => {
                    to = address;
                    Ok(address_before(&authority, mail.created_at))
                }
                None => Err(Outcome::Failed("its address is missing".to_owned())),
            },
            "address_after" => Ok(address_after(&authority, mail.created_at)),
            "password_code" => self.password_code(&mut conn, mail, &reader, &authority).await?,
            told @ ("password_changed" | "second_factor_set_up" | "second_factor_removed" | "second_factor_reset") => {
                Ok(changed(told, &authority, mail.created_at))
            }
            "invitation" => self.invitation(&mut conn, mail, &reader, &authority).await?,
            "unread" => self.unread(&mut conn, mail, &reader, &authority).await?,
            _ => Err(Outcome::Failed(
                "this version of the store does not know such a mail".to_owned(),
            )),
        };
        Ok(text.map(|text| {
            let from = &self.config().mail_from;
            let letter = Letter {
                id: mail.id,
                from,
                authority: &authority,
                to: &to,
                at: self.now(),
            };
            Ready {
                eml: letter.eml(&text),
                to,
            }
        }))
    }

    /// What a mail needs besides, opened.
    fn detail(&self, mail: &Claimed) -> Result<Option<String>, Failure> {
        let Some(sealed) = &mail.sealed_detail else {
            return Ok(None);
        };
        let bytes = self.keys().open(detail_place(mail.id), sealed)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    async fn invitation(
        &self,
        conn: &mut Conn,
        mail: &Claimed,
        reader: &Reader,
        authority: &str,
    ) -> Result<Result<Text, Outcome>, Failure> {
        if reader.status != UserStatus::Invited && reader.status != UserStatus::Active {
            return Ok(Err(Outcome::Dropped("the user cannot sign in any more")));
        }
        if reader.invitation_held {
            return Ok(Err(Outcome::Dropped("the invitation waits for a link")));
        }
        let Some(code) = self.detail(mail)? else {
            return Ok(Err(Outcome::Failed("its code is missing".to_owned())));
        };
        let sql = "SELECT expires_at, used_at, replaced FROM invitations WHERE code_hash = $1 AND user_id = $2";
        let hash = hash_code(&code);
        let found: Option<Invitation> =
            both!(conn, c => sqlx::query_as(sql).bind(hash).bind(mail.user_id).fetch_optional(c).await)?;
        Ok(match found {
            None => Err(Outcome::Dropped("its code is not known any more")),
            Some(found) if found.used_at.is_some() => Err(Outcome::Dropped("its code was used")),
            Some(found) if found.replaced => Err(Outcome::Dropped("a newer code was made")),
            Some(found) if found.expires_at <= self.now() => {
                Err(Outcome::Failed("its code ran out before it could be sent".to_owned()))
            }
            Some(found) => Ok(invitation(authority, &code, found.expires_at)),
        })
    }

    async fn password_code(
        &self,
        conn: &mut Conn,
        mail: &Claimed,
        reader: &Reader,
        authority: &str,
    ) -> Result<Result<Text, Outcome>, Failure> {
        if reader.status != UserStatus::Active {
            return Ok(Err(Outcome::Dropped("the user cannot sign in any more")));
        }
        let Some(code) = self.detail(mail)? else {
            return Ok(Err(Outcome::Failed("its code is missing".to_owned())));
        };
        let sql = "SELECT expires_at FROM password_codes WHERE code_hash = $1 AND user_id = $2 AND used_at IS NULL";
        let hash = hash_code(&code);
        let expires: Option<Timestamp> =
            both!(conn, c => sqlx::query_scalar(sql).bind(hash).bind(mail.user_id).fetch_optional(c).await)?;
        Ok(match expires {
            None => Err(Outcome::Dropped("its code was used")),
            Some(expires) if expires <= self.now() => {
                Err(Outcome::Failed("its code ran out before it could be sent".to_owned()))
            }
            Some(expires) => Ok(password_code(authority, &code, expires)),
        })
    }

    async fn unread(
        &self,
        conn: &mut Conn,
        mail: &Claimed,
        reader: &Reader,
        authority: &str,
    ) -> Result<Result<Text, Outcome>, Failure> {
        if reader.status != UserStatus::Active {
            return Ok(Err(Outcome::Dropped("the user cannot sign in any more")));
        }
        if self.now().since(mail.created_at) > NEWS {
            return Ok(Err(Outcome::Failed("it could not be sent for ten days".to_owned())));
        }
        let count = crate::messages::unread_count(conn, mail.user_id).await?;
        Ok(if count > 0 {
            Ok(unread(authority, count))
        } else {
            Err(Outcome::Dropped("everything was read"))
        })
    }
}
