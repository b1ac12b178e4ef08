//! The cells of a file of pupils, row by row.

use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, Upn, Urn, parse_email};

use super::FileEnrolment;
use crate::finding::at_column;
use crate::row_shape;
use crate::table::TableRow;
use crate::{Column, Columns, Finding, FindingCode, Severity, Table};

/// The longest name, in characters.
const NAME: usize = 100;
/// The longest reference, in characters.
const REFERENCE: usize = 40;

/// A row that is taken so far.
pub(super) struct Row {
    pub number: u32,
    pub upn: Option<Upn>,
    pub reference: Option<String>,
    pub first_name: String,
    pub last_name: String,
    pub known_as: String,
    pub born: NaiveDate,
    pub care: Option<(NaiveDate, Option<NaiveDate>)>,
    pub enrolment: Option<FileEnrolment>,
    pub social_worker_email: String,
}

/// What was read of a table.
pub(super) struct Read {
    pub rows: Vec<Row>,
    pub findings: Vec<Finding>,
    pub left_out: u32,
}

/// Reads every row; those with an error are left out, and said.
pub(super) fn rows(table: &Table, columns: &Columns) -> Read {
    let mut read = Read {
        rows: Vec::new(),
        findings: Vec::new(),
        left_out: 0,
    };
    // A row need only reach what every pupil needs: Excel leaves out empty cells at the end of a row.
    let needed = [Column::PupilFirstName, Column::PupilLastName, Column::DateOfBirth];
    let reach = needed.into_iter().filter_map(|column| columns.place(column)).max();
    for row in table.rows() {
        if row.is_left_out() {
            read.left_out += 1;
            continue;
        }
        let mut reader = Reader {
            columns,
            row,
            findings: Vec::new(),
        };
        let taken = reader.whole(reach.unwrap_or(0), table.delimiter().display_name());
        let refused = reader
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        read.findings.append(&mut reader.findings);
        read.rows.extend(taken.filter(|_| !refused));
    }
    read
}

