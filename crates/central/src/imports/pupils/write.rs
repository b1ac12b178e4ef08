//! Writing what a file comes to: many rows in one statement, a row of the trail for each thing done to a pupil, and who
//! may see them worked out once for all.

use std::collections::{BTreeSet, HashMap};

use lac_domain::{EnrolmentKind, EstablishmentId, PupilId, Upn, name_key};
use lac_wire::{CarePeriodEntry, EnrolmentEntry, ImportPhase};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;

use super::known::Known;
use super::plan::{Change, Plan};
use super::restore;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::imports::kind::{Writing, Written};
use crate::imports::objects;
use crate::pupils::entry::Names;
use crate::pupils::write::{
    BATCH, execute, insert_care_of_many, insert_enrolments_of_many, replace_words_of_many, words_of,
};
use crate::storage::{Column, JsonRows};
use crate::writer::{Audience, Changed, Tx};

/// One pupil's change, with the pupil's id and what the trail is to say of it.
pub(super) struct Doing<'a> {
    pub id: PupilId,
    pub change: &'a Change,
    notes: Vec<(&'static str, Value)>,
}

impl Doing<'_> {
    fn is_new(&self) -> bool {
        self.change.id.is_none()
    }

    /// By how much the pupil's revision goes up: by one for each row of the trail, as when it is done by hand.
    pub fn steps(&self) -> i64 {
        if self.is_new() {
            0
        } else {
            i64::try_from(self.notes.len()).unwrap_or(i64::MAX)
        }
    }
}

/// Writes a plan.
pub(super) async fn write(tx: &mut Tx, writing: &Writing, plan: &Plan, known: &Known) -> Result<Written, Failure> {
    let report = |share| writing.progress.report(ImportPhase::Writing, share);
    let mut doing = Vec::with_capacity(plan.changes.len());
    for change in &plan.changes {
        let id = match change.id {
            Some(id) => id,
            None => tx.new_id()?,
        };
        let notes = notes(change);
        doing.push(Doing { id, change, notes });
    }
    insert_pupils(tx, writing, &doing).await?;
    update_pupils(tx, &doing).await?;
    report(0.3)?;
    let words: Vec<_> = doing
        .iter()
        .filter(|one| one.is_new() || !one.change.fields.is_empty())
        .map(|one| (one.id, words(one.change)))
        .collect();
    replace_words_of_many(tx, &words).await?;
    report(0.5)?;
    write_care(tx, writing, &doing).await?;
    write_enrolments(tx, writing, &doing).await?;
    report(0.7)?;
    let revisions = next_revisions(tx, doing.iter().map(|one| (one.id, one.steps()))).await?;
    audit(tx, &doing, &revisions);
    tell_of_places(tx, &doing);
    // Once for all of them: it tells the devices of everyone who sees one of them, before or after.
    let touched: Vec<PupilId> = doing.iter().map(|one| one.id).collect();
    tx.refresh_access(&Affected::Pupils(touched)).await?;
    report(0.95)?;
    let changed = restore::kept(&doing, known, &revisions);
    let updated = changed.len();
    objects::keep(tx, writing.import, &writing.own, changed, plan.skipped.clone()).await?;
    let count = |pupils: usize| u32::try_from(pupils).unwrap_or(u32::MAX);
    Ok(Written {
        created: count(doing.len() - updated),
        updated: count(updated),
        invited: 0,
    })
}

