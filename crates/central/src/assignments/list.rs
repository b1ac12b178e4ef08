//! Lists of assignments from either side, and of whom might be assigned.

use lac_domain::{AssignmentId, PupilId, UserId};
use lac_wire::{Assignment, AssignmentFilter, Page, PupilBrief, UserBrief};
use sqlx::AssertSqlSafe;

use super::brief::{load_pupil_briefs, load_user_briefs};
use super::rows;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::Conn;

/// Conditions that a word of a table of words begins with each of the words looked for: from `$first` on.
fn found_by(table: &str, id: &str, of: &str, words: usize, first: usize) -> String {
    (0..words)
        .map(|at| {
            let (from, to) = (first + 2 * at, first + 1 + 2 * at);
            format!(" AND {of} IN (SELECT w.{id} FROM {table} w WHERE w.word >= ${from} AND w.word < ${to})")
        })
        .collect()
}

/// Runs a list's SQL: `$1` is who asks, `$2` the day, `$3` whose list, `$4` how many rows, `$5` and `$6` where it goes
/// on, and from `$7` on the words looked for. Answers keys and ids.
macro_rules! page_keys {
    ($conn:expr, $scope:expr, $of:expr, $filter:expr, $words:expr, $sql:expr, $id:ty) => {{
        let after: Option<(String, $id)> = read_after($filter.after.as_deref())?;
        let size = page_size($filter.limit);
        let (key, id) = after.unwrap_or_else(|| (String::new(), <$id>::from(uuid::Uuid::nil())));
        let rows: Vec<(String, $id)> = both!($conn, c => {
            let mut query = sqlx::query_as(AssertSqlSafe($sql))
                .bind($scope.user).bind($scope.today).bind($of).bind(rows_to_read(size)).bind(key).bind(id);
            for word in $words {
                query = query.bind(word.from).bind(word.to);
            }
            query.fetch_all(c).await
        })?;
        page_of(rows, size, Clone::clone)?
    }};
}

/// Where a page goes on, in SQL; true from the start, since a key is never empty.
fn beyond(key: &str, id: &str) -> String {
    format!("({key}, {id}) > ($5, $6)")
}

/// SQL that is true for assignments `a` that a list shows.
fn days(filter: &AssignmentFilter) -> &'static str {
    if filter.ended {
        "TRUE"
    } else {
        "(a.end_on IS NULL OR a.end_on >= $2)"
    }
}

/// A page of a user's assignments, in order of the pupils' names; for LA roles alone, of pupils whom they may see.
///
/// # Errors
/// A refusal for other roles, and where there is no such user.
pub(super) async fn of_user(
    conn: &mut Conn,
    scope: Scope,
    user: UserId,
    filter: &AssignmentFilter,
) -> Result<Page<Assignment>, Failure> {
    require_user(conn, scope, user).await?;
    let words = prefixes(filter.search.as_deref());
    let sql = format!(
        "SELECT p.known_as_key, a.id FROM assignments a JOIN pupils p ON p.id = a.pupil_id
         WHERE a.user_id = $3 AND {} AND {} AND {}{} ORDER BY p.known_as_key, a.id LIMIT $4",
        days(filter),
        scope.sees_pupil("p.id"),
        beyond("p.known_as_key", "a.id"),
        found_by("pupil_words", "pupil_id", "p.id", words.len(), 7)
    );
    let page = page_keys!(conn, scope, user, filter, words, sql, AssignmentId);
    load(conn, scope, page).await
}

/// A page of a pupil's assignments, in order of the users' names. LA roles see all; others those that hold today, to
/// users whom the rules let them know, and no focus list.
///
/// # Errors
/// A refusal where the reader may not see the pupil.
pub(super) async fn of_pupil(
    conn: &mut Conn,
    scope: Scope,
    pupil: PupilId,
    filter: &AssignmentFilter,
) -> Result<Page<Assignment>, Failure> {
    require_pupil(conn, scope, pupil).await?;
    let words = prefixes(filter.search.as_deref());
    let known = if scope.is_la() {
        days(filter).to_owned()
    } else {
        format!(
            "a.start_on <= $2 AND (a.end_on IS NULL OR a.end_on >= $2)
             AND u.role IN ('social_worker', 'other_professional') AND u.status <> 'inactive' AND {}",
            scope.sees_person("u")
        )
    };
    let sql = format!(
        "SELECT u.name_key, a.id FROM assignments a JOIN users u ON u.id = a.user_id
         WHERE a.pupil_id = $3 AND {known} AND {}{} ORDER BY u.name_key, a.id LIMIT $4",
        beyond("u.name_key", "a.id"),
        found_by("user_words", "user_id", "u.id", words.len(), 7)
    );
    let page = page_keys!(conn, scope, pupil, filter, words, sql, AssignmentId);
    load(conn, scope, page).await
}

