//! The queue's rows: one is claimed, with a lease, in a transaction of its own before anything is said to a server,
//! and what became of it is noted afterwards. So no two processes send the same mail, and a crash leaves at most one
//! of which it is not known whether it arrived.

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{Timestamp, UserId};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::pace::mail_pause;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::Engine;
use crate::writer::{Audience, Changed, Job, Tx};

/// For how long a claimed mail is nobody else's; longer than a conversation with a server can last.
const LEASE: TimeDelta = TimeDelta::minutes(20);
/// Nobody is told of unread messages more often than this.
pub(super) const BETWEEN: TimeDelta = TimeDelta::minutes(15);
/// How often it may be unknown whether a mail arrived; then it is not sent again.
const DOUBTS: i64 = 2;
/// What is said of a mail that was claimed by a process which ended.
const CUT_OFF: &str = "the store ended while it was sending this";
/// Mails that were sent or given up are deleted after this.
const KEPT: TimeDelta = TimeDelta::days(90);

/// A mail that this process has claimed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Claimed {
    pub(super) id: Uuid,
    pub(super) user_id: UserId,
    pub(super) kind: String,
    pub(super) sealed_detail: Option<Vec<u8>>,
    pub(super) created_at: Timestamp,
    pub(super) tries: i64,
    doubts: i64,
}

/// What became of a claimed mail. A problem is in words of our own and holds no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server took it, or it is in the folder.
    Sent,
    /// It need not be sent any more.
    Dropped(&'static str),
    /// It will never be taken.
    Failed(String),
    /// It was certainly not taken; it is tried again.
    Later(String),
    /// It was certainly not taken, through no fault of its own; it is tried again at an instant.
    At(Timestamp, String),
    /// Whether it was taken is not known.
    InDoubt(String),
    /// Nothing was said of it to the server.
    Released,
}

/// Notes what became of the mail before, and claims the next, in one transaction.
pub(super) struct Turn {
    /// By what the claims are known: one holds one mail at a time.
    pub(super) by: Uuid,
    /// The mail before.
    pub(super) done: Option<(Claimed, Outcome)>,
    /// Whether another mail shall be claimed.
    pub(super) claim: bool,
}

#[async_trait]
impl Job for Turn {
    type Output = Option<Claimed>;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure> {
        if let Some((mail, outcome)) = &self.done {
            note(tx, mail, self.by, outcome).await?;
        }
        if self.claim {
            Ok(claim_next(tx, self.by).await?)
        } else {
            Ok(None)
        }
    }
}

async fn claim_next(tx: &mut Tx, claim: Uuid) -> Result<Option<Claimed>, StoreError> {
    // Another process's claim is passed over, not waited for.
    let lock = match tx.engine() {
        Engine::Sqlite => "",
        Engine::Postgres => "FOR UPDATE SKIP LOCKED",
    };
    let sql = format!(
        "UPDATE mails SET state = 'sending', claim = $1, claimed_until = $2, tries = tries + 1
         WHERE id = (SELECT m.id FROM mails m WHERE m.state = 'waiting' AND m.next_try_at <= $3
           AND (m.kind <> 'unread' OR NOT EXISTS (SELECT 1 FROM mails other WHERE other.user_id = m.user_id
             AND other.kind = 'unread' AND (other.state = 'sending' OR (other.state = 'sent' AND other.sent_at > $4))))
           ORDER BY m.next_try_at, m.id LIMIT 1 {lock})
         RETURNING id, user_id, kind, sealed_detail, created_at, tries, doubts"
    );
    let now = tx.now();
    Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(claim).bind(now.plus(LEASE)).bind(now).bind(now.plus(-BETWEEN)).fetch_optional(c).await)?)
}

async fn note(tx: &mut Tx, mail: &Claimed, claim: Uuid, outcome: &Outcome) -> Result<(), Failure> {
    let now = tx.now();
    let sql = "SELECT COUNT(*) FROM mails WHERE id = $1 AND claim = $2 AND state = 'sending'";
    let ours: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(mail.id).bind(claim).fetch_one(c).await)?;
    if ours == 0 {
        tracing::warn!(mail = %mail.id, "a mail's lease ran out before it was sent; what became of it was noted already");
        return Ok(());
    }
    match outcome {
        Outcome::Sent => finish(tx, mail, "sent", None).await?,
        Outcome::Dropped(why) => finish(tx, mail, "dropped", Some(why)).await?,
        Outcome::Failed(why) => fail(tx, mail, why).await?,
        Outcome::Later(why) => put_back(tx, mail, now.plus(mail_pause(mail.tries)?), 0, Some(why)).await?,
        Outcome::At(at, why) => put_back(tx, mail, *at, 0, Some(why)).await?,
        Outcome::Released => put_back(tx, mail, now, 0, None).await?,
        Outcome::InDoubt(why) => doubt(tx, mail, why).await?,
    }
    Ok(())
}

