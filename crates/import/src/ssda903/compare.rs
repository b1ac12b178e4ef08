//! What a return proposes beside what is held here. It is last March's picture: it never overrides a later date.

use chrono::NaiveDate;
use lac_domain::CarePeriodId;

use super::ReturnedPeriod;

/// A care period that is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeldPeriod {
    /// Its id.
    pub id: CarePeriodId,
    /// The first day in care.
    pub start: NaiveDate,
    /// The first day no longer in care, if it ended.
    pub end: Option<NaiveDate>,
}

/// What a time in care of the return comes to beside what is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    /// It is held just so.
    Same,
    /// Nothing like it is held: a care period to be added.
    Open {
        /// The first day in care.
        start: NaiveDate,
        /// The first day no longer in care, if it ended.
        end: Option<NaiveDate>,
    },
    /// It is held as not ended, and the return says when it ended.
    Close {
        /// The care period.
        period: CarePeriodId,
        /// The first day no longer in care.
        end: NaiveDate,
    },
    /// What is held here is of a later day than the return, and stands.
    LaterHere,
    /// The two differ in a way that a person has to look at.
    Differs {
        /// The first day in care, as it is held.
        start: NaiveDate,
        /// The first day no longer in care, as it is held.
        end: Option<NaiveDate>,
    },
}

/// Looks at a time in care of the return, as it stood on a day, beside all that is held of the child.
#[must_use]
pub fn beside(returned: &ReturnedPeriod, held: &[HeldPeriod], as_at: NaiveDate) -> Beside {
    let mut shared = held.iter().filter(|held| overlap(returned, held));
    let Some(first) = shared.next() else {
        // Care that begins here after the return's day is news to it; care that it calls open ended before then.
        let later = held.iter().any(|held| held.start > as_at);
        return match returned.end {
            None if later => Beside::LaterHere,
            end => Beside::Open {
                start: returned.start,
                end,
            },
        };
    };
    let differs = Beside::Differs {
        start: first.start,
        end: first.end,
    };
    if shared.next().is_some() {
        return differs;
    }
    match (returned.end, first.end) {
        (end, held_end) if end == held_end && returned.start == first.start => Beside::Same,
        // Begun or ended after the return's day, so the return could not know.
        (None, Some(held_end)) if held_end > as_at && returned.start == first.start => Beside::LaterHere,
        (_, _) if first.start > as_at => Beside::LaterHere,
        (Some(end), None) if returned.start == first.start => Beside::Close { period: first.id, end },
        (Some(end), Some(held_end)) if held_end > end && returned.start == first.start => Beside::LaterHere,
        _ => differs,
    }
}

fn overlap(returned: &ReturnedPeriod, held: &HeldPeriod) -> bool {
    returned.end.is_none_or(|end| held.start < end) && held.end.is_none_or(|end| returned.start < end)
}