/// What the trail says of one pupil; no values, but for days and establishments.
fn notes(change: &Change) -> Vec<(&'static str, Value)> {
    if change.id.is_none() {
        let detail = json!({
            "care_periods": change.care.len(), "enrolments": change.enrolments.len(), "from_file": true,
        });
        return vec![("pupil.created", detail)];
    }
    let mut notes = Vec::new();
    if !change.fields.is_empty() {
        notes.push(("pupil.changed", json!({ "fields": change.fields, "from_file": true })));
    }
    for one in change.care.iter().filter(|one| one.changed) {
        let entry = &one.entry;
        notes.push(if one.id.is_none() {
            let detail = json!({ "start": entry.start, "end": entry.end, "from_file": true });
            ("pupil.care_added", detail)
        } else {
            let detail = json!({ "start": entry.start, "end": entry.end, "was_start": entry.start, "from_file": true });
            ("pupil.care_changed", detail)
        });
    }
    for one in change.enrolments.iter().filter(|one| one.changed) {
        let entry = &one.entry;
        let action = if one.id.is_none() {
            "pupil.enrolment_added"
        } else {
            "pupil.enrolment_changed"
        };
        let detail = json!({
            "establishment": entry.establishment_id, "kind": entry.kind, "start": entry.start, "end": entry.end,
            "from_file": true,
        });
        notes.push((action, detail));
    }
    notes
}

fn words(change: &Change) -> std::collections::BTreeMap<String, bool> {
    let names = Names {
        known_as: change.known_as.clone(),
        legal_first_name: change.first_name.clone(),
        legal_last_name: change.last_name.clone(),
        reference: change.reference.clone(),
    };
    words_of(&names, &change.former_names, change.upn.as_ref())
}