/// A mail that may have arrived is sent once more, as the same mail, and then no more.
async fn doubt(tx: &mut Tx, mail: &Claimed, why: &str) -> Result<(), Failure> {
    if mail.doubts + 1 >= DOUBTS {
        return Ok(fail(tx, mail, &format!("it may have arrived: {why}")).await?);
    }
    let pause = mail_pause(mail.tries)?.max(BETWEEN);
    let at = tx.now().plus(pause);
    Ok(put_back(tx, mail, at, 1, Some(why)).await?)
}

/// Ends a mail. A code is kept no longer than it takes to send it.
async fn finish(tx: &mut Tx, mail: &Claimed, state: &'static str, problem: Option<&str>) -> Result<(), StoreError> {
    let sql = "UPDATE mails SET state = $2, sent_at = $3, problem = $4, sealed_detail = NULL, claim = NULL, claimed_until = NULL
               WHERE id = $1";
    let now = tx.now();
    both!(tx.conn(), c => sqlx::query(sql).bind(mail.id).bind(state).bind(now).bind(problem).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Gives a mail up. Of an invitation the LA roles learn it.
async fn fail(tx: &mut Tx, mail: &Claimed, why: &str) -> Result<(), StoreError> {
    tracing::warn!(mail = %mail.id, kind = mail.kind, user = %mail.user_id, why, "a mail could not be sent");
    finish(tx, mail, "failed", Some(why)).await?;
    if mail.kind == "invitation" {
        let detail = serde_json::json!({ "mail": mail.id, "why": why });
        tx.audit("invitation.undelivered", "user", Some(mail.user_id.0), &detail);
        tx.change(Audience::LaRoles, Changed::Person(mail.user_id));
    }
    Ok(())
}

/// Has a mail wait again.
async fn put_back(
    tx: &mut Tx,
    mail: &Claimed,
    at: Timestamp,
    doubts: i64,
    why: Option<&str>,
) -> Result<(), StoreError> {
    if mail.kind == "unread" {
        // A newer one may wait by now, and says the same: it stands for both, and waits as long.
        let merge = "UPDATE mails SET tries = $2, next_try_at = $3 WHERE user_id = $1 AND kind = 'unread' AND state = 'waiting'";
        let merged = both!(tx.conn(), c => sqlx::query(merge)
            .bind(mail.user_id).bind(mail.tries).bind(at).execute(c).await.map(|done| done.rows_affected()))?;
        if merged > 0 {
            return finish(tx, mail, "dropped", Some("a newer one stands for it")).await;
        }
    }
    // What was not tried is not counted as a try.
    let tries = if why.is_some() { mail.tries } else { mail.tries - 1 };
    let sql = "UPDATE mails SET state = 'waiting', claim = NULL, claimed_until = NULL, tries = $2, next_try_at = $3,
                 doubts = doubts + $4, problem = COALESCE($5, problem) WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(mail.id).bind(tries).bind(at).bind(doubts).bind(why).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Looks after mails whose lease ran out, because the process that had claimed them ended. Answers how many.
pub(super) struct TakeUpLost;

#[async_trait]
impl Job for TakeUpLost {
    type Output = usize;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<usize, Failure> {
        let lock = match tx.engine() {
            Engine::Sqlite => "",
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        };
        let sql = format!(
            "SELECT id, user_id, kind, sealed_detail, created_at, tries, doubts FROM mails
             WHERE state = 'sending' AND claimed_until <= $1 ORDER BY id {lock}"
        );
        let now = tx.now();
        let lost: Vec<Claimed> =
            both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(now).fetch_all(c).await)?;
        for mail in &lost {
            doubt(tx, mail, CUT_OFF).await?;
        }
        Ok(lost.len())
    }
}

/// Deletes mails that were sent or given up long ago.
pub(crate) async fn forget_mails(tx: &mut Tx) -> Result<(), StoreError> {
    let before = tx.now().plus(-KEPT);
    let sql = "DELETE FROM mails WHERE state IN ('sent', 'dropped', 'failed') AND created_at < $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(before).execute(c).await.map(|_| ()))?;
    Ok(())
}
