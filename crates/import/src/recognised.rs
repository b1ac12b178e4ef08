//! What was recognised of a file of users, shown to the person before anything is judged.

use serde::{Deserialize, Serialize};

use crate::{Columns, Delimiter, FileColumn, FileSource, Finding, Table, TextEncoding};

/// How many rows the person is shown before anything is judged.
pub const SAMPLE_ROWS: usize = 5;

/// What was recognised of a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Recognised {
    /// How its text is encoded.
    pub encoding: TextEncoding,
    /// What parts its cells.
    pub delimiter: Delimiter,
    /// Whose headings it has.
    pub source: FileSource,
    /// The row that its headings are in.
    pub heading_row: u32,
    /// Its columns, in the file's order.
    pub columns: Vec<FileColumn>,
    /// How many rows it has below the headings, blank ones left out.
    pub rows: u32,
    /// How many blank rows it has below the headings.
    pub blank_rows: u32,
    /// The first five rows.
    pub sample: Vec<SampleRow>,
    /// What is wrong with the file as a whole, such as a column that is missing.
    pub findings: Vec<Finding>,
}

/// A row as the file has it; passwords left out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SampleRow {
    /// The row, by the number that Excel shows.
    pub row: u32,
    /// Its cells, one for each column; those beyond the last heading are left out.
    pub cells: Vec<String>,
}

impl Recognised {
    /// What was recognised of a table and its columns.
    #[must_use]
    pub fn of(table: &Table, columns: &Columns) -> Self {
        let sample = table
            .rows()
            .take(SAMPLE_ROWS)
            .map(|row| SampleRow {
                row: row.number(),
                cells: (0..columns.all().len())
                    .map(|i| crate::finding::cut(row.cell(i)))
                    .collect(),
            })
            .collect();
        Self {
            encoding: table.encoding(),
            delimiter: table.delimiter(),
            source: columns.source(),
            heading_row: table.heading_row(),
            columns: columns.all().to_vec(),
            rows: table.row_count(),
            blank_rows: table.blank_rows(),
            sample,
            findings: columns.findings().to_vec(),
        }
    }
}
