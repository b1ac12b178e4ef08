//! The cells of a file of pupils, row by row.

use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, Upn, Urn, parse_email};

use super::{FileEnrolment, PUPIL_TEMPLATE};
use crate::table::TableRow;
use crate::{FileError, Finding, FindingCode, Severity, Table};

const WANTED: &str = "a file of pupils with the headings of the template";
/// The longest name, in characters.
const NAME: usize = 100;
/// The longest reference, in characters.
const REFERENCE: usize = 40;

/// Headings that mean the same as the template's, by its place.
const ALIASES: &[(usize, &[&str])] = &[
    (0, &["unique pupil number", "pupil reference number (upn)"]),
    (1, &["first name", "forename", "legal first name", "legal forename"]),
    (2, &["last name", "surname", "legal last name", "legal surname"]),
    (3, &["preferred name", "known as name"]),
    (4, &["dob", "birth date", "born"]),
    (5, &["urn", "school urn", "establishment urn"]),
    (6, &["enrolment type", "enrolment status"]),
    (7, &["on roll since", "enrolment start", "start date"]),
    (8, &["on roll until", "enrolment end", "leaving date"]),
    (9, &["care start", "start of care", "period of care start"]),
    (10, &["care end", "end of care", "period of care end"]),
    (11, &["social worker e-mail", "social worker"]),
    (12, &["child", "child id", "case number", "pupil reference"]),
];

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

/// Reads every row; those with an error are left out, and said.
pub(super) fn rows(table: &Table) -> Result<(Vec<Row>, Vec<Finding>), FileError> {
    let places = places(table)?;
    let mut rows = Vec::new();
    let mut findings = Vec::new();
    for row in table.rows() {
        let mut reader = Reader {
            table,
            places: &places,
            row,
            findings: Vec::new(),
        };
        let read = reader.read();
        let refused = reader
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error);
        findings.append(&mut reader.findings);
        rows.extend(read.filter(|_| !refused));
    }
    Ok((rows, findings))
}

/// The places of the template's columns in a file.
fn places(table: &Table) -> Result<[Option<usize>; 13], FileError> {
    let headings: Vec<String> = table.headings().iter().map(|heading| key(heading)).collect();
    let mut places = [None; 13];
    for (at, wanted) in PUPIL_TEMPLATE.iter().enumerate() {
        let aliases = ALIASES
            .iter()
            .find(|(place, _)| *place == at)
            .map_or(&[][..], |(_, names)| *names);
        let names = std::iter::once(*wanted).chain(aliases.iter().copied());
        places[at] = names
            .map(key)
            .find_map(|name| headings.iter().position(|heading| *heading == name));
    }
    // A pupil is known by the UPN or the reference, so that one of the two is enough.
    let needed = [1, 2, 4]
        .into_iter()
        .chain((places[0].is_none() && places[12].is_none()).then_some(0));
    match needed.into_iter().find(|at| places[*at].is_none()) {
        Some(at) => Err(FileError::WrongFile {
            heading: PUPIL_TEMPLATE[at],
            wanted: WANTED,
        }),
        None => Ok(places),
    }
}

