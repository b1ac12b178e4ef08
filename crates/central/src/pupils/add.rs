//! Adding a pupil by hand.

use async_trait::async_trait;
use lac_domain::{CareEndReason, PupilId, name_key};
use lac_wire::{AddPupil, ErrorCode};

use super::dates;
use super::entry::Names;
use super::write;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Audience, Changed, Job, Tx};

/// The most care periods and enrolments each.
pub(super) const MOST_DATES: usize = 100;

/// Adds a pupil; answers their id.
pub(super) struct Add(pub AddPupil);

#[async_trait]
impl Job for Add {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let entry = &self.0;
        let names = Names::to_add(entry)?;
        dates::born(entry.born, tx.today())?;
        if entry.care_periods.len() > MOST_DATES || entry.enrolments.len() > MOST_DATES {
            return Err(too_many_dates().into());
        }
        dates::care_periods(entry.born, &entry.care_periods)?;
        let adopted = |reason| reason == Some(CareEndReason::Adopted);
        if entry.care_periods.iter().any(|period| adopted(period.end_reason)) {
            return Err(dates::adoption_has_its_step("care_periods").into());
        }
        dates::enrolments(entry.born, &entry.enrolments)?;
        let places = entry.enrolments.iter().map(|one| one.establishment_id);
        write::require_establishments(tx, "enrolments", places).await?;
        write::require_unused(tx, entry.upn.as_ref(), names.reference.as_deref(), None).await?;

        let id: PupilId = tx.new_id()?;
        let now = tx.now();
        let upn = entry.upn.as_ref().map(|upn| upn.as_str().to_owned());
        let sql =
            "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born, upn,
                     reference, restricted, adopted, held_from_schools_until, created_at)
                   VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, FALSE, FALSE, $9, $10)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&names.known_as).bind(name_key(&names.known_as)).bind(&names.legal_first_name)
            .bind(&names.legal_last_name).bind(entry.born).bind(upn).bind(&names.reference)
            .bind(entry.held_from_schools_until).bind(now)
            .execute(c).await.map(|_| ()))?;
        write::replace_words(tx, id, &names, "", entry.upn.as_ref()).await?;
        write::insert_care_periods(tx, id, &entry.care_periods).await?;
        let places = write::insert_enrolments(tx, id, &entry.enrolments).await?;
        tx.refresh_access(&Affected::Pupils(vec![id])).await?;
        for place in &places {
            // The establishment may be in use for the first time.
            tx.change(Audience::LaRoles, Changed::Establishment(*place));
        }
        let detail = serde_json::json!({ "care_periods": entry.care_periods.len(), "enrolled_at": places });
        tx.audit("pupil.created", "pupil", Some(id.0), &detail);
        Ok(id)
    }
}

pub(super) fn too_many_dates() -> Refusal {
    Refusal::new(
        ErrorCode::Dates,
        "These are more dates than one pupil can have. Check them.",
    )
}

/// Notes that a pupil's page was read.
pub(super) struct NoteRead(pub PupilId);

#[async_trait]
impl Job for NoteRead {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit("pupil.read", "pupil", Some(self.0.0), &serde_json::json!({}));
        Ok(())
    }
}
