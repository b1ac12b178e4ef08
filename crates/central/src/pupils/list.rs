//! The list of pupils, as far as the reader may see them.

use lac_domain::{EstablishmentId, PupilId};
use lac_wire::{Page, Pupil, PupilFilter};
use sqlx::AssertSqlSafe;

use super::rows::load_pupils;
use crate::both;
use crate::error::Failure;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::Conn;

type Key = (String, PupilId);

/// A page of the pupils that a filter asks for, in order of the names that schools see.
pub(super) async fn list(conn: &mut Conn, scope: Scope, filter: &PupilFilter) -> Result<Page<Pupil>, Failure> {
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let words = prefixes(filter.search.as_deref());
    let size = page_size(filter.limit);
    let mut conditions = vec![scope.sees_pupil("p.id")];
    if filter.establishment_id.is_some() {
        conditions.push(
            "p.id IN (SELECT n.pupil_id FROM enrolments n WHERE n.establishment_id = $4
               AND n.start_on <= $2 AND (n.end_on IS NULL OR n.end_on >= $2))"
                .to_owned(),
        );
    }
    if after.is_some() {
        conditions.push("(p.known_as_key, p.id) > ($5, $6)".to_owned());
    }
    // A search may not tell what the row does not show.
    let open = if scope.is_la() { "" } else { " AND NOT w.la_only" };
    for at in 0..words.len() {
        let (from, to) = (7 + 2 * at, 8 + 2 * at);
        conditions.push(format!(
            "p.id IN (SELECT w.pupil_id FROM pupil_words w WHERE w.word >= ${from} AND w.word < ${to}{open})"
        ));
    }
    let sql = format!(
        "SELECT p.known_as_key, p.id FROM pupils p WHERE {} ORDER BY p.known_as_key, p.id LIMIT $3",
        conditions.join(" AND ")
    );
    let nobody = || (String::new(), PupilId(uuid::Uuid::nil()));
    let (known_as_key, id) = after.unwrap_or_else(nobody);
    let establishment = filter.establishment_id.unwrap_or(EstablishmentId(uuid::Uuid::nil()));
    let keys: Vec<Key> = both!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(scope.today).bind(rows_to_read(size)).bind(establishment).bind(known_as_key).bind(id);
        for word in words {
            query = query.bind(word.from).bind(word.to);
        }
        query.fetch_all(c).await
    })?;
    let page = page_of(keys, size, Key::clone)?;
    let rows = load_pupils(conn, scope, page.rows.into_iter().map(|(_, id)| id)).await?;
    Ok(Page {
        rows,
        after: page.after,
    })
}
