//! `lac-central import pupils …`.

use std::io::Write;
use std::path::PathBuf;

use chrono::NaiveDate;
use lac_import::{Column, pupil_template};

use super::report::Report;
use super::take::Take;
use crate::error::{Failure, StoreError};
use crate::imports::cli::mapped;
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
    /// What a column with an unknown heading holds, as HEADING=FIELD, such as Number=reference; fields are pupil_upn,
    /// pupil_first_name, pupil_last_name, known_as, date_of_birth, school_urn, enrolment_kind, on_roll_from, on_roll_to,
    /// care_started, care_ended, social_worker_email, reference and ignored
    #[arg(long, value_parser = mapped)]
    map: Vec<(String, Column)>,
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
        let take = Take {
            as_at: self.as_at.unwrap_or_else(|| store.today()),
            confirmed: self.confirm,
            dry_run: self.dry_run,
            map: self.map,
        };
        let report = take.file(store, &path).await?;
        for line in report.lines() {
            writeln!(out, "{line}").map_err(StoreError::from)?;
        }
        Ok(code(&report))
    }
}

/// The exit code.
fn code(report: &Report) -> u8 {
    if report.is_stopped() {
        NOT_TAKEN
    } else if report.counts.rows_refused == 0 {
        ALL_TAKEN
    } else {
        SOME_REFUSED
    }
}
