//! Files that a person chooses: what they are is said in a sentence before anything is done with them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use lac_import::{
    ColumnChoice, Columns, FileError, MAX_BYTES, Recognised, Table, Vocabulary, read_bounded, without_passwords,
};
use lac_wire::ImportKind;

use crate::view::{ChosenFile, LocalCode, Problem};

/// What a person is told of a file that cannot be taken.
fn not_taken(message: impl Into<String>) -> Problem {
    Problem::local(LocalCode::File, message)
}

/// A file as it was read into memory, with the cells of password columns emptied: they leave this device in no form.
pub(super) struct ReadFile {
    path: String,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    vocabulary: &'static Vocabulary,
}

/// Reads a file on this device.
pub(super) async fn read(kind: ImportKind, path: &str) -> Result<ReadFile, Problem> {
    let vocabulary = kind
        .vocabulary()
        .ok_or_else(|| not_taken("This version of the application does not add anything of this kind from a file."))?;
    let path = checked(path).await?;
    let name = name_of(&path);
    let shown = path.to_string_lossy().into_owned();
    let bytes = computed(move || {
        // The reader takes no more than the limit, however much the file grows meanwhile.
        let bytes = read_bounded(std::fs::File::open(&path)?)?;
        let emptied = match without_passwords(vocabulary, &bytes)? {
            Cow::Owned(emptied) => Some(emptied),
            Cow::Borrowed(_) => None,
        };
        Ok(emptied.unwrap_or(bytes))
    })
    .await?;
    Ok(ReadFile {
        path: shown,
        name,
        bytes,
        vocabulary,
    })
}

impl ReadFile {
    /// Looks at it, on this device alone.
    pub(super) async fn look(
        self,
        chosen: Vec<ColumnChoice>,
        remembered: Vec<ColumnChoice>,
    ) -> Result<(Self, ChosenFile), Problem> {
        let (file, recognised) = computed(move || {
            let table = Table::parse_as(self.vocabulary, &self.bytes)?;
            let (chosen, remembered) = (ColumnChoice::mapping(&chosen), ColumnChoice::mapping(&remembered));
            let columns = Columns::recognise_with(&table, &chosen, &remembered);
            let recognised = Recognised::of(&table, &columns);
            Ok((self, recognised))
        })
        .await?;
        let chosen = ChosenFile {
            path: file.path.clone(),
            name: file.name.clone(),
            recognised,
        };
        Ok((file, chosen))
    }
}

/// Computes on a thread of its own what may take a while, and says in a sentence why a file cannot be taken.
pub(super) async fn computed<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FileError> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "a file could not be looked at");
        not_taken("This file could not be read. Check that it is a CSV file, and choose it again.")
    })?;
    done.map_err(|error| {
        tracing::info!(code = ?error.code(), "a file is not taken");
        not_taken(error.to_string())
    })
}

/// A path to a file that is there, is a file, and is neither empty nor too big.
async fn checked(path: &str) -> Result<PathBuf, Problem> {
    checked_up_to(path, MAX_BYTES).await
}

/// The same, with a limit of one's own, in bytes.
pub(super) async fn checked_up_to(path: &str, limit: u64) -> Result<PathBuf, Problem> {
    let path = PathBuf::from(path);
    let metadata = tokio::fs::metadata(&path).await.map_err(|error| {
        tracing::info!(kind = ?error.kind(), "a file cannot be read");
        match error.kind() {
            std::io::ErrorKind::NotFound => not_taken("This file is no longer there. Choose it again where it is now."),
            std::io::ErrorKind::PermissionDenied => not_taken(
                "You may not open this file. Ask its owner, or copy it to a folder of your own and choose it there.",
            ),
            _ => not_taken(FileError::Read(error).to_string()),
        }
    })?;
    if metadata.is_dir() {
        return Err(not_taken("This is a folder. Choose the CSV file that is in it."));
    }
    if !metadata.is_file() {
        return Err(not_taken("This is not a file that can be read. Choose a CSV file."));
    }
    if metadata.len() == 0 {
        return Err(not_taken(FileError::Empty.to_string()));
    }
    if metadata.len() > limit {
        return Err(not_taken(FileError::TooBig { limit }.to_string()));
    }
    Ok(path)
}

/// A file's name, without its folder.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// Writes a file where the person chose.
pub(super) async fn save(path: &Path, bytes: Vec<u8>) -> Result<(), Problem> {
    crate::whole_file::write(path, bytes).await.map_err(|failure| {
        tracing::warn!(%failure, "a file could not be saved");
        match &failure {
            crate::failure::Failure::File(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                crate::failure::disk_full()
            }
            crate::failure::Failure::File(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
                not_taken("You may not write to this folder. Choose another one.")
            }
            _ => not_taken("The file could not be saved there. If it is open in another program, close it there; or choose another folder."),
        }
    })
}
