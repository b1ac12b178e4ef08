//! A row of a table.

use std::collections::BTreeMap;

use super::{Span, Table, number};

/// A row of a [`Table`].
#[derive(Clone, Copy)]
pub struct TableRow<'a> {
    pub(super) table: &'a Table,
    pub(super) index: usize,
}

impl<'a> TableRow<'a> {
    /// The number that Excel shows.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.span().number
    }

    /// A cell's text, trimmed; empty beyond the last.
    #[must_use]
    pub fn cell(&self, column: usize) -> &'a str {
        let table = self.table;
        if let Some(value) = self.mended().and_then(|cells| cells.get(&number(column))) {
            return value;
        }
        let (first, last) = self.kept();
        let place = first + column;
        if place >= last {
            return "";
        }
        let start = place.checked_sub(1).map_or(0, |before| table.ends[before]);
        &table.text[start as usize..table.ends[place] as usize]
    }

    /// Whether a person left the row out.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        self.table.left_out.contains(&self.number())
    }

    /// The places, from 0, of the cells that were mended.
    pub fn mended_places(&self) -> impl Iterator<Item = u32> + 'a {
        self.mended().into_iter().flat_map(|cells| cells.keys().copied())
    }

    /// How many cells the row has in the file, or reaches through a mended one.
    #[must_use]
    pub fn len(&self) -> usize {
        let mended = self
            .mended()
            .and_then(|cells| cells.keys().next_back())
            .map_or(0, |last| last + 1);
        mended.max(self.span().cells) as usize
    }

    /// Whether the row has no cells; a table holds no such row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first cell at or after this place that is not empty.
    pub(crate) fn first_filled_from(&self, column: usize) -> Option<(usize, &'a str)> {
        let (first, last) = self.kept();
        // A mended cell may lie beyond those that the file has.
        (column..last.saturating_sub(first).max(self.len()))
            .map(|i| (i, self.cell(i)))
            .find(|(_, cell)| !cell.is_empty())
    }

    fn mended(&self) -> Option<&'a BTreeMap<u32, String>> {
        if self.table.mended.is_empty() {
            None
        } else {
            self.table.mended.get(&self.number())
        }
    }

    fn span(&self) -> Span {
        self.table.rows[self.index]
    }

    /// Where its kept cells begin and end among all.
    fn kept(&self) -> (usize, usize) {
        let next = self
            .table
            .rows
            .get(self.index + 1)
            .map_or(self.table.ends.len(), |span| span.first as usize);
        (self.span().first as usize, next)
    }
}
