//! "End access now": the establishment that a pupil left no longer sees them, though the next has not begun.

use async_trait::async_trait;
use lac_domain::{EnrolmentId, EstablishmentId, PupilId};
use serde_json::json;

use super::head::{Head, finish};
use crate::both;
use crate::error::Failure;
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Ends the handover of a pupil, if one lasts; answers the pupil's id.
pub(super) struct EndHandover {
    pub scope: Scope,
    pub pupil: PupilId,
}

#[async_trait]
impl Job for EndHandover {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (pupil, today) = (self.pupil, tx.today());
        let head = Head::of(tx, self.scope, pupil, "pupil.end_handover").await?;
        head.require_open(tx, pupil, None).await?;
        if crate::access::handover(tx.conn(), pupil, today).await?.is_none() {
            // It ended already, perhaps by a press before this one.
            return Ok(pupil);
        }
        // The rule looks at the Main enrolment that ended last.
        let sql = "SELECT id, establishment_id FROM enrolments
                   WHERE pupil_id = $1 AND kind = 'main' AND end_on < $2 ORDER BY end_on DESC LIMIT 1";
        let (id, place): (EnrolmentId, EstablishmentId) =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(pupil).bind(today).fetch_one(c).await)?;
        let sql = "UPDATE enrolments SET handover_ended = TRUE WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(id).execute(c).await.map(|_| ()))?;
        finish(tx, pupil, "pupil.handover_ended", json!({ "establishment": place })).await?;
        Ok(pupil)
    }
}
