//! The application's lock: by hand, after so long without a key or a pointer, and when it was left for so long before it
//! was opened. Only the password of an account opens it again, with or without a network.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use lac_domain::Timestamp;
use lac_wire::Device;
use serde::{Deserialize, Serialize};

use super::registry::Registry;
use super::{App, Entry};
use crate::account::{Account, Folder, State, Unsealed, lock};
use crate::api::{Address, Api};
use crate::computer::Computer;
use crate::failure::invalid;
use crate::host::Host;
use crate::view::{AccountId, Problem, UiEvent, Unlock};
use crate::whole_file::{Read, read_json, write_json};

/// After so long without a key or a pointer the application locks.
const IDLE: Duration = Duration::from_secs(15 * 60);
/// How often it is looked whether it is time.
const EVERY: Duration = Duration::from_secs(10);
/// The time that the page is given to save what is being written.
const PATIENCE: Duration = Duration::from_millis(1500);
/// When it was last used is written down this often at most.
const WRITTEN: TimeDelta = TimeDelta::seconds(60);
/// So many wrong passwords cost no more than their time.
const FREE: u32 = 5;
/// The first wait after those; each further one doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(5);
/// The longest: nobody locks another out for good.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// What outlasts the application: `lock.json`. It guards nothing by itself: the key is sealed by then.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Written {
    /// When the window was last used.
    used_at: Option<Timestamp>,
    /// How many wrong passwords were given in a row.
    wrong: HashMap<AccountId, u32>,
}

struct Known {
    written: Written,
    /// When the window was last used, by the monotonic clock and by the computer's, which goes on while it sleeps.
    used: (Duration, Timestamp),
    /// Until when no password is tried, by the monotonic clock.
    wait_until: HashMap<AccountId, Duration>,
}

/// When the window was last used, and who tried wrong passwords.
pub(super) struct Guard {
    computer: Arc<Computer>,
    file: PathBuf,
    was_left_for_long: bool,
    known: Mutex<Known>,
    writing: tokio::sync::Mutex<()>,
}

fn wait_after(wrong: u32) -> Duration {
    match wrong.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => (FIRST_WAIT * 2_u32.saturating_pow(more.min(10))).min(LONGEST_WAIT),
    }
}

impl Guard {
    pub(super) async fn read(computer: &Arc<Computer>, data_dir: &Path) -> Self {
        let file = data_dir.join("lock.json");
        let written = match read_json(&file).await {
            Ok(Read::Value(written)) => written,
            Ok(Read::Missing | Read::Damaged) => Written::default(),
            Err(failure) => {
                tracing::error!(%failure, "when the application was last used could not be read");
                Written::default()
            }
        };
        let (now, passed) = (computer.now(), computer.clock.monotonic());
        // A clock that was set back is no proof that it was used a moment ago.
        let left = written.used_at.map(|used| now.since(used).abs());
        // What has to be waited for begins anew with each start, so that starting anew shortens nothing.
        let wait_until = written
            .wrong
            .iter()
            .map(|(id, wrong)| (*id, passed + wait_after(*wrong)));
        Self {
            computer: Arc::clone(computer),
            file,
            was_left_for_long: left.is_some_and(|left| left >= delta(IDLE)),
            known: Mutex::new(Known {
                wait_until: wait_until.collect(),
                written,
                used: (passed, now),
            }),
            writing: tokio::sync::Mutex::default(),
        }
    }

    /// Whether the application was left for so long before it was opened that it opens locked.
    pub(super) fn was_left_for_long(&self) -> bool {
        self.was_left_for_long
    }

    /// The window is being used.
    async fn used(&self) {
        let (now, passed) = (self.computer.now(), self.computer.clock.monotonic());
        let write = {
            let mut known = lock(&self.known);
            known.used = (passed, now);
            let due = known.written.used_at.is_none_or(|at| now.since(at).abs() >= WRITTEN);
            if due {
                known.written.used_at = Some(now);
            }
            due
        };
        if write {
            self.write().await;
        }
    }

    fn is_idle(&self) -> bool {
        let (passed, at) = lock(&self.known).used;
        let by_clock = self.computer.now().since(at);
        self.computer.clock.monotonic().saturating_sub(passed) >= IDLE || by_clock >= delta(IDLE)
    }

    /// Notes a try before it is judged, so that ending the application midway saves none.
    async fn try_of(&self, account: AccountId) -> Result<(), Problem> {
        {
            let passed = self.computer.clock.monotonic();
            let mut known = lock(&self.known);
            let wait = known
                .wait_until
                .get(&account)
                .map_or(Duration::ZERO, |until| until.saturating_sub(passed));
            if !wait.is_zero() {
                return Err(invalid("password", too_often(wait)));
            }
            let wrong = known.written.wrong.entry(account).or_default();
            *wrong = wrong.saturating_add(1);
            let until = passed + wait_after(*wrong);
            known.wait_until.insert(account, until);
        }
        self.write().await;
        Ok(())
    }

    /// The password was right.
    async fn right(&self, account: AccountId) {
        {
            let mut known = lock(&self.known);
            known.written.wrong.remove(&account);
            known.wait_until.remove(&account);
        }
        self.used().await;
        self.write().await;
    }

    async fn write(&self) {
        let _one = self.writing.lock().await;
        let written = lock(&self.known).written.clone();
        if let Some(folder) = self.file.parent()
            && folder.is_dir()
            && let Err(failure) = write_json(&self.file, &written).await
        {
            tracing::error!(%failure, "when the application was last used could not be written");
        }
    }
}

