//! Pupils from the authority's own CSV, such as a nightly extract of its case system: one row for each enrolment, or one
//! for a pupil who is enrolled nowhere.

mod cells;
mod merge;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, Upn, Urn};

use crate::csv_text::CsvText;
use crate::{FileError, Finding, Severity, Table};

/// The template's headings, in its order.
pub const PUPIL_TEMPLATE: [&str; 13] = [
    "UPN",
    "Pupil First Name",
    "Pupil Last Name",
    "Known As",
    "Date of Birth",
    "School Reference Number (URN)",
    "Enrolment Kind",
    "On Roll From",
    "On Roll To",
    "Care Started",
    "Care Ended",
    "Social Worker Email",
    "Reference",
];

/// A file of pupils, read and judged as far as goes without the store.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PupilFile {
    /// The pupils, in the order of the file.
    pub pupils: Vec<FilePupil>,
    /// What is to be said of its rows: errors first, then by row.
    pub findings: Vec<Finding>,
    /// Rows read, blank ones left out.
    pub rows: u32,
    /// Rows that are not taken.
    pub refused: Vec<u32>,
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
    /// Reads a file.
    ///
    /// # Errors
    /// When it is no CSV file, is too big, or is another file.
    pub fn read(bytes: &[u8]) -> Result<Self, FileError> {
        let table = Table::parse(bytes)?;
        let (rows, findings) = cells::rows(&table)?;
        let mut file = merge::merge(rows, findings);
        file.rows = table.row_count();
        let errors = file
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error);
        file.refused = errors.map(|finding| finding.row).collect();
        file.refused.sort_unstable();
        file.refused.dedup();
        file.findings.sort_by_key(Finding::order);
        Ok(file)
    }
}

/// The template as a file, with its headings alone.
#[must_use]
pub fn pupil_template() -> Vec<u8> {
    let mut text = CsvText::new();
    text.row(PUPIL_TEMPLATE);
    text.into_bytes()
}
