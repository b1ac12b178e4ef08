//! LA roles hold the histories of the pupils on their focus list, kept up to date like all else. Another pupil's
//! history is fetched when someone opens it (the store notes that), and dropped when nobody did for seven days.

use std::time::Duration;

use chrono::TimeDelta;
use lac_domain::PupilId;
use lac_wire::MaybeEntity;
use sqlx::SqliteConnection;

use super::follow_ups;
use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::{ToFetch, histories, meta, pupils};

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
    if is_held(account, pupil).await? {
        return Ok(());
    }
    let now = account.computer.clock.monotonic();
    let fresh = lock(&account.opened)
        .get(&pupil)
        .is_some_and(|at| now.saturating_sub(*at) < FRESH);
    if fresh {
        return Ok(());
    }
    if !account.is_online() || !account.api.has_token() {
        return fetch_later(account, pupil).await;
    }
    // A pull under way is not waited for: it, or the next, fetches.
    let Ok(_one) = account.pulling.try_lock() else {
        fetch_later(account, pupil).await?;
        account.pull.notify_one();
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
        Err(ApiError::Refused(_)) => Ok(()),
        Err(_) => fetch_later(account, pupil).await,
    }
}

/// Has the next pull fetch a history that could not be fetched when it was opened. Until then it does not count as held.
async fn fetch_later(account: &OpenAccount, pupil: PupilId) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    ToFetch::History(pupil).note(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Fetches a pupil's whole history as it is now, and gives it. It is held afterwards like one that was opened.
pub(crate) async fn whole_history(account: &OpenAccount, pupil: PupilId) -> Result<Vec<MaybeEntity>, ApiError> {
    note_opened(account, pupil).await?;
    let _one = account.pulling.lock().await;
    let mut whole = Vec::new();
    follow_ups::history_into(account, pupil, Some(&mut whole)).await?;
    Ok(whole)
}

/// Whether what is written about a pupil is on this device: always, but for LA roles.
pub(crate) async fn holds_history(account: &OpenAccount, pupil: PupilId) -> Result<bool, Failure> {
    if !account.me().is_some_and(|me| me.role.is_la()) {
        return Ok(true);
    }
    let mut conn = account.local.reader().await?;
    Ok(pupils::in_focus(&mut conn, pupil).await? || histories::is_opened(&mut conn, pupil).await?)
}

/// Notes that something of a pupil's history was opened.
pub(crate) async fn note_opened(account: &OpenAccount, pupil: PupilId) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    histories::opened(&mut tx, pupil, account.computer.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether a pupil's history is held in any case, and all of it is here.
async fn is_held(account: &OpenAccount, pupil: PupilId) -> Result<bool, Failure> {
    let mut conn = account.local.reader().await?;
    Ok(pupils::in_focus(&mut conn, pupil).await? && !ToFetch::all(&mut conn).await?.contains(&ToFetch::History(pupil)))
}

/// Drops what belongs to no pupil of the focus list and was not opened for long. Says whether there was any. Roles
/// other than LA hold the history of every pupil whom they see.
pub(super) async fn drop_unheld(account: &OpenAccount, conn: &mut SqliteConnection) -> Result<bool, Failure> {
    let la = meta::me(&mut *conn).await?.is_some_and(|me| me.role.is_la());
    if !la {
        return Ok(false);
    }
    histories::drop_unheld(conn, account.computer.now().plus(-KEPT)).await
}
