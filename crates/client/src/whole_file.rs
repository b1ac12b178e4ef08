//! Small files that are always whole: the new content stands beside the old until it has reached the disk.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;

/// Writes a file, whole or not at all.
pub(crate) async fn write(path: &Path, bytes: Vec<u8>) -> Result<(), Failure> {
    let path = path.to_owned();
    let written = tokio::task::spawn_blocking(move || write_now(&path, &bytes)).await;
    Ok(written.map_err(std::io::Error::other)??)
}

fn write_now(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = folder.join(name);
    let written = (|| {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&beside, path)
    })();
    if let Err(error) = written {
        // What could not be finished is of no use; that it could not be removed either changes nothing.
        let _ = std::fs::remove_file(&beside);
        return Err(error);
    }
    sync_folder(folder)
}

/// Has the file's new name reach the disk too, where folders can be synced.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Writes a value as JSON.
pub(crate) async fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Failure> {
    write(path, serde_json::to_vec_pretty(value)?).await
}

/// What a file of JSON holds.
pub(crate) enum Read<T> {
    /// A value.
    Value(T),
    /// There is no file.
    Missing,
    /// It is not what it should be.
    Damaged,
}

/// Reads a value from JSON.
pub(crate) async fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Read<T>, Failure> {
    match tokio::fs::read(path).await {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).map_or(Read::Damaged, Read::Value)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Read::Missing),
        Err(error) => Err(error.into()),
    }
}

/// A name beside a file under which it can be set aside; nothing is there yet.
pub(crate) fn aside(path: &Path, at: lac_domain::Timestamp) -> PathBuf {
    let stamp = at.utc().format("%Y%m%dT%H%M%SZ");
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".set-aside-{stamp}"));
    let first = path.with_file_name(&name);
    let mut place = first.clone();
    let mut count = 1;
    while place.exists() {
        count += 1;
        let mut numbered = name.clone();
        numbered.push(format!("-{count}"));
        place = first.with_file_name(numbered);
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        assert!(matches!(read_json::<u32>(&path).await.unwrap(), Read::Missing));
        write_json(&path, &1).await.unwrap();
        write_json(&path, &2).await.unwrap();
        assert!(matches!(read_json::<u32>(&path).await.unwrap(), Read::Value(2)));
        std::fs::write(&path, "{").unwrap();
        assert!(matches!(read_json::<u32>(&path).await.unwrap(), Read::Damaged));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn nothing_is_set_aside_over_something() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let at: lac_domain::Timestamp = serde_json::from_str("\"2026-11-23T10:00:00Z\"").unwrap();
        let first = aside(&path, at);
        assert!(first.ends_with("store.db.set-aside-20261123T100000Z"));
        std::fs::write(&first, "x").unwrap();
        assert!(aside(&path, at).ends_with("store.db.set-aside-20261123T100000Z-2"));
    }
}
