//! Taking passwords out of a file before it is sent or kept: other systems' exports have a column of them.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::WINDOWS_1252;

use crate::encoding::{self, Decoding};
use crate::{FileError, Table, TextEncoding, Vocabulary, delimiter};

/// A file with the cells of its password columns emptied, and otherwise as it was: the same encoding, rows and row
/// numbers. A file without such a column comes back untouched.
///
/// # Errors
/// When it is no CSV file, or holds nothing.
pub fn without_passwords<'a>(vocabulary: &'static Vocabulary, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, FileError> {
    let table = Table::top(vocabulary, bytes)?;
    if !table.secret().contains(&true) {
        return Ok(Cow::Borrowed(bytes));
    }
    let (encoding, body) = encoding::detect(bytes)?;
    let mark = &bytes[..bytes.len() - body.len()];
    let mut text = Vec::with_capacity(body.len());
    Decoding::new(encoding, body).read_to_end(&mut text)?;
    let top = &text[..text.len().min(encoding::SNIFFED)];
    let sep_len = delimiter::sep_line(top).map_or(0, |(_, len)| len);
    let mut emptied = text[..sep_len].to_vec();
    let mut emptying = Emptying {
        delimiter: table.delimiter().byte(),
        heading_row: table.heading_row(),
        secret: table.secret(),
        written: &mut emptied,
        at: At::StartOfRow,
        row: 1,
        column: 0,
        after_return: false,
    };
    for byte in &text[sep_len..] {
        emptying.take(*byte);
    }
    emptying.end();
    Ok(Cow::Owned([mark, &encode(encoding, emptied)].concat()))
}

/// Text back into the encoding that it came in.
fn encode(encoding: TextEncoding, text: Vec<u8>) -> Vec<u8> {
    match encoding {
        TextEncoding::Utf8 | TextEncoding::Utf8Bom | TextEncoding::Unknown => text,
        TextEncoding::Windows1252 => WINDOWS_1252.encode(&String::from_utf8_lossy(&text)).0.into_owned(),
        TextEncoding::Utf16Le => units(&text).flat_map(u16::to_le_bytes).collect(),
        TextEncoding::Utf16Be => units(&text).flat_map(u16::to_be_bytes).collect(),
    }
}

fn units(text: &[u8]) -> impl Iterator<Item = u16> {
    String::from_utf8_lossy(text)
        .encode_utf16()
        .collect::<Vec<_>>()
        .into_iter()
}

/// Where in a file the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    StartOfRow,
    StartOfCell,
    Cell,
    Quoted,
    /// After a quotation mark within a quoted cell: it ends the quotation, or is the first of two that stand for one.
    QuoteInQuoted,
}

/// Writes a file again, byte by byte, without what stands in its secret columns below the headings. It follows the
/// reader in what a cell and a row are.
struct Emptying<'a> {
    delimiter: u8,
    heading_row: u32,
    secret: &'a [bool],
    written: &'a mut Vec<u8>,
    at: At,
    row: u32,
    column: usize,
    after_return: bool,
}

