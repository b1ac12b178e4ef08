//! Enrolments, changed one by one: a move of school, a last day, a mistake, a move that is cancelled.

use std::collections::BTreeSet;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{EnrolmentId, EnrolmentKind, EstablishmentId, PupilId};
use lac_wire::{ChangeEnrolment, EnrolmentChange, EnrolmentEntry, ErrorCode};
use serde_json::json;

use super::add::{MOST_DATES, too_many_dates};
use super::head::{Head, finish};
use super::sentences::shown;
use super::{dates, write};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::writer::{Audience, Changed, Job, Tx};

/// Changes one enrolment; answers the pupil's id.
pub(super) struct Change {
    pub scope: Scope,
    pub pupil: PupilId,
    pub change: ChangeEnrolment,
}

/// An enrolment as it is stored.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Stored {
    pub id: EnrolmentId,
    pub establishment_id: EstablishmentId,
    #[sqlx(rename = "kind", try_from = "String")]
    pub kind: EnrolmentKind,
    #[sqlx(rename = "start_on")]
    pub start: NaiveDate,
    #[sqlx(rename = "end_on")]
    pub end: Option<NaiveDate>,
    pub visible_from: NaiveDate,
}

impl Stored {
    fn entry(&self) -> EnrolmentEntry {
        EnrolmentEntry {
            establishment_id: self.establishment_id,
            kind: self.kind,
            start: self.start,
            end: self.end,
            visible_from: Some(self.visible_from),
        }
    }
}

/// The enrolments of a pupil, the earliest first.
///
/// # Errors
/// When the database fails.
pub(super) async fn stored(tx: &mut Tx, pupil: PupilId) -> Result<Vec<Stored>, StoreError> {
    let sql = "SELECT id, establishment_id, kind, start_on, end_on, visible_from FROM enrolments
               WHERE pupil_id = $1 ORDER BY start_on, id";
    Ok(both!(tx.conn(), c => sqlx::query_as(sql).bind(pupil).fetch_all(c).await)?)
}

#[async_trait]
impl Job for Change {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let pupil = self.pupil;
        let head = Head::of(tx, self.scope, pupil, "pupil.edit").await?;
        head.require_open(tx, pupil, self.change.revision).await?;
        let before = stored(tx, pupil).await?;
        match &self.change.change {
            EnrolmentChange::Add { entry, moves } => self.add(tx, &head, &before, entry, *moves).await?,
            EnrolmentChange::Change { id, entry } => self.alter(tx, &head, &before, *id, entry).await?,
            EnrolmentChange::Remove { id } => {
                let was = find(&before, *id)?;
                remove(tx, *id).await?;
                let detail = json!({ "establishment": was.establishment_id, "start": was.start, "end": was.end });
                finish(tx, pupil, "pupil.enrolment_removed", detail).await?;
            }
            EnrolmentChange::CancelMove { id } => self.cancel_move(tx, &before, *id).await?,
        }
        Ok(pupil)
    }
}

impl Change {
    async fn add(
        &self,
        tx: &mut Tx,
        head: &Head,
        before: &[Stored],
        entry: &EnrolmentEntry,
        moves: bool,
    ) -> Result<(), Failure> {
        if before.len() >= MOST_DATES {
            return Err(too_many_dates().into());
        }
        let mut others = before.to_vec();
        let mut ended = None;
        if moves && let Some(last) = entry.start.pred_opt() {
            let leaves = |one: &&mut Stored| {
                one.kind == EnrolmentKind::Main && one.start <= last && one.end.is_none_or(|end| end > last)
            };
            if let Some(old) = others.iter_mut().find(leaves) {
                old.end = Some(last);
                ended = Some(old.id);
            }
        }
        self.judge(tx, head, entry, &others, None).await?;
        if let Some(id) = ended {
            set_end(tx, id, entry.start.pred_opt()).await?;
        }
        write::insert_enrolments(tx, self.pupil, std::slice::from_ref(entry)).await?;
        self.note_places(tx, [entry.establishment_id]);
        let detail = json!({
            "establishment": entry.establishment_id, "kind": entry.kind, "start": entry.start, "end": entry.end,
            "moved": ended.is_some(),
        });
        finish(tx, self.pupil, "pupil.enrolment_added", detail).await
    }

