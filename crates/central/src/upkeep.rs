//! What the store does by itself: the new day just after midnight, counts into the trail, old rows out.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use crate::accounts::forget_past_tries;
use crate::attachments::forget_unclaimed;
use crate::both;
use crate::error::Failure;
use crate::establishments::forget_content;
use crate::imports::forget_files;
use crate::mail::forget_mails;
use crate::reminders::forget_reminders;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// How often it looks what there is to do.
const EVERY: Duration = Duration::from_secs(30);
/// Changes older than this are deleted; who was away for longer fetches everything again.
const CHANGES_KEPT: TimeDelta = TimeDelta::days(90);

/// Nobody leaves a form open for longer than this; then what was changed of a user is in the trail alone.
const EDITS_KEPT: TimeDelta = TimeDelta::days(30);

/// What was done to many users at once stays in the trail; who of them it went wrong with, for so long.
const ACTIONS_KEPT: TimeDelta = TimeDelta::days(30);

/// Looks every half minute until the store closes.
pub(crate) async fn run_for_ever(store: Store) {
    let mut closing = store.closing();
    let mut pruned_on = None;
    loop {
        if let Err(error) = store.ensure_access_is_of_today().await {
            tracing::error!(%error, "the new day's access could not be worked out");
        }
        if let Err(error) = store.flush_past_failures().await {
            tracing::error!(%error, "counted failures could not be written");
        }
        if let Err(error) = store.send_due_invitations().await {
            tracing::error!(%error, "invitations whose time has come could not be sent");
        }
        if let Err(error) = store.remind().await {
            tracing::error!(%error, "the store's reminders could not be worked out");
        }
        if pruned_on != Some(store.today()) {
            match store.prune().await {
                Ok(()) => pruned_on = Some(store.today()),
                Err(error) => tracing::error!(%error, "old rows could not be deleted"),
            }
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

impl Store {
    /// Deletes changes that are older than 90 days, sessions that have ended, counts of wrong passwords, files that were
    /// sent and that no message names, and files of imports that are older than 30 days.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self) -> Result<(), Failure> {
        self.run(
            None,
            Prune {
                idle: TimeDelta::days(i64::from(self.config().session_idle_days)),
            },
        )
        .await
    }
}

struct Prune {
    idle: TimeDelta,
}

#[async_trait]
impl Job for Prune {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let before = now.plus(-CHANGES_KEPT);
        let newest: Option<i64> = both!(tx.conn(), c => sqlx::query_scalar("SELECT MAX(seq) FROM changes WHERE at < $1")
            .bind(before).fetch_one(c).await)?;
        if let Some(newest) = newest {
            both!(tx.conn(), c => sqlx::query("DELETE FROM changes WHERE seq <= $1").bind(newest).execute(c).await.map(|_| ()))?;
            both!(tx.conn(), c => sqlx::query("UPDATE counter SET pruned_seq = $1 WHERE id = 1")
                .bind(newest).execute(c).await.map(|_| ()))?;
        }
        let sql = "DELETE FROM sessions WHERE expires_at <= $1 OR last_used_at <= $2";
        both!(tx.conn(), c => sqlx::query(sql).bind(now).bind(now.plus(-self.idle)).execute(c).await.map(|_| ()))?;
        forget_past_tries(tx).await?;
        both!(tx.conn(), c => sqlx::query("DELETE FROM user_changes WHERE at < $1")
            .bind(now.plus(-EDITS_KEPT)).execute(c).await.map(|_| ()))?;
        both!(tx.conn(), c => sqlx::query("DELETE FROM user_actions WHERE begun_at < $1 AND state <> 'running'")
            .bind(now.plus(-ACTIONS_KEPT)).execute(c).await.map(|_| ()))?;
        forget_unclaimed(tx).await?;
        forget_files(tx).await?;
        forget_content(tx).await?;
        forget_mails(tx).await?;
        forget_reminders(tx).await?;
        Ok(())
    }
}
