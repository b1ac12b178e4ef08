//! How the queue of mails stands, for whoever runs the store.

use std::fmt;

use lac_domain::Timestamp;

use super::text::in_london;
use crate::both;
use crate::error::StoreError;
use crate::store::Store;

/// The most failed mails that are named.
const NAMED: i64 = 200;

/// How the queue of mails stands. Shown, it is a text for a person: it holds e-mail addresses and is not for a log.
#[derive(Debug, Clone)]
pub struct MailQueue {
    waiting: i64,
    oldest: Option<Timestamp>,
    problem: Option<String>,
    sending: i64,
    sent: i64,
    failed: i64,
    named: Vec<Failed>,
}

#[derive(Debug, Clone, sqlx::FromRow)]
struct Failed {
    kind: String,
    email: String,
    sent_at: Option<Timestamp>,
    problem: Option<String>,
}

impl Store {
    /// How the queue of mails stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn mail_queue(&self) -> Result<MailQueue, StoreError> {
        let mut conn = self.read().await?;
        let counts: Vec<(String, i64)> = both!(&mut conn, c => sqlx::query_as("SELECT state, COUNT(*) FROM mails GROUP BY state").fetch_all(c).await)?;
        let count = |state: &str| {
            counts
                .iter()
                .find(|(name, _)| name == state)
                .map_or(0, |(_, count)| *count)
        };
        let sql = "SELECT MIN(created_at) FROM mails WHERE state = 'waiting'";
        let oldest = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await)?;
        let sql = "SELECT problem FROM mails WHERE state = 'waiting' AND problem IS NOT NULL ORDER BY next_try_at DESC LIMIT 1";
        let problem = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_optional(c).await)?;
        let sql = "SELECT m.kind, u.email, m.sent_at, m.problem FROM mails m JOIN users u ON u.id = m.user_id
                   WHERE m.state = 'failed' ORDER BY m.sent_at DESC, m.id LIMIT $1";
        let named = both!(&mut conn, c => sqlx::query_as(sql).bind(NAMED).fetch_all(c).await)?;
        Ok(MailQueue {
            waiting: count("waiting"),
            oldest,
            problem,
            sending: count("sending"),
            sent: count("sent"),
            failed: count("failed"),
            named,
        })
    }
}

impl fmt::Display for MailQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Waiting: {}", self.waiting)?;
        if let Some(oldest) = self.oldest {
            write!(f, ", the oldest since {}", in_london(oldest))?;
        }
        if let Some(problem) = &self.problem {
            write!(f, "; the last problem: {problem}")?;
        }
        write!(
            f,
            "\nBeing sent: {}\nSent in the last 90 days: {}\n",
            self.sending, self.sent
        )?;
        write!(f, "Failed in the last 90 days: {}", self.failed)?;
        for failed in &self.named {
            let at = failed.sent_at.map_or_else(String::new, in_london);
            let problem = failed.problem.as_deref().unwrap_or_default();
            write!(f, "\n  {at}, {} to {}: {problem}", failed.kind, failed.email)?;
        }
        Ok(())
    }
}
