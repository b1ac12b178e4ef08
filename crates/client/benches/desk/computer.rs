//! The computer that the desktop is on.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use lac_client::host::{Host, Notification, SecretError};
use lac_client::view::UiEvent;
use tokio::sync::Notify;

/// A computer with a folder, a keyring in memory, and a page that only wakes who waits for it.
pub struct Computer {
    pub folder: PathBuf,
    pub secrets: Mutex<HashMap<String, Vec<u8>>>,
    pub told: Notify,
}

impl Computer {
    /// The keys of files that the keyring holds: those of 32 bytes.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.values().filter(|secret| secret.len() == 32).cloned().collect()
    }
}

#[async_trait]
impl Host for Computer {
    fn version(&self) -> String {
        String::new()
    }
    fn profile(&self) -> String {
        String::new()
    }
    fn data_dir(&self) -> PathBuf {
        self.folder.clone()
    }
    fn device_name(&self) -> String {
        "Bench".to_owned()
    }
    fn store_address(&self) -> Option<String> {
        None
    }
    fn get_secret(&self, name: &str) -> Result<Vec<u8>, SecretError> {
        let secrets = self.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.get(name).cloned().ok_or(SecretError::Missing)
    }
    fn set_secret(&self, name: &str, bytes: &[u8]) -> Result<(), SecretError> {
        self.secrets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name.to_owned(), bytes.to_owned());
        Ok(())
    }
    fn delete_secret(&self, name: &str) -> Result<(), SecretError> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
    fn notify(&self, _: Notification) {}
    fn emit(&self, _: UiEvent) {
        self.told.notify_waiters();
    }
    fn forget_page(&self) {}

    fn starts_with_system(&self) -> bool {
        false
    }

    fn start_with_system(&self, _start: bool) -> Result<(), String> {
        Ok(())
    }

    async fn choose_file(&self, _title: &str) -> Option<PathBuf> {
        None
    }
    async fn choose_files(&self, _title: &str) -> Vec<PathBuf> {
        Vec::new()
    }
    fn open_file(&self, _: &Path) -> Result<(), String> {
        Ok(())
    }
    async fn save_file(&self, _: &str) -> Option<PathBuf> {
        None
    }
}