/// A page of the pupils who are not assigned to a user today or later, in order of their names; for LA roles alone.
///
/// # Errors
/// A refusal for other roles, and where there is no such user.
pub(super) async fn pupils_for(
    conn: &mut Conn,
    scope: Scope,
    user: UserId,
    filter: &AssignmentFilter,
) -> Result<Page<PupilBrief>, Failure> {
    require_user(conn, scope, user).await?;
    let words = prefixes(filter.search.as_deref());
    let sql = format!(
        "SELECT p.known_as_key, p.id FROM pupils p
         WHERE NOT p.adopted AND {} AND {}{}
           AND NOT EXISTS (SELECT 1 FROM assignments a
             WHERE a.user_id = $3 AND a.pupil_id = p.id AND (a.end_on IS NULL OR a.end_on >= $2))
         ORDER BY p.known_as_key, p.id LIMIT $4",
        scope.sees_pupil("p.id"),
        beyond("p.known_as_key", "p.id"),
        found_by("pupil_words", "pupil_id", "p.id", words.len(), 7)
    );
    let page = page_keys!(conn, scope, user, filter, words, sql, PupilId);
    let mut briefs = load_pupil_briefs(conn, scope, page.rows.iter().map(|(_, id)| *id)).await?;
    Ok(Page {
        rows: page.rows.iter().filter_map(|(_, id)| briefs.remove(id)).collect(),
        after: page.after,
    })
}

/// A page of the users who might be assigned to a pupil and are not, in order of their names; for LA roles alone.
///
/// # Errors
/// A refusal for other roles, and where the reader may not see the pupil.
pub(super) async fn users_for(
    conn: &mut Conn,
    scope: Scope,
    pupil: PupilId,
    filter: &AssignmentFilter,
) -> Result<Page<UserBrief>, Failure> {
    scope.require_la()?;
    require_pupil(conn, scope, pupil).await?;
    let words = prefixes(filter.search.as_deref());
    let sql = format!(
        "SELECT u.name_key, u.id FROM users u
         WHERE u.role <> 'designated_teacher' AND u.status <> 'inactive' AND {}{}
           AND NOT EXISTS (SELECT 1 FROM assignments a
             WHERE a.user_id = u.id AND a.pupil_id = $3 AND (a.end_on IS NULL OR a.end_on >= $2))
           AND NOT EXISTS (SELECT 1 FROM bars b WHERE b.user_id = u.id AND b.pupil_id = $3)
         ORDER BY u.name_key, u.id LIMIT $4",
        beyond("u.name_key", "u.id"),
        found_by("user_words", "user_id", "u.id", words.len(), 7)
    );
    let page = page_keys!(conn, scope, pupil, filter, words, sql, UserId);
    let mut briefs = load_user_briefs(conn, scope, page.rows.iter().map(|(_, id)| *id)).await?;
    Ok(Page {
        rows: page.rows.iter().filter_map(|(_, id)| briefs.remove(id)).collect(),
        after: page.after,
    })
}

async fn require_user(conn: &mut Conn, scope: Scope, user: UserId) -> Result<(), Failure> {
    scope.require_la()?;
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1)";
    let there: bool = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
    if there {
        return Ok(());
    }
    Err(Refusal::not_found().denied("assignment.list", "user", user.0).into())
}

async fn require_pupil(conn: &mut Conn, scope: Scope, pupil: PupilId) -> Result<(), Failure> {
    if scope.may_see_pupil(conn, pupil).await? {
        return Ok(());
    }
    Err(Refusal::not_found().denied("assignment.list", "pupil", pupil.0).into())
}

/// Loads the assignments of a page, in its order.
async fn load(conn: &mut Conn, scope: Scope, page: Page<(String, AssignmentId)>) -> Result<Page<Assignment>, Failure> {
    let found = rows::by_ids(conn, page.rows.iter().map(|(_, id)| *id)).await?;
    let pupils = load_pupil_briefs(conn, scope, found.iter().map(|one| one.pupil_id)).await?;
    let users = load_user_briefs(conn, scope, found.iter().map(|one| one.user_id)).await?;
    let one = |id: &AssignmentId| -> Result<Assignment, StoreError> {
        let gone = StoreError::Inconsistent("an assignment that was listed cannot be loaded");
        let row = found.iter().find(|row| row.id == *id);
        let loaded = row.and_then(|row| {
            Some(Assignment {
                id: row.id,
                user: users.get(&row.user_id)?.clone(),
                pupil: pupils.get(&row.pupil_id)?.clone(),
                start: row.start_on,
                end: row.end_on,
                reads_all: row.reads_all,
            })
        });
        loaded.ok_or(gone)
    };
    Ok(Page {
        rows: page.rows.iter().map(|(_, id)| one(id)).collect::<Result<_, _>>()?,
        after: page.after,
    })
}
