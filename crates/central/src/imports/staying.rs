//! A page of those whom an undo would leave as they are: of those that the import created, then of those that it changed.

use lac_wire::{Staying, UndoLook};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};

/// Where a page goes on: among those created, then among those changed.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Key {
    Created(Uuid),
    Changed(i64),
}

/// How many there are of a kind, and how many of them would stay.
#[derive(Clone, Copy)]
pub(super) struct Of {
    pub all: i64,
    pub staying: i64,
}

/// The page, while its rows are found.
pub(super) struct StayingPage {
    after: Option<Key>,
    size: usize,
    rows: Vec<(Key, Staying)>,
}

impl StayingPage {
    /// Begins a page.
    ///
    /// # Errors
    /// When nothing is known of where it is to go on.
    pub fn new(after: Option<&str>, limit: Option<u32>) -> Result<Self, Refusal> {
        Ok(Self {
            after: read_after(after)?,
            size: page_size(limit),
            rows: Vec::new(),
        })
    }

    /// After which of those created it goes on; none when it begins behind them.
    pub fn after_created(&self) -> Option<Uuid> {
        match self.after {
            None => Some(Uuid::nil()),
            Some(Key::Created(id)) => Some(id),
            Some(Key::Changed(_)) => None,
        }
    }

    /// After which of those changed it goes on; none when it is full before.
    pub fn after_changed(&self) -> Option<i64> {
        match self.after {
            _ if self.rows.len() > self.size => None,
            Some(Key::Changed(position)) => Some(position),
            _ => Some(-1),
        }
    }

    /// How many rows are still to be read.
    pub fn wanted(&self) -> i64 {
        rows_to_read(self.size.saturating_sub(self.rows.len()))
    }

    /// Adds some of those created, by their ids.
    pub fn add_created(&mut self, rows: impl IntoIterator<Item = (Uuid, Staying)>) {
        self.rows
            .extend(rows.into_iter().map(|(id, row)| (Key::Created(id), row)));
    }

    /// Adds some of those changed, by their places in the file.
    pub fn add_changed(&mut self, rows: impl IntoIterator<Item = (i64, Staying)>) {
        self.rows
            .extend(rows.into_iter().map(|(position, row)| (Key::Changed(position), row)));
    }

    /// What the undo would do.
    ///
    /// # Errors
    /// When the page's key cannot be written.
    pub fn look(self, created: Of, changed: Of) -> Result<UndoLook, StoreError> {
        let page = page_of(self.rows, self.size, |(key, _)| *key)?;
        let count = |rows: i64| u32::try_from(rows).unwrap_or(u32::MAX);
        Ok(UndoLook {
            refused: None,
            to_remove: count(created.all - created.staying),
            to_restore: count(changed.all - changed.staying),
            staying: count(created.staying + changed.staying),
            rows: page.rows.into_iter().map(|(_, row)| row).collect(),
            after: page.after,
        })
    }
}
