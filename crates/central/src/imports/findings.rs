//! Findings of imports: each sealed by itself under the import's key, in the order in which they are shown.

use lac_domain::ImportId;
use lac_import::{Finding, Severity};
use lac_wire::{FindingFilter, Page};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::seal::{OwnKey, Place};
use crate::storage::{Column, Conn, JsonRows};
use crate::writer::Tx;

/// Findings in one statement.
const BATCH: usize = 5_000;

/// A finding, sealed.
pub(super) struct Sealed {
    severity: &'static str,
    sealed: Vec<u8>,
}

fn place(import: ImportId, position: i64) -> Place {
    Place::new("import_findings", import, "sealed_finding").at(position)
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Seals findings, in their order.
pub(super) fn seal(import: ImportId, key: &OwnKey, findings: &[Finding]) -> Result<Vec<Sealed>, StoreError> {
    (0..)
        .zip(findings)
        .map(|(position, finding)| {
            let sealed = key.seal(place(import, position), &serde_json::to_vec(finding)?)?;
            Ok(Sealed {
                severity: word(finding.severity),
                sealed,
            })
        })
        .collect()
}

/// Puts sealed findings in the place of those that an import had.
pub(super) async fn replace(tx: &mut Tx, import: ImportId, findings: &[Sealed]) -> Result<(), StoreError> {
    both!(tx.conn(), c => sqlx::query("DELETE FROM import_findings WHERE import_id = $1")
        .bind(import).execute(c).await.map(|_| ()))?;
    let columns = [
        Column::Number("position"),
        Column::Text("severity"),
        Column::Bytes("sealed_finding"),
    ];
    for (batch, first) in findings.chunks(BATCH).zip((0..).step_by(BATCH)) {
        let mut rows = JsonRows::new();
        for (position, finding) in (first..).zip(batch) {
            rows.push(&[&position, &finding.severity, &finding.sealed]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO import_findings (import_id, position, severity, sealed_finding)
             SELECT $2, position, severity, sealed_finding FROM {source} AS r"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(import).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

fn open(import: ImportId, key: &OwnKey, position: i64, sealed: &[u8]) -> Result<Finding, StoreError> {
    Ok(serde_json::from_slice(&key.open(place(import, position), sealed)?)?)
}

/// A page of an import's findings, errors first, then by row.
pub(super) async fn page(
    conn: &mut Conn,
    import: ImportId,
    key: &OwnKey,
    filter: &FindingFilter,
) -> Result<Page<Finding>, Failure> {
    let after: Option<i64> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let condition = if filter.severity.is_some() {
        "AND severity = $4"
    } else {
        ""
    };
    let sql = format!(
        "SELECT position, sealed_finding FROM import_findings WHERE import_id = $1 AND position > $2 {condition}
         ORDER BY position LIMIT $3"
    );
    let rows: Vec<(i64, Vec<u8>)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(import).bind(after.unwrap_or(-1)).bind(rows_to_read(size)).bind(filter.severity.map(word))
        .fetch_all(c).await)?;
    let page = page_of(rows, size, |(position, _)| *position)?;
    let open = |(position, sealed): (i64, Vec<u8>)| open(import, key, position, &sealed);
    Ok(Page {
        rows: page.rows.into_iter().map(open).collect::<Result<_, _>>()?,
        after: page.after,
    })
}

/// Every finding of an import, still sealed, with its position.
pub(super) async fn all(conn: &mut Conn, import: ImportId) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
    let sql = "SELECT position, sealed_finding FROM import_findings WHERE import_id = $1 ORDER BY position";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(import).fetch_all(c).await)?)
}

/// Opens what [`all`] loaded.
pub(super) fn open_all(import: ImportId, key: &OwnKey, sealed: &[(i64, Vec<u8>)]) -> Result<Vec<Finding>, StoreError> {
    sealed
        .iter()
        .map(|(position, sealed)| open(import, key, *position, sealed))
        .collect()
}
