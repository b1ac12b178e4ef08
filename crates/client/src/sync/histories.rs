//! For LA roles a pupil's history is no part of what is held: it is fetched when someone opens it (the store notes
//! that), and dropped when nobody did for seven days.

use std::time::Duration;

use chrono::TimeDelta;
use lac_domain::{PupilId, Timestamp};
use sqlx::SqliteConnection;

use super::follow_ups;
use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::histories;

/// What was fetched so lately is not fetched again.
const FRESH: Duration = Duration::from_secs(300);
/// What was not opened for so long is dropped.
const KEPT: TimeDelta = TimeDelta::days(7);

/// Has a pupil's history be there when it is opened, as far as the store can be reached now; what is held of it is
/// shown in any case.
pub(crate) async fn open_history(account: &OpenAccount, pupil: PupilId) -> Result<(), Failure> {
    if !account.me().is_some_and(|me| me.role.is_la()) {
        return Ok(());
    }
    note_opened(account, pupil).await?;
    let now = account.computer.clock.monotonic();
    let fresh = lock(&account.opened)
        .get(&pupil)
        .is_some_and(|at| now.saturating_sub(*at) < FRESH);
    if fresh || !account.is_online() || !account.api.has_token() {
        return Ok(());
    }
    // A pull under way is not waited for: the next opening fetches.
    let Ok(_one) = account.pulling.try_lock() else {
        return Ok(());
    };
    let fetched = follow_ups::history(account, pupil).await;
    account.heard(&fetched).await;
    match fetched {
        Ok(()) => {
            lock(&account.opened).insert(pupil, now);
            Ok(())
        }
        Err(ApiError::Failed(failure)) => Err(failure),
        Err(_) => Ok(()),
    }
}

/// Notes that something of a pupil's history was opened.
pub(crate) async fn note_opened(account: &OpenAccount, pupil: PupilId) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    histories::opened(&mut tx, pupil, account.computer.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Drops what was not opened for long. Says whether there was any.
pub(super) async fn drop_unopened(conn: &mut SqliteConnection, now: Timestamp) -> Result<bool, Failure> {
    histories::drop_unopened(conn, now.plus(-KEPT)).await
}