fn delta(span: Duration) -> TimeDelta {
    TimeDelta::from_std(span).unwrap_or(TimeDelta::MAX)
}

fn too_often(wait: Duration) -> String {
    let seconds = wait.as_secs().max(1);
    let when = match seconds {
        1 => "in a second".to_owned(),
        2..=90 => format!("in {seconds} seconds"),
        more => format!("in {} minutes", more.div_ceil(60)),
    };
    format!("That was wrong several times. Try again {when}.")
}

/// Takes the open key of an account that was left for long, before anything opens its file.
pub(super) async fn hide_key(computer: &Arc<Computer>, registry: &Registry, account: AccountId) {
    let folder = Folder::new(computer, &registry.accounts_folder(), account);
    if let Err(error) = folder.hide_key().await {
        tracing::error!(account = %account.0, %error, "the open key could not be taken from the keyring");
    }
}

impl<H: Host> App<H> {
    /// Locks every account, and has the page begun anew.
    ///
    /// # Errors
    /// None so far: what fails on the way leaves it locked.
    pub async fn lock(&self, _: ()) -> Result<(), Problem> {
        let _one = self.changing.lock().await;
        let mut any = false;
        for account in self.accounts() {
            any |= account.lock().await;
        }
        if any {
            self.host.emit(UiEvent::Accounts {});
            self.host.forget_page();
        }
        Ok(())
    }

    /// Locks as soon as the page has saved what is being written, or had the time to.
    pub async fn lock_soon(&self) {
        self.host.emit(UiEvent::LockSoon {});
        self.computer.clock.sleep(PATIENCE).await;
        // It cannot fail; and where the page has locked already, there is nothing left to lock.
        let _ = self.lock(()).await;
    }

    /// The window is being used: it does not lock yet.
    ///
    /// # Errors
    /// None so far.
    pub async fn still_here(&self, _: ()) -> Result<(), Problem> {
        // A locked window is not kept open by a hand on the desk, and what it was left at stays written.
        if self.unlocked().is_ok() {
            self.guard.used().await;
        }
        Ok(())
    }

    /// Locks whenever nobody has used the window for long. To be run once, for as long as the application does.
    pub async fn lock_when_idle(self: Arc<Self>) {
        loop {
            self.computer.clock.sleep(EVERY).await;
            if self.guard.is_idle() && self.accounts().iter().any(|account| account.is_open()) {
                tracing::info!("nobody used the window for long: it locks");
                // It cannot fail.
                let _ = self.lock(()).await;
            }
        }
    }

    /// Unlocks an account with its password.
    ///
    /// # Errors
    /// When the password is wrong, was tried too often, or the file cannot be opened.
    pub async fn unlock(&self, account: AccountId, request: Unlock) -> Result<(), Problem> {
        let _one = self.changing.lock().await;
        let account = self.account_even_locked(account)?;
        if !account.is_locked() {
            return Ok(());
        }
        self.guard.try_of(account.id).await?;
        let opened = match account.folder().unseal(&request.password).await? {
            Unsealed::Key(key) => {
                self.guard.right(account.id).await;
                account.unlock(&key).await
            }
            Unsealed::Wrong if !request.chosen_since => {
                return Err(invalid(
                    "password",
                    "That is not the password. Check that Caps Lock is off, and try again.",
                ));
            }
            // Nothing here tells whether it is right: the store does.
            Unsealed::Wrong | Unsealed::None => self.unlock_by_store(&account, request).await,
        };
        self.host.emit(UiEvent::Accounts {});
        opened
    }

    /// Unlocks with a password that the store knows and this computer does not. What only the former password opens is
    /// set aside, once the store has said that this one is right.
    async fn unlock_by_store(&self, account: &Arc<Account>, request: Unlock) -> Result<(), Problem> {
        let entry = account.entry();
        let api = Api::new(Address::parse(&entry.store_address)?, &self.computer)?;
        api.about().await?;
        let how = Entry::SignIn {
            email: entry.email,
            password: request.password,
            second_factor: request.second_factor,
        };
        // For the proof alone: the device's own id lies in the file.
        let device = Device {
            id: self.computer.new_id()?,
            name: self.host.device_name(),
        };
        let proof = how.ask(&api, device).await.map_err(|error| Problem {
            field: Some("password".to_owned()),
            ..Problem::from(error)
        })?;
        api.set_token(Some(proof.token));
        if api.end_session().await.is_err() {
            tracing::warn!("a session could not be ended; it ends by itself");
        }
        self.guard.right(account.id).await;
        account.stop_listening();
        if account.folder().is_unsealed().await? {
            account.set_state(State::Shut(crate::api::signed_out()));
            return self.enter_again(account, how).await;
        }
        let told = account.folder().set_aside_sealed().await?;
        account.set_state(State::Shut(told));
        self.enter_anew(account, &how).await
    }

    /// Shows no notifications for so long, or shows them again; what came meanwhile is told afterwards.
    pub fn pause_notifications(&self, span: Option<Duration>) {
        self.computer.pause_notifications(span);
    }

    /// Waits until notifications are not paused any more.
    pub async fn pause_over(&self) {
        while self.computer.is_paused() {
            self.computer.clock.sleep(EVERY).await;
        }
    }

    /// Whether notifications are paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.computer.is_paused()
    }
}
