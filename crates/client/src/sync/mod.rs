//! Keeping the held set as the store has it: a first fetch, then the changes, whenever the store pokes or some time
//! has passed.

mod changes;
mod first_fetch;
mod follow_ups;
mod histories;
mod listen;
mod notify;
mod token;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use follow_ups::conversation;
pub(crate) use histories::{holds_history, note_opened, open_history, whole_history};
use lac_wire::ErrorCode;
pub(crate) use listen::listen;
pub(crate) use notify::{raise, text};

use crate::account::OpenAccount;
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::{Arrived, Meta, ToFetch};
use crate::pace::{backoff, backoff_or, between};

/// Between two pulls while the stream of pokes is open: it may have died without a word.
const SELDOM: (Duration, Duration) = (Duration::from_secs(150), Duration::from_secs(240));
/// Between two pulls while there is no stream.
const OFTEN: (Duration, Duration) = (Duration::from_secs(30), Duration::from_secs(60));

/// Pulls for as long as the account is open.
pub(crate) async fn follow(account: Arc<OpenAccount>) {
    let mut failures = 0;
    loop {
        if !account.api.has_token() {
            account.pull.notified().await;
            continue;
        }
        let wait = match pull(&account).await {
            Ok(()) => {
                failures = 0;
                token::renew(&account).await;
                let (shortest, longest) = if account.is_listening() { SELDOM } else { OFTEN };
                between(shortest, longest)
            }
            Err(ApiError::Later { retry_after, .. }) => {
                failures += 1;
                backoff_or(failures, retry_after)
            }
            Err(ApiError::Failed(failure)) => {
                tracing::error!(%failure, "a pull failed on this device");
                failures += 1;
                backoff(failures)
            }
            Err(_) => {
                failures += 1;
                backoff(failures)
            }
        };
        tokio::select! {
            () = account.pull.notified() => {}
            () = account.computer.clock.sleep(wait) => {}
        }
    }
}

/// Counts those who ask the store now, for the page.
struct Busy<'a>(&'a OpenAccount);

impl<'a> Busy<'a> {
    fn new(account: &'a OpenAccount) -> Self {
        account.live(|live| live.busy += 1);
        Self(account)
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.live(|live| live.busy -= 1);
    }
}

/// Brings the held set up to date, and raises notifications of what came.
pub(crate) async fn pull(account: &OpenAccount) -> Result<(), ApiError> {
    let _one = account.pulling.lock().await;
    let _busy = Busy::new(account);
    let mut arrived = Vec::new();
    let pulled = pull_into(account, &mut arrived).await;
    account.heard(&pulled).await;
    // What was noted as told is told, even if a later page did not come.
    notify::raise(account, &arrived).await;
    if pulled.is_ok() {
        account.second_step(None);
        remember_contact(account).await?;
    }
    if account.local.has_traces().await? {
        // A reader held the write-ahead log, or the application was ended before the file was written anew.
        account.leave_nothing_behind().await?;
    }
    pulled
}

async fn pull_into(account: &OpenAccount, arrived: &mut Vec<Arrived>) -> Result<(), ApiError> {
    refetch_after_upgrade(account).await?;
    if first_fetch::is_due(account).await? {
        first_fetch::run(account).await?;
    }
    let counts = match changes::follow(account, arrived).await {
        Err(error) if error.is_refused(ErrorCode::ResyncRequired) || error.is_refused(ErrorCode::Malformed) => {
            tracing::info!("the place in the store's changes is no good any more; fetching everything");
            first_fetch::run(account).await?;
            changes::follow(account, arrived).await?
        }
        other => other?,
    };
    // At once: what follows may take long, and is seldom news.
    notify::raise(account, &std::mem::take(arrived)).await;
    follow_ups::run(account, arrived).await?;
    changes::compare(account, &counts).await?;
    follow_ups::run(account, arrived).await
}

/// A newer version may know what an older one skipped.
async fn refetch_after_upgrade(account: &OpenAccount) -> Result<(), Failure> {
    let mut conn = account.local.reader().await?;
    let seen_by = Meta::UnknownSeenBy.get(&mut conn).await?;
    drop(conn);
    if seen_by.is_some_and(|version| version != env!("CARGO_PKG_VERSION")) {
        let mut tx = account.local.begin().await?;
        ToFetch::Everything.note(&mut tx).await?;
        Meta::UnknownSeenBy.clear(&mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Remembers when the store last answered, a few times an hour at most; and drops what was not opened for long.
async fn remember_contact(account: &OpenAccount) -> Result<(), Failure> {
    let now = account.computer.now();
    let mut conn = account.local.reader().await?;
    let before = crate::local::meta::last_contact(&mut conn).await?;
    drop(conn);
    if before.is_none_or(|before| (now.since(before)).abs() > chrono::TimeDelta::minutes(10)) {
        let mut tx = account.local.begin().await?;
        Meta::LastContact
            .set(&mut tx, &crate::local::millis(now).to_string())
            .await?;
        Meta::LatestSeen
            .set(&mut tx, &crate::local::millis(now).to_string())
            .await?;
        histories::drop_unheld(account, &mut tx).await?;
        tx.commit().await?;
    }
    Ok(())
}
