//! Handing a user's pupils over to another, or leaving them without, in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{PupilId, UserId};
use lac_wire::{HandOverPupils, HandedOver};
use sqlx::AssertSqlSafe;

use super::change::choice;
use super::rows::{self, Stored, Written};
use super::who::{self, Assignee};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::writer::{Job, Tx};

/// Hands all pupils of a user over.
pub(super) struct HandOverJob {
    /// Who asks.
    pub scope: Scope,
    /// Whose pupils.
    pub user: UserId,
    /// To whom, from when, and what is chosen.
    pub asked: HandOverPupils,
}

#[async_trait]
impl Job for HandOverJob {
    type Output = HandedOver;

    async fn run(&self, tx: &mut Tx) -> Result<HandedOver, Failure> {
        let day = self.asked.from.unwrap_or_else(|| tx.today());
        if day < tx.today() {
            let message = "A hand-over cannot begin in the past. Choose today or a later day.";
            return Err(Refusal::field("from", message).into());
        }
        hand_over(tx, self.scope, self.user, self.asked.to, day, self.asked.reads_all).await
    }
}

/// Assignments of a user that hold on a day or later, to pupils whom who asks may see: of others nothing is known,
/// and nothing is done.
async fn left(conn: &mut Conn, scope: Scope, user: UserId, day: NaiveDate) -> Result<Vec<Stored>, StoreError> {
    let sql = format!(
        "SELECT a.id, a.user_id, a.pupil_id, a.start_on, a.end_on, a.reads_all FROM assignments a
         WHERE a.user_id = $2 AND (a.end_on IS NULL OR a.end_on >= $3) AND {} ORDER BY a.id",
        scope.sees_pupil("a.pupil_id")
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(user).bind(day).fetch_all(c).await)?)
}

/// How many pupils a user would leave behind today, as far as who asks may see them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn count_left(conn: &mut Conn, scope: Scope, user: UserId) -> Result<usize, StoreError> {
    let pupils: BTreeSet<PupilId> = left(conn, scope, user, scope.today)
        .await?
        .into_iter()
        .map(|one| one.pupil_id)
        .collect();
    Ok(pupils.len())
}

/// Hands the pupils of a user over to another from a day on. Whom the other has already stays as it is.
///
/// # Errors
/// A refusal where the other may not have them, or the choice is missing; or when the database fails.
pub(crate) async fn hand_over(
    tx: &mut Tx,
    scope: Scope,
    user: UserId,
    to: UserId,
    day: NaiveDate,
    reads_all: Option<bool>,
) -> Result<HandedOver, Failure> {
    if user == to {
        return Err(Refusal::field(
            "to",
            "Choose somebody else: pupils cannot be handed over to the same user.",
        )
        .into());
    }
    let assignees = who::assignees(tx.conn(), &BTreeSet::from([user, to])).await?;
    assignees[&to].require_assignable("to")?;
    let before = left(tx.conn(), scope, user, day).await?;
    let pupils: BTreeSet<PupilId> = before.iter().map(|one| one.pupil_id).collect();
    let pairs = pupils.iter().map(|pupil| (to, *pupil)).collect();
    who::require_no_bar(tx.conn(), &pairs, &assignees, "to").await?;
    let mut taken: HashMap<PupilId, Vec<Days>> = HashMap::new();
    for one in rows::between(tx.conn(), [to], pupils.iter().copied()).await? {
        taken.entry(one.pupil_id).or_default().push(one.days());
    }
    let mut written = Written::default();
    let mut new: BTreeMap<PupilId, ()> = BTreeMap::new();
    for one in before {
        let reads_all = chosen(&assignees[&user], &assignees[&to], &one, reads_all)?;
        let wanted = Days {
            start: one.start_on.max(day),
            end: one.end_on,
        };
        let held = taken.entry(one.pupil_id).or_default();
        for gap in gaps(wanted, held) {
            written.added.push(Stored {
                id: tx.new_id()?,
                user_id: to,
                start_on: gap.start,
                end_on: gap.end,
                reads_all,
                ..one
            });
            held.push(gap);
            new.insert(one.pupil_id, ());
        }
        written.take_away(one, day);
    }
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let handed = HandedOver {
        pupils: count(pupils.len()),
        had_already: count(pupils.len() - new.len()),
    };
    if handed.pupils > 0 {
        let detail = serde_json::json!({ "to": to, "from": day, "pupils": handed.pupils });
        tx.audit("user.handed_over", "user", Some(user.0), &detail);
        let detail = serde_json::json!({ "from_user": user, "from": day, "pupils": handed.pupils });
        tx.audit("user.took_over", "user", Some(to.0), &detail);
        written.write(tx).await?;
    }
    Ok(handed)
}

