//! The application: its accounts and its settings.

mod entering;
mod leaving;
mod locking;
mod registry;

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use entering::Entry;
use registry::Registry;

use crate::account::{Account, OpenAccount, locked};
use crate::clock::Clock;
use crate::computer::Computer;
use crate::host::Host;
use crate::view::{AccountId, LocalCode, Problem, Settings};
use crate::whole_file::{Read, read_json};

/// The desktop without its window: what the shell opens once, and calls for every UI command.
pub struct App<H: Host> {
    pub(crate) host: Arc<H>,
    pub(crate) computer: Arc<Computer>,
    registry: Registry,
    /// Why the list of accounts could not be read, so that none is added to it.
    unreadable: Option<Problem>,
    accounts: RwLock<Vec<Arc<Account>>>,
    /// One account comes or goes at a time.
    changing: tokio::sync::Mutex<()>,
    /// When the window was last used, and who tried wrong passwords.
    guard: locking::Guard,
}

impl<H: Host> App<H> {
    /// Opens the application with all accounts of its profile. What is wrong with one of them is told by its
    /// state; the others go on.
    pub async fn open(host: H, clock: Arc<dyn Clock>) -> Arc<Self> {
        let host = Arc::new(host);
        let data_dir = host.data_dir();
        let settings = match read_json(&settings_file(&data_dir)).await {
            Ok(Read::Value(settings)) => settings,
            Ok(Read::Missing) => Settings::default(),
            Ok(Read::Damaged) => {
                tracing::warn!("the settings are damaged; the ordinary ones are used");
                Settings::default()
            }
            Err(failure) => {
                tracing::error!(%failure, "the settings could not be read");
                Settings::default()
            }
        };
        let computer = Computer::new(host.clone(), clock, settings);
        let registry = Registry::new(&computer, &data_dir);
        let (entries, unreadable) = match registry.read().await {
            Ok(entries) => (entries, None),
            Err(failure) => {
                tracing::error!(%failure, "the list of accounts could not be read");
                (Vec::new(), Some(accounts_unreadable()))
            }
        };
        let guard = locking::Guard::read(&computer, &data_dir).await;
        let mut accounts = Vec::with_capacity(entries.len());
        for entry in entries {
            if guard.was_left_for_long() {
                locking::hide_key(&computer, &registry, entry.id).await;
            }
            accounts.push(Account::open(&computer, registry.accounts_folder(), entry).await);
        }
        Arc::new(Self {
            host,
            computer,
            registry,
            unreadable,
            accounts: RwLock::new(accounts),
            changing: tokio::sync::Mutex::default(),
            guard,
        })
    }

    /// The computer that it was opened on.
    #[must_use]
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Ends what runs in the background and closes every file. Without it nothing is lost either.
    pub async fn close(&self) {
        for account in self.accounts() {
            account.stop_listening();
            account.close().await;
        }
    }

    pub(crate) fn accounts(&self) -> Vec<Arc<Account>> {
        self.accounts.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn settings_file(&self) -> PathBuf {
        settings_file(&self.host.data_dir())
    }

    /// The account with this id, where it is not locked.
    pub(crate) fn account(&self, id: AccountId) -> Result<Arc<Account>, Problem> {
        let account = self.account_even_locked(id)?;
        if account.is_locked() {
            return Err(locked());
        }
        Ok(account)
    }

    /// Fails while the application is locked: while an account is, and none is open.
    pub(crate) fn unlocked(&self) -> Result<(), Problem> {
        let accounts = self.accounts();
        let is_locked = accounts.iter().any(|account| account.is_locked());
        if is_locked && !accounts.iter().any(|account| account.is_open()) {
            return Err(locked());
        }
        Ok(())
    }

    fn account_even_locked(&self, id: AccountId) -> Result<Arc<Account>, Problem> {
        self.accounts()
            .into_iter()
            .find(|account| account.id == id)
            .ok_or_else(|| {
                Problem::local(
                    LocalCode::AccountUnknown,
                    "This account is no longer on this computer. Close the application and open it again.",
                )
            })
    }

    /// The account with this id, its file open.
    pub(crate) fn opened(&self, id: AccountId) -> Result<Arc<OpenAccount>, Problem> {
        self.account(id)?.get()
    }

    /// The same, where what is held may be read now.
    pub(crate) fn readable(&self, id: AccountId) -> Result<Arc<OpenAccount>, Problem> {
        let account = self.opened(id)?;
        account.may_read()?;
        Ok(account)
    }
}

fn settings_file(data_dir: &std::path::Path) -> PathBuf {
    data_dir.join("settings.json")
}

fn accounts_unreadable() -> Problem {
    Problem::local(
        LocalCode::File,
        "The application's folder on this computer cannot be read or written, so no account can be opened or added. \
         Ask your IT support to check the folder, then open the application again.",
    )
}
