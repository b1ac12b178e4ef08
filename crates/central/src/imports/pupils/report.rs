//! What came of a file of pupils, as the command line says it.

use lac_import::{Counts, Finding, Severity};

use crate::imports::kind::Verdict;

/// What came of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    pub findings: Vec<Finding>,
    pub counts: Counts,
    /// Why nothing was done: it could not be read, or would end the care of many and nobody confirmed that.
    pub stopped: Option<String>,
    /// It was done.
    pub done: bool,
}

impl Report {
    /// Of a file that could not be read.
    pub(super) fn not_read(why: impl std::fmt::Display) -> Self {
        Self {
            stopped: Some(format!("Not read: {why}")),
            ..Self::default()
        }
    }

    /// Of a file that was judged.
    pub(super) fn of(verdict: &Verdict, confirmed: bool) -> Self {
        let counts = verdict.counts;
        let stopped = if verdict.blocked {
            Some("Not read: the file as a whole is at fault, so none of its rows can be taken.".to_owned())
        } else if counts.ends_many() && !confirmed {
            Some(format!(
                "Stopped: this file would end the care of {} of {} looked-after pupils, more than a tenth. Nothing was changed. If that is right, run it again with --confirm.",
                counts.ends_care, counts.looked_after
            ))
        } else {
            None
        };
        Self {
            findings: verdict.findings.clone(),
            counts,
            stopped,
            done: false,
        }
    }

    /// Whether nothing is done.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// The report, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.findings.iter().map(line).collect();
        let counts = self.counts;
        if counts.rows_read > 0 {
            let pupils = counts.to_create + counts.to_update + counts.to_skip;
            lines.push(format!(
                "{} rows, {pupils} pupils: {} to add, {} to change, {} unchanged; {} rows refused; {} looked after here are not in the file.",
                counts.rows_read,
                counts.to_create,
                counts.to_update,
                counts.to_skip,
                counts.rows_refused,
                counts.missing
            ));
        }
        lines.push(match &self.stopped {
            Some(why) => why.clone(),
            None if self.done => "Done.".to_owned(),
            None => "Nothing was changed.".to_owned(),
        });
        lines
    }
}

fn line(finding: &Finding) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let column = finding
        .column
        .as_deref()
        .map_or(String::new(), |column| format!(", {column}"));
    format!("Row {}{column}: {severity}: {}", finding.row, finding.message)
}
