//! What `client` asks of this computer: its keyring, folders, dialogs, notifications, and the page.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lac_client::host::{Host, Notification, SecretError};
use lac_client::view::UiEvent;
use tauri::AppHandle;
use tauri_plugin_autostart::ManagerExt;

use crate::keyring::Secret;
use crate::unread::Unread;
use crate::{arguments, notifications, window};

/// The shell as `client` sees it.
pub struct Shell {
    app: AppHandle,
    profile: String,
    data_dir: PathBuf,
    unread: Unread,
}

impl Shell {
    /// The shell of a running application.
    pub fn new(app: AppHandle, profile: String, data_dir: PathBuf) -> Self {
        Self {
            app,
            profile,
            data_dir,
            unread: Unread::default(),
        }
    }

    /// How many are unread in each account.
    pub fn unread(&self) -> &Unread {
        &self.unread
    }

    /// The profile's name; empty for the ordinary one.
    pub fn profile_name(&self) -> &str {
        &self.profile
    }
}

#[async_trait]
impl Host for Shell {
    fn profile(&self) -> String {
        self.profile.clone()
    }

    fn version(&self) -> String {
        self.app.package_info().version.to_string()
    }

    fn data_dir(&self) -> PathBuf {
        self.data_dir.clone()
    }

    fn get_secret(&self, name: &str) -> Result<Vec<u8>, SecretError> {
        Secret::new(&self.profile, name)?.get()
    }

    fn set_secret(&self, name: &str, bytes: &[u8]) -> Result<(), SecretError> {
        Secret::new(&self.profile, name)?.set(bytes)
    }

    fn delete_secret(&self, name: &str) -> Result<(), SecretError> {
        Secret::new(&self.profile, name)?.delete()
    }

    fn notify(&self, notification: Notification) {
        notifications::show(&self.app, notification);
    }

    fn emit(&self, event: UiEvent) {
        self.unread.hear(&self.app, &event);
        window::tell(&self.app, &event);
    }

    fn forget_page(&self) {
        window::begin_anew(&self.app);
    }

    fn starts_with_system(&self) -> bool {
        self.app.autolaunch().is_enabled().unwrap_or_else(|error| {
            tracing::warn!(%error, "it is not known whether the application starts with the system");
            false
        })
    }

    fn start_with_system(&self, start: bool) -> Result<(), String> {
        let launch = self.app.autolaunch();
        let done = if start { launch.enable() } else { launch.disable() };
        done.map_err(|error| error.to_string())
    }

    async fn choose_file(&self, title: &str) -> Option<PathBuf> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title(title)
            .add_filter("CSV files", &["csv", "txt", "tsv"])
            .add_filter("All files", &["*"]);
        Some(dialog.pick_file().await?.path().to_owned())
    }

    async fn choose_files(&self, title: &str) -> Vec<PathBuf> {
        let chosen = rfd::AsyncFileDialog::new().set_title(title).pick_files().await;
        let files = chosen.unwrap_or_default();
        files.iter().map(|file| file.path().to_owned()).collect()
    }

    fn open_file(&self, path: &Path) -> Result<(), String> {
        open::that_detached(path).map_err(|error| error.kind().to_string())
    }

    async fn save_file(&self, suggested_name: &str) -> Option<PathBuf> {
        let dialog = rfd::AsyncFileDialog::new()
            .set_title("Save as")
            .set_file_name(suggested_name);
        Some(dialog.save_file().await?.path().to_owned())
    }

    fn device_name(&self) -> String {
        gethostname::gethostname().to_string_lossy().into_owned()
    }

    fn store_address(&self) -> Option<String> {
        arguments::rolled_out_store()
    }
}
