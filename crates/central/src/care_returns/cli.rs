//! `lac-central import ssda903 …`: reads a return from the store's own command line.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lac_domain::{Role, UserId};
use lac_import::{FileError, Finding, Severity, read_bounded};
use lac_wire::{CareReturn, DecideCareProposals};

use super::decide::Decide;
use super::read::{Propose, parse, refusal};
use crate::error::{Failure, StoreError};
use crate::scope::Scope;
use crate::store::Store;

/// Nothing was refused.
const ALL_TAKEN: u8 = 0;
/// Some rows were refused.
const SOME_REFUSED: u8 = 1;
/// A file could not be read.
const UNREADABLE: u8 = 2;

/// Which return, and of which day.
#[derive(Debug, clap::Args)]
pub struct CareReturnCommand {
    /// The file header.csv of the return
    header: PathBuf,
    /// The file episodes.csv of the return
    episodes: PathBuf,
    /// The day for which the return stands, such as 2026-03-31
    #[arg(long)]
    as_at: NaiveDate,
    /// Do all that is proposed, but for restricted pupils: those wait for a user whom they name
    #[arg(long)]
    take_all: bool,
}

impl CareReturnCommand {
    /// The command for two files and a day, which only proposes.
    #[cfg(test)]
    pub(super) fn of(header: &Path, episodes: &Path, as_at: NaiveDate) -> Self {
        Self {
            header: header.to_owned(),
            episodes: episodes.to_owned(),
            as_at,
            take_all: false,
        }
    }

    /// Reads the return, prints each finding on a line of its own, then what it proposes. Nothing is changed unless all of
    /// it is to be taken: an LA role confirms the proposals. Answers the exit code: 0 when no row was refused, 1 when some were, 2
    /// when a file cannot be read.
    ///
    /// # Errors
    /// When the store or the output fails; then nothing was changed.
    pub async fn run(self, store: &Store, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
        let files = file(&self.header).and_then(|header| Ok((header, file(&self.episodes)?)));
        let read = match files {
            Ok((header, episodes)) => parse(&header, &episodes, self.as_at),
            Err(error) => Err(refusal(&error)),
        };
        let read = match read {
            Ok(read) => read,
            Err(refusal) => {
                print(out, &format!("Not read: {}", refusal.message))?;
                return Ok(UNREADABLE);
            }
        };
        for (name, findings) in [
            ("header.csv", &read.header_findings),
            ("episodes.csv", &read.episode_findings),
        ] {
            for finding in findings {
                print(out, &line(name, finding))?;
            }
        }
        let refused = read.count(Severity::Error);
        let job = Propose {
            scope: None,
            read,
            as_at: self.as_at,
        };
        let done = store.run(None, job).await?;
        for reference in &done.not_known {
            print(out, &format!("Not known yet: CHILD {reference}."))?;
        }
        print(out, &summary(&done))?;
        if self.take_all {
            self.take(store, out).await?;
        } else {
            print(
                out,
                "Nothing was changed. LA roles confirm what is proposed; --take-all does all of it.",
            )?;
        }
        Ok(if refused == 0 { ALL_TAKEN } else { SOME_REFUSED })
    }
}

impl CareReturnCommand {
    /// Does what is proposed, a part at a time.
    async fn take(&self, store: &Store, out: &mut (dyn Write + Send)) -> Result<(), Failure> {
        // Who runs the store's own command line is nobody of the authority: they see what every LA Super User sees.
        let scope = Scope {
            user: UserId(uuid::Uuid::nil()),
            role: Role::LaSuperUser,
            today: store.today(),
        };
        loop {
            let decision = DecideCareProposals { ids: None, take: true };
            let done = store.run(None, Decide { scope, decision }).await?;
            for refused in &done.refused {
                print(out, &format!("Not done: {}", refused.why))?;
            }
            if done.done == 0 && done.refused.is_empty() {
                return Ok(());
            }
            print(out, &format!("Done: {}.", done.done))?;
        }
    }
}

fn file(path: &Path) -> Result<Vec<u8>, FileError> {
    read_bounded(File::open(path)?)
}

fn line(file: &str, finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let column = finding
        .column
        .as_deref()
        .map_or(String::new(), |column| format!(", {column}"));
    format!("{file} row {}{column}: {severity}: {}", finding.row, finding.message)
}

fn summary(done: &CareReturn) -> String {
    let (counts, compared) = (&done.counts, &done.compared);
    format!(
        "Read {} children and {} episodes ({} short breaks, {} refused): {} times in care, {} of them not ended.\n\
         Known here: {} children; not known yet: {}.\n\
         Held just so: {}. Proposed: {} to open, {} to close. Later dates here, which stand: {}. To be looked at by hand: {}.",
        counts.children,
        counts.episodes,
        counts.short_breaks,
        counts.episodes_refused,
        counts.periods,
        counts.open_periods,
        compared.known,
        done.not_known.len(),
        compared.same,
        compared.to_open,
        compared.to_close,
        compared.later_here,
        compared.differ,
    )
}

fn print(out: &mut (dyn Write + Send), text: &str) -> Result<(), Failure> {
    writeln!(out, "{text}").map_err(|error| StoreError::from(error).into())
}
