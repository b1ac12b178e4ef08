//! What a person changed of how a file is read. The file itself is never changed: this is kept beside it, sealed under
//! the import's key, and applied whenever the file is read.

use std::collections::{BTreeMap, BTreeSet};

use lac_domain::ImportId;
use lac_import::{ColumnChoice, Mapping, Table};
use serde::{Deserialize, Serialize};

use crate::error::{Refusal, StoreError};
use crate::seal::{OwnKey, Place};

/// The most cells that are mended in one file, and the most that one request may name.
const MOST_CELLS: usize = 20_000;
/// The longest value that a cell is given, in characters.
const VALUE: usize = 1_000;

/// Cells mended, rows left out, columns chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Choices {
    /// By row, then by the column's place.
    cells: BTreeMap<u32, BTreeMap<u32, String>>,
    left_out: BTreeSet<u32>,
    /// What the person said that columns are.
    pub chosen: Vec<ColumnChoice>,
    /// What was remembered of them when the file came, so that it is read the same way each time.
    pub remembered: Vec<ColumnChoice>,
}

fn place(import: ImportId) -> Place {
    Place::new("imports", import, "sealed_mends")
}

impl Choices {
    /// What was said of a file's columns, and nothing else.
    pub fn of_columns(chosen: Vec<ColumnChoice>, remembered: Vec<ColumnChoice>) -> Self {
        Self {
            chosen,
            remembered,
            ..Self::default()
        }
    }

    /// Seals them for an import's row.
    pub fn seal(&self, import: ImportId, own: &OwnKey) -> Result<Vec<u8>, StoreError> {
        own.seal(place(import), &serde_json::to_vec(self)?)
    }

    /// Opens what an import's row holds.
    pub fn open(import: ImportId, own: &OwnKey, sealed: Option<&[u8]>) -> Result<Self, StoreError> {
        match sealed {
            None => Ok(Self::default()),
            Some(sealed) => Ok(serde_json::from_slice(&own.open(place(import), sealed)?)?),
        }
    }

    /// The columns that the person chose.
    pub fn mapping(&self) -> Mapping {
        ColumnChoice::mapping(&self.chosen)
    }

    /// How many cells were mended.
    pub fn mended_cells(&self) -> i64 {
        i64::try_from(self.count()).unwrap_or(i64::MAX)
    }

    fn count(&self) -> usize {
        self.cells.values().map(BTreeMap::len).sum()
    }

    /// Gives a cell of a file a new value.
    ///
    /// # Errors
    /// A refusal where there is no such cell, it is a password's, or the value is too long.
    pub fn mend(&mut self, table: &mut Table, row: u32, column: u32, value: &str) -> Result<(), Refusal> {
        if value.chars().nth(VALUE).is_some() {
            let message = format!("This is longer than {VALUE} characters. Shorten it.");
            return Err(Refusal::field("cells", message));
        }
        if self.count() >= MOST_CELLS {
            let message = format!(
                "{MOST_CELLS} cells of this file have been mended here, which is the most. Mend the rest in the file, and add it again."
            );
            return Err(Refusal::field("cells", message));
        }
        if !table.mend(row, column, value) {
            let message =
                format!("Row {row} of this file has no cell there that can be mended. Look at the row again.");
            return Err(Refusal::field("cells", message));
        }
        self.cells.entry(row).or_default().insert(column, value.to_owned());
        Ok(())
    }

    /// Leaves rows of a file out.
    ///
    /// # Errors
    /// A refusal where there is no such row.
    pub fn choose_rows(&mut self, table: &Table, leave_out: &[u32]) -> Result<(), Refusal> {
        for row in leave_out {
            if table.row(*row).is_none() {
                let message = format!("This file has no row {row}. Look at its rows again.");
                return Err(Refusal::field("leave_out", message));
            }
            self.left_out.insert(*row);
        }
        Ok(())
    }

    /// Takes rows back that were left out.
    pub fn take_rows_back(&mut self, rows: &[u32]) {
        for row in rows {
            self.left_out.remove(row);
        }
    }

    /// Puts the mended cells in their places, and leaves out what was left out.
    pub fn apply(&self, table: &mut Table) {
        for (row, cells) in &self.cells {
            for (column, value) in cells {
                table.mend(*row, *column, value);
            }
        }
        for row in &self.left_out {
            table.leave_out(*row);
        }
    }
}
