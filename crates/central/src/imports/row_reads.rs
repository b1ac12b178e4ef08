//! Reading an import's file for a person: one row as it is now, and the refused rows as a file.

use std::collections::BTreeSet;

use lac_import::{Severity, refused};
use lac_wire::{FindingFilter, ImportRow, PAGE_LIMIT, RowCell};

use super::receive::{asked, open_file};
use super::rows::Row;
use super::table::{self, on_own_thread};
use super::{findings, kind};
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::store::Store;

/// One row of an import's file, with what was mended and what was found in it.
pub(super) async fn row(store: &Store, scope: Scope, import: Row, number: u32) -> Result<ImportRow, Failure> {
    let file = open_file(store, &import).await?;
    let own = import.own_key(store.keys())?;
    let asked = asked(import.role()?, import.as_at, &import.choices(&own)?);
    let vocabulary = kind::of(import.kind()?)?.vocabulary();
    let mut read = on_own_thread(move || {
        let (table, columns) = table::open(vocabulary, &file, &asked)?;
        let row = table.row(number).ok_or_else(Refusal::not_found)?;
        let mended: BTreeSet<u32> = row.mended_places().collect();
        let cells = columns.all().iter().zip(0_usize..).map(|(column, place)| RowCell {
            heading: column.heading.clone(),
            column: column.column,
            value: row.cell(place).to_owned(),
            mended: mended.contains(&column.index),
        });
        Ok(ImportRow {
            row: number,
            cells: cells.collect(),
            left_out: row.is_left_out(),
            findings: Vec::new(),
        })
    })
    .await?;
    let filter = FindingFilter {
        row: Some(number),
        limit: Some(PAGE_LIMIT),
        ..FindingFilter::default()
    };
    let errors = import.judged()?.counts.errors;
    let mut conn = store.read().await?;
    read.findings = findings::page(&mut conn, scope, import.id, &own, errors, &filter)
        .await?
        .rows;
    Ok(read)
}

/// The rows that are refused, in the template's form, with a column that says what to mend.
pub(super) async fn refused_rows(store: &Store, scope: Scope, import: Row) -> Result<Vec<u8>, Failure> {
    let file = open_file(store, &import).await?;
    let own = import.own_key(store.keys())?;
    let asked = asked(import.role()?, import.as_at, &import.choices(&own)?);
    let vocabulary = kind::of(import.kind()?)?.vocabulary();
    let told = {
        let mut conn = store.read().await?;
        let sealed = findings::all(&mut conn, import.id).await?;
        let all = findings::open_all(import.id, &own, &sealed)?;
        findings::as_seen(&mut conn, scope, all).await?
    };
    let blocked = import.judged()?.blocked;
    on_own_thread(move || {
        let (table, columns) = table::open(vocabulary, &file, &asked)?;
        let rows: Vec<u32> = if blocked {
            table.rows().map(|row| row.number()).collect()
        } else {
            let errors = told.iter().filter(|finding| finding.severity == Severity::Error);
            let rows: BTreeSet<u32> = errors.map(|finding| finding.row).collect();
            rows.into_iter().collect()
        };
        Ok(refused(&table, &columns, &rows, &told))
    })
    .await
}
