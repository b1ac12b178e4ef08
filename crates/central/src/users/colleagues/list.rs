//! Lists of requests: LA roles see all, others their own.

use std::collections::HashMap;

use lac_domain::{ColleagueRequestId, EstablishmentId, Role, Timestamp, UserId, UserStatus};
use lac_wire::{ColleagueFilter, ColleagueRequest, Page, RequestState, UserBrief};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::Conn;

#[derive(sqlx::FromRow)]
struct Row {
    id: ColleagueRequestId,
    asked_by: UserId,
    asker_first: String,
    asker_last: String,
    asked_at: Timestamp,
    establishment_id: EstablishmentId,
    establishment_name: String,
    first_name: String,
    last_name: String,
    email: String,
    email_key: String,
    job_title: String,
    state: String,
    decided_at: Option<Timestamp>,
    decider_first: Option<String>,
    decider_last: Option<String>,
    reason: Option<String>,
}

fn word(state: RequestState) -> &'static str {
    match state {
        RequestState::Waiting => "waiting",
        RequestState::Approved => "approved",
        RequestState::Refused => "refused",
        RequestState::Unknown => "unknown",
    }
}

/// SQL of the requests `r` that the reader may see; `$1` is who asks.
fn seen(scope: Scope) -> &'static str {
    if scope.is_la() { "TRUE" } else { "r.asked_by = $1" }
}

fn select(scope: Scope, and: &str) -> String {
    format!(
        "SELECT r.id, r.asked_by, a.first_name AS asker_first, a.last_name AS asker_last, r.asked_at, r.establishment_id,
           e.name AS establishment_name, r.first_name, r.last_name, r.email, r.email_key, r.job_title, r.state,
           r.decided_at, d.first_name AS decider_first, d.last_name AS decider_last, r.reason
         FROM colleague_requests r JOIN users a ON a.id = r.asked_by JOIN establishments e ON e.id = r.establishment_id
           LEFT JOIN users d ON d.id = r.decided_by
         WHERE {} AND {and}",
        seen(scope)
    )
}

/// A page of requests, the newest first.
///
/// # Errors
/// When the page is not known, or the database fails.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &ColleagueFilter,
) -> Result<Page<ColleagueRequest>, Failure> {
    let after: Option<(Timestamp, ColleagueRequestId)> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let mut and = vec!["TRUE"];
    if filter.state.is_some() {
        and.push("r.state = $2");
    }
    if after.is_some() {
        and.push("(r.asked_at, r.id) < ($4, $5)");
    }
    let sql = format!(
        "{} ORDER BY r.asked_at DESC, r.id DESC LIMIT $3",
        select(scope, &and.join(" AND "))
    );
    let (at, id) = after.map_or((None, ColleagueRequestId(Uuid::nil())), |(at, id)| (Some(at), id));
    let state = filter.state.map(word);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(state).bind(rows_to_read(size)).bind(at).bind(id).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| (row.asked_at, row.id))?;
    Ok(Page {
        rows: tell(conn, scope, page.rows).await?,
        after: page.after,
    })
}

/// One request.
///
/// # Errors
/// A refusal where there is none that the reader may see.
pub(super) async fn get(conn: &mut Conn, scope: Scope, id: ColleagueRequestId) -> Result<ColleagueRequest, Failure> {
    let sql = select(scope, "r.id = $2");
    let row: Option<Row> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(id).fetch_optional(c).await)?;
    let told = tell(conn, scope, row.into_iter().collect()).await?;
    let missing = || Refusal::not_found().denied("colleague.read", "colleague_request", id.0);
    Ok(told.into_iter().next().ok_or_else(missing)?)
}

/// How many requests wait, of those that the reader may see.
///
/// # Errors
/// When the database fails.
pub(super) async fn count_waiting(conn: &mut Conn, scope: Scope) -> Result<u32, StoreError> {
    let sql = format!(
        "SELECT COUNT(*) FROM colleague_requests r WHERE {} AND r.state = 'waiting'",
        seen(scope)
    );
    let count: i64 = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(scope.user).fetch_one(c).await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

async fn tell(conn: &mut Conn, scope: Scope, rows: Vec<Row>) -> Result<Vec<ColleagueRequest>, StoreError> {
    let mut existing = existing(conn, scope, &rows).await?;
    let told = rows.into_iter().map(|row| {
        let decider = row.decider_first.zip(row.decider_last).filter(|_| scope.is_la());
        ColleagueRequest {
            id: row.id,
            asked_by: row.asked_by,
            asked_by_name: format!("{} {}", row.asker_first, row.asker_last),
            asked_at: row.asked_at,
            establishment_id: row.establishment_id,
            establishment_name: row.establishment_name,
            first_name: row.first_name,
            last_name: row.last_name,
            email: row.email,
            job_title: row.job_title,
            state: match row.state.as_str() {
                "waiting" => RequestState::Waiting,
                "approved" => RequestState::Approved,
                "refused" => RequestState::Refused,
                _ => RequestState::Unknown,
            },
            decided_at: row.decided_at,
            decided_by: decider.map(|(first, last)| format!("{first} {last}")),
            reason: row.reason,
            existing: existing.remove(&row.email_key),
        }
    });
    Ok(told.collect())
}

#[derive(sqlx::FromRow)]
struct Holder {
    email_key: String,
    id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    job_title: String,
}

/// Who has the e-mail addresses of requests that wait, by address; for LA roles alone.
async fn existing(conn: &mut Conn, scope: Scope, rows: &[Row]) -> Result<HashMap<String, UserBrief>, StoreError> {
    let wanted: Vec<&str> = rows
        .iter()
        .filter(|row| row.state == "waiting")
        .map(|row| row.email_key.as_str())
        .collect();
    if !scope.is_la() || wanted.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT email_key, id, first_name, last_name, role, status, job_title FROM users WHERE email_key IN {}",
        conn.engine().texts("$1")
    );
    let wanted = serde_json::to_string(&wanted)?;
    let holders: Vec<Holder> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(wanted).fetch_all(c).await)?;
    let brief = |holder: Holder| {
        let brief = UserBrief {
            id: holder.id,
            first_name: holder.first_name,
            last_name: holder.last_name,
            role: holder.role,
            status: holder.status,
            job_title: holder.job_title,
        };
        (holder.email_key, brief)
    };
    Ok(holders.into_iter().map(brief).collect())
}
