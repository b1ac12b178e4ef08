//! Writing CSV files that open rightly and safely in Excel.

use crate::spreadsheet_safe;

/// A CSV file being written: UTF-8 with a byte order mark, so that Excel reads accents; commas; lines that end
/// as in RFC 4180; every cell safe to open ([`spreadsheet_safe`]).
#[derive(Clone, Debug)]
pub struct CsvText {
    text: String,
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
        Self {
            text: "\u{FEFF}".to_owned(),
        }
    }

    /// Adds a row.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) {
        let mut cells = cells.into_iter().peekable();
        let mut first = true;
        while let Some(cell) = cells.next() {
            if !first {
                self.text.push(',');
            }
            let cell = spreadsheet_safe(cell);
            // Quoting also keeps spaces at the ends, and a row of one empty cell from being a blank line.
            let quoted = cell.is_empty() && first && cells.peek().is_none()
                || cell.contains([',', ';', '"', '\r', '\n', '\t'])
                || cell.starts_with(' ')
                || cell.ends_with(' ');
            if quoted {
                self.text.push('"');
                self.text.push_str(&cell.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(&cell);
            }
            first = false;
        }
        self.text.push_str("\r\n");
    }

    /// The file's bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
