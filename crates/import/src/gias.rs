//! What the DfE's "Get Information About Schools" (GIAS) downloads have in common: big, in Windows-1252 or UTF-8,
//! columns known by their headings, dates as dd-mm-yyyy. Read record by record, never all at once.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read, Take};

use chrono::NaiveDate;
use encoding_rs::WINDOWS_1252;

use crate::finding::cut;
use crate::records::{Record, Records};
use crate::table::trimmed;
use crate::{FileError, FileKind, Finding, FindingCode, Severity, encoding};

/// The biggest GIAS download that is read, in bytes. That of all England is about 65 MB.
pub const MAX_GIAS_BYTES: u64 = 400_000_000;

/// A GIAS download being read.
pub(crate) struct GiasFile<R> {
    records: Records<BufReader<Take<R>>>,
    record: Record,
    headings: Vec<String>,
}

impl<R: Read> GiasFile<R> {
    /// Reads the headings; `needed` are those without which it is another file.
    pub(crate) fn open(reader: R, needed: &[&'static str], wanted: &'static str) -> Result<Self, FileError> {
        let mut input = BufReader::with_capacity(64 * 1024, reader.take(MAX_GIAS_BYTES + 1));
        let top = input.fill_buf()?;
        if top.is_empty() {
            return Err(FileError::Empty);
        }
        if let Some(kind) = encoding::kind_of(top).or_else(|| top.contains(&0).then_some(FileKind::Binary)) {
            return Err(FileError::NotCsv(kind));
        }
        let mut file = Self {
            records: Records::new(input, b','),
            record: Record::default(),
            headings: Vec::new(),
        };
        if !file.records.read(&mut file.record)? {
            return Err(FileError::Empty);
        }
        file.headings = (0..file.record.len())
            .map(|i| text(file.record.cell(i)).into_owned())
            .collect();
        match needed.iter().find(|heading| file.place(heading).is_none()) {
            Some(heading) => Err(FileError::WrongFile { heading, wanted }),
            None => Ok(file),
        }
    }

    /// The place of a column by its heading, letter case ignored.
    pub(crate) fn place(&self, heading: &str) -> Option<usize> {
        self.headings.iter().position(|h| h.eq_ignore_ascii_case(heading))
    }

    /// Goes to the next record that is not blank; none at the end.
    pub(crate) fn advance(&mut self) -> Result<Option<u32>, FileError> {
        while self.records.read(&mut self.record)? {
            if self.records.input().get_ref().limit() == 0 {
                return Err(FileError::TooBig { limit: MAX_GIAS_BYTES });
            }
            if (0..self.record.len()).any(|i| !self.record.cell(i).trim_ascii().is_empty()) {
                return Ok(Some(self.record.row));
            }
        }
        Ok(None)
    }

    /// A cell of the record, trimmed; empty where there is none.
    pub(crate) fn cell(&self, place: Option<usize>) -> Cow<'_, str> {
        place.map_or(Cow::Borrowed(""), |place| text(self.record.cell(place)))
    }

    /// Whether the record has text beyond the last heading.
    pub(crate) fn is_out_of_line(&self) -> bool {
        (self.headings.len()..self.record.len()).any(|i| !self.record.cell(i).is_empty())
    }

    /// A finding about a cell of the record.
    pub(crate) fn finding(
        &self,
        place: Option<usize>,
        severity: Severity,
        code: FindingCode,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            column: place.and_then(|p| self.headings.get(p)).cloned(),
            column_index: place.and_then(|p| u32::try_from(p).ok()),
            ..Finding::of_row(self.record.row, severity, code, &self.cell(place), message)
        }
    }

    /// A finding when the file ends within a quotation, in which case the record is not to be used.
    pub(crate) fn unclosed(&self) -> Option<Finding> {
        let row = self.record.row;
        let last = text(self.record.cell(self.record.len().saturating_sub(1)));
        self.record.unclosed.then(|| {
            Finding::of_row(
                row,
                Severity::Error,
                FindingCode::UnclosedQuote,
                &cut(&last),
                format!("A quotation mark is opened in row {row} and never closed: the file seems to be cut off. Download it again."),
            )
        })
    }

    /// A date of the form dd-mm-yyyy; none when blank. A wrong one is a warning, and none.
    pub(crate) fn date(&self, place: Option<usize>, findings: &mut Vec<Finding>) -> Option<NaiveDate> {
        let cell = self.cell(place);
        if cell.is_empty() {
            return None;
        }
        let date = date(&cell);
        if date.is_none() {
            let message = "This is not a date of the form dd-mm-yyyy. It is left out.";
            findings.push(self.finding(place, Severity::Warning, FindingCode::BadDate, message));
        }
        date
    }
}

/// A date as GIAS writes it; some downloads part it by strokes.
fn date(cell: &str) -> Option<NaiveDate> {
    let mut parts = cell.split(['-', '/']);
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// A cell's text. One cell at a time, since a file that is read as it comes cannot be looked through first;
/// letters beyond ASCII are hardly ever UTF-8 by chance.
fn text(cell: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(cell) {
        Ok(cell) => Cow::Borrowed(trimmed(cell)),
        Err(_) => Cow::Owned(trimmed(&WINDOWS_1252.decode_without_bom_handling(cell).0).to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(date("31-08-1992"), NaiveDate::from_ymd_opt(1992, 8, 31));
        assert_eq!(date("01/09/2005"), NaiveDate::from_ymd_opt(2005, 9, 1));
        for bad in ["31-02-1992", "1992-08-31", "31-08-92", "x", "1-2-3-4"] {
            assert_eq!(date(bad), None, "{bad}");
        }
    }

    #[test]
    fn windows_1252_and_utf_8_may_even_mix() {
        assert_eq!(text(b"Caf\xE9 "), "Café");
        assert_eq!(text("Café".as_bytes()), "Café");
    }
}
