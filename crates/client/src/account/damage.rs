//! A file that turns out to be damaged while it is open: it is closed and set aside, as it would have been when opened.

use std::sync::{Arc, Weak};

use super::{Account, State};
use crate::failure;
use crate::local::LocalStore;
use crate::view::UiEvent;

/// Looks at the file whenever damage was reported anywhere, for as long as it is open.
pub(super) async fn watch(account: Weak<Account>, local: LocalStore) {
    loop {
        tokio::select! {
            () = failure::damage().notified() => {}
            // A closed file's key is to be forgotten, and with it what holds it.
            () = local.closing() => return,
        }
        if !local.is_damaged().await {
            continue;
        }
        if let Some(account) = account.upgrade() {
            account.set_file_aside().await;
        }
        return;
    }
}

impl Account {
    async fn set_file_aside(self: Arc<Self>) {
        tracing::error!(account = %self.id.0, "a local store is damaged");
        self.close().await;
        let problem = self.folder().set_aside().unwrap_or_else(|problem| problem);
        self.set_state(State::Shut(problem));
        self.computer.host.emit(UiEvent::Accounts {});
    }
}
