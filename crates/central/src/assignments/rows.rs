//! Rows of assignments: read, written many at once, and noted in the trail of both sides.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{AssignmentId, PupilId, UserId};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::notices::Cause;
use crate::storage::{Column, Conn, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, Tx};

/// An assignment as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow, Serialize, Deserialize)]
pub(crate) struct Stored {
    pub id: AssignmentId,
    pub user_id: UserId,
    pub pupil_id: PupilId,
    pub start_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
    pub reads_all: bool,
}

impl Stored {
    pub fn days(&self) -> Days {
        Days {
            start: self.start_on,
            end: self.end_on,
        }
    }

    /// The same, taken away from a day on: it ended on the day before; none where it had not begun by then.
    pub fn until_before(&self, day: NaiveDate) -> Option<Self> {
        let end_on = day.pred_opt().filter(|end| self.start_on <= *end)?;
        Some(Self {
            end_on: Some(end_on),
            ..*self
        })
    }
}

const COLUMNS: &str = "a.id, a.user_id, a.pupil_id, a.start_on, a.end_on, a.reads_all";

/// Assignments by their ids.
pub(super) async fn by_ids(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = AssignmentId>,
) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM assignments a WHERE a.id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(ids);
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?)
}

/// All assignments of users to pupils, whatever their dates.
pub(super) async fn between(
    conn: &mut Conn,
    users: impl IntoIterator<Item = UserId>,
    pupils: impl IntoIterator<Item = PupilId>,
) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM assignments a WHERE a.user_id IN {} AND a.pupil_id IN {}",
        conn.engine().ids("$1"),
        conn.engine().ids("$2")
    );
    let (users, pupils) = (hex_ids(users), hex_ids(pupils));
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(users).bind(pupils).fetch_all(c).await)?)
}

/// The assignments of users that hold on a day or later.
pub(crate) async fn held_from(
    conn: &mut Conn,
    users: impl IntoIterator<Item = UserId>,
    day: NaiveDate,
) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM assignments a
         WHERE a.user_id IN {} AND (a.end_on IS NULL OR a.end_on >= $2) ORDER BY a.id",
        conn.engine().ids("$1")
    );
    let users = hex_ids(users);
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(users).bind(day).fetch_all(c).await)?)
}

/// What is to be written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// New ones.
    pub added: Vec<Stored>,
    /// As they were, and as they shall be.
    pub changed: Vec<(Stored, Stored)>,
    /// To be deleted.
    pub removed: Vec<Stored>,
}

impl Written {
    /// Takes one away from a day on: it ends on the day before, or goes where it had not begun by then.
    pub fn take_away(&mut self, one: Stored, day: NaiveDate) {
        match one.until_before(day) {
            Some(ended) => self.changed.push((one, ended)),
            None => self.removed.push(one),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Stored> {
        let changed = self.changed.iter().map(|(_, after)| after);
        self.added.iter().chain(changed).chain(&self.removed)
    }

    /// Writes it, notes it in the trail of the user and of the pupil, works out who sees whom, and tells the devices.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn write(&self, tx: &mut Tx) -> Result<(), Failure> {
        insert(tx, &self.added).await?;
        update(tx, self.changed.iter().map(|(_, after)| after)).await?;
        delete(tx, &self.removed).await?;
        for one in &self.added {
            audit(tx, one, "assignment.created", "pupil.assigned");
            tx.notice(Cause::NewChild {
                user: one.user_id,
                pupil: one.pupil_id,
            });
        }
        for (before, after) in &self.changed {
            let ended = before
                .end_on
                .is_none_or(|end| after.end_on.is_some_and(|now| now < end));
            if ended && before.start_on == after.start_on && before.reads_all == after.reads_all {
                audit(tx, after, "assignment.ended", "pupil.assignment_ended");
            } else {
                audit(tx, after, "assignment.changed", "pupil.assignment_changed");
            }
        }
        for one in &self.removed {
            audit(tx, one, "assignment.removed", "pupil.assignment_removed");
        }
        let users: BTreeSet<UserId> = self.all().map(|one| one.user_id).collect();
        let pupils: BTreeSet<PupilId> = self.all().map(|one| one.pupil_id).collect();
        for user in &users {
            tx.change(Audience::LaRoles, Changed::Person(*user));
        }
        for pupil in pupils {
            tx.change(Audience::LaRoles, Changed::Pupil(pupil));
        }
        tx.refresh_access(&Affected::Users(users.into_iter().collect())).await
    }
}

fn audit(tx: &mut Tx, one: &Stored, of_user: &'static str, of_pupil: &'static str) {
    let mut detail = serde_json::json!({
        "assignment": one.id, "pupil": one.pupil_id, "start": one.start_on, "end": one.end_on, "reads_all": one.reads_all,
    });
    tx.audit(of_user, "user", Some(one.user_id.0), &detail);
    detail["user"] = serde_json::json!(one.user_id);
    tx.audit(of_pupil, "pupil", Some(one.pupil_id.0), &detail);
}

const CELLS: [Column; 6] = [
    Column::Id("id"),
    Column::Id("user_id"),
    Column::Id("pupil_id"),
    Column::Day("start_on"),
    Column::Day("end_on"),
    Column::Bool("reads_all"),
];

fn json<'a>(rows: impl Iterator<Item = &'a Stored>) -> JsonRows {
    let mut json = JsonRows::new();
    for one in rows {
        json.push(&[
            &one.id,
            &one.user_id,
            &one.pupil_id,
            &one.start_on,
            &one.end_on,
            &one.reads_all,
        ]);
    }
    json
}

async fn insert(tx: &mut Tx, added: &[Stored]) -> Result<(), StoreError> {
    let rows = json(added.iter());
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO assignments (id, user_id, pupil_id, start_on, end_on, reads_all)
         SELECT id, user_id, pupil_id, start_on, end_on, reads_all FROM {} AS r",
        tx.engine().rows("$1", &CELLS)
    );
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(rows.json()).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn update(tx: &mut Tx, changed: impl Iterator<Item = &Stored>) -> Result<(), StoreError> {
    let rows = json(changed);
    if rows.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE assignments SET start_on = r.start_on, end_on = r.end_on, reads_all = r.reads_all
         FROM {} AS r WHERE assignments.id = r.id",
        tx.engine().rows("$1", &CELLS)
    );
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(rows.json()).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn delete(tx: &mut Tx, removed: &[Stored]) -> Result<(), StoreError> {
    if removed.is_empty() {
        return Ok(());
    }
    let sql = format!("DELETE FROM assignments WHERE id IN {}", tx.engine().ids("$1"));
    let ids = hex_ids(removed.iter().map(|one| one.id));
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(())
}
