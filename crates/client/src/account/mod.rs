//! An account on this device: a user at a store, with a file, a key, a session and a colour of its own.

mod damage;
mod events;
mod file;
mod key;
mod live;
mod locking;
mod open_account;
mod opened_copies;
mod sealing;
mod while_locked;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

pub(crate) use file::{Folder, OpenedFile};
pub(crate) use key::{Unsealed, locked};
pub(crate) use live::Live;
pub(crate) use open_account::{OpenAccount, lock};
pub(crate) use opened_copies::{OpenedCopies, mark_as_from_elsewhere};
use serde::{Deserialize, Serialize};

use crate::api::{Address, Api};
use crate::computer::Computer;
use crate::view::{Account as AccountView, AccountId, Problem, SyncStatus};

/// An account as the list of accounts names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccountEntry {
    pub(crate) id: AccountId,
    pub(crate) store_address: String,
    pub(crate) email: String,
    pub(crate) authority_name: String,
    /// 0 to 5.
    pub(crate) colour: u8,
}

/// Whether an account can be used.
#[derive(Clone)]
pub(crate) enum State {
    /// Its file is open.
    Open(Arc<OpenAccount>),
    /// It is not, and why.
    Shut(Problem),
}

/// An account.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    computer: Arc<Computer>,
    accounts_folder: PathBuf,
    entry: RwLock<AccountEntry>,
    state: RwLock<State>,
    /// What is left of it while it is locked.
    rest: Mutex<locking::Rest>,
}

impl Account {
    /// An account of the list, opened if it can be.
    pub(crate) async fn open(computer: &Arc<Computer>, accounts_folder: PathBuf, entry: AccountEntry) -> Arc<Self> {
        let account = Self::shut(computer, accounts_folder, entry);
        account.try_open().await;
        account
    }

    fn shut(computer: &Arc<Computer>, accounts_folder: PathBuf, entry: AccountEntry) -> Arc<Self> {
        Arc::new(Self {
            id: entry.id,
            computer: Arc::clone(computer),
            accounts_folder,
            state: RwLock::new(State::Shut(crate::api::signed_out())),
            entry: RwLock::new(entry),
            rest: Mutex::default(),
        })
    }

    /// An account whose file was just made.
    pub(crate) async fn made(
        computer: &Arc<Computer>,
        accounts_folder: PathBuf,
        entry: AccountEntry,
        local: crate::local::LocalStore,
    ) -> Result<Arc<Self>, Problem> {
        let account = Self::shut(computer, accounts_folder, entry);
        account.set_state(State::Open(account.opened(local).await?));
        Ok(account)
    }

    /// Tries to open the file, where it is not open.
    pub(crate) async fn try_open(self: &Arc<Self>) {
        if matches!(self.state(), State::Open(_)) {
            return;
        }
        let opened = self.folder().open().await;
        self.go_on_with(opened).await;
    }

    /// Goes on with what opening the file came to.
    async fn go_on_with(self: &Arc<Self>, opened: Result<OpenedFile, Problem>) {
        let state = match opened {
            Ok(OpenedFile { local, .. }) => match self.opened(local).await {
                Ok(open) => State::Open(open),
                Err(problem) => State::Shut(problem),
            },
            Err(problem) => State::Shut(problem),
        };
        self.set_state(state);
    }

    /// Starts the account on an open file.
    pub(crate) async fn opened(self: &Arc<Self>, local: crate::local::LocalStore) -> Result<Arc<OpenAccount>, Problem> {
        let api = Api::new(Address::parse(&self.entry().store_address)?, &self.computer)?;
        let open = OpenAccount::new(self.id, Arc::clone(&self.computer), local, api, self.folder().copies()).await?;
        open.start();
        tokio::spawn(damage::watch(Arc::downgrade(self), open.local.clone()));
        Ok(open)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> Folder {
        Folder::new(&self.computer, &self.accounts_folder, self.id)
    }

    /// How the list names it.
    pub(crate) fn entry(&self) -> AccountEntry {
        self.entry.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes how the list names it.
    pub(crate) fn set_entry(&self, entry: AccountEntry) {
        *self.entry.write().unwrap_or_else(PoisonError::into_inner) = entry;
    }

    /// Whether it can be used.
    pub(crate) fn state(&self) -> State {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says whether it can be used.
    pub(crate) fn set_state(&self, state: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// Its file, or why it is not open.
    pub(crate) fn get(&self) -> Result<Arc<OpenAccount>, Problem> {
        match self.state() {
            State::Open(open) => Ok(open),
            State::Shut(problem) => Err(problem),
        }
    }

    /// The account as the page shows it.
    pub(crate) async fn view(&self) -> AccountView {
        let entry = self.entry();
        let (me, problem, sync) = match self.state() {
            State::Open(open) => {
                let sync = open.sync_status().await.unwrap_or_else(|failure| {
                    tracing::error!(%failure, "the local store could not be counted");
                    SyncStatus::default()
                });
                (open.me(), open.problem(), sync)
            }
            State::Shut(problem) => (None, Some(problem), self.status_when_locked()),
        };
        AccountView {
            id: entry.id,
            store_address: entry.store_address,
            colour: entry.colour,
            email: entry.email,
            authority_name: entry.authority_name,
            me,
            problem,
            no_keyring: self.folder().has_key_beside(),
            sync,
        }
    }

    /// Ends what runs, and closes the file.
    pub(crate) async fn close(&self) {
        if let State::Open(open) = self.state() {
            open.close().await;
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        if let State::Open(open) = self.state() {
            open.abort();
        }
    }
}
