//! Tokens made anew: a session is given the next one, and uses it from then on. Whoever uses one that was followed by
//! another has a copy, and the session ends.

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{SessionId, Timestamp, UserId};

use super::session_rows::{SessionRow, token_hash};
use crate::both;
use crate::error::Failure;
use crate::store::Store;
use crate::writer::{Audience, Changed, Job, Tx};

/// Requests that were on their way when the next token was used first may still carry the one before.
const ON_THEIR_WAY: TimeDelta = TimeDelta::minutes(2);

/// Gives a session its next token; one that it was given before and has not used is forgotten.
pub(super) struct GiveToken {
    pub(super) session: SessionId,
    pub(super) hash: Vec<u8>,
}

#[async_trait]
impl Job for GiveToken {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let sql = "UPDATE sessions SET next_token_hash = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.session).bind(&self.hash).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// The session has used its next token: the one before is retired.
struct UseNext {
    session: SessionId,
    hash: Vec<u8>,
}

#[async_trait]
impl Job for UseNext {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        // Two requests with it at once retire the one before once.
        let sql = "INSERT INTO retired_tokens (token_hash, session_id, retired_at)
                   SELECT token_hash, id, $3 FROM sessions WHERE id = $1 AND next_token_hash = $2";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.session).bind(&self.hash).bind(now).execute(c).await.map(|_| ()))?;
        let sql = "UPDATE sessions SET token_hash = next_token_hash, next_token_hash = NULL
                   WHERE id = $1 AND next_token_hash = $2";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.session).bind(&self.hash).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// Ends a session whose token was used twice.
struct EndCopied(SessionId, UserId);

#[async_trait]
impl Job for EndCopied {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let Self(session, user) = *self;
        let sql = "DELETE FROM sessions WHERE id = $1 RETURNING id";
        let ended: Option<SessionId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(session).fetch_optional(c).await)?;
        if ended.is_some() {
            let detail = serde_json::json!({ "session": session });
            tx.audit("session.token_reused", "user", Some(user.0), &detail);
            // Wakes the session's stream, which looks for its session and ends.
            tx.change(Audience::User(user), Changed::Me);
        }
        Ok(())
    }
}

impl Store {
    /// Judges the token by which a live session was found; says whether it holds.
    pub(crate) async fn judge_token(&self, row: &SessionRow, token: &str, now: Timestamp) -> Result<bool, Failure> {
        if let (true, Some(hash)) = (row.is_next, token_hash(token)) {
            let session = row.id;
            self.run(None, UseNext { session, hash }).await?;
            return Ok(true);
        }
        if row.retired_at.is_none_or(|at| now.since(at) < ON_THEIR_WAY) {
            return Ok(true);
        }
        self.run(None, EndCopied(row.id, row.user_id)).await?;
        Ok(false)
    }
}
