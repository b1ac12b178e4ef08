//! Mails: queued in the transaction that asks for them, written into a folder afterwards, one file each. A
//! mail names no person, no subject and no pupil.

mod send;
mod text;

use lac_domain::UserId;
use uuid::Uuid;

pub(crate) use send::send_for_ever;

use crate::both;
use crate::error::Failure;
use crate::seal::Place;
use crate::writer::Tx;

/// A mail to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mail<'a> {
    /// An invitation, with its one-time code.
    Invitation {
        /// The code.
        code: &'a str,
    },
    /// There are unread messages.
    Unread,
}

/// Where what a mail needs is sealed.
fn detail_place(mail: Uuid) -> Place {
    Place::new("mails", mail, "sealed_detail")
}

impl Tx {
    /// Queues a mail to a user. One that says there are unread messages is queued once until it is sent.
    pub(crate) async fn queue_mail(&mut self, user: UserId, mail: Mail<'_>) -> Result<(), Failure> {
        let id: Uuid = self.new_id()?;
        let (kind, sealed) = match mail {
            Mail::Invitation { code } => {
                ("invitation", Some(self.keys().seal(detail_place(id), code.as_bytes())?))
            }
            Mail::Unread => ("unread", None),
        };
        let now = self.now();
        let sql = "INSERT INTO mails (id, user_id, kind, sealed_detail, state, created_at)
                   VALUES ($1, $2, $3, $4, 'waiting', $5)
                   ON CONFLICT (user_id) WHERE kind = 'unread' AND state = 'waiting' DO NOTHING";
        both!(self.conn(), c => sqlx::query(sql)
            .bind(id).bind(user).bind(kind).bind(sealed).bind(now).execute(c).await.map(|_| ()))?;
        self.note_mail();
        Ok(())
    }
}
