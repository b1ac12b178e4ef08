//! Findings of imports: each sealed by itself under the import's key, in the order in which they are shown.

use std::collections::{BTreeSet, HashMap};

use lac_domain::{ImportId, PupilId};
use lac_import::{Finding, FindingCode, Severity};
use lac_wire::{FindingFilter, FindingKind, Page};
use sqlx::AssertSqlSafe;

use super::rows::word;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::seal::{OwnKey, Place};
use crate::storage::{Bulk, Column, Conn, hex_ids};
use crate::writer::Tx;

/// All that is said of a row that leads to a pupil whom the reader may not see, or whose record is closed for good.
pub(super) const CLOSED: &str = "The reference or UPN of this row belongs to a record that takes no changes from a file. Nothing is done with this row.";

const COLUMNS: &[Column] = &[
    Column::Number("position"),
    Column::Text("severity"),
    Column::Text("code"),
    Column::Number("row_number"),
    Column::Bytes("sealed_finding"),
];

/// A finding, sealed.
pub(super) struct Sealed {
    severity: &'static str,
    code: String,
    row: i64,
    sealed: Vec<u8>,
}

fn place(import: ImportId, position: i64) -> Place {
    Place::new("import_findings", import, "sealed_finding").at(position)
}

fn severity_word(severity: Severity) -> &'static str {
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
                severity: severity_word(finding.severity),
                code: word(finding.code)?,
                row: i64::from(finding.row),
                sealed,
            })
        })
        .collect()
}

/// Puts sealed findings in the place of those that an import had.
pub(super) async fn replace(tx: &mut Tx, import: ImportId, findings: &[Sealed]) -> Result<(), StoreError> {
    both!(tx.conn(), c => sqlx::query("DELETE FROM import_findings WHERE import_id = $1")
        .bind(import).execute(c).await.map(|_| ()))?;
    let mut rows = Bulk::into(tx.engine(), "import_findings", COLUMNS).same(&[Column::Id("import_id")], &[&import])?;
    for (position, finding) in (0_i64..).zip(findings) {
        rows.add(
            tx.conn(),
            &[
                &position,
                &finding.severity,
                &finding.code,
                &finding.row,
                &finding.sealed,
            ],
        )
        .await?;
    }
    rows.finish(tx.conn()).await
}

fn open(import: ImportId, key: &OwnKey, position: i64, sealed: &[u8]) -> Result<Finding, StoreError> {
    Ok(serde_json::from_slice(&key.open(place(import, position), sealed)?)?)
}

/// How many findings there are of each kind: errors first, the most frequent first.
pub(super) fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    let mut counts: HashMap<(Severity, FindingCode), u32> = HashMap::new();
    for finding in findings {
        *counts.entry((finding.severity, finding.code)).or_default() += 1;
    }
    let mut kinds: Vec<FindingKind> = counts
        .into_iter()
        .map(|((severity, code), count)| FindingKind { severity, code, count })
        .collect();
    kinds.sort_by_key(|kind| (kind.severity, std::cmp::Reverse(kind.count), kind.code));
    kinds
}

/// Findings as one may be told them who could see other pupils when the file was judged: of a pupil whom they do not see
/// now, a warning is left out, and an error says no more than that the row is not taken.
pub(super) async fn as_seen(conn: &mut Conn, scope: Scope, all: Vec<Finding>) -> Result<Vec<Finding>, StoreError> {
    let about: BTreeSet<PupilId> = all.iter().filter_map(|finding| finding.about).collect();
    if about.is_empty() {
        return Ok(all);
    }
    let sql = format!(
        "SELECT p.id FROM pupils p WHERE p.id IN {} AND {}",
        conn.engine().ids("$2"),
        scope.sees_pupil("p.id")
    );
    let ids = hex_ids(about);
    let seen: Vec<PupilId> = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(ids).fetch_all(c).await)?;
    let seen: BTreeSet<PupilId> = seen.into_iter().collect();
    let told = all.into_iter().filter_map(|finding| {
        let hidden = finding.about.is_some_and(|pupil| !seen.contains(&pupil));
        match (hidden, finding.severity) {
            (false, _) => Some(Finding { about: None, ..finding }),
            (true, Severity::Error) => Some(Finding {
                code: FindingCode::PupilClosed,
                message: CLOSED.to_owned(),
                about: None,
                ..finding
            }),
            (true, Severity::Warning) => None,
        }
    });
    Ok(told.collect())
}

/// A page of an import's findings, errors first, then by row. Errors are the first so many.
pub(super) async fn page(
    conn: &mut Conn,
    scope: Scope,
    import: ImportId,
    key: &OwnKey,
    errors: u32,
    filter: &FindingFilter,
) -> Result<Page<Finding>, Failure> {
    let after: Option<i64> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let (from, to) = match filter.severity {
        None => (0, i64::MAX),
        Some(Severity::Error) => (0, i64::from(errors)),
        Some(Severity::Warning) => (i64::from(errors), i64::MAX),
    };
    let from = after.map_or(from, |after| after.saturating_add(1).max(from));
    let mut condition = String::new();
    if filter.code.is_some() {
        condition.push_str(" AND code = $5");
    }
    if filter.row.is_some() {
        condition.push_str(" AND row_number = $6");
    }
    let sql = format!(
        "SELECT position, sealed_finding FROM import_findings
         WHERE import_id = $1 AND position >= $2 AND position < $3{condition} ORDER BY position LIMIT $4"
    );
    let code = filter.code.map(word).transpose()?;
    let rows: Vec<(i64, Vec<u8>)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(import).bind(from).bind(to).bind(rows_to_read(size)).bind(code).bind(filter.row.map(i64::from))
        .fetch_all(c).await)?;
    let page = page_of(rows, size, |(position, _)| *position)?;
    let open = |(position, sealed): (i64, Vec<u8>)| open(import, key, position, &sealed);
    let rows = page.rows.into_iter().map(open).collect::<Result<_, _>>()?;
    Ok(Page {
        rows: as_seen(conn, scope, rows).await?,
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
