//! Doing what a file comes to: all of it in one transaction, judged anew inside it.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{CarePeriodId, EnrolmentId, EstablishmentId, PupilId, Upn, name_key};
use lac_import::PupilFile;
use lac_wire::{CarePeriodEntry, EnrolmentEntry};
use serde_json::json;

use super::super::entry::Names;
use super::super::head::note;
use super::super::write;
use super::known::Known;
use super::plan::{Change, Dated, Plan};
use super::report::Report;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::writer::{Audience, Changed, Job, Tx};

/// Takes a file of pupils; answers what came of it.
pub(super) struct Take {
    pub file: PupilFile,
    /// The day for which the file stands.
    pub as_at: NaiveDate,
    /// Whether it is done though it ends the care of many.
    pub confirmed: bool,
    /// Whether it is only said what would be done.
    pub dry_run: bool,
}

#[async_trait]
impl Job for Take {
    type Output = Report;

    async fn run(&self, tx: &mut Tx) -> Result<Report, Failure> {
        let known = Known::load(tx.conn(), &self.file, self.as_at).await?;
        let plan = Plan::make(&self.file, &known, self.as_at);
        let stopped = plan.ends_many() && !self.confirmed;
        let mut report = Report::of(&self.file, &plan);
        report.stopped = stopped;
        if stopped || self.dry_run {
            return Ok(report);
        }
        let mut touched = Vec::new();
        let mut places: BTreeSet<EstablishmentId> = BTreeSet::new();
        for change in &plan.changes {
            touched.push(apply(tx, change).await?);
            let new = change.enrolments.iter().filter(|one| one.changed);
            places.extend(new.map(|one| one.entry.establishment_id));
        }
        for place in places {
            // The establishment may be in use for the first time.
            tx.change(Audience::LaRoles, Changed::Establishment(place));
        }
        // Once for all of them: it tells the devices of everyone who sees one of them, before or after.
        tx.refresh_access(&Affected::Pupils(touched)).await?;
        let detail = json!({
            "as_at": self.as_at, "rows": report.rows, "added": report.added, "changed": report.changed,
            "refused": report.refused, "missing": report.missing.len(),
        });
        tx.audit("pupil_file.taken", "pupil_file", None, &detail);
        report.done = true;
        Ok(report)
    }
}

async fn apply(tx: &mut Tx, change: &Change) -> Result<PupilId, Failure> {
    let names = Names {
        known_as: change.known_as.clone(),
        legal_first_name: change.first_name.clone(),
        legal_last_name: change.last_name.clone(),
        reference: change.reference.clone(),
    };
    let id = match change.id {
        None => insert(tx, change).await?,
        Some(id) => id,
    };
    if change.id.is_some() && !change.fields.is_empty() {
        update(tx, id, change).await?;
        note(
            tx,
            id,
            "pupil.changed",
            json!({ "fields": change.fields, "from_file": true }),
        )
        .await?;
    }
    if change.id.is_none() || !change.fields.is_empty() {
        write::replace_words(tx, id, &names, &change.former_names, change.upn.as_ref()).await?;
    }
    write_care(tx, id, change.id.is_none(), &change.care).await?;
    write_enrolments(tx, id, change.id.is_none(), &change.enrolments).await?;
    if change.id.is_none() {
        let detail = json!({
            "care_periods": change.care.len(), "enrolments": change.enrolments.len(), "from_file": true,
        });
        tx.audit("pupil.created", "pupil", Some(id.0), &detail);
    }
    Ok(id)
}

async fn insert(tx: &mut Tx, change: &Change) -> Result<PupilId, StoreError> {
    let id: PupilId = tx.new_id()?;
    let now = tx.now();
    let sql = "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born, upn,
                 reference, social_worker_id, restricted, adopted, held_from_schools_until, created_at)
               VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, FALSE, FALSE, NULL, $10)";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(&change.known_as).bind(name_key(&change.known_as)).bind(&change.first_name)
        .bind(&change.last_name).bind(change.born).bind(change.upn.as_ref().map(Upn::as_str)).bind(&change.reference)
        .bind(change.social_worker).bind(now)
        .execute(c).await.map(|_| ()))?;
    Ok(id)
}

async fn update(tx: &mut Tx, id: PupilId, change: &Change) -> Result<(), StoreError> {
    // A social worker with an account stands in place of a name.
    let sql =
        "UPDATE pupils SET known_as = $2, known_as_key = $3, legal_first_name = $4, legal_last_name = $5, upn = $6,
                 reference = $7, social_worker_id = $8,
                 social_worker_name = CASE WHEN $9 THEN '' ELSE social_worker_name END
               WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(&change.known_as).bind(name_key(&change.known_as)).bind(&change.first_name)
        .bind(&change.last_name).bind(change.upn.as_ref().map(Upn::as_str)).bind(&change.reference)
        .bind(change.social_worker).bind(change.social_worker.is_some())
        .execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn write_care(
    tx: &mut Tx,
    pupil: PupilId,
    added: bool,
    care: &[Dated<CarePeriodId, CarePeriodEntry>],
) -> Result<(), Failure> {
    for one in care.iter().filter(|one| one.changed) {
        let entry = &one.entry;
        let (action, detail) = match one.id {
            None => {
                write::insert_care_periods(tx, pupil, std::slice::from_ref(entry)).await?;
                (
                    "pupil.care_added",
                    json!({ "start": entry.start, "end": entry.end, "from_file": true }),
                )
            }
            Some(id) => {
                let sql = "UPDATE care_periods SET end_on = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(entry.end).execute(c).await.map(|_| ()))?;
                let detail = json!({
                    "start": entry.start, "end": entry.end, "was_start": entry.start, "from_file": true,
                });
                ("pupil.care_changed", detail)
            }
        };
        if !added {
            note(tx, pupil, action, detail).await?;
        }
    }
    Ok(())
}

async fn write_enrolments(
    tx: &mut Tx,
    pupil: PupilId,
    added: bool,
    enrolments: &[Dated<EnrolmentId, EnrolmentEntry>],
) -> Result<(), Failure> {
    for one in enrolments.iter().filter(|one| one.changed) {
        let entry = &one.entry;
        let detail = json!({
            "establishment": entry.establishment_id, "kind": entry.kind, "start": entry.start, "end": entry.end,
            "from_file": true,
        });
        let action = match one.id {
            None => {
                write::insert_enrolments(tx, pupil, std::slice::from_ref(entry)).await?;
                "pupil.enrolment_added"
            }
            Some(id) => {
                let sql =
                    "UPDATE enrolments SET kind = $2, end_on = $3, handover_ended = (handover_ended AND end_on = $3)
                           WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(entry.kind.as_str()).bind(entry.end)
                    .execute(c).await.map(|_| ()))?;
                "pupil.enrolment_changed"
            }
        };
        if !added {
            note(tx, pupil, action, detail).await?;
        }
    }
    Ok(())
}
