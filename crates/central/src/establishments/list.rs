//! The list of establishments, and one establishment's page.

use lac_domain::{Capacity, EstablishmentId, UserId};
use lac_wire::{Establishment, EstablishmentFilter, EstablishmentPage, LinkedUser, Page};
use sqlx::AssertSqlSafe;

use super::rows::{COLUMNS, Row, load_establishments, sees_establishment};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::Conn;

type Key = (String, EstablishmentId);

/// A page of the establishments that a filter asks for, in order of name.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &EstablishmentFilter,
) -> Result<Page<Establishment>, Failure> {
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let words = prefixes(filter.search.as_deref());
    let size = page_size(filter.limit);
    let mut conditions = vec![sees_establishment(scope, "e.id")];
    if !filter.closed {
        conditions.push("e.status <> 'closed'".to_owned());
    }
    if filter.in_use {
        conditions.push(IN_USE.to_owned());
    }
    if after.is_some() {
        conditions.push("(e.name_key, e.id) > ($4, $5)".to_owned());
    }
    for at in 0..words.len() {
        let (from, to) = (6 + 2 * at, 7 + 2 * at);
        conditions.push(format!(
            "e.id IN (SELECT w.establishment_id FROM establishment_words w WHERE w.word >= ${from} AND w.word < ${to})"
        ));
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM establishments e WHERE {} ORDER BY e.name_key, e.id LIMIT $3",
        conditions.join(" AND ")
    );
    // Bound in any case; without a page before, no condition looks at it.
    let (name_key, id) = after.unwrap_or_else(|| (String::new(), EstablishmentId(uuid::Uuid::nil())));
    let rows: Vec<Row> = both!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(scope.today).bind(rows_to_read(size)).bind(name_key).bind(id);
        for word in words {
            query = query.bind(word.from).bind(word.to);
        }
        query.fetch_all(c).await
    })?;
    let page = page_of(rows, size, |row| (row.name_key.clone(), row.id))?;
    let rows = page
        .rows
        .into_iter()
        .map(Establishment::try_from)
        .collect::<Result<_, StoreError>>()?;
    Ok(Page {
        rows,
        after: page.after,
    })
}

/// SQL that is true for an establishment that someone is linked to, or a pupil enrolled at.
pub(super) const IN_USE: &str = "(EXISTS (SELECT 1 FROM establishment_links tied WHERE tied.establishment_id = e.id)
    OR EXISTS (SELECT 1 FROM enrolments placed WHERE placed.establishment_id = e.id))";

#[derive(sqlx::FromRow)]
struct LinkedRow {
    user_id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: chrono::NaiveDate,
    end_on: Option<chrono::NaiveDate>,
}

/// An establishment with the users linked to it today or later whose names the reader may see, and how many
/// pupils there today the reader may see.
pub(super) async fn page(conn: &mut Conn, scope: Scope, id: EstablishmentId) -> Result<EstablishmentPage, Failure> {
    let found = load_establishments(conn, scope, [id]).await?.into_iter().next();
    let establishment =
        found.ok_or_else(|| Refusal::not_found().denied("establishment.read", "establishment", id.0))?;
    let sql = format!(
        "SELECT l.user_id, u.first_name, u.last_name, l.capacity, l.start_on, l.end_on
         FROM establishment_links l JOIN users u ON u.id = l.user_id
         WHERE l.establishment_id = $3 AND (l.end_on IS NULL OR l.end_on >= $2) AND u.status <> 'inactive' AND {}
         ORDER BY u.name_key, u.id, l.start_on",
        scope.sees_person("u")
    );
    let linked: Vec<LinkedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(id).fetch_all(c).await)?;
    let sql = format!(
        "SELECT COUNT(DISTINCT p.pupil_id) FROM enrolments p WHERE p.establishment_id = $3
           AND p.start_on <= $2 AND (p.end_on IS NULL OR p.end_on >= $2) AND {}",
        scope.sees_pupil("p.pupil_id")
    );
    let pupils: i64 = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(id).fetch_one(c).await)?;
    let linked_users = linked
        .into_iter()
        .map(|row| LinkedUser {
            user_id: row.user_id,
            name: format!("{} {}", row.first_name, row.last_name),
            capacity: row.capacity,
            start: row.start_on,
            end: row.end_on,
        })
        .collect();
    Ok(EstablishmentPage {
        establishment,
        linked_users,
        pupils: u32::try_from(pupils).unwrap_or(u32::MAX),
    })
}
