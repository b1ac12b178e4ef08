//! A file as a table: its headings and its rows, each with the number that Excel shows.

mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{BufRead, Read};

use crate::delimiter::{self, HEADING_WITHIN};
use crate::encoding::{self, Decoding};
use crate::records::{Record, Records};
use crate::spreadsheet::from_spreadsheet;
pub use row::TableRow;

use crate::{Column, Delimiter, FileError, MAX_COLUMNS, MAX_ROWS, TextEncoding, Vocabulary};

/// A parsed file. Cells are trimmed; those of password columns are empty, since they are never kept. All text
/// lies in one piece: a file of 100 MB takes little more than 100 MB.
pub struct Table {
    encoding: TextEncoding,
    delimiter: Delimiter,
    headings: Vec<String>,
    heading_row: u32,
    secret: Vec<bool>,
    text: String,
    // Where each cell ends in `text`.
    ends: Vec<u32>,
    rows: Vec<Span>,
    blank_rows: u32,
    unclosed: Option<(u32, String)>,
    // By row, then by the column's place.
    mended: HashMap<u32, BTreeMap<u32, String>>,
    left_out: BTreeSet<u32>,
    vocabulary: &'static Vocabulary,
}

/// One row: its number, its first kept cell, and how many cells the file has for it.
#[derive(Clone, Copy)]
struct Span {
    number: u32,
    first: u32,
    cells: u32,
}

impl Table {
    /// Reads a file to its end, at most [`crate::MAX_BYTES`], and parses it.
    ///
    /// # Errors
    /// When it cannot be read, is too big, is no CSV file, or holds no rows.
    pub fn read(reader: impl Read) -> Result<Self, FileError> {
        Self::parse(&encoding::read_bounded(reader)?)
    }

    /// Parses a file that is in memory.
    ///
    /// # Errors
    /// When it is too big, is no CSV file, or holds no rows.
    pub fn parse(bytes: &[u8]) -> Result<Self, FileError> {
        Self::parse_as(Vocabulary::USERS, bytes)
    }

    /// Parses a file in memory whose headings are of this vocabulary.
    ///
    /// # Errors
    /// As [`Table::parse`].
    pub fn parse_as(vocabulary: &'static Vocabulary, bytes: &[u8]) -> Result<Self, FileError> {
        if bytes.len() as u64 > crate::MAX_BYTES {
            return Err(FileError::TOO_BIG);
        }
        let (encoding, mut body) = encoding::detect(bytes)?;
        if matches!(encoding, TextEncoding::Utf8) {
            return Self::parse_text(vocabulary, encoding, &mut body, bytes.len());
        }
        Self::parse_text(vocabulary, encoding, &mut Decoding::new(encoding, body), bytes.len())
    }

    /// The headings of a file in memory, without reading its rows.
    ///
    /// # Errors
    /// When it is no CSV file, or holds nothing.
    pub fn only_headings(vocabulary: &'static Vocabulary, bytes: &[u8]) -> Result<Vec<String>, FileError> {
        Ok(Self::top(vocabulary, bytes)?.headings)
    }

    /// A file in memory as far as its headings, with none of its rows but those that were read on the way.
    pub(crate) fn top(vocabulary: &'static Vocabulary, bytes: &[u8]) -> Result<Self, FileError> {
        let (encoding, body) = encoding::detect(bytes)?;
        let mut decoding = Decoding::new(encoding, body);
        let (table, ..) = Self::begin(vocabulary, encoding, &mut decoding, 0)?;
        Ok(table)
    }

    fn parse_text(
        vocabulary: &'static Vocabulary,
        encoding: TextEncoding,
        input: &mut impl BufRead,
        size: usize,
    ) -> Result<Self, FileError> {
        let (mut table, mut records, blank_above) = Self::begin(vocabulary, encoding, input, size)?;
        let mut record = Record::default();
        while records.read(&mut record)? {
            table.push(&record)?;
        }
        table.blank_rows += records.blank_lines() - blank_above;
        table.text.shrink_to_fit();
        if table.rows.is_empty() && table.unclosed.is_none() {
            Err(FileError::NoRows)
        } else {
            Ok(table)
        }
    }

