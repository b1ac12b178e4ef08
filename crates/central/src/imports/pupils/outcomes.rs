//! Who came by an import, whom it changed, and whom it left as they were, as far as who asks may see them.

use lac_domain::{ImportId, PupilId};
use lac_wire::{ImportOutcome, ImportedOne, OutcomeFilter, Page};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::Conn;

/// Where a page goes on: among those created by their ids, then among the others by their position.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Key {
    Created(PupilId),
    Found(i64),
}

#[derive(sqlx::FromRow)]
struct Created {
    id: PupilId,
    known_as: String,
    upn: Option<String>,
    reference: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Found {
    position: i64,
    object_id: uuid::Uuid,
    outcome: String,
    undone: bool,
    known_as: Option<String>,
    upn: Option<String>,
    reference: Option<String>,
}

/// What tells a pupil from another of the same name.
pub(super) fn detail(reference: Option<String>, upn: Option<String>) -> String {
    match (reference, upn) {
        (Some(reference), _) => format!("Reference {reference}"),
        (None, Some(upn)) => format!("UPN {upn}"),
        (None, None) => String::new(),
    }
}

/// A page: those created first, then those found, in the file's order.
pub(super) async fn page(
    conn: &mut Conn,
    scope: Scope,
    import: ImportId,
    filter: &OutcomeFilter,
) -> Result<Page<ImportedOne>, Failure> {
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let mut rows: Vec<(Key, ImportedOne)> = Vec::new();
    let wants_created = filter.outcome.is_none_or(|wanted| wanted == ImportOutcome::Created);
    if wants_created && !matches!(after, Some(Key::Found(_))) {
        let after = match after {
            Some(Key::Created(id)) => id,
            _ => PupilId(uuid::Uuid::nil()),
        };
        let found = created(conn, scope, import, after, rows_to_read(size)).await?;
        rows.extend(found.into_iter().map(|one| {
            let row = ImportedOne {
                id: one.id.into(),
                outcome: ImportOutcome::Created,
                name: one.known_as,
                detail: detail(one.reference, one.upn),
                undone: false,
            };
            (Key::Created(one.id), row)
        }));
    }
    if rows.len() <= size && filter.outcome != Some(ImportOutcome::Created) {
        let after = match after {
            Some(Key::Found(position)) => position,
            _ => -1,
        };
        let more = rows_to_read(size - rows.len());
        let found = found(conn, scope, import, filter.outcome, (after, more)).await?;
        rows.extend(found.into_iter().map(|one| {
            let row = ImportedOne {
                id: one.object_id,
                outcome: if one.outcome == "updated" {
                    ImportOutcome::Updated
                } else {
                    ImportOutcome::Skipped
                },
                name: one
                    .known_as
                    .unwrap_or_else(|| "A pupil who is no longer here".to_owned()),
                detail: detail(one.reference, one.upn),
                undone: one.undone,
            };
            (Key::Found(one.position), row)
        }));
    }
    let page = page_of(rows, size, |(key, _)| *key)?;
    Ok(Page {
        rows: page.rows.into_iter().map(|(_, row)| row).collect(),
        after: page.after,
    })
}

async fn created(
    conn: &mut Conn,
    scope: Scope,
    import: ImportId,
    after: PupilId,
    limit: i64,
) -> Result<Vec<Created>, StoreError> {
    let sql = format!(
        "SELECT p.id, p.known_as, p.upn, p.reference FROM pupils p
         WHERE p.import_id = $2 AND p.id > $3 AND {} ORDER BY p.id LIMIT $4",
        scope.sees_pupil("p.id")
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(import).bind(after).bind(limit).fetch_all(c).await)?)
}

async fn found(
    conn: &mut Conn,
    scope: Scope,
    import: ImportId,
    outcome: Option<ImportOutcome>,
    (after, limit): (i64, i64),
) -> Result<Vec<Found>, StoreError> {
    let word = match outcome {
        Some(ImportOutcome::Updated) => Some("updated"),
        Some(ImportOutcome::Skipped) => Some("skipped"),
        Some(ImportOutcome::Unknown) => return Ok(Vec::new()),
        Some(ImportOutcome::Created) | None => None,
    };
    let only = if word.is_some() { "AND o.outcome = $5" } else { "" };
    let sql = format!(
        "SELECT o.position, o.object_id, o.outcome, o.undone, p.known_as, p.upn, p.reference
         FROM import_objects o LEFT JOIN pupils p ON p.id = o.object_id
         WHERE o.import_id = $2 AND o.position > $3 {only} AND (p.id IS NULL OR {})
         ORDER BY o.position LIMIT $4",
        scope.sees_pupil("p.id")
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(import).bind(after).bind(limit).bind(word).fetch_all(c).await)?)
}
