//! Writes waiting mails into the mail folder, each in one piece, and notes that it was.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{Timestamp, UserId};
use uuid::Uuid;

use super::detail_place;
use super::text::{Letter, invitation, unread};
use crate::both;
use crate::error::{Failure, StoreError};
use crate::settings;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// How often waiting mails are looked for when nobody says that there are some.
const EVERY: Duration = Duration::from_secs(30);
/// Nobody is told of unread messages more often than this.
const BETWEEN: TimeDelta = TimeDelta::minutes(15);
/// The most mails written between two notes in the database.
const AT_ONCE: i64 = 200;

/// Sends what waits, now and whenever there is more, until the store closes.
pub(crate) async fn send_for_ever(store: Store) {
    let mut closing = store.closing();
    loop {
        if let Err(error) = store.send_mails().await {
            tracing::error!(%error, "mails could not be sent");
        }
        tokio::select! {
            () = store.mail_queued().notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

#[derive(sqlx::FromRow)]
struct Waiting {
    id: Uuid,
    user_id: UserId,
    kind: String,
    sealed_detail: Option<Vec<u8>>,
    created_at: Timestamp,
    email: String,
    status: String,
}

impl Store {
    /// Writes all waiting mails into the mail folder; without one they wait. Answers how many were written.
    ///
    /// # Errors
    /// When the folder or the database fails; what was not written waits.
    pub async fn send_mails(&self) -> Result<usize, Failure> {
        let Some(folder) = self.config().mail_dir.clone() else { return Ok(0) };
        let mut written = 0;
        loop {
            let (waiting, authority) = {
                let mut conn = self.read().await?;
                let sql = "SELECT m.id, m.user_id, m.kind, m.sealed_detail, m.created_at, u.email, u.status
                           FROM mails m JOIN users u ON u.id = m.user_id WHERE m.state = 'waiting'
                             AND (m.kind <> 'unread' OR NOT EXISTS (SELECT 1 FROM mails before WHERE before.user_id = m.user_id
                                    AND before.kind = 'unread' AND before.state = 'sent' AND before.sent_at > $2))
                           ORDER BY m.id LIMIT $1";
                let recently = self.now().plus(-BETWEEN);
                let rows: Vec<Waiting> =
                    both!(&mut conn, c => sqlx::query_as(sql).bind(AT_ONCE).bind(recently).fetch_all(c).await)?;
                (rows, settings::load(&mut conn).await?.authority_name)
            };
            if waiting.is_empty() {
                return Ok(written);
            }
            let mut sent = Vec::new();
            let mut dropped = Vec::new();
            for mail in &waiting {
                match self.letter(mail, &authority).await? {
                    None => dropped.push(mail.id),
                    Some(eml) => {
                        let (folder, name) = (folder.clone(), file_name(mail));
                        tokio::task::spawn_blocking(move || write_whole(&folder, &name, &eml))
                            .await
                            .map_err(|error| StoreError::File(std::io::Error::other(error)))?
                            .map_err(StoreError::from)?;
                        sent.push(mail.id);
                    }
                }
            }
            written += sent.len();
            self.run(None, NoteSent { sent, dropped }).await?;
        }
    }

    /// The mail's whole text; none where it need not be sent any more.
    async fn letter(&self, mail: &Waiting, authority: &str) -> Result<Option<String>, Failure> {
        let letter = Letter {
            id: mail.id,
            from: &self.config().mail_from,
            authority,
            to: &mail.email,
            at: mail.created_at,
        };
        if mail.status == lac_domain::UserStatus::Inactive.as_str() {
            return Ok(None);
        }
        if let Some(sealed) = &mail.sealed_detail {
            let code = self.keys().open(detail_place(mail.id), sealed)?;
            let code = String::from_utf8_lossy(&code).into_owned();
            let subject = format!("Your invitation to Secure Messages from {authority}");
            return Ok(Some(letter.eml(&subject, &invitation(authority, &code))));
        }
        if mail.kind != "unread" {
            return Ok(None);
        }
        let mut conn = self.read().await?;
        let count = crate::messages::unread_count(&mut conn, mail.user_id).await?;
        let subject = format!("Secure messages from {authority}");
        Ok((count > 0).then(|| letter.eml(&subject, &unread(authority, count))))
    }
}

fn file_name(mail: &Waiting) -> String {
    format!("{}-{}.eml", mail.created_at.utc().format("%Y%m%dT%H%M%S"), mail.id)
}

/// Writes a file that is there whole or not at all.
fn write_whole(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(name))
}

struct NoteSent {
    sent: Vec<Uuid>,
    dropped: Vec<Uuid>,
}

#[async_trait]
impl Job for NoteSent {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        // A code is kept no longer than it takes to send it.
        let sql = "UPDATE mails SET state = $2, sent_at = $3, sealed_detail = NULL WHERE id = $1";
        for (ids, state) in [(&self.sent, "sent"), (&self.dropped, "dropped")] {
            for id in ids {
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(state).bind(now).execute(c).await.map(|_| ()))?;
            }
        }
        Ok(())
    }
}