    /// Finds the headings: the table so far, what reads the rows below, and how many blank lines lie above.
    fn begin<R: BufRead>(
        vocabulary: &'static Vocabulary,
        encoding: TextEncoding,
        mut input: R,
        size: usize,
    ) -> Result<(Self, Records<R>, u32), FileError> {
        let top = input.fill_buf()?;
        let top = &top[..top.len().min(64 * 1024)];
        let (named, sep_len) = delimiter::sep_line(top).unwrap_or((None, 0));
        let delimiter = named.unwrap_or_else(|| delimiter::guess(vocabulary, &top[sep_len..]));
        input.consume(sep_len);
        let mut records = Records::new(input, delimiter.byte());
        let mut record = Record::default();
        let mut table = Self {
            encoding,
            delimiter,
            headings: Vec::new(),
            heading_row: 0,
            secret: Vec::new(),
            text: String::with_capacity(size),
            ends: Vec::new(),
            rows: Vec::new(),
            blank_rows: 0,
            unclosed: None,
            mended: HashMap::new(),
            left_out: BTreeSet::new(),
            vocabulary,
        };
        let blank_above = table.read_headings(&mut records, &mut record)?;
        Ok((table, records, blank_above))
    }

    /// Finds the headings in the first rows that are not blank, and takes what lies below them. Gives how many
    /// blank lines were passed over before the headings.
    fn read_headings<R: BufRead>(&mut self, records: &mut Records<R>, record: &mut Record) -> Result<u32, FileError> {
        let vocabulary = self.vocabulary;
        let mut top: Vec<(Record, u32, usize)> = Vec::new();
        while top.len() < HEADING_WITHIN && records.read(record)? {
            if is_blank(record) {
                continue;
            }
            let found = (0..record.len())
                .filter(|i| vocabulary.known(&text_of(record.cell(*i))).is_some())
                .count();
            top.push((std::mem::take(record), records.blank_lines(), found));
            if found > 1 {
                break;
            }
        }
        let at = top
            .iter()
            .position(|(.., found)| *found > 1)
            .or_else(|| top.iter().position(|(.., found)| *found == 1))
            .unwrap_or(0);
        let mut below = top.into_iter().skip(at);
        let (heading, blank, _) = below.next().ok_or(FileError::Empty)?;
        self.heading_row = heading.row;
        self.headings = (0..heading.len()).map(|i| text_of(heading.cell(i))).collect();
        while self.headings.last().is_some_and(String::is_empty) {
            self.headings.pop();
        }
        if self.headings.len() > MAX_COLUMNS {
            return Err(FileError::TooManyColumns);
        }
        self.secret = self
            .headings
            .iter()
            .map(|h| vocabulary.known(h).is_some_and(|k| k.column == Column::Password))
            .collect();
        if heading.unclosed {
            self.unclosed = Some((heading.row, text_of(heading.cell(heading.len().saturating_sub(1)))));
        }
        for (record, ..) in below {
            self.push(&record)?;
        }
        Ok(blank)
    }

    fn push(&mut self, record: &Record) -> Result<(), FileError> {
        if is_blank(record) {
            self.blank_rows += 1;
            return Ok(());
        }
        if self.rows.len() as u64 == u64::from(MAX_ROWS) {
            return Err(FileError::TooManyRows);
        }
        let mut kept = record.len();
        if record.unclosed {
            kept = kept.saturating_sub(1);
            let start = if self.secret.get(kept).copied().unwrap_or(false) {
                String::new()
            } else {
                text_of(record.cell(kept))
            };
            self.unclosed = Some((record.row, start));
        }
        while kept > 0 && is_empty(record.cell(kept - 1)) {
            kept -= 1;
        }
        let first = number(self.ends.len());
        for index in 0..kept.min(MAX_COLUMNS + 1) {
            if !self.secret.get(index).copied().unwrap_or(false) {
                match std::str::from_utf8(record.cell(index)) {
                    Ok(cell) => self.text.push_str(trimmed(cell)),
                    Err(_) => self.text.push_str(&text_of(record.cell(index))),
                }
            }
            self.ends.push(number(self.text.len()));
        }
        self.rows.push(Span {
            number: record.row,
            first,
            cells: number(record.len()),
        });
        Ok(())
    }