/// As it was for each pupil, unless something is said. A focus list says nothing of what a Social Worker may read.
fn chosen(from: &Assignee, to: &Assignee, one: &Stored, reads_all: Option<bool>) -> Result<bool, Refusal> {
    let as_it_was = (!from.role.is_la()).then_some(one.reads_all);
    choice(to, reads_all.or(as_it_was))
}

/// The runs of days of `wanted` that none of `taken` holds, in order.
fn gaps(wanted: Days, taken: &[Days]) -> Vec<Days> {
    let mut taken: Vec<Days> = taken.iter().filter(|days| days.overlaps(&wanted)).copied().collect();
    taken.sort_by_key(|days| days.start);
    let mut gaps = Vec::new();
    let mut start = wanted.start;
    for days in taken {
        if start < days.start {
            gaps.push(Days {
                start,
                end: days.start.pred_opt(),
            });
        }
        let Some(next) = days.end.and_then(|end| end.succ_opt()) else {
            return gaps;
        };
        start = start.max(next);
    }
    if wanted.end.is_none_or(|end| start <= end) {
        gaps.push(Days { start, end: wanted.end });
    }
    gaps
}

/// Ends the focus lists of users who will have no LA role any more: in another role an assignment says what they may
/// read, and that nobody has chosen.
///
/// # Errors
/// When the database fails.
pub(crate) async fn end_focus_lists(tx: &mut Tx, users: impl IntoIterator<Item = UserId>) -> Result<(), Failure> {
    let today = tx.today();
    let mut written = Written::default();
    for one in rows::held_from(tx.conn(), users, today).await? {
        written.take_away(one, today);
    }
    written.write(tx).await
}

/// Makes assignments again what they were before they were ended.
///
/// # Errors
/// When the database fails.
pub(crate) async fn give_back(tx: &mut Tx, former: &[Stored]) -> Result<(), Failure> {
    let now = rows::by_ids(tx.conn(), former.iter().map(|one| one.id)).await?;
    let mut written = Written::default();
    for one in former {
        match now.iter().find(|other| other.id == one.id) {
            Some(ended) => written.changed.push((*ended, *one)),
            None => written.added.push(*one),
        }
    }
    written.write(tx).await
}

/// Leaves the pupils of a user without: the assignments end at once, those that have not begun go.
///
/// # Errors
/// When the database fails.
pub(crate) async fn leave_without(tx: &mut Tx, scope: Scope, user: UserId) -> Result<(), Failure> {
    let left = left(tx.conn(), scope, user, scope.today).await?;
    let pupils: BTreeSet<PupilId> = left.iter().map(|one| one.pupil_id).collect();
    let mut written = Written::default();
    for one in left {
        written.take_away(one, scope.today);
    }
    let detail = serde_json::json!({ "pupils": pupils.len() });
    tx.audit("user.left_pupils", "user", Some(user.0), &detail);
    written.write(tx).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, number).unwrap()
    }

    fn days(start: u32, end: Option<u32>) -> Days {
        Days {
            start: day(start),
            end: end.map(day),
        }
    }

    #[test]
    fn what_is_not_taken_is_found_day_by_day() {
        use proptest::prelude::*;
        let run = || {
            (1..28_u32, proptest::option::of(0..10_u32))
                .prop_map(|(start, length)| days(start, length.map(|length| (start + length).min(30))))
        };
        proptest!(|(wanted in run(), taken in proptest::collection::vec(run(), 0..4))| {
            let gaps = gaps(wanted, &taken);
            for number in 1..=30 {
                let day = day(number);
                let free = wanted.holds(day) && !taken.iter().any(|days| days.holds(day));
                prop_assert_eq!(gaps.iter().filter(|gap| gap.holds(day)).count(), usize::from(free), "{}", day);
            }
        });
    }

    #[test]
    fn an_open_end_stays_open_and_a_taken_one_is_left() {
        assert_eq!(gaps(days(5, None), &[]), [days(5, None)]);
        assert_eq!(gaps(days(5, None), &[days(1, None)]), []);
        assert_eq!(gaps(days(5, None), &[days(1, Some(8))]), [days(9, None)]);
    }
}
