//! Other people's files: encodings, delimiters, headings, rows, findings. Pure: bytes go in, typed rows and
//! findings come out; no database, no clock. The desktop's preview and the store's judging run this same code.
//!
//! A file of users goes through these steps:
//!
//! ```
//! use lac_domain::Role;
//! use lac_import::{Columns, ExistingUsers, Known, Mapping, Recognised, Shape, Table};
//!
//! # fn main() -> Result<(), lac_import::FileError> {
//! let file = "User First Name,User Last Name,Email,URN\r\nZoë,Lee,zoe.lee@example.org,0\r\n";
//! let table = Table::read(file.as_bytes())?; // any Read
//! let columns = Columns::recognise(&table, &Mapping::new());
//! let shown = Recognised::of(&table, &columns); // before anything is judged
//! assert_eq!(shown.rows, 1);
//! let shape = Shape::of(&table, &columns, Role::DesignatedTeacher);
//! let wanted = shape.wanted(); // what to look up, in bulk
//! assert_eq!(wanted.emails, ["zoe.lee@example.org"]);
//! let judgement = shape.judge(&Known::default(), ExistingUsers::Refuse); // or shape.preview(), with no store
//! assert_eq!(judgement.counts.to_create, 1);
//! # Ok(())
//! # }
//! ```

mod attachments;
mod columns;
mod csv_text;
mod delimiter;
mod encoding;
mod establishments;
mod file_error;
mod finding;
mod gias;
mod heading_names;
mod heading_set;
mod headings;
mod links;
mod passwords;
mod pupils;
mod recognised;
mod records;
mod row_shape;
mod spreadsheet;
mod ssda903;
mod table;
mod template;
mod users;

pub use attachments::{
    JudgedAttachment, MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, judge_attachment, safe_file_name, too_big, why_not_taken,
};
pub use columns::{Column, ColumnChoice, ColumnState, FileColumn, FileSource, Mapping};
pub use csv_text::CsvText;
pub use delimiter::Delimiter;
pub use encoding::{TextEncoding, decode, detect, read_bounded};
pub use establishments::{EstablishmentRecord, EstablishmentRow, Establishments};
pub use file_error::{FileError, FileErrorCode, FileKind};
pub use finding::{Finding, FindingCode, Severity, VALUE_CHARS};
pub use gias::MAX_GIAS_BYTES;
pub use heading_set::HeadingSet;
pub use headings::{Columns, Vocabulary};
pub use links::{LinkKind, LinkRecord, LinkRow, Links};
pub use passwords::without_passwords;
pub use pupils::{FileEnrolment, FilePupil, PUPIL_TEMPLATE, PupilFile, pupil_template};
pub use recognised::{Recognised, SAMPLE_ROWS, SampleRow};
pub use spreadsheet::{from_spreadsheet, spreadsheet_safe};
pub use ssda903::{Beside, HeldPeriod, ReturnCounts, ReturnPart, ReturnedChild, ReturnedPeriod, Ssda903, beside};
pub use table::{Table, TableRow};
pub use template::{TEMPLATE, WHAT_TO_MEND, refused, template};
pub use users::{
    Counts, ExistingUsers, JOB_TITLE_CHARS, JudgedUser, Judgement, Known, KnownEstablishment, NAME_CHARS, PHONE_CHARS,
    Shape, UserOutcome, UserRow, Wanted, Weighed,
};

/// The biggest file of users that is taken, in bytes.
pub const MAX_BYTES: u64 = 100_000_000;

/// The most rows that a file of users may have below its headings, blank ones left out.
pub const MAX_ROWS: u32 = 150_000;

/// The most columns that a file of users may have.
pub const MAX_COLUMNS: usize = 500;
