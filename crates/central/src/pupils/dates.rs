//! The rules of dates: which care periods and enrolments a pupil may have beside each other.

use chrono::NaiveDate;
use lac_domain::EnrolmentKind;
use lac_domain::access::Days;
use lac_wire::{CarePeriodEntry, EnrolmentEntry, ErrorCode};

use super::sentences::shown;
use crate::error::Refusal;

/// The oldest that a pupil may be when added: care leavers are supported until 25.
const OLDEST: i32 = 30;

fn dates(field: &str, message: String) -> Refusal {
    Refusal::new(ErrorCode::Dates, message).about(field)
}

/// Judges a date of birth.
///
/// # Errors
/// A refusal when it lies in the future or too far back.
pub(crate) fn born(born: NaiveDate, today: NaiveDate) -> Result<(), Refusal> {
    if born > today {
        return Err(Refusal::field("born", "This date of birth is in the future. Check it."));
    }
    if lac_domain::birthday(born, OLDEST) <= today {
        return Err(Refusal::field(
            "born",
            format!(
                "A pupil born on {} would be {OLDEST} or older. Check the date of birth.",
                shown(born)
            ),
        ));
    }
    Ok(())
}

/// Judges a date of birth that is corrected: no date of care or school may lie before it.
///
/// # Errors
/// A refusal that names the first date.
pub(super) fn born_before(born: NaiveDate, first: Option<NaiveDate>) -> Result<(), Refusal> {
    match first.filter(|first| *first < born) {
        None => Ok(()),
        Some(first) => Err(Refusal::field(
            "born",
            format!(
                "This date of birth is after {}, when the pupil was in care or at an establishment already. Check both dates.",
                shown(first)
            ),
        )),
    }
}

/// The refusal for adoption given as an ordinary reason.
pub(super) fn adoption_has_its_step(field: &str) -> Refusal {
    let message =
        "Adoption closes the record for good, so it has a step of its own. Use “Close: the child was adopted”.";
    dates(field, message.to_owned())
}

/// The refusal to close a record, because of adoption, of a pupil who was never in care here.
pub(super) fn never_in_care() -> Refusal {
    let message =
        "This pupil has no care period, so care cannot have ended by adoption. Enter when the pupil was in care first.";
    dates("on", message.to_owned())
}

/// What is odd about enrolments, each as a sentence: two that overlap at different establishments, as in dual
/// registration.
pub(super) fn overlaps(today: NaiveDate, enrolments: &[lac_wire::Enrolment]) -> Vec<String> {
    let days = |one: &lac_wire::Enrolment| Days {
        start: one.start,
        end: one.end,
    };
    let current: Vec<_> = enrolments
        .iter()
        .filter(|one| one.end.is_none_or(|end| end >= today))
        .collect();
    let mut sentences = Vec::new();
    for (at, one) in current.iter().enumerate() {
        for other in current[at + 1..]
            .iter()
            .filter(|other| days(one).overlaps(&days(other)))
        {
            sentences.push(format!(
                "The enrolments at {} ({}) and {} ({}) overlap from {}. Both establishments see the pupil.",
                one.establishment_name,
                one.kind,
                other.establishment_name,
                other.kind,
                shown(one.start.max(other.start))
            ));
        }
    }
    sentences
}

/// Judges care periods: each ends after it starts, none is before birth, none overlaps another.
///
/// # Errors
/// A refusal that names the dates at fault.
pub(crate) fn care_periods(born: NaiveDate, periods: &[CarePeriodEntry]) -> Result<(), Refusal> {
    let refuse = |message| Err(dates("care_periods", message));
    for period in periods {
        if period.start < born {
            return refuse(format!(
                "A care period starts on {}, before the date of birth. Check both dates.",
                shown(period.start)
            ));
        }
        if period.end.is_none() && period.end_reason.is_some() {
            return refuse("A care period with a reason why it ended needs the day on which it ended. Enter that day, or take the reason away.".to_owned());
        }
        if let Some(end) = period.end.filter(|end| *end <= period.start) {
            return refuse(format!(
                "A care period that starts on {} cannot end on {}: its end is the first day no longer in care. Check both dates.",
                shown(period.start),
                shown(end)
            ));
        }
    }
    for (at, one) in periods.iter().enumerate() {
        for other in &periods[at + 1..] {
            let apart = one.end.is_some_and(|end| end <= other.start) || other.end.is_some_and(|end| end <= one.start);
            if !apart {
                return refuse(format!(
                    "The care periods that start on {} and {} overlap. End the first before the second starts.",
                    shown(one.start.min(other.start)),
                    shown(one.start.max(other.start))
                ));
            }
        }
    }
    Ok(())
}

