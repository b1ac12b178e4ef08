//! Files that are not enciphered, so that a test can look for what lies in them.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

static FOLDERS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Has the files of all accounts in a folder made without a key, from now on.
pub fn keep_in_clear(folder: &Path) {
    FOLDERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(folder.to_owned());
}

/// Whether a file lies in such a folder.
pub(crate) fn is_in_clear(file: &Path) -> bool {
    let folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    folders.iter().any(|folder| file.starts_with(folder))
}
