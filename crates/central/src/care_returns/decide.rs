//! What a person decides about proposals: each is done by the rules of the pupil's page, or let go.

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{CarePeriodId, CareProposalId, PupilId};
use lac_wire::{CareChange, CareDecision, CarePeriodEntry, CareRefusal, ChangeCare, DecideCareProposals};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::pupils::ChangeOfCare;
use crate::scope::Scope;
use crate::storage::hex_ids;
use crate::writer::{Job, Tx};

/// The most proposals that one decision takes; a person who takes all asks again until none is left.
const MOST: i64 = 500;

/// Takes or leaves proposals.
pub(super) struct Decide {
    pub scope: Scope,
    pub decision: DecideCareProposals,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: CareProposalId,
    pupil_id: PupilId,
    known_as: String,
    care_period_id: Option<CarePeriodId>,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
}

#[async_trait]
impl Job for Decide {
    type Output = CareDecision;

    async fn run(&self, tx: &mut Tx) -> Result<CareDecision, Failure> {
        let rows = self.rows(tx).await?;
        let wanted = self.decision.ids.as_ref().map(Vec::len);
        if wanted.is_some_and(|wanted| rows.len() < wanted) {
            let message = "A proposal that was chosen is no longer there. Look at the list again.";
            return Err(Refusal::field("ids", message).into());
        }
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for row in &rows {
            if !self.decision.take {
                done.push(row.id);
                continue;
            }
            match self.take(tx, row).await {
                Ok(()) => done.push(row.id),
                // The rules are asked before anything is written, so that a refusal leaves nothing behind.
                Err(Failure::Refused(refusal)) => refused.push((
                    row.id,
                    CareRefusal {
                        pupil_id: row.pupil_id,
                        known_as: row.known_as.clone().into(),
                        why: refusal.message,
                    },
                )),
                Err(failure) => return Err(failure),
            }
        }
        let outcome = if self.decision.take { "done" } else { "let_go" };
        became(tx, outcome, done.iter().copied()).await?;
        became(tx, "refused", refused.iter().map(|(id, _)| *id)).await?;
        let detail = json!({ "taken": self.decision.take, "done": done.len(), "refused": refused.len() });
        tx.audit("care_return.decided", "care_return", None, &detail);
        Ok(CareDecision {
            done: u32::try_from(done.len()).unwrap_or(u32::MAX),
            refused: refused.into_iter().map(|(_, refusal)| refusal).collect(),
        })
    }
}

/// Notes what became of proposals: they wait no longer.
async fn became(
    tx: &mut Tx,
    outcome: &'static str,
    ids: impl Iterator<Item = CareProposalId>,
) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE care_proposals SET outcome = $2 WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(ids);
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(outcome).execute(c).await.map(|_| ()))?;
    Ok(())
}

impl Decide {
    async fn rows(&self, tx: &mut Tx) -> Result<Vec<Row>, StoreError> {
        let chosen = match &self.decision.ids {
            Some(_) => format!("c.id IN {}", tx.engine().ids("$2")),
            None => "($2 = '[]' OR TRUE)".to_owned(),
        };
        let sql = format!(
            "SELECT c.id, c.pupil_id, p.known_as, c.care_period_id, c.start_on, c.end_on FROM care_proposals c
             JOIN pupils p ON p.id = c.pupil_id
             WHERE {chosen} AND c.outcome = 'waiting' AND NOT p.adopted AND {} ORDER BY c.id LIMIT $3",
            self.scope.sees_pupil("c.pupil_id")
        );
        let ids = hex_ids(self.decision.ids.iter().flatten().copied());
        Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(self.scope.user).bind(ids).bind(MOST).fetch_all(c).await)?)
    }

    async fn take(&self, tx: &mut Tx, row: &Row) -> Result<(), Failure> {
        let entry = CarePeriodEntry {
            start: row.start_on,
            end: row.end_on,
            end_reason: None,
        };
        let change = match row.care_period_id {
            Some(id) => CareChange::Change { id, entry },
            None => CareChange::Add {
                entry,
                held_from_schools_until: None,
            },
        };
        let change = ChangeOfCare {
            scope: self.scope,
            pupil: row.pupil_id,
            change: ChangeCare { revision: None, change },
        };
        change.run(tx).await.map(|_| ())
    }
}
