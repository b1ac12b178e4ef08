use std::io::{self, Read};

use lac_import::{FileError, MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Table};

/// A file without end: a heading, then rows of a number of bytes each.
struct Endless {
    given: u64,
    row: usize,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        for (at, byte) in into.iter_mut().enumerate() {
            let place = (self.given as usize + at) % self.row;
            *byte = if place + 1 == self.row { b'\n' } else { b'a' };
        }
        self.given += into.len() as u64;
        Ok(into.len())
    }
}

#[test]
fn a_file_that_is_too_big_is_refused_after_its_limit() {
    let mut file = Endless { given: 0, row: 5000 };
    let error = Table::read(&mut file).err().unwrap();
    assert!(matches!(error, FileError::TooBig { .. }));
    assert_eq!(file.given, MAX_BYTES + 1);
    assert_eq!(
        error.to_string(),
        "This file is over 100 MB, the most that can be added at once. Split it into smaller files."
    );
}

#[test]
fn the_last_row_that_is_allowed_and_one_more() {
    let mut file = String::from("Email\n");
    for _ in 0..MAX_ROWS {
        file.push_str("a\n");
    }
    assert_eq!(Table::parse(file.as_bytes()).unwrap().row_count(), MAX_ROWS);
    file.push_str("\n\na");
    let error = Table::parse(file.as_bytes()).err().unwrap();
    assert!(matches!(error, FileError::TooManyRows), "{error}");
    assert!(error.to_string().contains("over 150000 rows"), "{error}");
}

#[test]
fn too_many_columns() {
    let file = format!("{}\n1\n", vec!["Email"; MAX_COLUMNS + 1].join(","));
    assert!(matches!(Table::parse(file.as_bytes()), Err(FileError::TooManyColumns)));
}

#[test]
fn a_reader_that_fails_is_told_without_its_words() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("disk 3 on fire"))
        }
    }
    let error = Table::read(Broken).err().unwrap();
    assert!(error.to_string().starts_with("The file could not be read."), "{error}");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "disk 3 on fire");
    let folder = FileError::from(io::Error::from(io::ErrorKind::IsADirectory));
    assert_eq!(folder.to_string(), "This is a folder. Choose the file that is in it.");
}
