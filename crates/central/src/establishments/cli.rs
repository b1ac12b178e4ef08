//! `lac-central import establishments …` and `… links …`: the DfE's files from the store's own command line.

use std::fs::File;
use std::path::PathBuf;

use lac_domain::{Role, UserId};
use lac_import::{FileError, Finding};

use super::file_import::{FileRead, judge, refusal};
use super::gias::{EstablishmentCounts, read_gias};
use super::links_file::read_links;
use crate::error::{Failure, StoreError};
use crate::scope::Scope;
use crate::store::Store;

/// What is asked of one of the DfE's files.
#[derive(Debug, Clone, clap::Args)]
pub struct FileArguments {
    /// The file
    pub file: PathBuf,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What came of it: what is to be said of its rows, the line at the end, how many rows were refused.
pub(crate) struct FileDone {
    pub findings: Vec<Finding>,
    pub line: String,
    pub refused: u32,
}

async fn on_own_thread<T: Send + 'static>(
    path: PathBuf,
    read: impl FnOnce(File) -> Result<T, FileError> + Send + 'static,
) -> Result<T, Failure> {
    let reading = tokio::task::spawn_blocking(move || File::open(path).map_err(FileError::from).and_then(read));
    let read = reading
        .await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))?;
    Ok(read.map_err(|error| refusal(&error))?)
}

/// The store itself as who asks: nobody is named on a restricted pupil by this id.
fn scope(store: &Store) -> Scope {
    Scope {
        user: UserId(uuid::Uuid::nil()),
        role: Role::LaSuperUser,
        today: store.today(),
    }
}

/// Reads the establishments of England, or of some local authorities.
///
/// # Errors
/// When the file is not taken, or the store fails; then nothing was changed.
pub(crate) async fn establishments(store: &Store, asked: FileArguments, la_codes: &str) -> Result<FileDone, Failure> {
    let mut read = on_own_thread(asked.file, read_gias).await?;
    store.narrow_establishments(&mut read, la_codes).await?;
    let (refused, left_out) = (read.refused, read.left_out);
    let findings = std::mem::take(&mut read.findings);
    let left_out = match left_out {
        0 => String::new(),
        some => format!(" {some} of other local authorities were left out."),
    };
    if asked.dry_run {
        let found = judge(store, scope(store), &mut FileRead::Establishments(read), "").await?;
        let mut line = format!(
            "Nothing was changed. {} would be created, {} updated ({} of them closed now), {} unchanged, {refused} refused.{left_out}",
            found.counts.created, found.counts.updated, found.counts.closed, found.counts.unchanged
        );
        for name in &found.closing_names {
            line.push_str(&format!("\n{name} closes, and is in use here."));
        }
        return Ok(FileDone {
            findings,
            line,
            refused,
        });
    }
    let done = store.import_establishments(&read).await?;
    Ok(FileDone {
        findings,
        line: format!("{}{left_out}", sentence(done, refused)),
        refused,
    })
}

/// Reads which establishment came out of which.
///
/// # Errors
/// When the file is not taken, or the store fails; then nothing was changed.
pub(crate) async fn links(store: &Store, asked: FileArguments) -> Result<FileDone, Failure> {
    let mut read = on_own_thread(asked.file, read_links).await?;
    let (refused, findings) = (read.refused, std::mem::take(&mut read.findings));
    let line = if asked.dry_run {
        let found = judge(store, scope(store), &mut FileRead::Links(read), "").await?;
        format!(
            "Nothing was changed. {} would be created, {} updated, {} unchanged, {refused} refused.",
            found.counts.created, found.counts.updated, found.counts.unchanged
        )
    } else {
        sentence(store.import_links(&read).await?, refused)
    };
    Ok(FileDone {
        findings,
        line,
        refused,
    })
}

fn sentence(done: EstablishmentCounts, refused: u32) -> String {
    format!(
        "{} created, {} updated, {} unchanged, {refused} refused.",
        done.created, done.updated, done.unchanged
    )
}
