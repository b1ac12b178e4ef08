//! The proposals that wait for a person.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, CareProposalId, PupilId};
use lac_wire::{CareProposal, CareTime, Page};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    id: CareProposalId,
    pupil_id: PupilId,
    known_as: String,
    reference: Option<String>,
    care_period_id: Option<CarePeriodId>,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
    as_at: NaiveDate,
}

/// A page of the proposals about pupils whom the reader may see.
///
/// # Errors
/// When the page is not known, or the database fails.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<CareProposal>, Failure> {
    scope.require_la()?;
    let after: CareProposalId = read_after(after)?.unwrap_or(CareProposalId(uuid::Uuid::nil()));
    let size = page_size(limit);
    let sql = format!(
        "SELECT c.id, c.pupil_id, p.known_as, p.reference, c.care_period_id, c.start_on, c.end_on, c.as_at
         FROM care_proposals c JOIN pupils p ON p.id = c.pupil_id
         WHERE c.outcome = 'waiting' AND c.id > $2 AND NOT p.adopted AND {} ORDER BY c.id LIMIT $3",
        scope.sees_pupil("c.pupil_id")
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(after).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.id)?;
    let held = held(conn, page.rows.iter().map(|row| row.pupil_id)).await?;
    let of = |row: Row| {
        let held = held.get(&row.pupil_id).cloned().unwrap_or_default();
        proposal(row, held)
    };
    Ok(Page {
        rows: page.rows.into_iter().map(of).collect(),
        after: page.after,
    })
}

/// The times in care that are held of pupils, the earliest first.
async fn held(
    conn: &mut Conn,
    pupils: impl Iterator<Item = PupilId>,
) -> Result<HashMap<PupilId, Vec<CareTime>>, StoreError> {
    let sql = format!(
        "SELECT pupil_id, start_on, end_on FROM care_periods WHERE pupil_id IN {} ORDER BY start_on",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(pupils);
    let rows: Vec<(PupilId, NaiveDate, Option<NaiveDate>)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut held: HashMap<PupilId, Vec<CareTime>> = HashMap::new();
    for (pupil, start, end) in rows {
        held.entry(pupil).or_default().push(CareTime { start, end });
    }
    Ok(held)
}

fn proposal(row: Row, held: Vec<CareTime>) -> CareProposal {
    let shown = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let sentence = match (row.care_period_id, row.end_on) {
        (Some(_), Some(end)) => format!(
            "The care period that started on {} would end on {}.",
            shown(row.start_on),
            shown(end)
        ),
        (_, Some(end)) => format!(
            "A care period from {} to {} would be added.",
            shown(row.start_on),
            shown(end)
        ),
        (_, None) => format!("A care period from {}, not ended, would be added.", shown(row.start_on)),
    };
    CareProposal {
        id: row.id,
        pupil_id: row.pupil_id,
        known_as: row.known_as.into(),
        reference: row.reference,
        closes: row.care_period_id.is_some(),
        start: row.start_on,
        end: row.end_on,
        as_at: row.as_at,
        sentence,
        held,
    }
}
