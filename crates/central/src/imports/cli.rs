//! `lac-central import …`: the same imports from the store's own command line.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use lac_domain::{ImportId, Role, UserId};
use lac_import::{ExistingUsers, FileError, Finding, Judgement, Severity, read_bounded};
use lac_wire::{CommitImport, ErrorCode, ImportKind, JudgeQuery};

use super::commit::Commit;
use super::prepared::{on_own_thread, refusal};
use super::receive::{judge, reopen};
use super::rows;
use crate::error::{Failure, Refusal, StoreError};
use crate::establishments::read_gias;
use crate::random::new_id;
use crate::scope::Scope;
use crate::store::Store;

/// Nothing was refused.
const ALL_TAKEN: u8 = 0;
/// Some rows were refused.
const SOME_REFUSED: u8 = 1;
/// The file could not be read.
const UNREADABLE: u8 = 2;

/// What to import.
#[derive(Debug, clap::Subcommand)]
pub enum ImportCommand {
    /// Read establishments from a GIAS download (edubasealldata….csv)
    Establishments {
        /// The file
        file: PathBuf,
    },
    /// Add users from a CSV file in the form of the template
    Users {
        /// The file
        file: PathBuf,
        /// The role of users whose row does not name one, such as "Designated Teacher"
        #[arg(long, value_parser = Role::parse)]
        role: Role,
        /// Say what would be done, and do nothing
        #[arg(long)]
        dry_run: bool,
        /// What to do with users who exist: refuse, skip or update
        #[arg(long, default_value = "refuse", value_parser = existing)]
        existing: ExistingUsers,
        /// Take nothing at all when a row is refused
        #[arg(long)]
        all_or_nothing: bool,
        /// Send the invitations now
        #[arg(long)]
        invite: bool,
    },
}

fn existing(word: &str) -> Result<ExistingUsers, String> {
    serde_json::from_value(word.into()).map_err(|_| "use refuse, skip or update".to_owned())
}

impl ImportCommand {
    /// Imports, and prints each finding on a line of its own, then what was done. Answers the exit code: 0 when
    /// nothing was refused, 1 when some rows were, 2 when the file cannot be read.
    ///
    /// # Errors
    /// When the store or the output fails; then nothing was changed.
    pub async fn run(self, store: &Store, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
        let outcome = match self {
            Self::Establishments { file } => establishments(store, &file, out).await,
            Self::Users {
                file,
                role,
                dry_run,
                existing,
                all_or_nothing,
                invite,
            } => {
                let file_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let query = JudgeQuery {
                    kind: ImportKind::Users,
                    role,
                    existing,
                    file_name,
                };
                let commit = CommitImport {
                    revision: 1,
                    all_or_nothing,
                    invite,
                };
                users(store, &file, query, (!dry_run).then_some(commit), out).await
            }
        };
        match outcome {
            Err(Failure::Refused(refusal)) => {
                writeln!(out, "{}", refusal.message).map_err(StoreError::from)?;
                Ok(if refusal.code == ErrorCode::ImportRefused {
                    SOME_REFUSED
                } else {
                    UNREADABLE
                })
            }
            other => other,
        }
    }
}

async fn establishments(store: &Store, path: &Path, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
    let path = path.to_owned();
    let read = on_own_thread(move || {
        let file = File::open(&path).map_err(|error| refusal(&error.into()))?;
        Ok(read_gias(file).map_err(|error| refusal(&error))?)
    })
    .await?;
    print(out, &read.findings)?;
    let done = store.import_establishments(&read).await?;
    writeln!(
        out,
        "{} created, {} updated, {} unchanged, {} refused.",
        done.created, done.updated, done.unchanged, read.refused
    )
    .map_err(StoreError::from)?;
    Ok(if read.refused == 0 { ALL_TAKEN } else { SOME_REFUSED })
}

async fn users(
    store: &Store,
    path: &Path,
    query: JudgeQuery,
    commit: Option<CommitImport>,
    out: &mut (dyn Write + Send),
) -> Result<u8, Failure> {
    let path = path.to_owned();
    let file = on_own_thread(move || {
        let file = File::open(&path).map_err(FileError::from);
        Ok(file.and_then(read_bounded).map_err(|error| refusal(&error))?)
    })
    .await?;
    // Nobody is named on a restricted pupil by this id, so none is found.
    let scope = Scope {
        user: UserId(uuid::Uuid::nil()),
        role: Role::LaSuperUser,
        today: store.today(),
    };
    let id: ImportId = new_id(store.now())?;
    let judged = judge(store, scope, id, query, file).await?;
    print(out, &judged.judgement.findings)?;
    let line = match commit {
        None => would_do(&judged.judgement),
        Some(commit) => {
            store.run(None, judged.job).await?;
            let row = find(store, id).await?;
            let opened = reopen(store, row).await?;
            store
                .run(
                    None,
                    Commit {
                        id,
                        scope,
                        commit,
                        opened,
                    },
                )
                .await?;
            let done = find(store, id).await?.open(store.keys())?.result.unwrap_or_default();
            format!(
                "{} users created, {} updated; {} rows skipped, {} refused; {} invitations sent.",
                done.created, done.updated, done.skipped, done.refused, done.invited
            )
        }
    };
    writeln!(out, "{line}").map_err(StoreError::from)?;
    Ok(if judged.judgement.counts.rows_refused == 0 {
        ALL_TAKEN
    } else {
        SOME_REFUSED
    })
}

async fn find(store: &Store, id: ImportId) -> Result<rows::Row, Failure> {
    let mut conn = store.read().await?;
    Ok(rows::find(&mut conn, id).await?.ok_or_else(Refusal::not_found)?)
}

fn would_do(judgement: &Judgement) -> String {
    let counts = judgement.counts;
    format!(
        "Nothing was changed. {} users would be created, {} updated; {} rows skipped, {} refused.",
        counts.users_to_create, counts.users_to_update, counts.rows_skipped, counts.rows_refused
    )
}

/// One line for each finding: how grave, the row, the column, the sentence.
fn print(out: &mut (dyn Write + Send), findings: &[Finding]) -> Result<(), StoreError> {
    for finding in findings {
        let grave = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let column = finding
            .column
            .as_ref()
            .map(|heading| format!(", {heading}"))
            .unwrap_or_default();
        writeln!(out, "{grave}: row {}{column}: {}", finding.row, finding.message)?;
    }
    Ok(())
}