impl Emptying<'_> {
    fn is_secret(&self) -> bool {
        self.row > self.heading_row && self.secret.get(self.column).copied().unwrap_or(false)
    }

    /// Writes what is part of a cell, unless nobody may read it.
    fn keep(&mut self, bytes: &[u8]) {
        if !self.is_secret() {
            self.written.extend_from_slice(bytes);
        }
    }

    fn take(&mut self, byte: u8) {
        let ends_row = matches!(byte, b'\r' | b'\n');
        if self.at == At::StartOfRow {
            if byte == b'\n' && self.after_return {
                self.after_return = false;
                self.written.push(byte);
                return;
            }
            if ends_row {
                self.end_row(byte);
                return;
            }
            self.column = 0;
            self.at = At::StartOfCell;
        }
        match self.at {
            At::Quoted if byte == b'"' => self.at = At::QuoteInQuoted,
            At::Quoted => self.keep(&[byte]),
            At::QuoteInQuoted if byte == b'"' => {
                self.keep(b"\"\"");
                self.at = At::Quoted;
            }
            At::StartOfCell if byte == b'"' => {
                // The quotation marks of a secret cell stay, so that one that never closes is still found.
                self.written.push(byte);
                self.at = At::Quoted;
            }
            _ => {
                if self.at == At::QuoteInQuoted {
                    self.written.push(b'"');
                }
                if byte == self.delimiter {
                    self.written.push(byte);
                    self.column += 1;
                    self.at = At::StartOfCell;
                } else if ends_row {
                    self.end_row(byte);
                } else {
                    self.keep(&[byte]);
                    self.at = At::Cell;
                }
            }
        }
    }

    fn end_row(&mut self, byte: u8) {
        self.written.push(byte);
        self.row = self.row.saturating_add(1);
        self.after_return = byte == b'\r';
        self.at = At::StartOfRow;
    }

    fn end(&mut self) {
        if self.at == At::QuoteInQuoted {
            self.written.push(b'"');
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn emptied(bytes: &[u8]) -> Vec<u8> {
        without_passwords(Vocabulary::USERS, bytes).unwrap().into_owned()
    }

    #[test]
    fn only_the_passwords_go() {
        let file = "version:v1.0\r\n\r\nEmail;Initial password;Surname\r\n\"ann@example.org\";Hunter-2;Lee\r\n\r\n\
                    bob@example.org;\"Hun;\"\"ter\r\n-3\";\"Re\"\"ed\"\r\nc@example.org;\"a\"b;Ro";
        let written = String::from_utf8(emptied(file.as_bytes())).unwrap();
        assert_eq!(
            written,
            "version:v1.0\r\n\r\nEmail;Initial password;Surname\r\n\"ann@example.org\";;Lee\r\n\r\n\
             bob@example.org;\"\";\"Re\"\"ed\"\r\nc@example.org;\"\";Ro"
        );
        let untouched = b"Email,Surname\nann@example.org,Password-1\n";
        assert!(matches!(
            without_passwords(Vocabulary::USERS, untouched),
            Ok(Cow::Borrowed(_))
        ));
    }

    #[test]
    fn each_encoding_comes_back_as_it_was() {
        let text = "Email,Password,Surname\r\nann@example.org,Pässwort,Müller\r\n";
        let kept = "Email,Password,Surname\r\nann@example.org,,Müller\r\n";
        let utf16 = |text: &str| {
            [
                vec![0xFF, 0xFE],
                text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ]
            .concat()
        };
        assert_eq!(emptied(&utf16(text)), utf16(kept));
        assert_eq!(emptied(&WINDOWS_1252.encode(text).0), &*WINDOWS_1252.encode(kept).0);
        let marked = |text: &str| [b"\xEF\xBB\xBF", text.as_bytes()].concat();
        assert_eq!(emptied(&marked(text)), marked(kept));
        let named = format!("sep=,\r\n{text}");
        assert_eq!(emptied(named.as_bytes()), format!("sep=,\r\n{kept}").as_bytes());
    }

    #[test]
    fn a_quotation_that_never_closes_in_a_password_shows_nothing_of_it() {
        let file = b"Email,Password,Surname\nann@example.org,\"Hunter-2,Lee\nbob@example.org,x,Reed\n";
        let table = Table::parse(file).unwrap();
        assert_eq!((table.unclosed_row(), table.unclosed_start()), (Some(2), ""));
        let written = emptied(file);
        assert!(!String::from_utf8_lossy(&written).contains("Hunter"));
        assert_eq!(Table::parse(&written).unwrap().unclosed_row(), Some(2));
    }

    proptest! {
        #[test]
        fn the_reader_reads_the_same_rows(below in "[ab,\"\r\n]{0,60}") {
            let file = format!("Email,Password,Surname,Job title\nx\n{below}");
            let written = emptied(file.as_bytes());
            let (before, after) = (Table::parse(file.as_bytes()).unwrap(), Table::parse(&written).unwrap());
            let rows = |table: &Table| table.rows().map(|row| {
                (row.number(), row.len(), (0..row.len()).map(|i| row.cell(i).to_owned()).collect::<Vec<_>>())
            }).collect::<Vec<_>>();
            // A row of nothing but a password is blank without it, and a quotation that never closes ends elsewhere.
            prop_assume!(before.unclosed_row().is_none());
            let filled = |rows: Vec<(u32, usize, Vec<String>)>| {
                rows.into_iter().filter(|(_, _, cells)| cells.iter().any(|cell| !cell.is_empty())).collect::<Vec<_>>()
            };
            prop_assert_eq!(filled(rows(&before)), filled(rows(&after)));
            prop_assert_eq!(before.row_count() + before.blank_rows(), after.row_count() + after.blank_rows());
        }
    }
}
