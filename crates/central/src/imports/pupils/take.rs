//! Taking a file of pupils that lies on the store's own computer.

use std::path::Path;

use chrono::NaiveDate;
use lac_import::{Column, ExistingUsers};
use lac_wire::{CommitImport, ImportKind, JudgeQuery};

use super::report::Report;
use crate::error::Failure;
use crate::imports::cli::{commit_judged, judge_path};
use crate::store::Store;

/// How a file is taken.
pub(super) struct Take {
    /// The day for which it stands.
    pub as_at: NaiveDate,
    /// Whether it is done though it ends the care of many.
    pub confirmed: bool,
    /// Whether it is only said what would be done.
    pub dry_run: bool,
    /// What columns are, by their headings.
    pub map: Vec<(String, Column)>,
}

impl Take {
    /// Takes a file: those who are not held are added, those who are changed. Answers what came of it.
    ///
    /// # Errors
    /// When the store fails; then nothing was changed.
    pub async fn file(self, store: &Store, path: &Path) -> Result<Report, Failure> {
        let query = JudgeQuery {
            kind: ImportKind::Pupils,
            role: None,
            existing: ExistingUsers::Update,
            file_name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            mapping: None,
            as_at: Some(self.as_at),
        };
        let (id, judged) = match judge_path(store, path, query, self.map).await {
            Ok(judged) => judged,
            Err(Failure::Refused(refusal)) => return Ok(Report::not_read(refusal.message)),
            Err(failure) => return Err(failure),
        };
        let mut report = Report::of(&judged.verdict, self.confirmed);
        if report.is_stopped() || self.dry_run {
            return Ok(report);
        }
        let commit = CommitImport {
            revision: 1,
            all_or_nothing: false,
            invite: false,
            invite_at: None,
            ends_care: Some(report.counts.ends_care),
        };
        match commit_judged(store, id, judged, commit).await {
            Ok(_) => report.done = true,
            // Somebody changed something between the judging and the writing.
            Err(Failure::Refused(refusal)) => report.stopped = Some(refusal.message),
            Err(failure) => return Err(failure),
        }
        Ok(report)
    }
}
