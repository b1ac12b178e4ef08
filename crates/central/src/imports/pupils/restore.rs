//! Undoing what an import changed: former values, kept when they were changed, and given back.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, ImportId, PupilId, Upn, UserId, name_key};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::known::Known;
use super::take_back::Done;
use super::write::{Doing, end_care, next_revisions};
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::imports::objects::{self, ChangedOne, Restorable};
use crate::pupils::entry::Names;
use crate::pupils::write::{BATCH, execute, replace_words_of_many, words_of};
use crate::seal::OwnKey;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, Tx};

/// What a pupil was before an import changed them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Former {
    known_as: String,
    first_name: String,
    last_name: String,
    former_names: String,
    upn: Option<String>,
    reference: Option<String>,
    social_worker: Option<UserId>,
    social_worker_name: String,
    /// The names of the fields that the import changed: for the trail.
    fields: Vec<String>,
    /// The care periods that it changed, each with its former end.
    care: Vec<(CarePeriodId, Option<NaiveDate>)>,
    /// The enrolments that it changed.
    enrolments: Vec<FormerEnrolment>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct FormerEnrolment {
    id: EnrolmentId,
    kind: String,
    end: Option<NaiveDate>,
    handover_ended: bool,
}

/// What is kept of those whom a plan changes.
pub(super) fn kept(doing: &[Doing<'_>], known: &Known, revisions: &HashMap<PupilId, i64>) -> Vec<ChangedOne<Former>> {
    let changed = doing.iter().filter_map(|one| {
        let was = known.pupils.get(&one.change.id?)?;
        let care: HashSet<CarePeriodId> = one
            .change
            .care
            .iter()
            .filter(|p| p.changed)
            .filter_map(|p| p.id)
            .collect();
        let enrolments: HashSet<EnrolmentId> = one
            .change
            .enrolments
            .iter()
            .filter(|e| e.changed)
            .filter_map(|e| e.id)
            .collect();
        let held_care = known.care.get(&was.id).into_iter().flatten();
        let held_enrolments = known.enrolments.get(&was.id).into_iter().flatten();
        Some(ChangedOne {
            id: was.id.into(),
            revision: revisions.get(&was.id).copied().unwrap_or(was.revision),
            before: Former {
                known_as: was.known_as.clone(),
                first_name: was.legal_first_name.clone(),
                last_name: was.legal_last_name.clone(),
                former_names: was.former_names.clone(),
                upn: was.upn.clone(),
                reference: was.reference.clone(),
                social_worker: was.social_worker_id,
                social_worker_name: was.social_worker_name.clone(),
                fields: one.change.fields.iter().map(|field| (*field).to_owned()).collect(),
                care: held_care
                    .filter(|period| care.contains(&period.id))
                    .map(|period| (period.id, period.end))
                    .collect(),
                enrolments: held_enrolments
                    .filter(|one| enrolments.contains(&one.id))
                    .map(|one| FormerEnrolment {
                        id: one.id,
                        kind: EnrolmentKind::as_str(one.kind).to_owned(),
                        end: one.end,
                        handover_ended: one.handover_ended,
                    })
                    .collect(),
            },
        })
    });
    changed.collect()
}

/// Gives those whom an import changed their former values, where nobody changed them since.
pub(super) async fn restore_updated(tx: &mut Tx, import: ImportId, own: &OwnKey) -> Result<Done, Failure> {
    let all: i64 = {
        let sql = "SELECT COUNT(*) FROM import_objects WHERE import_id = $1 AND outcome = 'updated' AND NOT undone";
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(import).fetch_one(c).await)?
    };
    let found: Vec<Restorable<Former>> = objects::restorable(tx, import, own, "pupils").await?;
    let former: Vec<(PupilId, Former)> = found.into_iter().map(|one| (PupilId(one.id), one.before)).collect();
    let former = without_taken_numbers(tx, former).await?;
    let count = u32::try_from(former.len()).unwrap_or(u32::MAX);
    let stayed = u32::try_from(all).unwrap_or(u32::MAX).saturating_sub(count);
    if former.is_empty() {
        return Ok((0, stayed));
    }
    let ids = hex_ids(former.iter().map(|(pupil, _)| *pupil));
    let places = take_dates_away(tx, import, &ids).await?;
    write_former(tx, &former).await?;
    let care: Vec<_> = former
        .iter()
        .flat_map(|(_, before)| before.care.iter().copied())
        .collect();
    end_care(tx, &care).await?;
    write_former_enrolments(tx, &former).await?;
    objects::note_undone(tx, import, &ids).await?;
    let revisions = next_revisions(tx, former.iter().map(|(pupil, _)| (*pupil, 1))).await?;
    for (pupil, before) in &former {
        let detail = json!({
            "fields": before.fields, "care_periods": before.care.len(), "enrolments": before.enrolments.len(),
            "revision": revisions.get(pupil),
        });
        tx.audit("pupil.restored", "pupil", Some(pupil.0), &detail);
    }
    for place in places {
        // It may be in use no longer.
        tx.change(Audience::LaRoles, Changed::Establishment(place));
    }
    let pupils = former.iter().map(|(pupil, _)| *pupil).collect();
    tx.refresh_access(&Affected::Pupils(pupils)).await?;
    Ok((count, stayed))
}

