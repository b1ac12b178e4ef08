//! A computer for tests.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::broadcast;

use crate::host::{Host, Notification, SecretError};
use crate::view::UiEvent;

/// A computer for tests. Clones are the same computer, so that an application can be closed and another opened
/// on it.
#[derive(Clone)]
pub struct TestHost {
    inner: Arc<Inner>,
}

struct Inner {
    data_dir: PathBuf,
    store_address: Mutex<Option<String>>,
    secrets: Mutex<HashMap<String, Vec<u8>>>,
    keyring_fault: Mutex<Option<SecretError>>,
    keyring_says_nothing: AtomicBool,
    notifications: Mutex<Vec<Notification>>,
    events: Mutex<Vec<UiEvent>>,
    told: broadcast::Sender<()>,
    files_to_choose: Mutex<VecDeque<Option<PathBuf>>>,
    files_to_save: Mutex<VecDeque<Option<PathBuf>>>,
    files_to_attach: Mutex<VecDeque<Vec<PathBuf>>>,
    opened_files: Mutex<Vec<PathBuf>>,
    pages_forgotten: AtomicUsize,
    starts_with_system: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TestHost {
    /// A computer that keeps its data in a folder, which the test owns and deletes. Its user has chosen that messages
    /// leave at once, so that no test waits for those who might want theirs back.
    #[must_use]
    pub fn new(data_dir: &Path) -> Self {
        super::wait_for_files_at_the_end();
        let settings = data_dir.join("settings.json");
        if !settings.exists()
            && let Err(error) = std::fs::write(&settings, r#"{"undo_send":false}"#)
        {
            tracing::warn!(%error, "the settings of a test's computer could not be written");
        }
        Self {
            inner: Arc::new(Inner {
                data_dir: data_dir.to_owned(),
                store_address: Mutex::new(None),
                secrets: Mutex::new(HashMap::new()),
                keyring_fault: Mutex::new(None),
                keyring_says_nothing: AtomicBool::new(false),
                notifications: Mutex::new(Vec::new()),
                events: Mutex::new(Vec::new()),
                told: broadcast::channel(64).0,
                files_to_choose: Mutex::new(VecDeque::new()),
                files_to_save: Mutex::new(VecDeque::new()),
                files_to_attach: Mutex::new(VecDeque::new()),
                opened_files: Mutex::new(Vec::new()),
                pages_forgotten: AtomicUsize::new(0),
                starts_with_system: AtomicBool::new(false),
            }),
        }
    }

    /// Sets the store's address as IT would.
    pub fn set_store_address(&self, address: Option<&str>) {
        *lock(&self.inner.store_address) = address.map(str::to_owned);
    }

    /// Makes every use of the keyring fail, or work again.
    pub fn set_keyring_fault(&self, fault: Option<SecretError>) {
        *lock(&self.inner.keyring_fault) = fault;
    }

    /// Has the keyring behave as some do that cannot be used: nothing is there, and nothing can be written.
    pub fn set_keyring_says_nothing(&self, says_nothing: bool) {
        self.inner.keyring_says_nothing.store(says_nothing, Ordering::SeqCst);
    }

    /// The names of the secrets in the keyring.
    #[must_use]
    pub fn secret_names(&self) -> Vec<String> {
        let mut names: Vec<String> = lock(&self.inner.secrets).keys().cloned().collect();
        names.sort();
        names
    }

    /// The bytes of a secret in the keyring.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Vec<u8>> {
        lock(&self.inner.secrets).get(name).cloned()
    }

    /// Overwrites a secret, or takes it away, behind the application's back.
    pub fn tamper_with_secret(&self, name: &str, bytes: Option<&[u8]>) {
        let mut secrets = lock(&self.inner.secrets);
        match bytes {
            Some(bytes) => secrets.insert(name.to_owned(), bytes.to_owned()),
            None => secrets.remove(name),
        };
    }

    /// Answers the next "choose a file" dialog.
    pub fn will_choose(&self, path: Option<&Path>) {
        lock(&self.inner.files_to_choose).push_back(path.map(Path::to_owned));
    }

    /// Answers the next "save as" dialog.
    pub fn will_save(&self, path: Option<&Path>) {
        lock(&self.inner.files_to_save).push_back(path.map(Path::to_owned));
    }

    /// Answers the next "attach files" dialog.
    pub fn will_attach(&self, paths: &[&Path]) {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        lock(&self.inner.files_to_attach).push_back(paths);
    }

    /// Every file that was opened with another program so far.
    #[must_use]
    pub fn opened_files(&self) -> Vec<PathBuf> {
        lock(&self.inner.opened_files).clone()
    }

    /// How often the page was begun anew.
    #[must_use]
    pub fn pages_forgotten(&self) -> usize {
        self.inner.pages_forgotten.load(Ordering::SeqCst)
    }

    /// Every notification so far.
    #[must_use]
    pub fn notifications(&self) -> Vec<Notification> {
        lock(&self.inner.notifications).clone()
    }

    /// Every event so far.
    #[must_use]
    pub fn events(&self) -> Vec<UiEvent> {
        lock(&self.inner.events).clone()
    }

    /// Waits until something holds, asked again whenever the application notifies or emits anything.
    pub async fn until(&self, mut holds: impl AsyncFnMut(&Self) -> bool) {
        let mut told = self.inner.told.subscribe();
        while !holds(self).await {
            // Lagging behind only means that much has happened: look again.
            let _ = told.recv().await;
        }
    }

    fn keyring(&self) -> Result<MutexGuard<'_, HashMap<String, Vec<u8>>>, SecretError> {
        match lock(&self.inner.keyring_fault).clone() {
            Some(fault) => Err(fault),
            None => Ok(lock(&self.inner.secrets)),
        }
    }
}

