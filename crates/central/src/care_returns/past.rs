//! The returns that were read, and what became of their proposals.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{CareReturnId, Timestamp};
use lac_wire::{Page, PastCareReturn};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    id: CareReturnId,
    as_at: NaiveDate,
    read_at: Timestamp,
    first_name: Option<String>,
    last_name: Option<String>,
    children: i64,
    episodes: i64,
    errors: i64,
    warnings: i64,
}

/// A page of the returns that were read, the newest first.
///
/// # Errors
/// When the role does not allow it, the page is not known, or the database fails.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<PastCareReturn>, Failure> {
    scope.require_la()?;
    let before: CareReturnId = read_after(after)?.unwrap_or(CareReturnId(uuid::Uuid::max()));
    let size = page_size(limit);
    let sql = "SELECT r.id, r.as_at, r.read_at, u.first_name, u.last_name, r.children, r.episodes, r.errors, r.warnings
               FROM care_returns r LEFT JOIN users u ON u.id = r.read_by
               WHERE r.id < $1 ORDER BY r.id DESC LIMIT $2";
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql)
        .bind(before).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.id)?;
    let became = became(conn, scope, page.rows.iter().map(|row| row.id)).await?;
    Ok(Page {
        rows: page.rows.into_iter().map(|row| past(row, &became)).collect(),
        after: page.after,
    })
}

type Became = HashMap<(CareReturnId, String), i64>;

/// How many proposals of each return wait, were done, were let go or refused: those about pupils whom the reader may see.
async fn became(
    conn: &mut Conn,
    scope: Scope,
    returns: impl Iterator<Item = CareReturnId>,
) -> Result<Became, StoreError> {
    let sql = format!(
        "SELECT c.return_id, c.outcome, COUNT(*) FROM care_proposals c JOIN pupils p ON p.id = c.pupil_id
         WHERE c.return_id IN {} AND NOT p.adopted AND {} GROUP BY c.return_id, c.outcome",
        conn.engine().ids("$2"),
        scope.sees_pupil("c.pupil_id")
    );
    let ids = hex_ids(returns);
    let rows: Vec<(CareReturnId, String, i64)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, outcome, count)| ((id, outcome), count))
        .collect())
}

fn past(row: Row, became: &Became) -> PastCareReturn {
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let of = |outcome: &str| number(became.get(&(row.id, outcome.to_owned())).copied().unwrap_or(0));
    PastCareReturn {
        id: row.id,
        as_at: row.as_at,
        read_at: row.read_at,
        read_by: row
            .first_name
            .zip(row.last_name)
            .map(|(first, last)| format!("{first} {last}")),
        children: number(row.children),
        episodes: number(row.episodes),
        errors: number(row.errors),
        warnings: number(row.warnings),
        waiting: of("waiting"),
        done: of("done"),
        let_go: of("let_go"),
        refused: of("refused"),
    }
}