/// Leaves out those whose former UPN or reference another pupil has by now.
async fn without_taken_numbers(
    tx: &mut Tx,
    former: Vec<(PupilId, Former)>,
) -> Result<Vec<(PupilId, Former)>, StoreError> {
    let upns: Vec<&str> = former.iter().filter_map(|(_, before)| before.upn.as_deref()).collect();
    let references: Vec<&str> = former
        .iter()
        .filter_map(|(_, before)| before.reference.as_deref())
        .collect();
    let sql = format!(
        "SELECT id, upn, reference FROM pupils WHERE upn IN {} OR reference IN {}",
        tx.engine().texts("$1"),
        tx.engine().texts("$2")
    );
    let (upns, references) = (json!(upns).to_string(), json!(references).to_string());
    let rows: Vec<(PupilId, Option<String>, Option<String>)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(upns).bind(references).fetch_all(c).await)?;
    let mut of_upn: HashMap<String, PupilId> = HashMap::new();
    let mut of_reference: HashMap<String, PupilId> = HashMap::new();
    for (id, upn, reference) in rows {
        of_upn.extend(upn.map(|upn| (upn, id)));
        of_reference.extend(reference.map(|reference| (reference, id)));
    }
    let is_free = |number: Option<&String>, of: &HashMap<String, PupilId>, pupil: PupilId| {
        number.and_then(|number| of.get(number)).is_none_or(|id| *id == pupil)
    };
    Ok(former
        .into_iter()
        .filter(|(pupil, before)| {
            is_free(before.upn.as_ref(), &of_upn, *pupil) && is_free(before.reference.as_ref(), &of_reference, *pupil)
        })
        .collect())
}

/// Takes away the care periods and enrolments that an import gave to these pupils. Answers where those were.
pub(super) async fn take_dates_away(
    tx: &mut Tx,
    import: ImportId,
    ids: &str,
) -> Result<BTreeSet<EstablishmentId>, StoreError> {
    let list = tx.engine().ids("$2");
    let sql = format!("DELETE FROM care_periods WHERE import_id = $1 AND pupil_id IN {list}");
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(import).bind(ids).execute(c).await.map(|_| ()))?;
    let sql = format!("DELETE FROM enrolments WHERE import_id = $1 AND pupil_id IN {list} RETURNING establishment_id");
    let places: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(import).bind(ids).fetch_all(c).await)?;
    Ok(places.into_iter().collect())
}

async fn write_former(tx: &mut Tx, former: &[(PupilId, Former)]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("pupil"),
        Column::Text("old_known_as"),
        Column::Text("old_key"),
        Column::Text("old_first_name"),
        Column::Text("old_last_name"),
        Column::Text("old_upn"),
        Column::Text("old_reference"),
        Column::Id("old_worker"),
        Column::Text("old_worker_name"),
    ];
    let renamed: Vec<&(PupilId, Former)> = former.iter().filter(|(_, before)| !before.fields.is_empty()).collect();
    for batch in renamed.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (pupil, before) in batch {
            rows.push(&[
                pupil,
                &before.known_as,
                &name_key(&before.known_as),
                &before.first_name,
                &before.last_name,
                &before.upn,
                &before.reference,
                &before.social_worker,
                &before.social_worker_name,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        // A social worker who was removed meanwhile does not come back.
        let sql = format!(
            "UPDATE pupils SET known_as = r.old_known_as, known_as_key = r.old_key, legal_first_name = r.old_first_name,
               legal_last_name = r.old_last_name, upn = r.old_upn, reference = r.old_reference,
               social_worker_id = (SELECT u.id FROM users u WHERE u.id = r.old_worker),
               social_worker_name = r.old_worker_name
             FROM {source} AS r WHERE pupils.id = r.pupil"
        );
        execute(tx, sql, &rows).await?;
    }
    let words: Vec<_> = renamed
        .iter()
        .map(|(pupil, before)| {
            let names = Names {
                known_as: before.known_as.clone(),
                legal_first_name: before.first_name.clone(),
                legal_last_name: before.last_name.clone(),
                reference: before.reference.clone(),
            };
            let upn = before.upn.as_deref().and_then(|upn| Upn::parse(upn).ok());
            (*pupil, words_of(&names, &before.former_names, upn.as_ref()))
        })
        .collect();
    replace_words_of_many(tx, &words).await
}

async fn write_former_enrolments(tx: &mut Tx, former: &[(PupilId, Former)]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("enrolment"),
        Column::Text("old_kind"),
        Column::Day("old_end"),
        Column::Bool("old_handover_ended"),
    ];
    let all: Vec<&FormerEnrolment> = former.iter().flat_map(|(_, before)| &before.enrolments).collect();
    for batch in all.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for one in batch {
            rows.push(&[&one.id, &one.kind, &one.end, &one.handover_ended]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "UPDATE enrolments SET kind = r.old_kind, end_on = r.old_end, handover_ended = r.old_handover_ended
             FROM {source} AS r WHERE enrolments.id = r.enrolment"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}
