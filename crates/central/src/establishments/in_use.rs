//! Whether an establishment is in use here, as SQL over the table that goes by the name `e`. **`$1` is the user who
//! asks, `$2` the day.** What rests on pupils rests on those whom the user may see, so that nothing tells of others.

use chrono::NaiveDate;
use lac_domain::EstablishmentId;
use lac_wire::EstablishmentBrief;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::{Scope, looked_after};
use crate::storage::Conn;

/// True for an establishment that someone is or was linked to, or a pupil enrolled at.
pub(super) const EVER_IN_USE: &str =
    "(EXISTS (SELECT 1 FROM establishment_links tied WHERE tied.establishment_id = e.id)
    OR EXISTS (SELECT 1 FROM enrolments placed WHERE placed.establishment_id = e.id))";

/// A sub-query of the ids of all establishments that are or were in use: it goes from one to the next by the indexes,
/// so that it costs as much as there are such establishments, however many links and enrolments each has.
const EVER_IN_USE_IDS: &str = "(WITH RECURSIVE tied(id) AS (
      SELECT (SELECT l.establishment_id FROM establishment_links l ORDER BY l.establishment_id LIMIT 1)
      UNION ALL SELECT (SELECT l.establishment_id FROM establishment_links l WHERE l.establishment_id > tied.id
        ORDER BY l.establishment_id LIMIT 1) FROM tied WHERE tied.id IS NOT NULL),
    placed(id) AS (
      SELECT (SELECT n.establishment_id FROM enrolments n ORDER BY n.establishment_id LIMIT 1)
      UNION ALL SELECT (SELECT n.establishment_id FROM enrolments n WHERE n.establishment_id > placed.id
        ORDER BY n.establishment_id LIMIT 1) FROM placed WHERE placed.id IS NOT NULL)
    SELECT id FROM tied WHERE id IS NOT NULL UNION SELECT id FROM placed WHERE id IS NOT NULL)";

/// Links of today or later of users who may sign in or are invited: what stands after `FROM`.
pub(super) const LINKS: &str = "establishment_links tied JOIN users holder ON holder.id = tied.user_id
    WHERE tied.establishment_id = e.id AND (tied.end_on IS NULL OR tied.end_on >= $2) AND holder.status <> 'inactive'";

/// Enrolments of today or later of pupils whom the user may see: what stands after `FROM`.
pub(super) fn enrolments(scope: Scope) -> String {
    format!(
        "enrolments placed WHERE placed.establishment_id = e.id AND (placed.end_on IS NULL OR placed.end_on >= $2) AND {}",
        scope.sees_pupil("placed.pupil_id")
    )
}

/// True where someone is linked, or a pupil enrolled whom the user may see, today or later.
pub(super) fn tied(scope: Scope) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM {LINKS}) OR EXISTS (SELECT 1 FROM {}))",
        enrolments(scope)
    )
}

/// The same, for a list that shows these and no others.
pub(super) fn in_use(scope: Scope) -> String {
    format!("(e.id IN {EVER_IN_USE_IDS} AND {})", tied(scope))
}

/// Enrolments of today of looked-after pupils whom the user may see: what stands after `FROM`.
pub(super) fn pupils_today(scope: Scope) -> String {
    pupils_on(scope.today, &scope.sees_pupil("placed.pupil_id"))
}

// Here the day stands in the text, so that whoever asks has no second value to bind.
fn pupils_on(today: NaiveDate, seen: &str) -> String {
    format!(
        "enrolments placed JOIN pupils child ON child.id = placed.pupil_id
           WHERE placed.establishment_id = e.id AND placed.start_on <= '{today}'
           AND (placed.end_on IS NULL OR placed.end_on >= '{today}') AND {} AND {seen}",
        looked_after("child", today),
    )
}

/// True where nobody is linked today who can read a message, or was invited to.
fn no_reader(today: NaiveDate) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM establishment_links tied JOIN users holder ON holder.id = tied.user_id
           WHERE tied.establishment_id = e.id AND tied.start_on <= '{today}'
             AND (tied.end_on IS NULL OR tied.end_on >= '{today}') AND holder.status <> 'inactive')"
    )
}

/// True where a looked-after pupil is on roll today, and nobody can read a message about them.
pub(crate) fn nobody_to_read(scope: Scope) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM {}) AND {})",
        pupils_today(scope),
        no_reader(scope.today)
    )
}

/// How many establishments have a looked-after pupil whom the user may see, and nobody to read a message, and the first
/// of them by name.
pub(crate) async fn without_reader(
    conn: &mut Conn,
    scope: Scope,
    first: i64,
) -> Result<(i64, Vec<EstablishmentBrief>), StoreError> {
    let sql = format!(
        "SELECT e.id, e.name, COUNT(*) OVER () AS whole FROM establishments e
         WHERE e.joined_to IS NULL AND e.id IN {EVER_IN_USE_IDS} AND {} ORDER BY e.name_key, e.id LIMIT $2",
        nobody_to_read(scope)
    );
    let rows: Vec<(EstablishmentId, String, i64)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(first).fetch_all(c).await)?;
    let whole = rows.first().map_or(0, |(_, _, whole)| *whole);
    let brief = |(id, name, _): (EstablishmentId, String, i64)| EstablishmentBrief { id, name };
    Ok((whole, rows.into_iter().map(brief).collect()))
}

/// The same where no user asks: a restricted pupil counts nowhere.
pub(crate) fn nobody_to_read_at_all(today: NaiveDate) -> String {
    format!(
        "(EXISTS (SELECT 1 FROM {}) AND {})",
        pupils_on(today, "NOT child.restricted"),
        no_reader(today)
    )
}

/// True for an establishment that needs attention: closed and still in use, or a pupil there and nobody to read.
pub(super) fn attention(scope: Scope) -> String {
    format!(
        "(e.id IN {EVER_IN_USE_IDS} AND ((e.status = 'closed' AND {}) OR {}))",
        tied(scope),
        nobody_to_read(scope)
    )
}
