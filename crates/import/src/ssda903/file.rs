//! What the two files have in common: columns known by their headings, dates as dd/mm/yyyy.

use chrono::NaiveDate;

use crate::table::TableRow;
use crate::{FileError, Finding, FindingCode, Severity, Table};

/// A file of the return, with the places of its columns.
pub(super) struct ReturnFile<'a> {
    table: &'a Table,
}

impl<'a> ReturnFile<'a> {
    /// Looks at the headings; `needed` are those without which it is another file.
    pub(super) fn open(table: &'a Table, needed: &[&'static str], wanted: &'static str) -> Result<Self, FileError> {
        let file = Self { table };
        match needed.iter().find(|heading| file.place(heading).is_none()) {
            Some(heading) => Err(FileError::WrongFile { heading, wanted }),
            None => Ok(file),
        }
    }

    /// The place of a column by its heading, letter case ignored.
    pub(super) fn place(&self, heading: &str) -> Option<usize> {
        self.table
            .headings()
            .iter()
            .position(|h| h.eq_ignore_ascii_case(heading))
    }

    pub(super) fn rows(&self) -> impl ExactSizeIterator<Item = TableRow<'a>> {
        self.table.rows()
    }

    /// A cell's text; empty where there is none.
    pub(super) fn cell(row: TableRow<'a>, place: Option<usize>) -> &'a str {
        place.map_or("", |place| row.cell(place))
    }

    /// The day in a cell; none where it is empty. A cell that holds something else is an error of the row.
    pub(super) fn day(
        &self,
        row: TableRow<'a>,
        place: Option<usize>,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<NaiveDate>, ()> {
        let cell = Self::cell(row, place);
        if cell.is_empty() {
            return Ok(None);
        }
        if let Some(day) = day(cell) {
            return Ok(Some(day));
        }
        let message =
            "This is not a date of the form dd/mm/yyyy, such as 31/03/2018. Mend it in the return, and read it again.";
        findings.push(self.finding(row, place, Severity::Error, FindingCode::BadDate, message.to_owned()));
        Err(())
    }

    /// A finding about a cell.
    pub(super) fn finding(
        &self,
        row: TableRow<'a>,
        place: Option<usize>,
        severity: Severity,
        code: FindingCode,
        message: String,
    ) -> Finding {
        let heading = place.and_then(|place| self.table.headings().get(place));
        Finding {
            column: heading.cloned(),
            column_index: place.and_then(|place| u32::try_from(place).ok()),
            ..Finding::of_row(row.number(), severity, code, Self::cell(row, place), message)
        }
    }
}

/// A day as the return writes it, dd/mm/yyyy, or with hyphens or full stops.
fn day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split(['/', '-', '.']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}
