//! Rows of imports of the DfE's files.

use chrono::TimeDelta;
use lac_domain::{ImportId, Timestamp, UserId};
use lac_wire::{EstablishmentFileCounts, EstablishmentFileFound, EstablishmentFileKind, EstablishmentImport, Page};
use sqlx::AssertSqlSafe;

use super::file_import::FileContent;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::storage::Conn;
use crate::writer::Tx;

/// For so long what was read of a file waits to be committed.
const KEPT: TimeDelta = TimeDelta::days(1);

const COLUMNS: &str = "i.id, i.kind, i.file_name, i.begun_by, i.begun_at, i.committed_at, i.found, i.result, \
     u.first_name, u.last_name";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: ImportId,
    kind: String,
    file_name: String,
    pub begun_by: Option<UserId>,
    begun_at: Timestamp,
    committed_at: Option<Timestamp>,
    found: String,
    result: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// A kind as it is stored.
pub(super) fn word(kind: EstablishmentFileKind) -> &'static str {
    match kind {
        EstablishmentFileKind::Links => "links",
        EstablishmentFileKind::Establishments | EstablishmentFileKind::Unknown => "establishments",
    }
}

impl Row {
    pub fn is_committed(&self) -> bool {
        self.committed_at.is_some()
    }
}

impl TryFrom<Row> for EstablishmentImport {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            kind: serde_json::from_value(row.kind.into())?,
            file_name: row.file_name,
            begun_by: row
                .first_name
                .zip(row.last_name)
                .map_or_else(String::new, |(first, last)| format!("{first} {last}")),
            begun_at: row.begun_at,
            committed_at: row.committed_at,
            found: serde_json::from_str(&row.found)?,
            result: row.result.as_deref().map(serde_json::from_str).transpose()?,
        })
    }
}

pub(super) async fn find(conn: &mut Conn, id: ImportId) -> Result<Option<Row>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM establishment_imports i LEFT JOIN users u ON u.id = i.begun_by WHERE i.id = $1");
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// What was read of a file; none after it was committed, or a day later.
pub(super) async fn content(conn: &mut Conn, id: ImportId) -> Result<Option<FileContent>, StoreError> {
    let sql = "SELECT content FROM establishment_imports WHERE id = $1";
    let row: Option<Option<String>> = both!(conn, c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.flatten().as_deref().map(serde_json::from_str).transpose()?)
}

/// What is kept of a file.
pub(super) struct Kept<'a> {
    pub id: ImportId,
    pub kind: EstablishmentFileKind,
    pub file_name: &'a str,
    pub found: &'a EstablishmentFileFound,
    pub content: String,
}

pub(super) async fn keep(tx: &mut Tx, kept: &Kept<'_>) -> Result<(), Failure> {
    let (now, actor, found) = (tx.now(), tx.actor(), serde_json::to_string(kept.found)?);
    let name = kept.file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(200).collect();
    let sql = "INSERT INTO establishment_imports (id, kind, file_name, begun_by, begun_at, found, content)
               VALUES ($1, $2, $3, $4, $5, $6, $7)
               ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, file_name = excluded.file_name,
                 begun_at = excluded.begun_at, found = excluded.found, content = excluded.content";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(kept.id).bind(word(kept.kind)).bind(name).bind(actor).bind(now).bind(found).bind(&kept.content)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

pub(super) async fn committed(tx: &mut Tx, id: ImportId, done: EstablishmentFileCounts) -> Result<(), Failure> {
    let (now, result) = (tx.now(), serde_json::to_string(&done)?);
    let sql = "UPDATE establishment_imports SET committed_at = $2, result = $3, content = NULL WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(now).bind(result).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Imports, the newest first.
pub(super) async fn list(
    conn: &mut Conn,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<EstablishmentImport>, Failure> {
    let after: Option<(Timestamp, ImportId)> = read_after(after)?;
    let size = page_size(limit);
    let condition = if after.is_some() {
        "(i.begun_at, i.id) < ($2, $3)"
    } else {
        "TRUE"
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM establishment_imports i LEFT JOIN users u ON u.id = i.begun_by
         WHERE i.committed_at IS NOT NULL AND {condition} ORDER BY i.begun_at DESC, i.id DESC LIMIT $1"
    );
    let (at, id) = after.unzip();
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(rows_to_read(size)).bind(at).bind(id).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| (row.begun_at, row.id))?;
    Ok(Page {
        rows: page
            .rows
            .into_iter()
            .map(EstablishmentImport::try_from)
            .collect::<Result<_, StoreError>>()?,
        after: page.after,
    })
}

/// Deletes what was read of files that nobody committed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_content(tx: &mut Tx) -> Result<(), StoreError> {
    let before = tx.now().plus(-KEPT);
    let sql = "DELETE FROM establishment_imports WHERE committed_at IS NULL AND begun_at < $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(before).execute(c).await.map(|_| ()))?;
    Ok(())
}