#[async_trait]
impl Host for TestHost {
    fn version(&self) -> String {
        env!("CARGO_PKG_VERSION").to_owned()
    }

    fn profile(&self) -> String {
        String::new()
    }

    fn data_dir(&self) -> PathBuf {
        self.inner.data_dir.clone()
    }

    fn device_name(&self) -> String {
        "Test computer".to_owned()
    }

    fn store_address(&self) -> Option<String> {
        lock(&self.inner.store_address).clone()
    }

    fn get_secret(&self, name: &str) -> Result<Vec<u8>, SecretError> {
        if self.inner.keyring_says_nothing.load(Ordering::SeqCst) {
            return Err(SecretError::Missing);
        }
        self.keyring()?.get(name).cloned().ok_or(SecretError::Missing)
    }

    fn set_secret(&self, name: &str, bytes: &[u8]) -> Result<(), SecretError> {
        if self.inner.keyring_says_nothing.load(Ordering::SeqCst) {
            return Err(SecretError::Unavailable("nothing can be written".to_owned()));
        }
        self.keyring()?.insert(name.to_owned(), bytes.to_owned());
        Ok(())
    }

    fn delete_secret(&self, name: &str) -> Result<(), SecretError> {
        self.keyring()?.remove(name);
        Ok(())
    }

    fn notify(&self, notification: Notification) {
        lock(&self.inner.notifications).push(notification);
        let _ = self.inner.told.send(());
    }

    fn emit(&self, event: UiEvent) {
        lock(&self.inner.events).push(event);
        let _ = self.inner.told.send(());
    }

    fn forget_page(&self) {
        self.inner.pages_forgotten.fetch_add(1, Ordering::SeqCst);
        let _ = self.inner.told.send(());
    }

    fn starts_with_system(&self) -> bool {
        self.inner.starts_with_system.load(Ordering::SeqCst)
    }

    fn start_with_system(&self, start: bool) -> Result<(), String> {
        self.inner.starts_with_system.store(start, Ordering::SeqCst);
        Ok(())
    }

    async fn choose_file(&self, _title: &str) -> Option<PathBuf> {
        lock(&self.inner.files_to_choose).pop_front().flatten()
    }

    async fn choose_files(&self, _title: &str) -> Vec<PathBuf> {
        lock(&self.inner.files_to_attach).pop_front().unwrap_or_default()
    }

    fn open_file(&self, path: &Path) -> Result<(), String> {
        lock(&self.inner.opened_files).push(path.to_owned());
        let _ = self.inner.told.send(());
        Ok(())
    }

    async fn save_file(&self, _suggested_name: &str) -> Option<PathBuf> {
        lock(&self.inner.files_to_save).pop_front().flatten()
    }
}
