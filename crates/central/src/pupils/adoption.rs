//! Adoption: the record closes for good.

use async_trait::async_trait;
use lac_domain::PupilId;
use lac_wire::{CloseForAdoption, ErrorCode};
use serde_json::json;

use super::head::{Head, finish};
use super::sentences::shown;
use super::{care, dates};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Closes a pupil's record for good; answers the pupil's id. The care period that holds on the day ends by it.
pub(super) struct Close {
    pub scope: Scope,
    pub pupil: PupilId,
    pub close: CloseForAdoption,
}

#[async_trait]
impl Job for Close {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (pupil, on) = (self.pupil, self.close.on);
        let head = Head::of(tx, self.scope, pupil, "pupil.close").await?;
        head.require_open(tx, pupil, None).await?;
        let refuse = |message: String| Err(Refusal::new(ErrorCode::Dates, message).about("on").into());
        if on > tx.today() {
            return refuse(format!(
                "{} is still to come. Close the record on the day of the adoption order or later.",
                shown(on)
            ));
        }
        if on < head.born {
            return refuse("The adoption order cannot be older than the child. Check the date.".to_owned());
        }
        let periods = care::stored(tx, pupil).await?;
        if let Some(period) = periods.iter().find(|period| period.end.is_none_or(|end| end >= on)) {
            if period.start >= on {
                return refuse(format!(
                    "A care period starts on {}, on or after this day. Change or remove it first.",
                    shown(period.start)
                ));
            }
            let sql = "UPDATE care_periods SET end_on = $2, end_reason = 'adopted' WHERE id = $1";
            both!(tx.conn(), c => sqlx::query(sql).bind(period.id).bind(on).execute(c).await.map(|_| ()))?;
        } else if periods.is_empty() {
            return Err(dates::never_in_care().into());
        }
        let sql = "UPDATE pupils SET adopted = TRUE WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(pupil).execute(c).await.map(|_| ()))?;
        finish(tx, pupil, "pupil.adopted", json!({ "on": on })).await?;
        Ok(pupil)
    }
}
