//! `lac-central import pupils-folder …`: a folder into which the authority's case system puts a file each night.
//!
//! A file is taken when it has not changed between two looks, so that none is read half-written. What was taken is moved
//! into `taken`, what was not into `stopped`, each with its report beside it. A lock file keeps a second program out.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::command::ALL_TAKEN;
use super::take::Take;
use crate::error::{Failure, StoreError};
use crate::store::Store;

/// The lock file's name.
const LOCK: &str = ".looked-after-call.lock";
/// The folder of files that were taken.
const TAKEN: &str = "taken";
/// The folder of files that were not.
const STOPPED: &str = "stopped";
/// Some files were left: they changed between the two looks, or could not be taken.
const SOME_LEFT: u8 = 1;
/// Another program watches the folder.
const IN_USE: u8 = 2;

/// A folder that is watched.
#[derive(Debug, clap::Args)]
pub struct PupilFolderCommand {
    /// The folder
    folder: PathBuf,
    /// How often to look, in seconds
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Look twice, so many seconds apart, take what is there and has not changed, and end
    #[arg(long)]
    once: bool,
}

/// How a file looked: its length, and when it was written.
type Look = (u64, Option<SystemTime>);

impl PupilFolderCommand {
    /// Watches the folder until the program is told to end, or, with `--once`, takes what is there. Each file is taken as
    /// of the day on which it is read.
    ///
    /// # Errors
    /// When the store, the folder or the output fails.
    pub async fn run(self, store: &Store, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
        let lock = File::create(self.folder.join(LOCK)).map_err(StoreError::from)?;
        if lock.try_lock().is_err() {
            writeln!(out, "Another program watches this folder already.").map_err(StoreError::from)?;
            return Ok(IN_USE);
        }
        let (mut seen, mut is_second) = (HashMap::new(), false);
        let mut ended = std::pin::pin!(told_to_end());
        loop {
            let looked = self.look(store, &mut seen, out).await?;
            if self.once && looked.is_empty() {
                return Ok(ALL_TAKEN);
            }
            if self.once && is_second {
                return Ok(SOME_LEFT);
            }
            (seen, is_second) = (looked, true);
            tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(self.every)) => {}
                () = &mut ended => return Ok(ALL_TAKEN),
            }
        }
    }

    /// Takes the files that look as they did before; answers how the others look.
    async fn look(
        &self,
        store: &Store,
        before: &mut HashMap<PathBuf, Look>,
        out: &mut (dyn Write + Send),
    ) -> Result<HashMap<PathBuf, Look>, Failure> {
        let mut others = HashMap::new();
        for path in self.files()? {
            // A file may be gone again, or not be there whole yet.
            let Ok(about) = fs::metadata(&path) else { continue };
            let look = (about.len(), about.modified().ok());
            if before.get(&path) != Some(&look) {
                others.insert(path, look);
            } else if let Err(failure) = self.take(store, &path, out).await {
                // It stays where it is and is tried again; the files after it do not wait for it.
                tracing::error!(%failure, "a file of pupils could not be taken");
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                writeln!(out, "{name}: not taken, and tried again. The log says why.").map_err(StoreError::from)?;
                others.insert(path, look);
            }
        }
        Ok(others)
    }

    /// The files of the folder, in order of name.
    fn files(&self) -> Result<Vec<PathBuf>, StoreError> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_csv = path.extension().is_some_and(|kind| kind.eq_ignore_ascii_case("csv"));
            if is_csv && path.is_file() {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    async fn take(&self, store: &Store, path: &Path, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let take = Take {
            as_at: store.today(),
            confirmed: false,
            dry_run: false,
            map: Vec::new(),
        };
        let report = take.file(store, path).await?;
        let (taken, lines) = (report.done, report.lines());
        let into = self.folder.join(if taken { TAKEN } else { STOPPED });
        fs::create_dir_all(&into).map_err(StoreError::from)?;
        // Files of the same name, night after night, stay apart.
        let stamp = store.now().london().format("%Y-%m-%d %H.%M.%S").to_string();
        let kept = into.join(format!("{stamp} {name}"));
        // Moved first, so that a report that cannot be written has nothing taken twice.
        fs::rename(path, &kept).map_err(StoreError::from)?;
        fs::write(kept.with_extension("txt"), lines.join("\n") + "\n").map_err(StoreError::from)?;
        let last = lines.last().map_or("", String::as_str);
        writeln!(out, "{name}: {last}").map_err(StoreError::from)?;
        Ok(())
    }
}

/// Waits until the program is told to end.
async fn told_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without a way to be told, it runs until it is ended from outside.
        std::future::pending::<()>().await;
    }
}
