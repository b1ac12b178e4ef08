//! The list of establishments: what a filter asks for, page by page.

use std::collections::HashMap;

use lac_domain::EstablishmentId;
use lac_wire::{Establishment, EstablishmentChoices, EstablishmentFilter, EstablishmentSort, InUse, Page};
use sqlx::AssertSqlSafe;

use super::in_use;
use super::rows::{COLUMNS, Row, sees_establishment};
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::{Conn, hex_ids};

/// What the list is sorted by before the name (empty where it is by name), the name's key, the id.
type Key = (String, String, EstablishmentId);

/// A page of the establishments that a filter asks for.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &EstablishmentFilter,
) -> Result<Page<Establishment>, Failure> {
    let mut page = if filter.in_use_first == Some(true) {
        in_use_first(conn, scope, filter).await?
    } else {
        by_key(conn, scope, filter, Use::Asked).await?
    };
    if scope.is_la() {
        let ids: Vec<EstablishmentId> = page.rows.iter().map(|row| row.id).collect();
        let mut here = here(conn, scope, &ids).await?;
        for row in &mut page.rows {
            row.here = here.remove(&row.id);
        }
    }
    Ok(page)
}

/// Whether establishments in use are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// As the filter says.
    Asked,
    /// Those in use.
    Ours,
    /// All others.
    Others,
}

/// Those in use first, and when something is looked for also the others, in one page: for choosing one.
async fn in_use_first(
    conn: &mut Conn,
    scope: Scope,
    filter: &EstablishmentFilter,
) -> Result<Page<Establishment>, Failure> {
    let size = page_size(filter.limit);
    let mut page = by_key(conn, scope, filter, Use::Ours).await?;
    let left = size - page.rows.len().min(size);
    if left > 0 && !prefixes(filter.search.as_deref()).is_empty() {
        let rest = EstablishmentFilter {
            limit: u32::try_from(left).ok(),
            ..filter.clone()
        };
        page.rows
            .append(&mut by_key(conn, scope, &rest, Use::Others).await?.rows);
    }
    page.after = None;
    Ok(page)
}

/// The statement of a list, and the texts that it is given from `$7` on.
pub(super) fn statement(scope: Scope, filter: &EstablishmentFilter, used: Use, goes_on: bool) -> (String, Vec<String>) {
    let mut texts = Vec::new();
    let mut conditions = vec!["e.joined_to IS NULL".to_owned(), sees_establishment(scope, "e.id")];
    if filter.only_closed == Some(true) {
        conditions.push("e.status = 'closed'".to_owned());
    } else if !filter.closed && filter.attention != Some(true) {
        conditions.push("e.status <> 'closed'".to_owned());
    }
    match used {
        Use::Asked if filter.in_use => conditions.push(in_use::in_use(scope)),
        Use::Asked => {}
        Use::Ours => conditions.push(in_use::in_use(scope)),
        Use::Others => conditions.push(format!("NOT {}", in_use::tied(scope))),
    }
    if filter.attention == Some(true) {
        conditions.push(in_use::attention(scope));
    }
    if filter.by_hand == Some(true) {
        conditions.push("e.urn IS NULL".to_owned());
    }
    let mut bound = |text: String| {
        texts.push(text);
        format!("${}", 6 + texts.len())
    };
    if let Some(phase) = &filter.phase {
        conditions.push(format!("e.phase = {}", bound(phase.clone())));
    }
    if let Some(la_name) = &filter.la_name {
        conditions.push(format!("e.la_name = {}", bound(la_name.clone())));
    }
    for word in prefixes(filter.search.as_deref()) {
        let (from, to) = (bound(word.from), bound(word.to));
        conditions.push(format!(
            "e.id IN (SELECT w.establishment_id FROM establishment_words w WHERE w.word >= {from} AND w.word < {to})"
        ));
    }
    let first = first_column(filter);
    if goes_on {
        conditions.push(match first {
            Some(first) => format!("({first}, e.name_key, e.id) > ($4, $5, $6)"),
            None => "(e.name_key, e.id) > ($5, $6)".to_owned(),
        });
    }
    let first = first.map(|first| format!("{first}, ")).unwrap_or_default();
    let sql = format!(
        "SELECT {COLUMNS} FROM establishments e WHERE {} ORDER BY {first}e.name_key, e.id LIMIT $3",
        conditions.join(" AND ")
    );
    (sql, texts)
}

