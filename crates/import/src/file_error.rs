//! Why a file cannot be taken at all, in sentences that say what to do.

use std::io::{self, ErrorKind};

use serde::{Deserialize, Serialize};

use crate::{MAX_BYTES, MAX_COLUMNS, MAX_ROWS};

/// What a file that is no CSV file looks like, judged by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum FileKind {
    /// `.xlsx`, and its kin with macros.
    ExcelWorkbook,
    /// `.xls`, or a workbook with a password.
    OldExcelWorkbook,
    /// `.ods`.
    OpenDocument,
    /// `.docx`.
    WordDocument,
    /// `.zip` or another archive.
    Archive,
    /// PDF.
    Pdf,
    /// A picture.
    Image,
    /// HTML or XML, which some systems save under the name of a spreadsheet.
    WebPage,
    /// Rich text.
    RichText,
    /// JSON.
    Json,
    /// Anything else that is not text.
    Binary,
}

impl FileKind {
    /// What it looks like, and what to do.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::ExcelWorkbook => {
                "This is an Excel workbook. In Excel choose File, Save As, “CSV UTF-8 (Comma delimited)”, and choose that file."
            }
            Self::OldExcelWorkbook => {
                "This is an older Excel workbook, or one with a password. Open it in Excel, choose File, Save As, “CSV UTF-8 (Comma delimited)”, and choose that file."
            }
            Self::OpenDocument => {
                "This is a LibreOffice spreadsheet. In LibreOffice choose File, Save As, “Text CSV”, and choose that file."
            }
            Self::WordDocument => {
                "This is a Word document. Copy its table into Excel, save it as “CSV UTF-8”, and choose that file."
            }
            Self::Archive => "This is a zip or other archive. Unpack it first, and choose the CSV file that is in it.",
            Self::Pdf => "This is a PDF. Ask whoever sent it for a CSV file or a spreadsheet.",
            Self::Image => "This is a picture. Ask whoever sent it for a CSV file or a spreadsheet.",
            Self::WebPage => {
                "This is a web page or XML file. Open it in Excel, choose File, Save As, “CSV UTF-8 (Comma delimited)”, and choose that file."
            }
            Self::RichText => {
                "This is a rich text document. Copy its table into Excel, save it as “CSV UTF-8”, and choose that file."
            }
            Self::Json => "This is a JSON file. Export the list again as a CSV file, and choose that file.",
            Self::Binary => {
                "This is not a CSV file. Open it in the program that made it, save it as “CSV UTF-8”, and choose that file."
            }
        }
    }
}

/// Why a file cannot be taken at all. Its text is for the person who chose the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// No bytes, or only blank lines.
    #[error("This file is empty. Choose the file that has the rows in it.")]
    Empty,
    /// Headings and nothing below.
    #[error("This file has headings but no rows below them. Fill it in, save it, and choose it again.")]
    NoRows,
    /// Not a text file.
    #[error("{}", .0.advice())]
    NotCsv(FileKind),
    /// More than [`MAX_BYTES`] (or the reader's own limit).
    #[error("This file is over {} MB, the most that can be added at once. Split it into smaller files.", .limit / 1_000_000)]
    TooBig {
        /// The limit that it is over, in bytes.
        limit: u64,
    },
    /// More than [`MAX_ROWS`] rows.
    #[error("This file has over {MAX_ROWS} rows, the most that can be added at once. Split it into smaller files.")]
    TooManyRows,
    /// More than [`MAX_COLUMNS`] columns.
    #[error(
        "This file has over {MAX_COLUMNS} columns. Check that it is the right file, and take out the columns that are not needed."
    )]
    TooManyColumns,
    /// A file of another kind: these headings are missing.
    #[error("This is not the file that was asked for: it has no column “{heading}”. Choose {wanted}.")]
    WrongFile {
        /// The first heading that was looked for and not found.
        heading: &'static str,
        /// What to choose, in words.
        wanted: &'static str,
    },
    /// Reading failed; the system's own words are the source, for the log.
    #[error("{}", why_unreadable(.0))]
    Read(#[from] io::Error),
}

/// Why reading (or opening) failed, as far as a person can do something about it.
fn why_unreadable(error: &io::Error) -> &'static str {
    // Windows' code for a file that another program, nearly always Excel, holds open.
    if cfg!(windows) && error.raw_os_error() == Some(32) {
        return "Another program has this file open. Close it there, then choose it again.";
    }
    match error.kind() {
        ErrorKind::NotFound => "The file is no longer there. Choose it again.",
        ErrorKind::IsADirectory => "This is a folder. Choose the file that is in it.",
        ErrorKind::PermissionDenied => {
            "You may not open this file. Copy it to a folder of your own, then choose the copy."
        }
        _ => "The file could not be read. Check that it is still there and that you may open it, then choose it again.",
    }
}

/// Why a file cannot be taken, for programs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum FileErrorCode {
    /// Empty.
    Empty,
    /// No rows below the headings.
    NoRows,
    /// Not a text file.
    NotCsv,
    /// Too many bytes.
    TooBig,
    /// Too many rows.
    TooManyRows,
    /// Too many columns.
    TooManyColumns,
    /// A CSV file, but not this one.
    WrongFile,
    /// Reading failed.
    Unreadable,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}

impl FileError {
    /// The error for programs.
    #[must_use]
    pub fn code(&self) -> FileErrorCode {
        match self {
            Self::Empty => FileErrorCode::Empty,
            Self::NoRows => FileErrorCode::NoRows,
            Self::NotCsv(_) => FileErrorCode::NotCsv,
            Self::TooBig { .. } => FileErrorCode::TooBig,
            Self::TooManyRows => FileErrorCode::TooManyRows,
            Self::TooManyColumns => FileErrorCode::TooManyColumns,
            Self::WrongFile { .. } => FileErrorCode::WrongFile,
            Self::Read(_) => FileErrorCode::Unreadable,
        }
    }

    /// The error for a file of users of more than [`MAX_BYTES`].
    pub(crate) const TOO_BIG: Self = Self::TooBig { limit: MAX_BYTES };
}
