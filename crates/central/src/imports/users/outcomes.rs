//! Who came by an import, whom it changed, and whom it left as they were.

use lac_domain::{ImportId, UserId};
use lac_wire::{ImportOutcome, ImportedOne, OutcomeFilter, Page};
use serde::{Deserialize, Serialize};

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::storage::Conn;

/// Where a page goes on: among those created by their ids, then among the others by their position.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Key {
    Created(UserId),
    Found(i64),
}

#[derive(sqlx::FromRow)]
struct Created {
    id: UserId,
    first_name: String,
    last_name: String,
    email: String,
}

#[derive(sqlx::FromRow)]
struct Found {
    position: i64,
    object_id: uuid::Uuid,
    outcome: String,
    undone: bool,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
}

/// A page: those created first, then those found, in the file's order.
pub(super) async fn page(
    conn: &mut Conn,
    import: ImportId,
    filter: &OutcomeFilter,
) -> Result<Page<ImportedOne>, Failure> {
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let mut rows: Vec<(Key, ImportedOne)> = Vec::new();
    let wants = |outcome| filter.outcome.is_none_or(|wanted| wanted == outcome);
    if wants(ImportOutcome::Created) && !matches!(after, Some(Key::Found(_))) {
        let after = match after {
            Some(Key::Created(id)) => id,
            _ => UserId(uuid::Uuid::nil()),
        };
        rows.extend(
            created(conn, import, after, rows_to_read(size))
                .await?
                .into_iter()
                .map(|one| {
                    let name = format!("{} {}", one.first_name, one.last_name);
                    let key = Key::Created(one.id);
                    let row = ImportedOne {
                        id: one.id.into(),
                        outcome: ImportOutcome::Created,
                        name,
                        detail: one.email,
                        undone: false,
                    };
                    (key, row)
                }),
        );
    }
    if rows.len() <= size && filter.outcome != Some(ImportOutcome::Created) {
        let after = match after {
            Some(Key::Found(position)) => position,
            _ => -1,
        };
        let more = rows_to_read(size - rows.len());
        rows.extend(
            found(conn, import, filter.outcome, after, more)
                .await?
                .into_iter()
                .map(|one| {
                    let outcome = if one.outcome == "updated" {
                        ImportOutcome::Updated
                    } else {
                        ImportOutcome::Skipped
                    };
                    let name = one.first_name.zip(one.last_name).map_or_else(
                        || "A user who has been removed since".to_owned(),
                        |(first, last)| format!("{first} {last}"),
                    );
                    let row = ImportedOne {
                        id: one.object_id,
                        outcome,
                        name,
                        detail: one.email.unwrap_or_default(),
                        undone: one.undone,
                    };
                    (Key::Found(one.position), row)
                }),
        );
    }
    let page = page_of(rows, size, |(key, _)| *key)?;
    Ok(Page {
        rows: page.rows.into_iter().map(|(_, row)| row).collect(),
        after: page.after,
    })
}

async fn created(conn: &mut Conn, import: ImportId, after: UserId, limit: i64) -> Result<Vec<Created>, StoreError> {
    let sql =
        "SELECT id, first_name, last_name, email FROM users WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(import).bind(after).bind(limit).fetch_all(c).await)?)
}

async fn found(
    conn: &mut Conn,
    import: ImportId,
    outcome: Option<ImportOutcome>,
    after: i64,
    limit: i64,
) -> Result<Vec<Found>, StoreError> {
    let word = match outcome {
        Some(ImportOutcome::Updated) => Some("updated"),
        Some(ImportOutcome::Skipped) => Some("skipped"),
        Some(ImportOutcome::Unknown) => return Ok(Vec::new()),
        Some(ImportOutcome::Created) | None => None,
    };
    let sql = if word.is_some() {
        "SELECT o.position, o.object_id, o.outcome, o.undone, u.first_name, u.last_name, u.email
         FROM import_objects o LEFT JOIN users u ON u.id = o.object_id
         WHERE o.import_id = $1 AND o.position > $2 AND o.outcome = $4 ORDER BY o.position LIMIT $3"
    } else {
        "SELECT o.position, o.object_id, o.outcome, o.undone, u.first_name, u.last_name, u.email
         FROM import_objects o LEFT JOIN users u ON u.id = o.object_id
         WHERE o.import_id = $1 AND o.position > $2 ORDER BY o.position LIMIT $3"
    };
    Ok(both!(conn, c => sqlx::query_as(sql)
        .bind(import).bind(after).bind(limit).bind(word).fetch_all(c).await)?)
}
