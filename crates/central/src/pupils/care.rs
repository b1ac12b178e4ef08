//! Times in care, changed one by one.

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{CareEndReason, CarePeriodId, PupilId};
use lac_wire::{CareChange, CarePeriod, CarePeriodEntry, ChangeCare};
use serde_json::json;

use super::add::{MOST_DATES, too_many_dates};
use super::head::{Head, finish};
use super::{dates, write};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::writer::{Job, Tx};

/// Changes one time in care; answers the pupil's id.
pub(crate) struct Change {
    pub scope: Scope,
    pub pupil: PupilId,
    pub change: ChangeCare,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CarePeriodId,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
    end_reason: Option<String>,
}

/// The times in care of a pupil, the newest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn load(conn: &mut Conn, pupil: PupilId) -> Result<Vec<CarePeriod>, StoreError> {
    let sql = "SELECT id, start_on, end_on, end_reason FROM care_periods WHERE pupil_id = $1 ORDER BY start_on DESC";
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(pupil).fetch_all(c).await)?;
    rows.into_iter()
        .map(|row| {
            let reason = row.end_reason.map(CareEndReason::try_from).transpose();
            Ok(CarePeriod {
                id: row.id,
                start: row.start_on,
                end: row.end_on,
                end_reason: reason.map_err(|_| StoreError::Inconsistent("an unknown reason that care ended"))?,
            })
        })
        .collect()
}

/// The same, in a job.
pub(super) async fn stored(tx: &mut Tx, pupil: PupilId) -> Result<Vec<CarePeriod>, StoreError> {
    load(tx.conn(), pupil).await
}

fn entry_of(period: &CarePeriod) -> CarePeriodEntry {
    CarePeriodEntry {
        start: period.start,
        end: period.end,
        end_reason: period.end_reason,
    }
}

#[async_trait]
impl Job for Change {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let pupil = self.pupil;
        let head = Head::of(tx, self.scope, pupil, "pupil.edit").await?;
        head.require_open(tx, pupil, self.change.revision).await?;
        let before = stored(tx, pupil).await?;
        let find = |id: &CarePeriodId| {
            let found = before.iter().find(|period| period.id == *id);
            found.ok_or_else(|| {
                Refusal::field(
                    "care_periods",
                    "This care period is no longer there. Open the pupil again.",
                )
            })
        };
        match &self.change.change {
            CareChange::Add {
                entry,
                held_from_schools_until,
            } => {
                if before.len() >= MOST_DATES {
                    return Err(too_many_dates().into());
                }
                judge(&head, entry, &before, None)?;
                write::insert_care_periods(tx, pupil, std::slice::from_ref(entry)).await?;
                if let Some(until) = held_from_schools_until {
                    let sql = "UPDATE pupils SET held_from_schools_until = $2 WHERE id = $1";
                    both!(tx.conn(), c => sqlx::query(sql).bind(pupil).bind(*until).execute(c).await.map(|_| ()))?;
                }
                let detail = json!({ "start": entry.start, "end": entry.end, "held_until": held_from_schools_until });
                finish(tx, pupil, "pupil.care_added", detail).await?;
            }
            CareChange::Change { id, entry } => {
                let was = find(id)?;
                if entry_of(was) == *entry {
                    return Ok(pupil);
                }
                judge(&head, entry, &before, Some(*id))?;
                let sql = "UPDATE care_periods SET start_on = $2, end_on = $3, end_reason = $4 WHERE id = $1";
                let reason = entry.end_reason.map(CareEndReason::as_str);
                both!(tx.conn(), c => sqlx::query(sql).bind(*id).bind(entry.start).bind(entry.end).bind(reason)
                    .execute(c).await.map(|_| ()))?;
                let detail = json!({
                    "start": entry.start, "end": entry.end, "was_start": was.start, "was_end": was.end,
                });
                finish(tx, pupil, "pupil.care_changed", detail).await?;
            }
            CareChange::Remove { id } => {
                let was = find(id)?;
                let sql = "DELETE FROM care_periods WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(*id).execute(c).await.map(|_| ()))?;
                let detail = json!({ "start": was.start, "end": was.end });
                finish(tx, pupil, "pupil.care_removed", detail).await?;
            }
        }
        Ok(pupil)
    }
}

/// Judges a time in care beside the others, but the one that it stands for.
fn judge(
    head: &Head,
    entry: &CarePeriodEntry,
    before: &[CarePeriod],
    but: Option<CarePeriodId>,
) -> Result<(), Refusal> {
    if entry.end_reason == Some(CareEndReason::Adopted) {
        return Err(dates::adoption_has_its_step("care_periods"));
    }
    let others = before.iter().filter(|period| Some(period.id) != but).map(entry_of);
    let all: Vec<CarePeriodEntry> = others.chain([entry.clone()]).collect();
    dates::care_periods(head.born, &all)
}
