//! Telling the page that something changed: the first time at once, then at most ten times a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::OpenAccount;
use crate::view::{SyncStatus, UiEvent};

/// The shortest time between two tellings.
const PAUSE: Duration = Duration::from_millis(100);

/// What there is to tell.
#[derive(Default)]
pub(crate) struct ToTell {
    wake: Notify,
    held: AtomicBool,
}

impl ToTell {
    /// How the account stands with its store may have changed.
    pub(crate) fn sync(&self) {
        self.wake.notify_one();
    }

    /// Held things changed.
    pub(crate) fn held(&self) {
        self.held.store(true, Ordering::SeqCst);
        self.wake.notify_one();
    }
}

/// Tells the page, for as long as the account is open.
pub(super) async fn tell(account: Arc<OpenAccount>) {
    let mut last: Option<SyncStatus> = None;
    loop {
        account.to_tell.wake.notified().await;
        let host = &account.computer.host;
        match account.sync_status().await {
            Ok(status) => {
                if last.as_ref() != Some(&status) {
                    host.emit(UiEvent::Sync {
                        account: account.id,
                        status: status.clone(),
                    });
                    last = Some(status);
                }
            }
            Err(failure) => tracing::error!(%failure, "the local store could not be counted"),
        }
        if account.to_tell.held.swap(false, Ordering::SeqCst) {
            host.emit(UiEvent::Held { account: account.id });
        }
        account.computer.clock.sleep(PAUSE).await;
    }
}
