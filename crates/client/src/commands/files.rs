//! Files that a person chooses: what they are is said in a sentence before anything is done with them.

use std::path::{Path, PathBuf};

use lac_import::{Columns, FileError, MAX_BYTES, Mapping, Recognised, Table};

use crate::view::{ChosenFile, LocalCode, Problem};

/// What a person is told of a file that cannot be taken.
fn not_taken(message: impl Into<String>) -> Problem {
    Problem::local(LocalCode::File, message)
}

/// Looks at a file of users on this device alone.
pub(super) async fn look(path: &str) -> Result<ChosenFile, Problem> {
    let path = checked(path).await?;
    let name = name_of(&path);
    let shown = path.to_string_lossy().into_owned();
    let looked = tokio::task::spawn_blocking(move || {
        // The reader takes no more than the limit, however much the file grows meanwhile.
        let table = Table::read(std::fs::File::open(&path)?)?;
        let columns = Columns::recognise(&table, &Mapping::new());
        Ok(Recognised::of(&table, &columns))
    });
    let recognised: Result<Recognised, FileError> = looked.await.map_err(|error| {
        tracing::error!(%error, "a file could not be looked at");
        not_taken("This file could not be read. Check that it is a CSV file, and choose it again.")
    })?;
    match recognised {
        Ok(recognised) => Ok(ChosenFile {
            path: shown,
            name,
            recognised,
        }),
        Err(error) => {
            tracing::info!(code = ?error.code(), "a file is not taken");
            Err(not_taken(error.to_string()))
        }
    }
}

/// A path to a file that is there, is a file, and is neither empty nor too big.
pub(super) async fn checked(path: &str) -> Result<PathBuf, Problem> {
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
    if metadata.len() > MAX_BYTES {
        return Err(not_taken(FileError::TooBig { limit: MAX_BYTES }.to_string()));
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
