//! One CSV record after another from a reader of bytes, each with the row number that Excel shows.

use std::io::BufRead;

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use crate::FileError;

/// One record: its cells' bytes, unquoted, and where it stands.
#[derive(Default)]
pub(crate) struct Record {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    cells: usize,
    /// The row that Excel shows.
    pub(crate) row: u32,
    /// Whether the file ended within a quotation: the last cell is then the rest of the file.
    pub(crate) unclosed: bool,
}

impl Record {
    /// How many cells the record has.
    pub(crate) fn len(&self) -> usize {
        self.cells
    }

    /// A cell's bytes; empty beyond the last.
    pub(crate) fn cell(&self, index: usize) -> &[u8] {
        let Some(end) = self.ends[..self.cells].get(index) else {
            return &[];
        };
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..*end]
    }

    /// Makes room for more; the parser writes into what is there already.
    fn grow(&mut self, written: usize, ended: usize) {
        if self.bytes.len() < written + 64 {
            self.bytes.resize((self.bytes.len() * 2).max(4096), 0);
        }
        if self.ends.len() < ended + 8 {
            self.ends.resize((self.ends.len() * 2).max(64), 0);
        }
    }
}

/// Reads records. Blank lines are passed over and counted; a line break within quotation marks is part of its cell.
pub(crate) struct Records<R> {
    input: R,
    parser: Reader,
    next_row: u32,
    blank: u32,
    // The last byte was a carriage return, so a line feed that follows belongs to it.
    after_return: bool,
}

impl<R: BufRead> Records<R> {
    /// Reads UTF-8, or any encoding whose first half is ASCII; the first line is row 1.
    pub(crate) fn new(input: R, delimiter: u8) -> Self {
        let parser = ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            input,
            parser,
            next_row: 1,
            blank: 0,
            after_return: false,
        }
    }

    /// Where the bytes come from.
    pub(crate) fn input(&self) -> &R {
        &self.input
    }

    /// How many blank lines were passed over so far.
    pub(crate) fn blank_lines(&self) -> u32 {
        self.blank
    }

    /// Reads the next record into `record`; false at the end.
    pub(crate) fn read(&mut self, record: &mut Record) -> Result<bool, FileError> {
        record.cells = 0;
        record.unclosed = false;
        let (mut written, mut ended, mut started) = (0, 0, false);
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                if started {
                    self.finish(record, written, ended);
                }
                return Ok(started);
            }
            let mut at = 0;
            while !started && at < piece.len() {
                match piece[at] {
                    b'\n' if self.after_return => self.after_return = false,
                    byte @ (b'\r' | b'\n') => {
                        self.after_return = byte == b'\r';
                        self.next_row = self.next_row.saturating_add(1);
                        self.blank = self.blank.saturating_add(1);
                    }
                    _ => {
                        started = true;
                        record.row = self.next_row;
                        self.next_row = self.next_row.saturating_add(1);
                        continue;
                    }
                }
                at += 1;
            }
            if at == piece.len() {
                self.input.consume(at);
                continue;
            }
            record.grow(written, ended);
            let (result, read, out, ends) =
                self.parser
                    .read_record(&piece[at..], &mut record.bytes[written..], &mut record.ends[ended..]);
            at += read;
            self.after_return = piece[..at].last() == Some(&b'\r');
            self.input.consume(at);
            written += out;
            ended += ends;
            if result == ReadRecordResult::Record {
                record.cells = ended;
                return Ok(true);
            }
        }
    }

    /// Ends the last record, which no line break ends. When a line break does not end it either, the file
    /// stops within a quotation.
    fn finish(&mut self, record: &mut Record, mut written: usize, mut ended: usize) {
        let mut rest: &[u8] = b"\n";
        loop {
            record.grow(written, ended);
            let (result, read, out, ends) =
                self.parser
                    .read_record(rest, &mut record.bytes[written..], &mut record.ends[ended..]);
            record.unclosed |= rest.is_empty();
            rest = &rest[read..];
            written += out;
            ended += ends;
            if matches!(result, ReadRecordResult::Record | ReadRecordResult::End) {
                record.cells = ended;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    type Row = (u32, Vec<String>);

    fn rows_by(text: &[u8], piece: usize) -> (Vec<Row>, u32, bool) {
        let mut records = Records::new(BufReader::with_capacity(piece, text), b',');
        let (mut record, mut rows, mut unclosed) = (Record::default(), Vec::new(), false);
        while records.read(&mut record).unwrap() {
            let cells = (0..record.len())
                .map(|i| String::from_utf8_lossy(record.cell(i)).into_owned())
                .collect();
            rows.push((record.row, cells));
            unclosed |= record.unclosed;
        }
        (rows, records.blank_lines(), unclosed)
    }

    fn rows(text: &str) -> Vec<Row> {
        rows_by(text.as_bytes(), 1000).0
    }

    fn row(number: u32, cells: &[&str]) -> Row {
        (number, cells.iter().map(|c| (*c).to_owned()).collect())
    }

    #[test]
    fn rows_are_numbered_as_excel_numbers_them() {
        let text = "a,b\r\n\r\n\"one\r\n\r\ntwo\",2\n\nlast,";
        assert_eq!(
            rows(text),
            [
                row(1, &["a", "b"]),
                row(3, &["one\r\n\r\ntwo", "2"]),
                row(5, &["last", ""])
            ]
        );
        assert_eq!(rows("a\rb\r\rc"), [row(1, &["a"]), row(2, &["b"]), row(4, &["c"])]);
        assert_eq!(rows("\n\n"), []);
    }

    #[test]
    fn quotation_marks() {
        assert_eq!(rows("\"a\"\"b\",\"\",c\"d\n"), [row(1, &["a\"b", "", "c\"d"])]);
        assert_eq!(rows("\"closed\""), [row(1, &["closed"])]);
        let (all, _, unclosed) = rows_by(b"a,b\nc,\"d\ne,f\n", 3);
        assert_eq!((all[1].0, all[1].1[0].as_str(), unclosed), (2, "c", true));
        assert!(!rows_by(b"a,\"b\"", 3).2);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(text in "[ab,\"\r\n]{0,60}", piece in 1_usize..9) {
            prop_assert_eq!(rows_by(text.as_bytes(), piece), rows_by(text.as_bytes(), 1000));
        }

        #[test]
        fn records_are_those_of_the_csv_crate(text in "[ab,\"\r\n]{0,60}") {
            let mut csv = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<Vec<String>> =
                csv.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
            let (ours, _, unclosed) = rows_by(text.as_bytes(), 1000);
            let ours: Vec<Vec<String>> = ours.into_iter().map(|(_, cells)| cells).collect();
            // The line break that tells an open quotation becomes part of its cell.
            prop_assert!(unclosed || ours == expected, "{ours:?} {expected:?}");
        }
    }
}
