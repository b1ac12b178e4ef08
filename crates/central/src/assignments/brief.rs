//! Users and pupils in a few words, as far as the reader may see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{PupilId, Role, UserId, UserStatus};
use lac_wire::{Pupil, PupilBrief, UserBrief};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::pupils::load_pupils;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// A pupil in a few words.
fn brief_of_pupil(pupil: Pupil, today: NaiveDate) -> PupilBrief {
    let here = |start: NaiveDate, end: Option<NaiveDate>| start <= today && end.is_none_or(|end| today <= end);
    let now = pupil.enrolments.iter().filter(|one| here(one.start, one.end));
    let mut establishments: Vec<String> = now.map(|one| one.establishment_name.clone()).collect();
    establishments.dedup();
    PupilBrief {
        id: pupil.id,
        known_as: pupil.known_as,
        born: pupil.born,
        year_group: pupil.year_group,
        looked_after: pupil.looked_after,
        establishments,
    }
}

/// Loads pupils in a few words, by their ids; those whom the reader may not see are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_pupil_briefs(
    conn: &mut Conn,
    scope: Scope,
    ids: impl IntoIterator<Item = PupilId>,
) -> Result<HashMap<PupilId, PupilBrief>, StoreError> {
    let pupils = load_pupils(conn, scope, ids).await?.into_iter();
    Ok(pupils
        .map(|pupil| (pupil.id, brief_of_pupil(pupil, scope.today)))
        .collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    job_title: String,
}

/// Loads users in a few words, by their ids; those whose names the reader may not see are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_user_briefs(
    conn: &mut Conn,
    scope: Scope,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, UserBrief>, StoreError> {
    let sql = format!(
        "SELECT u.id, u.first_name, u.last_name, u.role, u.status, u.job_title FROM users u
         WHERE u.id IN {} AND {}",
        conn.engine().ids("$3"),
        scope.sees_person("u")
    );
    let ids = hex_ids(ids);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(ids).fetch_all(c).await)?;
    let brief = |row: Row| UserBrief {
        id: row.id,
        first_name: row.first_name,
        last_name: row.last_name,
        role: row.role,
        status: row.status,
        job_title: row.job_title,
    };
    Ok(rows.into_iter().map(|row| (row.id, brief(row))).collect())
}
