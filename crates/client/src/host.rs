//! What the desktop asks of the computer that it runs on. The shell implements it on a real one, tests in a
//! temporary folder.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use lac_domain::ConversationId;

use crate::view::{AccountId, UiEvent};

/// Why a secret cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The keyring has no such entry. Some keyrings say so too while they cannot be used at all.
    #[error("there is no such entry")]
    Missing,
    /// This computer has no keyring at all.
    #[error("this computer has no keyring")]
    Absent,
    /// The keyring cannot be used: it is locked, or does not answer. The text is for the log.
    #[error("{0}")]
    Unavailable(String),
}

/// A notification of the operating system. It never holds a name or a word of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The sender's name that the authority has set, such as "Secure Messages".
    pub title: String,
    /// What happened, such as "You have a new secure message".
    pub body: String,
    /// Whose it is.
    pub account: AccountId,
    /// The conversation to open; none when several are meant.
    pub conversation: Option<ConversationId>,
    /// Whether it tells of reminders alone, so that they are to be opened.
    pub reminders: bool,
}

/// The computer, as far as the desktop needs it.
#[async_trait]
pub trait Host: Send + Sync + 'static {
    /// The application's version.
    fn version(&self) -> String;

    /// The profile's name, which keeps two people apart on one computer; empty for the ordinary one.
    fn profile(&self) -> String;

    /// The folder of this profile's data: local, never roaming. It need not exist yet.
    fn data_dir(&self) -> PathBuf;

    /// A name that people know this computer by.
    fn device_name(&self) -> String;

    /// The store's address that IT has set for this computer.
    fn store_address(&self) -> Option<String>;

    /// Reads a secret from the keyring. It may block: it is never called on an async thread.
    ///
    /// # Errors
    /// When there is none, or the keyring cannot be used.
    fn get_secret(&self, name: &str) -> Result<Vec<u8>, SecretError>;

    /// Writes a secret to the keyring. It may block.
    ///
    /// # Errors
    /// When the keyring cannot be used.
    fn set_secret(&self, name: &str, bytes: &[u8]) -> Result<(), SecretError>;

    /// Deletes a secret from the keyring; it is no error when there is none. It may block.
    ///
    /// # Errors
    /// When the keyring cannot be used.
    fn delete_secret(&self, name: &str) -> Result<(), SecretError>;

    /// Shows a notification and returns at once. Where none can be shown, that is the log's affair.
    fn notify(&self, notification: Notification);

    /// Tells the page something, and returns at once.
    fn emit(&self, event: UiEvent);

    /// Has the page begun anew, so that nothing which it showed is left in it, and returns at once.
    fn forget_page(&self);

    /// Whether the application starts together with the system.
    fn starts_with_system(&self) -> bool;

    /// Has it start together with the system, or no longer.
    ///
    /// # Errors
    /// When the system does not take it. The text is for the log.
    fn start_with_system(&self, start: bool) -> Result<(), String>;

    /// Lets the person choose a file to open, under a title that says which; none when they change their mind.
    async fn choose_file(&self, title: &str) -> Option<PathBuf>;

    /// Lets the person choose files of any kind; none when they change their mind.
    async fn choose_files(&self, title: &str) -> Vec<PathBuf>;

    /// Opens a file with the program that the person uses for its kind, and returns at once.
    ///
    /// # Errors
    /// When there is no such program. The text is for the log.
    fn open_file(&self, path: &Path) -> Result<(), String>;

    /// Lets the person choose where to save a file; none when they change their mind.
    async fn save_file(&self, suggested_name: &str) -> Option<PathBuf>;
}
