//! `lac-central import …`: the same imports from the store's own command line.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use lac_domain::{ImportId, Role, Timestamp};
use lac_import::{Column, ColumnChoice, ExistingUsers, FileError, Finding, Severity, Table, Vocabulary, read_bounded};
use lac_wire::{CommitImport, ErrorCode, ImportKind, ImportResult, JudgeQuery};

use super::commit::Commit;
use super::kind::Verdict;
use super::progress::Progress;
use super::pupils::{PupilFileCommand, PupilFolderCommand};
use super::receive::{JudgedFile, judge, reopen};
use super::table::{on_own_thread, refusal};
use super::{kind, rows};
use crate::error::{Failure, Refusal, StoreError};
use crate::establishments::{FileArguments, FileDone, import_establishments, import_links};
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
        /// Which file, and whether to do anything
        #[command(flatten)]
        asked: FileArguments,
        /// Only these local authorities, by their codes, such as "823,830"; all of England otherwise
        #[arg(long, default_value = "")]
        la: String,
    },
    /// Read which establishment came out of which from a GIAS download (links_edubasealldata….csv)
    Links {
        /// Which file, and whether to do anything
        #[command(flatten)]
        asked: FileArguments,
    },
    /// Add and change pupils from a CSV file in the form of the template; prints the template when no file is named
    Pupils(PupilFileCommand),
    /// Watch a folder into which files of pupils are put, such as a nightly extract of a case system
    PupilsFolder(PupilFolderCommand),
    /// Read an SSDA903 return (header.csv and episodes.csv); it only proposes care periods, which a person confirms
    Ssda903(crate::CareReturnCommand),
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
        /// Send the invitations now; --invite=later leaves it to the import's page, --invite=2027-01-04T08:00:00Z waits
        #[arg(long, default_value = "later", default_missing_value = "now", num_args = 0..=1, require_equals = true, value_parser = invite)]
        invite: Invite,
        /// What a column with an unknown heading holds, as HEADING=FIELD, such as Given=first_name; fields are
        /// first_name, last_name, job_title, email, phone, urn, upn, user_role and ignored
        #[arg(long, value_parser = mapped)]
        map: Vec<(String, Column)>,
    },
}

/// When those who are created are invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invite {
    /// At once.
    Now,
    /// When somebody asks for it.
    Later,
    /// At a set time.
    At(Timestamp),
}

fn invite(word: &str) -> Result<Invite, String> {
    match word {
        "now" => Ok(Invite::Now),
        "later" => Ok(Invite::Later),
        _ => serde_json::from_value(word.into())
            .map(Invite::At)
            .map_err(|_| "use now, later, or a time such as 2027-01-04T08:00:00Z".to_owned()),
    }
}

/// What a person says that a column is: `HEADING=FIELD`.
pub(super) fn mapped(text: &str) -> Result<(String, Column), String> {
    let (heading, field) = text
        .rsplit_once('=')
        .ok_or("use HEADING=FIELD, such as Given=first_name")?;
    let column = serde_json::from_value(field.trim().into()).map_err(|error| error.to_string())?;
    if matches!(column, Column::Unknown | Column::Password) {
        return Err(format!("there is no field {field} that a column can be"));
    }
    Ok((heading.trim().to_owned(), column))
}

