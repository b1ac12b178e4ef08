//! Pupils from the authority's own CSV, such as a nightly extract of its case system: one row for each enrolment, or one
//! for a pupil who is enrolled nowhere.

mod cells;
mod merge;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, Upn, Urn};

use crate::csv_text::CsvText;
use crate::finding::at_column;
use crate::{Column, Columns, FileColumn, Finding, FindingCode, Severity, Table};

/// The template's columns in their order.
pub const PUPIL_TEMPLATE: [Column; 13] = [
    Column::PupilUpn,
    Column::PupilFirstName,
    Column::PupilLastName,
    Column::KnownAs,
    Column::DateOfBirth,
    Column::SchoolUrn,
    Column::EnrolmentKind,
    Column::OnRollFrom,
    Column::OnRollTo,
    Column::CareStarted,
    Column::CareEnded,
    Column::SocialWorkerEmail,
    Column::Reference,
];

/// A file of pupils, read and judged as far as goes without the store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PupilFile {
    /// Whether the file as a whole is at fault, so that no row can be taken until it is mended.
    pub blocked: bool,
    /// The pupils, in the order of the file.
    pub pupils: Vec<FilePupil>,
    /// What is to be said of its rows: errors first, then by row.
    pub findings: Vec<Finding>,
    /// Rows read, blank ones left out.
    pub rows: u32,
    /// Rows that a person left out.
    pub left_out: u32,
    /// Rows that are not taken, in order.
    pub refused: Vec<u32>,
    /// The row that its headings are in: what is said of it is about the whole file.
    pub heading_row: u32,
    columns: Vec<FileColumn>,
}

/// A pupil of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilePupil {
    /// The rows that are about the pupil.
    pub rows: Vec<u32>,
    /// The UPN, where the file has one.
    pub upn: Option<Upn>,
    /// The authority's own number, where the file has one. A pupil has one of the two.
    pub reference: Option<String>,
    /// Legal first name.
    pub first_name: String,
    /// Legal last name.
    pub last_name: String,
    /// The name that schools see; perhaps empty.
    pub known_as: String,
    /// Date of birth.
    pub born: NaiveDate,
    /// Times in care, the first day and the first day no longer in care.
    pub care: Vec<(NaiveDate, Option<NaiveDate>)>,
    /// Times at establishments.
    pub enrolments: Vec<FileEnrolment>,
    /// The social worker's e-mail address; perhaps empty.
    pub social_worker_email: String,
}

/// An enrolment of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileEnrolment {
    /// The row.
    pub row: u32,
    /// Where.
    pub urn: Urn,
    /// Of what kind.
    pub kind: EnrolmentKind,
    /// The first day there.
    pub start: NaiveDate,
    /// The last day there, if one is known.
    pub end: Option<NaiveDate>,
}

impl PupilFile {
    /// Judges a table whose columns are recognised.
    #[must_use]
    pub fn of(table: &Table, columns: &Columns) -> Self {
        let mut file = Self {
            blocked: columns.findings().iter().any(|f| f.severity == Severity::Error),
            findings: columns.findings().to_vec(),
            rows: table.row_count(),
            heading_row: table.heading_row(),
            columns: columns.all().to_vec(),
            ..Self::default()
        };
        if file.blocked {
            file.refused = table.rows().map(|row| row.number()).collect();
            return file;
        }
        let read = cells::rows(table, columns);
        file.findings.extend(read.findings);
        file.left_out = read.left_out;
        let mut file = merge::merge(file, read.rows);
        let errors = file
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        file.refused = errors.map(|finding| finding.row).collect();
        file.refused.sort_unstable();
        file.refused.dedup();
        file.findings.sort_by_key(Finding::order);
        file
    }

    /// A finding about a column of one of its rows, for those who judge it beside what they know. Where the file has no
    /// such column, it is about the row.
    #[must_use]
    pub fn finding(
        &self,
        row: u32,
        column: Column,
        severity: Severity,
        code: FindingCode,
        value: &str,
        message: String,
    ) -> Finding {
        let place = self.columns.iter().find(|one| one.is_read_as(column));
        at_column(row, place, severity, code, value, message)
    }
}

/// The template as a file, with its headings alone.
#[must_use]
pub fn pupil_template() -> Vec<u8> {
    let mut text = CsvText::new();
    text.row(PUPIL_TEMPLATE.map(Column::heading));
    text.into_bytes()
}
