//! People as a reader may see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{Role, UserId, UserStatus};
use lac_wire::{Away, Person};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};
use crate::users::joined_away;

#[derive(sqlx::FromRow)]
struct Row {
    id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    job_title: String,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    email: String,
    phone: String,
    may_write: bool,
    away_until: Option<NaiveDate>,
    cover_id: Option<UserId>,
}

const COLUMNS: &str = "u.id, u.first_name, u.last_name, u.role, u.job_title, u.status, u.email, u.phone,
    a.until_on AS away_until, cover.id AS cover_id";

/// Loads people by their ids, in order of id; those whose names the reader may not see are left out.
pub(super) async fn load_people(
    conn: &mut Conn,
    scope: Scope,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<Vec<Person>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, {} AS may_write FROM users u {} WHERE u.id IN {} AND {} ORDER BY u.id",
        scope.may_write_to("u"),
        joined_away(scope),
        conn.engine().ids("$3"),
        scope.sees_person("u"),
    );
    let ids = hex_ids(ids);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(ids).fetch_all(c).await)?;
    finish(conn, scope, rows).await
}

/// A page of all people whose names the reader may see, in order of id.
pub(super) async fn people_page(
    conn: &mut Conn,
    scope: Scope,
    after: UserId,
    limit: u32,
) -> Result<Vec<Person>, StoreError> {
    let visible = if scope.is_la() {
        "TRUE".to_owned()
    } else {
        format!("u.id IN {}", scope.people())
    };
    let sql = format!(
        "SELECT {COLUMNS}, {} AS may_write FROM users u {} WHERE u.id > $3 AND {visible} ORDER BY u.id LIMIT $4",
        scope.may_write_to("u"),
        joined_away(scope),
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(after).bind(i64::from(limit)).fetch_all(c).await)?;
    finish(conn, scope, rows).await
}

async fn finish(conn: &mut Conn, scope: Scope, rows: Vec<Row>) -> Result<Vec<Person>, StoreError> {
    let sql = format!(
        "SELECT DISTINCT l.user_id, e.name FROM establishment_links l JOIN establishments e ON e.id = l.establishment_id
         WHERE l.user_id IN {} AND l.start_on <= $1 AND (l.end_on IS NULL OR l.end_on >= $1) ORDER BY l.user_id, e.name",
        conn.engine().ids("$2")
    );
    let ids = hex_ids(rows.iter().map(|row| row.id));
    let links: Vec<(UserId, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.today).bind(ids).fetch_all(c).await)?;
    let mut establishments: HashMap<UserId, Vec<String>> = HashMap::new();
    for (user, name) in links {
        establishments.entry(user).or_default().push(name);
    }
    let person = |row: Row| Person {
        id: row.id,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role,
        job_title: row.job_title,
        establishments: establishments.remove(&row.id).unwrap_or_default(),
        may_write: row.may_write && row.id != scope.user && row.status != UserStatus::Inactive,
        status: row.status,
        email: scope.is_la().then_some(row.email),
        phone: scope.is_la().then_some(row.phone),
        away: row.away_until.map(|until| Away {
            until,
            cover: row.cover_id,
        }),
    };
    Ok(rows.into_iter().map(person).collect())
}