/// Judges enrolments: each ends no earlier than it starts, none overlaps another at the same establishment, and
/// there is at most one `Main` on a day.
///
/// # Errors
/// A refusal that names the dates at fault.
pub(crate) fn enrolments(born: NaiveDate, entries: &[EnrolmentEntry]) -> Result<(), Refusal> {
    let refuse = |message| Err(dates("enrolments", message));
    for entry in entries {
        if entry.start < born {
            return refuse(format!(
                "An enrolment starts on {}, before the date of birth. Check both dates.",
                shown(entry.start)
            ));
        }
        if let Some(end) = entry.end.filter(|end| *end < entry.start) {
            return refuse(format!(
                "An enrolment that starts on {} cannot have its last day on {}. Check both dates.",
                shown(entry.start),
                shown(end)
            ));
        }
        if let (Some(from), Some(end)) = (entry.visible_from, entry.end)
            && from > end
        {
            return refuse(format!(
                "The establishment would see the pupil from {}, after the last day there. Check the dates.",
                shown(from)
            ));
        }
    }
    for (at, one) in entries.iter().enumerate() {
        for other in &entries[at + 1..] {
            if !days(one).overlaps(&days(other)) {
                continue;
            }
            let (first, second) = (shown(one.start.min(other.start)), shown(one.start.max(other.start)));
            if one.establishment_id == other.establishment_id {
                return refuse(format!(
                    "Two enrolments at the same establishment overlap: those that start on {first} and {second}. End the first before the second starts."
                ));
            }
            if one.kind == EnrolmentKind::Main && other.kind == EnrolmentKind::Main {
                return refuse(format!(
                    "There can be one Main enrolment on a day, and those that start on {first} and {second} overlap. Give the first a last day, or make one of them Dual."
                ));
            }
        }
    }
    Ok(())
}

fn days(entry: &EnrolmentEntry) -> Days {
    Days {
        start: entry.start,
        end: entry.end,
    }
}

#[cfg(test)]
mod tests {
    use lac_domain::EstablishmentId;
    use uuid::Uuid;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn care(start: &str, end: Option<&str>) -> CarePeriodEntry {
        CarePeriodEntry {
            start: day(start),
            end: end.map(day),
            end_reason: None,
        }
    }

    fn at(school: u128, kind: EnrolmentKind, start: &str, end: Option<&str>) -> EnrolmentEntry {
        EnrolmentEntry {
            establishment_id: EstablishmentId(Uuid::from_u128(school)),
            kind,
            start: day(start),
            end: end.map(day),
            visible_from: None,
        }
    }

    #[test]
    fn care_periods_may_touch_and_never_overlap() {
        let born = day("2014-05-04");
        let touching = [care("2025-01-10", Some("2025-03-01")), care("2025-03-01", None)];
        assert_eq!(care_periods(born, &touching), Ok(()));
        for bad in [
            vec![care("2025-01-10", Some("2025-03-02")), care("2025-03-01", None)],
            vec![care("2025-03-01", None), care("2025-01-10", None)],
            vec![care("2025-01-10", Some("2025-01-10"))],
            vec![care("2014-05-03", None)],
        ] {
            let refusal = care_periods(born, &bad).unwrap_err();
            assert_eq!(
                (refusal.code, refusal.field.as_deref()),
                (ErrorCode::Dates, Some("care_periods")),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn one_main_on_a_day_and_one_enrolment_at_a_school() {
        use EnrolmentKind::{Dual, Main};
        let born = day("2014-05-04");
        let good = [
            at(1, Main, "2024-09-03", Some("2026-07-21")),
            at(2, Main, "2026-07-22", None),
            at(3, Dual, "2025-01-01", None),
        ];
        assert_eq!(enrolments(born, &good), Ok(()));
        for bad in [
            vec![
                at(1, Main, "2024-09-03", Some("2026-07-21")),
                at(2, Main, "2026-07-21", None),
            ],
            vec![at(1, Main, "2024-09-03", None), at(1, Dual, "2026-07-21", None)],
            vec![at(1, Main, "2024-09-03", Some("2024-09-02"))],
            vec![EnrolmentEntry {
                visible_from: Some(day("2025-01-01")),
                ..at(1, Main, "2024-09-03", Some("2024-10-02"))
            }],
        ] {
            let refusal = enrolments(born, &bad).unwrap_err();
            assert_eq!(
                (refusal.code, refusal.field.as_deref()),
                (ErrorCode::Dates, Some("enrolments")),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn dates_of_birth() {
        let today = day("2026-11-23");
        assert_eq!(super::born(day("2026-11-23"), today), Ok(()));
        assert!(super::born(day("2026-11-24"), today).is_err());
        assert!(super::born(day("1996-11-23"), today).is_err());
        assert_eq!(super::born(day("1996-11-24"), today), Ok(()));
    }
}