async fn insert_pupils(tx: &mut Tx, writing: &Writing, doing: &[Doing<'_>]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("id"),
        Column::Text("known_as"),
        Column::Text("known_as_key"),
        Column::Text("legal_first_name"),
        Column::Text("legal_last_name"),
        Column::Day("born"),
        Column::Text("upn"),
        Column::Text("reference"),
        Column::Id("social_worker_id"),
        Column::Instant("created_at"),
        Column::Id("import_id"),
    ];
    let now = tx.now();
    let new: Vec<&Doing<'_>> = doing.iter().filter(|one| one.is_new()).collect();
    for batch in new.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for Doing { id, change, .. } in batch {
            rows.push(&[
                id,
                &change.known_as,
                &name_key(&change.known_as),
                &change.first_name,
                &change.last_name,
                &change.born,
                &change.upn.as_ref().map(Upn::as_str),
                &change.reference,
                &change.social_worker,
                &now,
                &writing.import,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born, upn,
               reference, social_worker_id, restricted, adopted, created_at, import_id)
             SELECT id, 1, known_as, known_as_key, legal_first_name, legal_last_name, born, upn, reference,
               social_worker_id, FALSE, FALSE, created_at, import_id FROM {source} AS r"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

async fn update_pupils(tx: &mut Tx, doing: &[Doing<'_>]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("pupil"),
        Column::Text("new_known_as"),
        Column::Text("new_key"),
        Column::Text("new_first_name"),
        Column::Text("new_last_name"),
        Column::Text("new_upn"),
        Column::Text("new_reference"),
        Column::Id("new_worker"),
    ];
    let changed: Vec<&Doing<'_>> = doing
        .iter()
        .filter(|one| !one.is_new() && !one.change.fields.is_empty())
        .collect();
    for batch in changed.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for Doing { id, change, .. } in batch {
            rows.push(&[
                id,
                &change.known_as,
                &name_key(&change.known_as),
                &change.first_name,
                &change.last_name,
                &change.upn.as_ref().map(Upn::as_str),
                &change.reference,
                &change.social_worker,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        // A social worker with an account stands in place of a name.
        let sql = format!(
            "UPDATE pupils SET known_as = r.new_known_as, known_as_key = r.new_key, legal_first_name = r.new_first_name,
               legal_last_name = r.new_last_name, upn = r.new_upn, reference = r.new_reference,
               social_worker_id = r.new_worker,
               social_worker_name = CASE WHEN r.new_worker IS NULL THEN social_worker_name ELSE '' END
             FROM {source} AS r WHERE pupils.id = r.pupil"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

async fn write_care(tx: &mut Tx, writing: &Writing, doing: &[Doing<'_>]) -> Result<(), StoreError> {
    let (mut new, mut ended): (Vec<(PupilId, &CarePeriodEntry)>, _) = (Vec::new(), Vec::new());
    for one in doing {
        for period in one.change.care.iter().filter(|period| period.changed) {
            match period.id {
                None => new.push((one.id, &period.entry)),
                Some(id) => ended.push((id, period.entry.end)),
            }
        }
    }
    end_care(tx, &ended).await?;
    insert_care_of_many(tx, Some(writing.import), &new).await
}

/// Gives care periods another end, or none.
pub(super) async fn end_care(
    tx: &mut Tx,
    ends: &[(lac_domain::CarePeriodId, Option<chrono::NaiveDate>)],
) -> Result<(), StoreError> {
    for batch in ends.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (id, end) in batch {
            rows.push(&[id, end]);
        }
        let source = tx.engine().rows("$1", &[Column::Id("period"), Column::Day("new_end")]);
        let sql =
            format!("UPDATE care_periods SET end_on = r.new_end FROM {source} AS r WHERE care_periods.id = r.period");
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

async fn write_enrolments(tx: &mut Tx, writing: &Writing, doing: &[Doing<'_>]) -> Result<(), StoreError> {
    let (mut new, mut changed): (Vec<(PupilId, &EnrolmentEntry)>, _) = (Vec::new(), Vec::new());
    for one in doing {
        for enrolment in one.change.enrolments.iter().filter(|enrolment| enrolment.changed) {
            let entry = &enrolment.entry;
            match enrolment.id {
                None => new.push((one.id, entry)),
                Some(id) => changed.push((id, entry.kind, entry.end)),
            }
        }
    }
    for batch in changed.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (id, kind, end) in batch {
            rows.push(&[id, &EnrolmentKind::as_str(*kind), end]);
        }
        let columns = [
            Column::Id("enrolment"),
            Column::Text("new_kind"),
            Column::Day("new_end"),
        ];
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "UPDATE enrolments SET kind = r.new_kind, end_on = r.new_end,
               handover_ended = COALESCE(handover_ended AND end_on = r.new_end, FALSE)
             FROM {source} AS r WHERE enrolments.id = r.enrolment"
        );
        execute(tx, sql, &rows).await?;
    }
    insert_enrolments_of_many(tx, Some(writing.import), &new).await
}

/// Raises revisions, each by so many steps. Answers what they are now.
pub(super) async fn next_revisions(
    tx: &mut Tx,
    steps: impl Iterator<Item = (PupilId, i64)>,
) -> Result<HashMap<PupilId, i64>, StoreError> {
    let steps: Vec<_> = steps.filter(|(_, steps)| *steps > 0).collect();
    let mut revisions = HashMap::with_capacity(steps.len());
    for batch in steps.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (id, steps) in batch {
            rows.push(&[id, steps]);
        }
        let source = tx.engine().rows("$1", &[Column::Id("pupil"), Column::Number("steps")]);
        let sql = format!(
            "UPDATE pupils SET revision = revision + r.steps FROM {source} AS r WHERE pupils.id = r.pupil
             RETURNING pupils.id, pupils.revision"
        );
        let json = rows.json();
        let now: Vec<(PupilId, i64)> =
            both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?;
        revisions.extend(now);
    }
    Ok(revisions)
}

fn audit(tx: &mut Tx, doing: &[Doing<'_>], revisions: &HashMap<PupilId, i64>) {
    for one in doing {
        let last = revisions.get(&one.id).copied();
        for ((action, detail), nth) in one.notes.iter().zip(1..) {
            let mut detail = detail.clone();
            if let Some(last) = last {
                // So that a second editor can be told what changed.
                detail["revision"] = json!(last - one.steps() + nth);
            }
            tx.audit(action, "pupil", Some(one.id.0), &detail);
        }
    }
}

fn tell_of_places(tx: &mut Tx, doing: &[Doing<'_>]) {
    let new = doing
        .iter()
        .flat_map(|one| one.change.enrolments.iter().filter(|enrolment| enrolment.changed));
    let places: BTreeSet<EstablishmentId> = new.map(|enrolment| enrolment.entry.establishment_id).collect();
    for place in places {
        // The establishment may be in use for the first time.
        tx.change(Audience::LaRoles, Changed::Establishment(place));
    }
}