/// The places of the columns that were named by their headings.
fn places(
    vocabulary: &'static Vocabulary,
    file: &[u8],
    map: &[(String, Column)],
) -> Result<Vec<ColumnChoice>, Refusal> {
    if map.is_empty() {
        return Ok(Vec::new());
    }
    let headings = Table::only_headings(vocabulary, file).map_err(|error| refusal(&error))?;
    let mut choices = Vec::new();
    for (heading, column) in map {
        let here = (0..)
            .zip(&headings)
            .filter(|(_, one)| one.eq_ignore_ascii_case(heading));
        let before = choices.len();
        choices.extend(here.map(|(index, _)| ColumnChoice { index, column: *column }));
        if choices.len() == before {
            let message = format!(
                "The file has no column “{heading}”. Its headings are: {}.",
                headings.join(", ")
            );
            return Err(Refusal::new(ErrorCode::FileUnreadable, message));
        }
    }
    Ok(choices)
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
            Self::Pupils(command) => return command.run(store, out).await,
            Self::PupilsFolder(command) => return command.run(store, out).await,
            Self::Ssda903(command) => return command.run(store, out).await,
            Self::Establishments { asked, la } => said(import_establishments(store, asked, &la).await, out),
            Self::Links { asked } => said(import_links(store, asked).await, out),
            Self::Users {
                file,
                role,
                dry_run,
                existing,
                all_or_nothing,
                invite,
                map,
            } => {
                let file_name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let query = JudgeQuery {
                    kind: ImportKind::Users,
                    role: Some(role),
                    existing,
                    file_name,
                    mapping: None,
                    as_at: None,
                };
                let commit = CommitImport {
                    revision: 1,
                    all_or_nothing,
                    invite: invite == Invite::Now,
                    invite_at: match invite {
                        Invite::At(at) => Some(at),
                        Invite::Now | Invite::Later => None,
                    },
                    ends_care: None,
                };
                users(store, &file, query, map, (!dry_run).then_some(commit), out).await
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

/// Prints what came of one of the DfE's files.
fn said(done: Result<FileDone, Failure>, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
    let done = done?;
    print(out, &done.findings)?;
    writeln!(out, "{}", done.line).map_err(StoreError::from)?;
    Ok(if done.refused == 0 { ALL_TAKEN } else { SOME_REFUSED })
}

/// Reads a file and judges it; nothing is changed. `map` says what columns are, by their headings.
///
/// # Errors
/// A refusal that says why the file cannot be taken, or when the store fails.
pub(super) async fn judge_path(
    store: &Store,
    path: &Path,
    mut query: JudgeQuery,
    map: Vec<(String, Column)>,
) -> Result<(ImportId, JudgedFile), Failure> {
    let path = path.to_owned();
    let vocabulary = kind::of(query.kind)?.vocabulary();
    let (file, choices) = on_own_thread(move || {
        let file = File::open(&path).map_err(FileError::from);
        let file = file.and_then(read_bounded).map_err(|error| refusal(&error))?;
        let choices = places(vocabulary, &file, &map)?;
        Ok((file, choices))
    })
    .await?;
    if !choices.is_empty() {
        query.mapping = Some(serde_json::to_string(&choices).map_err(StoreError::from)?);
    }
    let id: ImportId = new_id(store.now())?;
    let judged = judge(store, Scope::of_the_store(store.today()), id, query, file).await?;
    Ok((id, judged))
}

/// Keeps a judged file, and commits it. Answers what that did.
///
/// # Errors
/// A refusal that says why it cannot be committed, or when the store fails.
pub(super) async fn commit_judged(
    store: &Store,
    id: ImportId,
    judged: JudgedFile,
    commit: CommitImport,
) -> Result<ImportResult, Failure> {
    store.run(None, judged.job).await?;
    let opened = reopen(store, find(store, id).await?).await?;
    let commit = Commit {
        id,
        scope: Scope::of_the_store(store.today()),
        commit,
        opened,
        progress: std::sync::Arc::new(Progress::default()),
    };
    store.run(None, commit).await?;
    Ok(find(store, id).await?.result()?.unwrap_or_default())
}

async fn users(
    store: &Store,
    path: &Path,
    query: JudgeQuery,
    map: Vec<(String, Column)>,
    commit: Option<CommitImport>,
    out: &mut (dyn Write + Send),
) -> Result<u8, Failure> {
    if let Some(commit) = &commit {
        Commit::check_invitations(query.kind, commit, store.now())?;
    }
    let (id, judged) = judge_path(store, path, query, map).await?;
    print(out, &judged.verdict.findings)?;
    let refused = judged.verdict.counts.rows_refused;
    let line = match commit {
        None => would_do(&judged.verdict),
        Some(commit) => {
            let done = commit_judged(store, id, judged, commit).await?;
            format!(
                "{} users created, {} updated; {} rows skipped, {} refused; {} invitations sent.",
                done.created, done.updated, done.skipped, done.refused, done.invited
            )
        }
    };
    writeln!(out, "{line}").map_err(StoreError::from)?;
    Ok(if refused == 0 { ALL_TAKEN } else { SOME_REFUSED })
}

async fn find(store: &Store, id: ImportId) -> Result<rows::Row, Failure> {
    let mut conn = store.read().await?;
    Ok(rows::find(&mut conn, id).await?.ok_or_else(Refusal::not_found)?)
}

fn would_do(verdict: &Verdict) -> String {
    let counts = verdict.counts;
    format!(
        "Nothing was changed. {} users would be created, {} updated; {} rows skipped, {} refused.",
        counts.to_create, counts.to_update, counts.rows_skipped, counts.rows_refused
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
