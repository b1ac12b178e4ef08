//! Copies of attachments that were opened with another program: readable by the user alone, read-only, and gone when
//! the account is closed or locked, or when what they came from may no longer be seen.

use std::collections::HashSet;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use lac_domain::AttachmentId;

use crate::failure::Failure;

/// A folder for copies: one folder in it for each attachment.
#[derive(Debug)]
pub(crate) struct OpenedCopies(PathBuf);

impl OpenedCopies {
    /// The folder, which need not be there. What a crash left in it is deleted.
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        let copies = Self(folder);
        copies.empty();
        copies
    }

    /// Writes a copy, to be opened. `name` is one part of a path.
    pub(crate) async fn write(&self, id: AttachmentId, name: &str, bytes: Vec<u8>) -> Result<PathBuf, Failure> {
        let path = self.0.join(id.to_string()).join(name);
        let place = path.clone();
        let written = tokio::task::spawn_blocking(move || write_now(&place, &bytes)).await;
        written.map_err(std::io::Error::other)??;
        Ok(path)
    }

    /// Deletes every copy. One that a program of Windows holds open stays until the next time.
    pub(crate) fn empty(&self) {
        delete(&self.0);
    }

    /// Deletes the copy of one.
    pub(crate) fn delete(&self, id: AttachmentId) {
        delete(&self.0.join(id.to_string()));
    }

    /// Deletes the copies of what is no longer held.
    pub(crate) fn keep_only(&self, held: &HashSet<AttachmentId>) {
        let Ok(entries) = std::fs::read_dir(&self.0) else {
            return;
        };
        for entry in entries.flatten() {
            let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
            if !id.is_some_and(|id| held.contains(&id)) {
                delete(&entry.path());
            }
        }
    }
}

fn delete(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            tracing::warn!(kind = ?error.kind(), "copies of opened attachments could not be deleted yet");
        }
        _ => {}
    }
}

fn write_now(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        make_private(folder)?;
    }
    if path.exists() {
        // Read-only since it was opened before, and so the same.
        return Ok(());
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    drop(file);
    mark_as_from_elsewhere(path);
    let mut permissions = std::fs::metadata(path)?.permissions();
    permissions.set_readonly(true);
    std::fs::set_permissions(path, permissions)
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Tells Windows that a file came from elsewhere, so that Office opens it in its protected view.
pub(crate) fn mark_as_from_elsewhere(path: &Path) {
    if !cfg!(windows) {
        return;
    }
    let mut stream = path.as_os_str().to_owned();
    stream.push(":Zone.Identifier");
    if let Err(error) = std::fs::write(PathBuf::from(stream), "[ZoneTransfer]\r\nZoneId=3\r\n") {
        // Disks of other file systems have no such streams.
        tracing::info!(kind = ?error.kind(), "a file could not be marked as from elsewhere");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> AttachmentId {
        AttachmentId(uuid::Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn copies_go_when_what_they_came_from_goes() {
        let folder = tempfile::tempdir().unwrap();
        let copies = OpenedCopies::in_folder(folder.path().join("opened"));
        let kept = copies.write(id(1), "Plan.txt", b"kept".to_vec()).await.unwrap();
        let gone = copies.write(id(2), "Plan.txt", b"gone".to_vec()).await.unwrap();
        assert_eq!(std::fs::read(&kept).unwrap(), b"kept");
        assert!(std::fs::metadata(&kept).unwrap().permissions().readonly());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o400, 0o700));
        }
        copies.keep_only(&HashSet::from([id(1)]));
        assert!(kept.exists() && !gone.exists());
        // A crash leaves it there; the next start does not.
        OpenedCopies::in_folder(folder.path().join("opened"));
        assert!(!kept.exists());
    }
}
