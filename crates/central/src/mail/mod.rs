//! Mails: queued in the transaction that asks for them, given to a mail server (or written into a folder) afterwards.
//! A mail names no person, no subject and no pupil, and holds no link.

mod eml;
mod folder;
mod letter;
mod many;
mod pace;
mod problem;
mod queue;
mod report;
mod send;
mod smtp;
#[cfg(test)]
mod tests;
mod text;

use lac_domain::{EmailFrequency, UserId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

pub(crate) use queue::forget_mails;
pub use report::MailQueue;
pub(crate) use send::{Mailer, send_for_ever};

use letter::detail_place;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Column, JsonRows};
use crate::writer::Tx;

/// A mail to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mail<'a> {
    /// An invitation, with its one-time code.
    Invitation {
        /// The code.
        code: &'a str,
    },
    /// Tells the address that an account had before that it has another now.
    AddressBefore {
        /// The address before.
        address: &'a str,
    },
    /// Tells the address that an account has now that it is the one to sign in with.
    AddressAfter,
    /// A one-time code for a password that was forgotten.
    PasswordCode {
        /// The code.
        code: &'a str,
    },
    /// Tells that the password was changed.
    PasswordChanged,
    /// Tells that the second step of signing in was set up.
    SecondFactorSetUp,
    /// Tells that its user took it away.
    SecondFactorRemoved,
    /// Tells that somebody else reset it.
    SecondFactorReset,
}

impl Mail<'_> {
    fn kind(self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::AddressBefore { .. } => "address_before",
            Self::AddressAfter => "address_after",
            Self::PasswordCode { .. } => "password_code",
            Self::PasswordChanged => "password_changed",
            Self::SecondFactorSetUp => "second_factor_set_up",
            Self::SecondFactorRemoved => "second_factor_removed",
            Self::SecondFactorReset => "second_factor_reset",
        }
    }
}

impl Tx {
    /// Queues a mail to a user.
    pub(crate) async fn queue_mail(&mut self, user: UserId, mail: Mail<'_>) -> Result<(), Failure> {
        let id: Uuid = self.new_id()?;
        let detail = match mail {
            Mail::Invitation { code } | Mail::PasswordCode { code } => Some(code),
            Mail::AddressBefore { address } => Some(address),
            Mail::AddressAfter
            | Mail::PasswordChanged
            | Mail::SecondFactorSetUp
            | Mail::SecondFactorRemoved
            | Mail::SecondFactorReset => None,
        };
        let keys = self.keys();
        let sealed = detail
            .map(|detail| keys.seal(detail_place(id), detail.as_bytes()))
            .transpose()?;
        let now = self.now();
        let sql = "INSERT INTO mails (id, user_id, kind, sealed_detail, state, created_at, next_try_at)
                   VALUES ($1, $2, $5, $3, 'waiting', $4, $4)";
        both!(self.conn(), c => sqlx::query(sql)
            .bind(id).bind(user).bind(sealed).bind(now).bind(mail.kind()).execute(c).await.map(|_| ()))?;
        self.note_mail();
        Ok(())
    }

    /// Queues mails that say there are unread messages, each for when its user wants it; for each user one until it is
    /// sent.
    pub(crate) async fn queue_unread_mails(&mut self, users: &[(UserId, Option<String>)]) -> Result<(), StoreError> {
        if users.is_empty() {
            return Ok(());
        }
        let mut rows = JsonRows::new();
        let now = self.now();
        for (user, often) in users {
            let id: Uuid = self.new_id()?;
            let often = often.as_deref().and_then(|often| EmailFrequency::parse(often).ok());
            rows.push(&[&id, user, &often.unwrap_or(EmailFrequency::AtOnce).due(now)]);
        }
        let source = self
            .engine()
            .rows("$1", &[Column::Id("id"), Column::Id("user_id"), Column::Instant("due")]);
        let sql = format!(
            "INSERT INTO mails (id, user_id, kind, state, created_at, next_try_at)
             SELECT r.id, r.user_id, 'unread', 'waiting', $2, r.due FROM {source} AS r WHERE true
             ON CONFLICT (user_id) WHERE kind = 'unread' AND state = 'waiting' DO NOTHING"
        );
        let json = rows.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(now).execute(c).await.map(|_| ()))?;
        self.note_mail();
        Ok(())
    }
}