    /// How the text is encoded.
    #[must_use]
    pub fn encoding(&self) -> TextEncoding {
        self.encoding
    }

    /// What parts the cells.
    #[must_use]
    pub fn delimiter(&self) -> Delimiter {
        self.delimiter
    }

    /// The headings, trimmed; empty ones at the end are left out.
    #[must_use]
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The row that the headings are in.
    #[must_use]
    pub fn heading_row(&self) -> u32 {
        self.heading_row
    }

    /// What its headings are looked up in.
    pub(crate) fn vocabulary(&self) -> &'static Vocabulary {
        self.vocabulary
    }

    /// Which columns hold passwords, by their place; their cells are empty here.
    pub(crate) fn secret(&self) -> &[bool] {
        &self.secret
    }

    /// How many rows there are below the headings, blank ones left out.
    #[must_use]
    pub fn row_count(&self) -> u32 {
        number(self.rows.len())
    }

    /// How many blank rows there are below the headings.
    #[must_use]
    pub fn blank_rows(&self) -> u32 {
        self.blank_rows
    }

    /// The row in which a quotation begins that never ends, if there is one.
    #[must_use]
    pub fn unclosed_row(&self) -> Option<u32> {
        self.unclosed.as_ref().map(|(row, _)| *row)
    }

    /// How that quotation begins.
    pub(crate) fn unclosed_start(&self) -> &str {
        self.unclosed.as_ref().map_or("", |(_, start)| start)
    }

    /// The rows below the headings, in the file's order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = TableRow<'_>> {
        (0..self.rows.len()).map(|index| TableRow { table: self, index })
    }

    /// The row of this number, if there is one.
    #[must_use]
    pub fn row(&self, number: u32) -> Option<TableRow<'_>> {
        self.rows
            .binary_search_by_key(&number, |span| span.number)
            .ok()
            .map(|index| TableRow { table: self, index })
    }

    /// Puts a mended value in place of a cell, by the row's number and the column's place from 0; it may lie
    /// beyond the row's last cell. A password column takes none. False when there is no such cell.
    pub fn mend(&mut self, row: u32, column: u32, value: &str) -> bool {
        let place = usize::try_from(column).unwrap_or(usize::MAX);
        let Some(found) = self.row(row) else { return false };
        let fits = place < self.headings.len().max(found.len()) && !self.secret.get(place).copied().unwrap_or(false);
        if fits {
            self.mended
                .entry(row)
                .or_default()
                .insert(column, trimmed(value).to_owned());
        }
        fits
    }

    /// Leaves a row out, because a person said so. False when there is no such row.
    pub fn leave_out(&mut self, row: u32) -> bool {
        let there = self.row(row).is_some();
        if there {
            self.left_out.insert(row);
        }
        there
    }
}

/// A place or size as it is kept; nothing here reaches four thousand million.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

fn is_blank(record: &Record) -> bool {
    !record.unclosed && (0..record.len()).all(|i| is_empty(record.cell(i)))
}

fn is_empty(cell: &[u8]) -> bool {
    cell.is_empty() || trimmed(&String::from_utf8_lossy(cell)).is_empty()
}

fn text_of(cell: &[u8]) -> String {
    trimmed(&String::from_utf8_lossy(cell)).to_owned()
}

/// A cell's text as it is meant: without the apostrophe that keeps a spreadsheet from calculating, and without
/// white space and invisible marks around it, which come along when text is copied from mails and web pages.
pub(crate) fn trimmed(cell: &str) -> &str {
    let edge = |c: char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    from_spreadsheet(cell.trim_matches(edge)).trim_matches(edge)
}
