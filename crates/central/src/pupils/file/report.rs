//! What came of a file of pupils, as the command line says it.

use lac_import::{Finding, PupilFile, Severity};

use super::plan::Plan;

/// What came of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Report {
    pub findings: Vec<Finding>,
    pub rows: u32,
    pub pupils: usize,
    pub added: usize,
    pub changed: usize,
    pub unchanged: u32,
    pub refused: usize,
    pub ends: usize,
    pub looked_after: usize,
    pub missing: Vec<String>,
    /// It would end the care of many, and nobody confirmed that.
    pub stopped: bool,
    /// It was done.
    pub done: bool,
}

impl Report {
    pub(super) fn of(file: &PupilFile, plan: &Plan) -> Self {
        let added = plan.changes.iter().filter(|change| change.id.is_none()).count();
        Self {
            findings: plan.findings.clone(),
            rows: file.rows,
            pupils: file.pupils.len(),
            added,
            changed: plan.changes.len() - added,
            unchanged: plan.unchanged,
            refused: plan.refused.len(),
            ends: plan.ends(),
            looked_after: plan.looked_after,
            missing: plan.missing.clone(),
            stopped: false,
            done: false,
        }
    }

    /// The report, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.findings.iter().map(line).collect();
        let missing = self.missing.iter();
        lines.extend(missing.map(|who| format!("Looked after here, and not in the file: {who}. Nothing was changed.")));
        lines.push(format!(
            "{} rows, {} pupils: {} to add, {} to change, {} unchanged; {} rows refused; {} looked after here are not in the file.",
            self.rows,
            self.pupils,
            self.added,
            self.changed,
            self.unchanged,
            self.refused,
            self.missing.len()
        ));
        lines.push(if self.stopped {
            format!(
                "Stopped: this file would end the care of {} of {} looked-after pupils, more than a tenth. Nothing was changed. If that is right, run it again with --confirm.",
                self.ends, self.looked_after
            )
        } else if self.done {
            "Done.".to_owned()
        } else {
            "Nothing was changed.".to_owned()
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