struct Reader<'a> {
    columns: &'a Columns,
    row: TableRow<'a>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn cell(&self, column: Column) -> &'a str {
        self.columns.place(column).map_or("", |place| self.row.cell(place))
    }

    fn say(&mut self, column: Column, severity: Severity, code: FindingCode, message: impl Into<String>) {
        let place = self
            .columns
            .place(column)
            .and_then(|place| self.columns.all().get(place));
        let (number, value) = (self.row.number(), self.cell(column));
        self.findings
            .push(at_column(number, place, severity, code, value, message.into()));
    }

    fn error(&mut self, column: Column, code: FindingCode, message: impl Into<String>) {
        self.say(column, Severity::Error, code, message);
    }

    /// The row, where its cells lie under their headings.
    fn whole(&mut self, reach: usize, delimiter: &str) -> Option<Row> {
        let number = self.row.number();
        if let Some(message) = row_shape::too_few(self.row, reach, self.columns.all()) {
            let code = FindingCode::TooFewCells;
            self.findings
                .push(Finding::of_row(number, Severity::Error, code, "", message));
            return None;
        }
        if let Some((value, message)) = row_shape::too_many(self.row, self.columns.width(), delimiter) {
            let code = FindingCode::TooManyCells;
            self.findings
                .push(Finding::of_row(number, Severity::Error, code, value, message));
        }
        self.read()
    }

    fn read(&mut self) -> Option<Row> {
        let first_name = self.name(Column::PupilFirstName, Some(FindingCode::MissingFirstName));
        let last_name = self.name(Column::PupilLastName, Some(FindingCode::MissingLastName));
        let known_as = self.name(Column::KnownAs, None);
        let upn = self.upn();
        let reference = self.reference();
        if upn.is_none() && reference.is_none() && self.cell(Column::PupilUpn).is_empty() {
            self.error(
                Column::PupilUpn,
                FindingCode::MissingReference,
                "This row has neither a UPN nor a reference, so the pupil could not be told from others in the next file. Give one of the two.",
            );
        }
        let born = self.day(Column::DateOfBirth);
        if self.cell(Column::DateOfBirth).is_empty() {
            self.error(
                Column::DateOfBirth,
                FindingCode::BadDate,
                "Enter the date of birth, such as 04/05/2014.",
            );
        }
        let enrolment = self.enrolment();
        let care = self.care();
        let social_worker_email = self.email();
        Some(Row {
            number: self.row.number(),
            upn,
            reference,
            first_name,
            last_name,
            known_as,
            born: born?,
            care,
            enrolment,
            social_worker_email,
        })
    }

    fn name(&mut self, at: Column, missing: Option<FindingCode>) -> String {
        let text = self.cell(at).to_owned();
        if let Some(code) = missing.filter(|_| text.is_empty()) {
            let what = if at == Column::PupilFirstName { "first" } else { "last" };
            self.error(at, code, format!("Enter the pupil’s {what} name."));
        }
        if text.chars().count() > NAME {
            self.error(
                at,
                FindingCode::TooLong,
                format!("This name is longer than {NAME} characters. Shorten it."),
            );
        }
        if text.contains(char::is_control) {
            let message = "This name has a character that cannot be seen. Type it again.";
            self.error(at, FindingCode::ControlCharacter, message);
        }
        if text.contains('\u{FFFD}') {
            let message = "A letter of this name was lost before the file came here. Type it again, and save the file as “CSV UTF-8”.";
            self.error(at, FindingCode::LostCharacter, message);
        }
        text
    }

    fn upn(&mut self) -> Option<Upn> {
        let text = self.cell(Column::PupilUpn);
        if text.is_empty() {
            return None;
        }
        match Upn::parse(text) {
            Err(error) => {
                self.error(Column::PupilUpn, FindingCode::BadUpn, error.to_string());
                None
            }
            Ok(upn) => {
                if let Some(warning) = upn.warning() {
                    self.say(
                        Column::PupilUpn,
                        Severity::Warning,
                        FindingCode::UpnCheckLetter,
                        warning,
                    );
                }
                Some(upn)
            }
        }
    }

    fn reference(&mut self) -> Option<String> {
        let text = self.cell(Column::Reference);
        if text.chars().count() > REFERENCE || text.contains(char::is_control) {
            let message = format!(
                "This reference is longer than {REFERENCE} characters, or has one that cannot be seen. Check it."
            );
            self.error(Column::Reference, FindingCode::TooLong, message);
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    /// The day in a cell; none where it is empty or was refused.
    fn day(&mut self, at: Column) -> Option<NaiveDate> {
        let text = self.cell(at);
        if text.is_empty() {
            return None;
        }
        let day = day(text);
        if day.is_none() {
            let message = "This is not a date. Write it as day, month and year, such as 04/05/2014.";
            self.error(at, FindingCode::BadDate, message);
        }
        day
    }

    fn enrolment(&mut self) -> Option<FileEnrolment> {
        let text = self.cell(Column::SchoolUrn);
        let (start, end) = (self.day(Column::OnRollFrom), self.day(Column::OnRollTo));
        let kind = self.cell(Column::EnrolmentKind);
        let kind = if kind.is_empty() {
            Some(EnrolmentKind::Main)
        } else {
            let read = EnrolmentKind::parse(kind);
            if let Err(error) = &read {
                self.error(Column::EnrolmentKind, FindingCode::UnknownKind, error.to_string());
            }
            read.ok()
        };
        if text.is_empty() || text == "0" {
            if start.is_some() || end.is_some() {
                let message = "This row says when the pupil is on roll, and not where. Give the school’s URN.";
                self.error(Column::SchoolUrn, FindingCode::UrnBlank, message);
            }
            return None;
        }
        let urn = match Urn::parse(text) {
            Ok(urn) => urn,
            Err(error) => {
                self.error(Column::SchoolUrn, FindingCode::BadUrn, error.to_string());
                return None;
            }
        };
        let Some(start) = start else {
            if self.cell(Column::OnRollFrom).is_empty() {
                let message = "Enter the pupil’s first day at this school.";
                self.error(Column::OnRollFrom, FindingCode::BadDate, message);
            }
            return None;
        };
        if end.is_some_and(|end| end < start) {
            let message = "The last day at the school is before the first. Check both dates.";
            self.error(Column::OnRollTo, FindingCode::EndBeforeStart, message);
        }
        Some(FileEnrolment {
            row: self.row.number(),
            urn,
            kind: kind?,
            start,
            end,
        })
    }

    fn care(&mut self) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let (start, end) = (self.day(Column::CareStarted), self.day(Column::CareEnded));
        match (start, end) {
            (None, None) => None,
            (None, Some(_)) => {
                if self.cell(Column::CareStarted).is_empty() {
                    let message = "This row says when care ended, and not when it started. Give both dates.";
                    self.error(Column::CareStarted, FindingCode::BadDate, message);
                }
                None
            }
            (Some(start), end) => {
                if end.is_some_and(|end| end <= start) {
                    let message = "Care ended on or before the day it started: the end is the first day no longer in care. Check both dates.";
                    self.error(Column::CareEnded, FindingCode::EndBeforeStart, message);
                }
                Some((start, end))
            }
        }
    }

    fn email(&mut self) -> String {
        let text = self.cell(Column::SocialWorkerEmail);
        if !text.is_empty() && parse_email(text).is_err() {
            let message =
                "This is not an e-mail address, so no social worker is set. Enter one in the form name@example.org.";
            self.say(
                Column::SocialWorkerEmail,
                Severity::Warning,
                FindingCode::BadEmail,
                message,
            );
            return String::new();
        }
        text.to_owned()
    }
}

/// A day as people and systems write it: dd/mm/yyyy, dd-mm-yyyy or dd.mm.yyyy, or yyyy-mm-dd, with a time after it or not.
fn day(text: &str) -> Option<NaiveDate> {
    let text = text.split(['T', ' ']).next()?;
    let mut parts = text.split(['/', '-', '.']);
    let (a, b, c) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (year, month, day) = match (a.len(), c.len()) {
        (4, _) => (a, b, c),
        (_, 4) => (c, b, a),
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}