    async fn alter(
        &self,
        tx: &mut Tx,
        head: &Head,
        before: &[Stored],
        id: EnrolmentId,
        entry: &EnrolmentEntry,
    ) -> Result<(), Failure> {
        let was = find(before, id)?;
        // A start that moves takes the day from which the pupil is seen along, unless another is given.
        let shall_be = EnrolmentEntry {
            visible_from: Some(match entry.visible_from {
                None if was.start == entry.start => was.visible_from,
                _ => write::visible_from(entry),
            }),
            ..entry.clone()
        };
        if was.entry() == shall_be {
            return Ok(());
        }
        self.judge(tx, head, &shall_be, before, Some(id)).await?;
        // "End access now" was said of the end that was known then.
        let sql =
            "UPDATE enrolments SET establishment_id = $2, kind = $3, start_on = $4, end_on = $5, visible_from = $6,
                     handover_ended = (handover_ended AND end_on = $5)
                   WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(shall_be.establishment_id).bind(shall_be.kind.as_str()).bind(shall_be.start)
            .bind(shall_be.end).bind(shall_be.visible_from)
            .execute(c).await.map(|_| ()))?;
        if shall_be.end.is_none() {
            set_end(tx, id, None).await?;
        }
        self.note_places(tx, [was.establishment_id, shall_be.establishment_id]);
        let detail = json!({
            "establishment": shall_be.establishment_id, "kind": shall_be.kind, "start": shall_be.start,
            "end": shall_be.end, "was_start": was.start, "was_end": was.end,
        });
        finish(tx, self.pupil, "pupil.enrolment_changed", detail).await
    }

    async fn cancel_move(&self, tx: &mut Tx, before: &[Stored], id: EnrolmentId) -> Result<(), Failure> {
        let coming = find(before, id)?;
        if coming.start <= tx.today() {
            let message = format!(
                "This enrolment began on {}, so the move cannot be cancelled any more. Give it a last day instead, or remove it if it was a mistake.",
                shown(coming.start)
            );
            return Err(Refusal::new(ErrorCode::Dates, message).about("enrolments").into());
        }
        remove(tx, id).await?;
        let ends_for_it = |one: &&Stored| one.kind == EnrolmentKind::Main && one.end == coming.start.pred_opt();
        let again = before
            .iter()
            .find(ends_for_it)
            .filter(|_| coming.kind == EnrolmentKind::Main);
        if let Some(old) = again {
            set_end(tx, old.id, None).await?;
        }
        let detail = json!({
            "establishment": coming.establishment_id, "start": coming.start, "end": coming.end,
            "cancelled": true, "open_again": again.map(|old| old.establishment_id),
        });
        finish(tx, self.pupil, "pupil.enrolment_removed", detail).await
    }

    async fn judge(
        &self,
        tx: &mut Tx,
        head: &Head,
        entry: &EnrolmentEntry,
        others: &[Stored],
        but: Option<EnrolmentId>,
    ) -> Result<(), Failure> {
        write::require_establishments(tx, "enrolments", [entry.establishment_id]).await?;
        let others = others.iter().filter(|one| Some(one.id) != but).map(Stored::entry);
        let all: Vec<EnrolmentEntry> = others.chain([entry.clone()]).collect();
        Ok(dates::enrolments(head.born, &all)?)
    }

    /// LA roles hold the establishments that are in use.
    fn note_places(&self, tx: &mut Tx, places: impl IntoIterator<Item = EstablishmentId>) {
        for place in places.into_iter().collect::<BTreeSet<_>>() {
            tx.change(Audience::LaRoles, Changed::Establishment(place));
        }
    }
}

fn find(before: &[Stored], id: EnrolmentId) -> Result<&Stored, Refusal> {
    let found = before.iter().find(|one| one.id == id);
    found.ok_or_else(|| Refusal::field("enrolments", "This enrolment is no longer there. Open the pupil again."))
}

async fn remove(tx: &mut Tx, id: EnrolmentId) -> Result<(), StoreError> {
    let sql = "DELETE FROM enrolments WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(id).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn set_end(tx: &mut Tx, id: EnrolmentId, end: Option<NaiveDate>) -> Result<(), StoreError> {
    let sql = "UPDATE enrolments SET end_on = $2, handover_ended = FALSE WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(end).execute(c).await.map(|_| ()))?;
    Ok(())
}
