//! How users want to be told of what is new.

use async_trait::async_trait;
use lac_domain::notices::may_choose;
use lac_domain::{EmailFrequency, NoticeKind, UserId};
use lac_wire::NotificationChoices;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::writer::{Audience, Changed, Job, Tx};

/// What a user chose.
///
/// # Errors
/// When the database fails.
pub(crate) async fn choices(conn: &mut Conn, user: UserId) -> Result<NotificationChoices, StoreError> {
    let sql = "SELECT email FROM notification_choices WHERE user_id = $1";
    let email: Option<String> = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_optional(c).await)?;
    let sql = "SELECT kind FROM unwanted_notices WHERE user_id = $1 ORDER BY kind";
    let unwanted: Vec<String> = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_all(c).await)?;
    Ok(NotificationChoices {
        email: email
            .and_then(|email| EmailFrequency::parse(&email).ok())
            .unwrap_or(EmailFrequency::AtOnce),
        unwanted: unwanted
            .iter()
            .filter_map(|kind| NoticeKind::parse(kind).ok())
            .collect(),
    })
}

/// Keeps what a user chose. A mail that waits goes out when it would if it were asked for now.
pub(super) struct Choose {
    pub(super) scope: Scope,
    pub(super) choices: NotificationChoices,
}

#[async_trait]
impl Job for Choose {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (user, now) = (self.scope.user, tx.now());
        let NotificationChoices { email, unwanted } = &self.choices;
        if !unwanted.is_empty() && !may_choose(self.scope.role) {
            let message = "With your role you get every notice. You can choose how often you get an e-mail.";
            return Err(Refusal::field("unwanted", message).into());
        }
        if unwanted.contains(&NoticeKind::Other) {
            return Err(Refusal::field("unwanted", "This kind of notice is not known. Choose again.").into());
        }
        let sql = "INSERT INTO notification_choices (user_id, email) VALUES ($1, $2)
                   ON CONFLICT (user_id) DO UPDATE SET email = excluded.email";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(email.as_str()).execute(c).await.map(|_| ()))?;
        both!(tx.conn(), c => sqlx::query("DELETE FROM unwanted_notices WHERE user_id = $1")
            .bind(user).execute(c).await.map(|_| ()))?;
        for kind in unwanted {
            let sql = "INSERT INTO unwanted_notices (user_id, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(kind.as_str()).execute(c).await.map(|_| ()))?;
        }
        let sql = "UPDATE mails SET next_try_at = $2 WHERE user_id = $1 AND kind = 'unread' AND state = 'waiting' AND tries = 0";
        both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(email.due(now)).execute(c).await.map(|_| ()))?;
        tx.note_mail();
        tx.change(Audience::User(user), Changed::Me);
        let detail = serde_json::json!({ "email": email.as_str(), "unwanted": unwanted });
        tx.audit("user.notifications_chosen", "user", Some(user.0), &detail);
        Ok(())
    }
}
