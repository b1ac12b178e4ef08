//! The whole trail, page by page and as a file, for LA Super Users.

use async_trait::async_trait;
use chrono::{NaiveDate, NaiveTime};
use lac_domain::Timestamp;
use lac_import::CsvText;
use lac_wire::{Page, Private, TrailFilter, TrailRow};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::{Failure, Refusal};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::users::trail::{COLUMNS, Row, told};
use crate::writer::{Job, Tx};

/// The most rows that a file holds.
const FILE_ROWS: usize = 50_000;
/// Rows read in one go for a file.
const GO: i64 = 1_000;

/// When a London day begins.
fn midnight(day: NaiveDate) -> Timestamp {
    Timestamp::from_london(day.and_time(NaiveTime::MIN))
}

/// The first and the last number of the days that are asked for. Numbers rise with time, so they are found by halving.
async fn numbers(conn: &mut Conn, filter: &TrailFilter) -> Result<(i64, i64), Failure> {
    let newest: i64 =
        both!(conn, c => sqlx::query_scalar("SELECT audit_number FROM counter WHERE id = 1").fetch_one(c).await)?;
    let first = match filter.from {
        Some(day) => first_not_before(conn, midnight(day), newest).await?,
        None => 1,
    };
    let last = match filter.to.and_then(|day| day.succ_opt()) {
        Some(day) => first_not_before(conn, midnight(day), newest).await? - 1,
        None => newest,
    };
    Ok((first, last))
}

/// The first number whose event is not before an instant; one beyond the newest where all are.
async fn first_not_before(conn: &mut Conn, at: Timestamp, newest: i64) -> Result<i64, Failure> {
    let (mut low, mut high) = (1, newest + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        let sql = "SELECT at FROM audit_events WHERE number = $1";
        let then: Option<Timestamp> = both!(conn, c => sqlx::query_scalar(sql).bind(middle).fetch_optional(c).await)?;
        if then.is_some_and(|then| then < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// What was done to a pupil, or to what is written about them.
const ABOUT_PUPIL: &str = "SELECT c.id FROM conversations c WHERE c.pupil_id = $n
    UNION ALL SELECT m.id FROM conversations c JOIN messages m ON m.conversation_id = c.id WHERE c.pupil_id = $n
    UNION ALL SELECT a.id FROM conversations c JOIN attachments a ON a.conversation_id = c.id WHERE c.pupil_id = $n";

/// The rows of a filter before a number, the newest first.
async fn rows(
    conn: &mut Conn,
    filter: &TrailFilter,
    (first, last): (i64, i64),
    many: i64,
) -> Result<Vec<Row>, Failure> {
    if filter
        .action
        .as_deref()
        .is_some_and(|action| super::actions::words_of(action).is_none())
    {
        return Ok(Vec::new());
    }
    let mut sql = format!("SELECT {COLUMNS} FROM audit_events e WHERE e.number BETWEEN $1 AND $2");
    let mut ids: Vec<Uuid> = Vec::new();
    for (condition, id) in [
        ("e.actor = $n", filter.by.map(Uuid::from)),
        (
            "e.object_id = $n AND e.object_kind = 'user'",
            filter.user_id.map(Uuid::from),
        ),
        (
            &*format!("e.object_id IN (SELECT $n UNION ALL {ABOUT_PUPIL})"),
            filter.pupil_id.map(Uuid::from),
        ),
    ] {
        if let Some(id) = id {
            ids.push(id);
            sql.push_str(" AND ");
            sql.push_str(&condition.replace("$n", &format!("${}", 3 + ids.len())));
        }
    }
    if filter.action.is_some() {
        sql.push_str(&format!(" AND e.action = ${}", 4 + ids.len()));
    }
    sql.push_str(" ORDER BY e.number DESC LIMIT $3");
    Ok(both!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql)).bind(first).bind(last).bind(many);
        for id in ids {
            query = query.bind(id);
        }
        if let Some(action) = &filter.action {
            query = query.bind(action);
        }
        query.fetch_all(c).await
    })?)
}

/// Refuses a pupil whom the reader may not see, as if there were none.
async fn require_pupil(conn: &mut Conn, scope: Scope, filter: &TrailFilter) -> Result<(), Failure> {
    let Some(pupil) = filter.pupil_id else {
        return Ok(());
    };
    if scope.may_see_pupil(conn, pupil).await? {
        Ok(())
    } else {
        Err(Refusal::not_found().denied("pupil.read", "pupil", pupil.0).into())
    }
}

/// A page of the trail.
///
/// # Errors
/// A refusal where a pupil may not be seen, or what failed.
pub(super) async fn list(conn: &mut Conn, scope: Scope, filter: &TrailFilter) -> Result<Page<TrailRow>, Failure> {
    require_pupil(conn, scope, filter).await?;
    let before: i64 = read_after(filter.after.as_deref())?.unwrap_or(i64::MAX);
    let size = page_size(filter.limit);
    let (first, last) = numbers(conn, filter).await?;
    let found = rows(
        conn,
        filter,
        (first, last.min(before.saturating_sub(1))),
        rows_to_read(size),
    )
    .await?;
    let page = page_of(found, size, |row| row.number)?;
    Ok(Page {
        rows: told(conn, scope, None, page.rows).await?,
        after: page.after,
    })
}

/// The trail as a CSV file that is safe to open in a spreadsheet, the newest first.
///
/// # Errors
/// A refusal where it would be too long, or what failed.
pub(super) async fn file(conn: &mut Conn, scope: Scope, filter: &TrailFilter) -> Result<(usize, Vec<u8>), Failure> {
    require_pupil(conn, scope, filter).await?;
    let (first, mut last) = numbers(conn, filter).await?;
    let mut csv = CsvText::new();
    csv.row(["Number", "When (London)", "Who", "What", "About", "Import"]);
    let mut count = 0;
    loop {
        let found = rows(conn, filter, (first, last), GO).await?;
        let Some(oldest) = found.last().map(|row| row.number) else {
            return Ok((count, csv.into_bytes()));
        };
        count += found.len();
        if count > FILE_ROWS {
            let message = "These are more than 50,000 rows. Choose fewer days, or a user, and export again.";
            return Err(Refusal::field("from", message).into());
        }
        for row in told(conn, scope, None, found).await? {
            csv.row([
                &*row.number.to_string(),
                &row.at.london().format("%Y-%m-%d %H:%M:%S").to_string(),
                row.by.as_deref().unwrap_or("The store itself"),
                &row.what,
                row.about.as_ref().map_or("", Private::reveal),
                &row.import_id.map(|id| id.to_string()).unwrap_or_default(),
            ]);
        }
        last = oldest - 1;
    }
}

/// Notes that the trail was exported.
pub(super) struct Exported {
    pub(super) filter: TrailFilter,
    pub(super) rows: usize,
}

#[async_trait]
impl Job for Exported {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let TrailFilter {
            by,
            action,
            user_id,
            pupil_id,
            from,
            to,
            ..
        } = &self.filter;
        // What it was asked by is the caller's text: only an action that there is.
        let action = action
            .as_deref()
            .filter(|action| super::actions::words_of(action).is_some());
        let detail = serde_json::json!({
            "rows": self.rows, "by": by, "action": action, "user": user_id, "pupil": pupil_id, "from": from, "to": to,
        });
        tx.audit("trail.exported", "store", None, &detail);
        Ok(())
    }
}
