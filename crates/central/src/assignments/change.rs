//! Making, changing and taking away assignments, many at once.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{AssignmentId, PupilId, UserId};
use lac_wire::{AssignmentsChanged, ChangeAssignments, ErrorCode, NewAssignment};

use super::rows::{self, Stored, Written};
use super::who::{self, Assignee};
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// The most assignments of one request.
const MOST: usize = 1_000;

/// Changes assignments, all of them or none.
pub(super) struct Change {
    /// Who asks.
    pub scope: Scope,
    /// What for.
    pub asked: ChangeAssignments,
}

#[async_trait]
impl Job for Change {
    type Output = AssignmentsChanged;

    async fn run(&self, tx: &mut Tx) -> Result<AssignmentsChanged, Failure> {
        let ChangeAssignments { add, change, remove } = &self.asked;
        if add.len() + change.len() + remove.len() > MOST {
            let message = format!("At most {MOST} assignments can be changed at once. Choose fewer pupils.");
            return Err(Refusal::new(ErrorCode::FieldInvalid, message).about("add").into());
        }
        let named = change.iter().map(|one| one.id).chain(remove.iter().copied());
        let stored = self.stored(tx, named.collect()).await?;
        let mut written = Written::default();
        for one in change {
            let before = stored[&one.id];
            require_days(one.start, one.end)?;
            let after = Stored {
                start_on: one.start,
                end_on: one.end,
                reads_all: one.reads_all,
                ..before
            };
            if after != before {
                written.changed.push((before, after));
            }
        }
        let today = tx.today();
        for id in remove {
            // One that has ended is history already.
            if let Some(one) = stored.get(id).filter(|one| one.end_on.is_none_or(|end| today <= end)) {
                written.take_away(*one, today);
            }
        }
        self.add(tx, add, &mut written).await?;
        require_apart(tx, &written).await?;
        written.write(tx).await?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (added, changed, removed) = (add.len(), change.len(), remove.len());
        Ok(AssignmentsChanged {
            added: count(added),
            changed: count(changed),
            removed: count(removed),
        })
    }
}

impl Change {
    /// The assignments that are named: all must be there, of pupils whom who asks may see, and each named once.
    async fn stored(&self, tx: &mut Tx, ids: Vec<AssignmentId>) -> Result<BTreeMap<AssignmentId, Stored>, Failure> {
        let found = rows::by_ids(tx.conn(), ids.iter().copied()).await?;
        let stored: BTreeMap<AssignmentId, Stored> = found.into_iter().map(|one| (one.id, one)).collect();
        let pupils: BTreeSet<PupilId> = stored.values().map(|one| one.pupil_id).collect();
        let unseen = who::unseen(tx.conn(), self.scope, &pupils).await?;
        let known = |id: &AssignmentId| stored.get(id).is_some_and(|one| !unseen.contains(&one.pupil_id));
        if let Some(missing) = ids.iter().find(|id| !known(id)) {
            return Err(Refusal::not_found()
                .denied("assignment.change", "assignment", missing.0)
                .into());
        }
        if stored.len() < ids.len() {
            let message = "One assignment was named twice. Go back to the list, and make the change anew.";
            return Err(Refusal::field("change", message).into());
        }
        Ok(stored)
    }

    async fn add(&self, tx: &mut Tx, add: &[NewAssignment], written: &mut Written) -> Result<(), Failure> {
        if add.is_empty() {
            return Ok(());
        }
        let users: BTreeSet<UserId> = add.iter().map(|one| one.user_id).collect();
        let pupils: BTreeSet<PupilId> = add.iter().map(|one| one.pupil_id).collect();
        who::require_seen(tx.conn(), self.scope, &pupils).await?;
        let assignees = who::assignees(tx.conn(), &users).await?;
        let pairs = add.iter().map(|one| (one.user_id, one.pupil_id)).collect();
        for assignee in assignees.values() {
            assignee.require_assignable("user_id")?;
        }
        who::require_no_bar(tx.conn(), &pairs, &assignees, "pupil_id").await?;
        for one in add {
            let start = one.start.unwrap_or_else(|| tx.today());
            require_days(start, one.end)?;
            written.added.push(Stored {
                id: tx.new_id()?,
                user_id: one.user_id,
                pupil_id: one.pupil_id,
                start_on: start,
                end_on: one.end,
                reads_all: choice(&assignees[&one.user_id], one.reads_all)?,
            });
        }
        Ok(())
    }
}

/// What is chosen, which nobody chooses for who assigns; LA roles read all in any case.
pub(super) fn choice(assignee: &Assignee, reads_all: Option<bool>) -> Result<bool, Refusal> {
    if assignee.role.is_la() {
        return Ok(true);
    }
    reads_all.ok_or_else(|| {
        let message = format!(
            "Choose whether {} reads all that was written about the pupil, or only conversations that they are part of.",
            assignee.name()
        );
        Refusal::field("reads_all", message)
    })
}

fn require_days(start: NaiveDate, end: Option<NaiveDate>) -> Result<(), Refusal> {
    if end.is_some_and(|end| end < start) {
        let message = "The last day of an assignment is before its first day. Check both dates.";
        return Err(Refusal::field("end", message));
    }
    Ok(())
}

/// Refuses two assignments of one user to one pupil that share a day.
async fn require_apart(tx: &mut Tx, written: &Written) -> Result<(), Failure> {
    let after = || {
        written
            .added
            .iter()
            .chain(written.changed.iter().map(|(_, after)| after))
    };
    let users: BTreeSet<UserId> = after().map(|one| one.user_id).collect();
    let pupils: BTreeSet<PupilId> = after().map(|one| one.pupil_id).collect();
    if users.is_empty() {
        return Ok(());
    }
    let touched: BTreeSet<AssignmentId> = written
        .changed
        .iter()
        .map(|(before, _)| before.id)
        .chain(written.removed.iter().map(|one| one.id))
        .collect();
    let mut days: BTreeMap<(UserId, PupilId), Vec<Days>> = BTreeMap::new();
    for one in rows::between(tx.conn(), users, pupils).await? {
        if !touched.contains(&one.id) {
            days.entry((one.user_id, one.pupil_id)).or_default().push(one.days());
        }
    }
    for one in after() {
        let others = days.entry((one.user_id, one.pupil_id)).or_default();
        if others.iter().any(|other| other.overlaps(&one.days())) {
            let pupil = who::name_of(tx.conn(), one.pupil_id).await?;
            let message = format!(
                "{pupil} is assigned to this user already on some of these days. Change the dates of that assignment instead."
            );
            return Err(Refusal::field("pupil_id", message).into());
        }
        others.push(one.days());
    }
    Ok(())
}
