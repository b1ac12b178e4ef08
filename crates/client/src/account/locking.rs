//! Locking an account: its file is closed and its key forgotten, until the password is given.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::{Account, OpenAccount, State, lock, locked, while_locked};
use crate::local::Key;
use crate::view::{LocalCode, Problem, SyncStatus};

/// What is left of an account while it is locked: numbers, and who listens for new ones.
#[derive(Default)]
pub(super) struct Rest {
    status: SyncStatus,
    listening: Option<JoinHandle<()>>,
}

impl Account {
    /// Whether it is locked.
    pub(crate) fn is_locked(&self) -> bool {
        matches!(self.state(), State::Shut(problem) if problem.is_local(LocalCode::Locked))
    }

    /// Whether its file is open.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.state(), State::Open(_))
    }

    /// How it stood when it was locked.
    pub(super) fn status_when_locked(&self) -> SyncStatus {
        lock(&self.rest).status.clone()
    }

    /// Locks it, and says whether there was anything to lock. What fails on the way leaves it locked all the same.
    pub(crate) async fn lock(self: &Arc<Self>) -> bool {
        let State::Open(open) = self.state() else {
            return false;
        };
        let status = open.sync_status().await.unwrap_or_else(|failure| {
            tracing::error!(%failure, "the local store could not be counted");
            SyncStatus::default()
        });
        self.set_state(State::Shut(locked()));
        self.listen_on(&open, status);
        open.api.set_token(None);
        open.close().await;
        drop(open);
        match self.folder().hide_key().await {
            Ok(true) => {}
            Ok(false) => {
                tracing::warn!(account = %self.id.0, "there is no sealed key: the store will judge the password")
            }
            Err(error) => {
                tracing::error!(account = %self.id.0, %error, "the open key could not be taken from the keyring")
            }
        }
        true
    }

    /// Goes on listening for a number of unread messages that grows, and for nothing else.
    fn listen_on(self: &Arc<Self>, open: &OpenAccount, status: SyncStatus) {
        let mut rest = lock(&self.rest);
        rest.status = SyncStatus {
            online: false,
            busy: false,
            problem: None,
            ..status
        };
        rest.listening = while_locked::begin(self, open);
    }

    /// The store counts so many unread conversations.
    pub(super) fn counted_while_locked(&self, unread: u32) -> SyncStatus {
        let mut rest = lock(&self.rest);
        rest.status.unread = unread;
        rest.status.clone()
    }

    /// Opens it with the key that the password gave.
    pub(crate) async fn unlock(self: &Arc<Self>, key: &Key) -> Result<(), Problem> {
        self.stop_listening();
        let opened = self.folder().open_unsealed(key).await;
        self.go_on_with(opened).await;
        self.get().map(drop)
    }

    /// Nobody listens any more: the file is opened again, or set aside.
    pub(crate) fn stop_listening(&self) {
        if let Some(listening) = lock(&self.rest).listening.take() {
            listening.abort();
        }
    }
}