fn first_column(filter: &EstablishmentFilter) -> Option<&'static str> {
    match filter.sort.unwrap_or_default() {
        EstablishmentSort::Name | EstablishmentSort::Unknown => None,
        EstablishmentSort::LocalAuthority => Some("e.la_name"),
        EstablishmentSort::Phase => Some("e.phase"),
    }
}

async fn by_key(
    conn: &mut Conn,
    scope: Scope,
    filter: &EstablishmentFilter,
    used: Use,
) -> Result<Page<Establishment>, Failure> {
    let after: Option<Key> = match used {
        Use::Asked => read_after(filter.after.as_deref())?,
        Use::Ours | Use::Others => None,
    };
    let size = page_size(filter.limit);
    let (sql, texts) = statement(scope, filter, used, after.is_some());
    // Bound in any case; without a page before, no condition looks at it.
    let (first, name_key, id) =
        after.unwrap_or_else(|| (String::new(), String::new(), EstablishmentId(uuid::Uuid::nil())));
    let rows: Vec<Row> = both!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(scope.today).bind(rows_to_read(size)).bind(first).bind(name_key).bind(id);
        for text in texts {
            query = query.bind(text);
        }
        query.fetch_all(c).await
    })?;
    let sort = filter.sort.unwrap_or_default();
    let page = page_of(rows, size, |row| {
        let first = match sort {
            EstablishmentSort::Name | EstablishmentSort::Unknown => String::new(),
            EstablishmentSort::LocalAuthority => row.la_name.clone(),
            EstablishmentSort::Phase => row.phase.clone(),
        };
        (first, row.name_key.clone(), row.id)
    })?;
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

/// What ties establishments to the authority today.
pub(super) async fn here(
    conn: &mut Conn,
    scope: Scope,
    ids: &[EstablishmentId],
) -> Result<HashMap<EstablishmentId, InUse>, StoreError> {
    let sql = format!(
        "SELECT e.id, (SELECT COUNT(DISTINCT tied.user_id) FROM {links}),
           (SELECT COUNT(DISTINCT placed.pupil_id) FROM {pupils}),
           (e.status = 'closed' AND {tied}), {nobody}
         FROM establishments e WHERE e.id IN {ids}",
        links = in_use::LINKS,
        pupils = in_use::pupils_today(scope),
        tied = in_use::tied(scope),
        nobody = in_use::nobody_to_read(scope),
        ids = conn.engine().ids("$3"),
    );
    let ids = hex_ids(ids.iter().copied());
    let rows: Vec<(EstablishmentId, i64, i64, bool, bool)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(ids).fetch_all(c).await)?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(rows
        .into_iter()
        .map(|(id, users, pupils, closed_in_use, nobody_to_read)| {
            let here = InUse {
                users: count(users),
                pupils: count(pupils),
                closed_in_use,
                nobody_to_read,
            };
            (id, here)
        })
        .collect())
}

/// The phases and local authorities that there are, from the indexes.
pub(super) async fn choices(conn: &mut Conn) -> Result<EstablishmentChoices, StoreError> {
    let distinct = |column: &str| {
        format!(
            "WITH RECURSIVE one(word) AS (
               SELECT (SELECT e.{column} FROM establishments e WHERE e.{column} > '' ORDER BY e.{column} LIMIT 1)
               UNION ALL SELECT (SELECT e.{column} FROM establishments e WHERE e.{column} > one.word
                 ORDER BY e.{column} LIMIT 1) FROM one WHERE one.word IS NOT NULL)
             SELECT word FROM one WHERE word IS NOT NULL"
        )
    };
    let sql = distinct("phase");
    let phases = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(c).await)?;
    let sql = distinct("la_name");
    let la_names = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(c).await)?;
    Ok(EstablishmentChoices { phases, la_names })
}
