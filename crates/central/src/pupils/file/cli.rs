//! `lac-central import pupils …`.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use lac_import::{FileError, PupilFile, pupil_template, read_bounded};

use super::apply::Take;
use super::report::Report;
use crate::error::{Failure, StoreError};
use crate::store::Store;

/// Nothing was refused.
pub(super) const ALL_TAKEN: u8 = 0;
/// Some rows were refused.
const SOME_REFUSED: u8 = 1;
/// The file could not be read, or would end care for many.
const NOT_TAKEN: u8 = 2;

/// A file of pupils, and its day.
#[derive(Debug, clap::Args)]
pub struct PupilFileCommand {
    /// The file; without it, the template is printed
    file: Option<PathBuf>,
    /// The day for which the file stands, such as 2026-11-23; today when not given
    #[arg(long)]
    as_at: Option<NaiveDate>,
    /// Do it though the file ends the care of more than a tenth of the looked-after pupils
    #[arg(long)]
    confirm: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
}

impl PupilFileCommand {
    /// Imports, and prints each finding on a line of its own, the pupils missing from the file, then what was done.
    /// Answers the exit code: 0 when nothing was refused, 1 when some rows were, 2 when nothing was taken.
    ///
    /// # Errors
    /// When the store or the output fails; then nothing was changed.
    pub async fn run(self, store: &Store, out: &mut (dyn Write + Send)) -> Result<u8, Failure> {
        let Some(path) = self.file else {
            out.write_all(&pupil_template()).map_err(StoreError::from)?;
            return Ok(ALL_TAKEN);
        };
        let as_at = self.as_at.unwrap_or_else(|| store.today());
        let take = |file| Take {
            file,
            as_at,
            confirmed: self.confirm,
            dry_run: self.dry_run,
        };
        match read(&path) {
            Err(error) => {
                print(out, &format!("Not read: {error}"))?;
                Ok(NOT_TAKEN)
            }
            Ok(file) => {
                let report = store.run(None, take(file)).await?;
                for line in report.lines() {
                    print(out, &line)?;
                }
                Ok(code(&report))
            }
        }
    }
}

/// Reads a file of pupils.
pub(super) fn read(path: &Path) -> Result<PupilFile, FileError> {
    PupilFile::read(&read_bounded(File::open(path)?)?)
}

/// The exit code.
pub(super) fn code(report: &Report) -> u8 {
    match report {
        Report { stopped: true, .. } => NOT_TAKEN,
        Report { refused: 0, .. } => ALL_TAKEN,
        Report { .. } => SOME_REFUSED,
    }
}

fn print(out: &mut (dyn Write + Send), text: &str) -> Result<(), Failure> {
    writeln!(out, "{text}").map_err(|error| StoreError::from(error).into())
}
