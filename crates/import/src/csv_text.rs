//! Writing CSV files that open rightly and safely in Excel.

use crate::spreadsheet_safe;

/// A CSV file being written: UTF-8 with a byte order mark, so that Excel reads accents; commas; lines that end
/// as in RFC 4180; every cell safe to open ([`spreadsheet_safe`]).
#[derive(Debug)]
pub struct CsvText {
    writer: csv::Writer<Vec<u8>>,
}

impl Default for CsvText {
    fn default() -> Self {
        Self::new()
    }
}

impl CsvText {
    /// A file with no row yet.
    #[must_use]
    pub fn new() -> Self {
        let mut builder = csv::WriterBuilder::new();
        builder.flexible(true).terminator(csv::Terminator::CRLF);
        Self {
            writer: builder.from_writer("\u{FEFF}".as_bytes().to_vec()),
        }
    }

    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let cells = cells.into_iter().map(spreadsheet_safe);
        // Rows may differ in length, and memory takes what is written: there is nothing to fail.
        // A NUL would make the file look like none of text, to Excel and to us; it is shown for what it is, a lost letter.
        let cells = cells.map(|cell| cell.replace('\0', "\u{FFFD}").into_bytes());
        let written = self.writer.write_record(cells);
        debug_assert!(written.is_ok());
    }

    /// The file's bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        // Flushing into memory fails as little.
        self.writer.into_inner().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_with_a_nul_in_a_cell_is_still_one_of_text() {
        let mut file = CsvText::new();
        file.row(["First name", "Surname"]);
        file.row(["A\0n\0n\0", "Lee"]);
        let table = crate::Table::parse(&file.into_bytes()).unwrap();
        assert_eq!(table.rows().next().unwrap().cell(0), "A\u{FFFD}n\u{FFFD}n\u{FFFD}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_by_the_csv_crate(rows in proptest::collection::vec(proptest::collection::vec("[a-c,;\"\r\n =+@'-]{0,5}", 3), 1..6)) {
            let mut written = CsvText::new();
            for row in &rows {
                written.row(row.iter().map(String::as_str));
            }
            let bytes = written.into_bytes();
            let read: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false)
                .from_reader(&bytes[..])
                .records()
                .map(|r| r.unwrap().iter().map(|cell| crate::from_spreadsheet(cell).to_owned()).collect())
                .collect();
            prop_assert_eq!(read, rows);
        }
    }
}
