//! The proposals that wait for a person.

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, CareProposalId, PupilId};
use lac_wire::{CareProposal, Page};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::Failure;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::Conn;

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
         WHERE c.id > $2 AND NOT p.adopted AND {} ORDER BY c.id LIMIT $3",
        scope.sees_pupil("c.pupil_id")
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(after).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.id)?;
    Ok(Page {
        rows: page.rows.into_iter().map(proposal).collect(),
        after: page.after,
    })
}

fn proposal(row: Row) -> CareProposal {
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
    }
}