/// A heading without case, spaces and signs.
fn key(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

struct Reader<'a> {
    table: &'a Table,
    places: &'a [Option<usize>; 13],
    row: TableRow<'a>,
    findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    fn cell(&self, at: usize) -> &'a str {
        self.places[at].map_or("", |place| self.row.cell(place)).trim()
    }

    fn say(&mut self, at: usize, severity: Severity, code: FindingCode, message: impl Into<String>) {
        let place = self.places[at];
        self.findings.push(Finding {
            column: place.and_then(|place| self.table.headings().get(place)).cloned(),
            column_index: place.and_then(|place| u32::try_from(place).ok()),
            ..Finding::of_row(self.row.number(), severity, code, self.cell(at), message)
        });
    }

    fn error(&mut self, at: usize, code: FindingCode, message: impl Into<String>) {
        self.say(at, Severity::Error, code, message);
    }

    fn read(&mut self) -> Option<Row> {
        let first_name = self.name(1, Some(FindingCode::MissingFirstName));
        let last_name = self.name(2, Some(FindingCode::MissingLastName));
        let known_as = self.name(3, None);
        let upn = self.upn();
        let reference = self.reference();
        if upn.is_none() && reference.is_none() && self.cell(0).is_empty() {
            self.error(
                0,
                FindingCode::MissingReference,
                "This row has neither a UPN nor a reference, so the pupil could not be told from others in the next file. Give one of the two.",
            );
        }
        let born = self.day(4);
        if self.cell(4).is_empty() {
            self.error(4, FindingCode::BadDate, "Enter the date of birth, such as 04/05/2014.");
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

    fn name(&mut self, at: usize, missing: Option<FindingCode>) -> String {
        let text = self.cell(at).to_owned();
        if let Some(code) = missing.filter(|_| text.is_empty()) {
            let what = if at == 1 { "first" } else { "last" };
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
        text
    }

    fn upn(&mut self) -> Option<Upn> {
        let text = self.cell(0);
        if text.is_empty() {
            return None;
        }
        match Upn::parse(text) {
            Err(error) => {
                self.error(0, FindingCode::BadUpn, error.to_string());
                None
            }
            Ok(upn) => {
                if let Some(warning) = upn.warning() {
                    self.say(0, Severity::Warning, FindingCode::UpnCheckLetter, warning);
                }
                Some(upn)
            }
        }
    }

    fn reference(&mut self) -> Option<String> {
        let text = self.cell(12);
        if text.chars().count() > REFERENCE || text.contains(char::is_control) {
            let message = format!(
                "This reference is longer than {REFERENCE} characters, or has one that cannot be seen. Check it."
            );
            self.error(12, FindingCode::TooLong, message);
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    }

    /// The day in a cell; none where it is empty or was refused.
    fn day(&mut self, at: usize) -> Option<NaiveDate> {
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
        let text = self.cell(5);
        let (start, end) = (self.day(7), self.day(8));
        let kind = self.cell(6);
        let kind = if kind.is_empty() {
            Some(EnrolmentKind::Main)
        } else {
            let read = EnrolmentKind::parse(kind);
            if let Err(error) = &read {
                self.error(6, FindingCode::UnknownKind, error.to_string());
            }
            read.ok()
        };
        if text.is_empty() || text == "0" {
            if start.is_some() || end.is_some() {
                let message = "This row says when the pupil is on roll, and not where. Give the school’s URN.";
                self.error(5, FindingCode::UrnBlank, message);
            }
            return None;
        }
        let urn = match Urn::parse(text) {
            Ok(urn) => urn,
            Err(error) => {
                self.error(5, FindingCode::BadUrn, error.to_string());
                return None;
            }
        };
        let Some(start) = start else {
            if self.cell(7).is_empty() {
                let message = "Enter the pupil’s first day at this school.";
                self.error(7, FindingCode::BadDate, message);
            }
            return None;
        };
        if end.is_some_and(|end| end < start) {
            let message = "The last day at the school is before the first. Check both dates.";
            self.error(8, FindingCode::EndBeforeStart, message);
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
        let (start, end) = (self.day(9), self.day(10));
        match (start, end) {
            (None, None) => None,
            (None, Some(_)) => {
                if self.cell(9).is_empty() {
                    let message = "This row says when care ended, and not when it started. Give both dates.";
                    self.error(9, FindingCode::BadDate, message);
                }
                None
            }
            (Some(start), end) => {
                if end.is_some_and(|end| end <= start) {
                    let message = "Care ended on or before the day it started: the end is the first day no longer in care. Check both dates.";
                    self.error(10, FindingCode::EndBeforeStart, message);
                }
                Some((start, end))
            }
        }
    }

    fn email(&mut self) -> String {
        let text = self.cell(11);
        if !text.is_empty() && parse_email(text).is_err() {
            let message =
                "This is not an e-mail address, so no social worker is set. Enter one in the form name@example.org.";
            self.say(11, Severity::Warning, FindingCode::BadEmail, message);
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
