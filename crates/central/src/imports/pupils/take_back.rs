//! Undoing what an import created: whom that removes, and who stays because something happened with them since.

use lac_domain::{ImportId, PupilId};
use lac_wire::{StayReason, Staying, UndoLook};
use sqlx::AssertSqlSafe;

use super::super::staying::{Of, StayingPage};
use super::outcomes::detail;
use super::restore::take_dates_away;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};
use crate::writer::{Audience, Changed, Tx};

/// Whether somebody has written about a pupil whom the import created. What the system wrote of the import itself, its
/// notices, is no such use.
const IN_USE: &str = "(EXISTS (SELECT 1 FROM conversations v WHERE v.pupil_id = p.id AND v.notice IS NULL)
    OR EXISTS (SELECT 1 FROM reminders r WHERE r.pupil_id = p.id AND r.kind = 'own'))";
/// Whether somebody has changed the record since, or decided who sees it. A bar must not be forgotten.
const CHANGED: &str = "(p.revision <> 1 OR p.restricted OR p.adopted
    OR EXISTS (SELECT 1 FROM assignments a WHERE a.pupil_id = p.id)
    OR EXISTS (SELECT 1 FROM bars b WHERE b.pupil_id = p.id)
    OR EXISTS (SELECT 1 FROM pupil_names n WHERE n.pupil_id = p.id))";
/// Whether a pupil whom the import changed was changed since, or is gone.
const CHANGED_SINCE: &str = "(p.id IS NULL OR p.revision <> o.revision)";

#[derive(sqlx::FromRow)]
struct CreatedRow {
    id: PupilId,
    known_as: String,
    upn: Option<String>,
    reference: Option<String>,
    in_use: bool,
}

#[derive(sqlx::FromRow)]
struct ChangedRow {
    position: i64,
    object_id: uuid::Uuid,
    known_as: Option<String>,
    upn: Option<String>,
    reference: Option<String>,
}

/// What an undo would do, as far as who asks may see the pupils.
pub(super) async fn look(
    conn: &mut Conn,
    scope: Scope,
    import: ImportId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<UndoLook, Failure> {
    let mut page = StayingPage::new(after, limit)?;
    let seen = scope.sees_pupil("p.id");
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN {IN_USE} OR {CHANGED} THEN 1 END) FROM pupils p
         WHERE p.import_id = $2 AND {seen}"
    );
    let created: (i64, i64) =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(import).fetch_one(c).await)?;
    let changed_of = format!(
        "FROM import_objects o LEFT JOIN pupils p ON p.id = o.object_id
         WHERE o.import_id = $2 AND o.outcome = 'updated' AND NOT o.undone AND (p.id IS NULL OR {seen})"
    );
    let sql = format!("SELECT COUNT(*), COUNT(CASE WHEN {CHANGED_SINCE} THEN 1 END) {changed_of}");
    let changed: (i64, i64) =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(import).fetch_one(c).await)?;
    if let Some(after) = page.after_created() {
        let sql = format!(
            "SELECT p.id, p.known_as, p.upn, p.reference, {IN_USE} AS in_use FROM pupils p
             WHERE p.import_id = $2 AND p.id > $3 AND ({IN_USE} OR {CHANGED}) AND {seen} ORDER BY p.id LIMIT $4"
        );
        let found: Vec<CreatedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(import).bind(after).bind(page.wanted()).fetch_all(c).await)?;
        page.add_created(found.into_iter().map(|row| (row.id.0, row.staying())));
    }
    if let Some(after) = page.after_changed() {
        let sql = format!(
            "SELECT o.position, o.object_id, p.known_as, p.upn, p.reference {changed_of}
               AND o.position > $3 AND {CHANGED_SINCE} ORDER BY o.position LIMIT $4"
        );
        let found: Vec<ChangedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(import).bind(after).bind(page.wanted()).fetch_all(c).await)?;
        page.add_changed(found.into_iter().map(|row| (row.position, row.staying())));
    }
    let of = |(all, staying): (i64, i64)| Of { all, staying };
    Ok(page.look(of(created), of(changed))?)
}

impl CreatedRow {
    fn staying(self) -> Staying {
        let (reason, message) = if self.in_use {
            let message = "Somebody has written about this pupil since, so the record stays. If the child should not be here, end the care and the enrolments on the pupil’s page.";
            (StayReason::InUse, message)
        } else {
            let message = "The record was changed since, or somebody decided who sees the pupil, so it stays. If the child should not be here, end the care and the enrolments on the pupil’s page.";
            (StayReason::Changed, message)
        };
        Staying {
            id: self.id.into(),
            name: self.known_as,
            detail: detail(self.reference, self.upn),
            reason,
            message: message.to_owned(),
        }
    }
}

impl ChangedRow {
    fn staying(self) -> Staying {
        let message = if self.known_as.is_none() {
            "The record has been taken back since, so there is nothing to put back."
        } else {
            "The record was changed since, so what it holds now is kept. Edit it by hand if it is wrong."
        };
        Staying {
            id: self.object_id,
            name: self
                .known_as
                .unwrap_or_else(|| "A pupil who is no longer here".to_owned()),
            detail: detail(self.reference, self.upn),
            reason: StayReason::Changed,
            message: message.to_owned(),
        }
    }
}

/// How many were taken back, and how many stayed.
pub(super) type Done = (u32, u32);

/// Removes those whom an import created and with whom nothing happened since, with all that it gave them.
pub(super) async fn remove_created(tx: &mut Tx, import: ImportId) -> Result<Done, Failure> {
    let sql =
        format!("SELECT p.id, ({IN_USE} OR {CHANGED}) AS stays FROM pupils p WHERE p.import_id = $1 ORDER BY p.id");
    let rows: Vec<(PupilId, bool)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).fetch_all(c).await)?;
    let count = |pupils: usize| u32::try_from(pupils).unwrap_or(u32::MAX);
    let pupils: Vec<PupilId> = rows.iter().filter(|(_, stays)| !stays).map(|(id, _)| *id).collect();
    let stayed = count(rows.len() - pupils.len());
    if pupils.is_empty() {
        return Ok((0, stayed));
    }
    let ids = hex_ids(pupils.iter().copied());
    let places = take_dates_away(tx, import, &ids).await?;
    // While they are still there, so that whoever sees them is told.
    tx.refresh_access(&Affected::Pupils(pupils.clone())).await?;
    delete(tx, &ids).await?;
    for pupil in &pupils {
        tx.audit("pupil.removed", "pupil", Some(pupil.0), &serde_json::json!({}));
    }
    for place in places {
        // It may be in use no longer.
        tx.change(Audience::LaRoles, Changed::Establishment(place));
    }
    Ok((count(pupils.len()), stayed))
}

/// Deletes pupils with what hangs on them: words go by themselves.
async fn delete(tx: &mut Tx, ids: &str) -> Result<(), StoreError> {
    let list = tx.engine().ids("$1");
    for sql in [
        format!("DELETE FROM conversations WHERE pupil_id IN {list} AND notice IS NOT NULL"),
        format!("DELETE FROM reminders WHERE pupil_id IN {list}"),
        format!("DELETE FROM pupil_access_ended WHERE pupil_id IN {list}"),
        format!("DELETE FROM pupils WHERE id IN {list}"),
    ] {
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
