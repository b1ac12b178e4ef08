//! When reminders come again, which days of a term they mark, and when e-mails of what is unread go out.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Weekday};

use crate::calendar::Term;
use crate::{EmailFrequency, Repeat, Timestamp};

/// The longest that a reminder's text may be, in characters.
pub const REMINDER_LIMIT: usize = 500;

/// `from_hms_opt`, where the time is known to be one.
const fn time_of_day(hour: u32, minute: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, minute, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

/// The hour at which what belongs to a day comes: reminders of the term.
const MORNING: NaiveTime = time_of_day(8, 0);
/// The time at which daily and weekly e-mails go out.
const MAIL_TIME: NaiveTime = time_of_day(7, 30);

impl Repeat {
    /// When a reminder that was due comes again: the first time after both it and now, at the same time of day in
    /// London. With no term known to go by, a term is four months.
    #[must_use]
    pub fn next(self, due: Timestamp, now: Timestamp, terms: &[Term]) -> Timestamp {
        let first = due.london();
        // Bounded, so that a clock far off cannot hold anyone up: then it comes again from today on.
        for times in 1..=5_000 {
            let next = match self {
                Self::Daily => first.checked_add_days(Days::new(times)),
                Self::Weekly => first.checked_add_days(Days::new(7 * times)),
                Self::Monthly => months_after(first, times),
                Self::Termly => terms_after(first, times, terms).or_else(|| months_after(first, 4 * times)),
            };
            let Some(next) = next.map(Timestamp::from_london) else {
                break;
            };
            if next > now && next > due {
                return next;
            }
        }
        now.plus(TimeDelta::days(1))
    }
}

fn months_after(at: NaiveDateTime, months: u64) -> Option<NaiveDateTime> {
    at.checked_add_months(Months::new(u32::try_from(months).ok()?))
}

/// The same day of the term that comes so many terms later: as many days after its start, but within it.
fn terms_after(at: NaiveDateTime, times: u64, terms: &[Term]) -> Option<NaiveDateTime> {
    let here = terms.iter().rposition(|term| term.first <= at.date())?;
    let next = terms.get(here.checked_add(usize::try_from(times).ok()?)?)?;
    let day = next.first + (at.date() - terms[here].first);
    Some(day.min(next.last).and_time(at.time()))
}

/// A day of a term of which everyone is reminded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TermMoment {
    /// What tells it apart for good: the term's first day and which of its days it is.
    pub key: String,
    /// What is said.
    pub text: String,
    /// When.
    pub due: Timestamp,
}

/// The days of the terms of which everyone is reminded: the start, weeks 5 and 10, and the end.
#[must_use]
pub fn term_moments(terms: &[Term]) -> Vec<TermMoment> {
    let mut moments = Vec::new();
    for term in terms {
        let name = term.name.display_name();
        let lower = name.to_lowercase();
        let days: [(&str, Option<NaiveDate>, String); 4] = [
            ("start", Some(term.first), format!("The {lower} starts")),
            ("week5", term.week(5), format!("Week 5 of the {lower}")),
            ("week10", term.week(10), format!("Week 10 of the {lower}")),
            ("end", Some(term.last), format!("Last day of the {lower}")),
        ];
        for (which, day, text) in days {
            if let Some(day) = day {
                let (key, due) = (format!("term:{}:{which}", term.first), morning_of(day));
                moments.push(TermMoment { key, text, due });
            }
        }
    }
    moments
}

/// The morning of a day in London.
#[must_use]
pub fn morning_of(day: NaiveDate) -> Timestamp {
    Timestamp::from_london(day.and_time(MORNING))
}

impl EmailFrequency {
    /// When an e-mail goes out that is asked for now.
    #[must_use]
    pub fn due(self, now: Timestamp) -> Timestamp {
        let london = now.london();
        let morning = |mut day: NaiveDate, fits: fn(NaiveDate) -> bool| {
            if london.time() >= MAIL_TIME {
                day = day.succ_opt().unwrap_or(day);
            }
            let found = day.iter_days().take(8).find(|day| fits(*day)).unwrap_or(day);
            Timestamp::from_london(found.and_time(MAIL_TIME))
        };
        match self {
            Self::AtOnce => now,
            Self::Hourly => {
                let past =
                    TimeDelta::minutes(i64::from(london.minute())) + TimeDelta::seconds(i64::from(london.second()));
                Timestamp::new(
                    now.utc() - past - TimeDelta::nanoseconds(i64::from(london.nanosecond())) + TimeDelta::hours(1),
                )
            }
            Self::Daily => morning(london.date(), |_| true),
            Self::Weekly => morning(london.date(), |day| day.weekday() == Weekday::Mon),
        }
    }
}

/// A run of minutes of the day during which nobody is disturbed, from `from` to just before `to`, in minutes after
/// midnight; it may go over midnight.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct QuietHours {
    /// The first minute.
    pub from: u32,
    /// The first minute after it.
    pub to: u32,
}

impl QuietHours {
    /// Whether an instant lies in it, by clocks in London.
    #[must_use]
    pub fn hold(&self, at: Timestamp) -> bool {
        let time = at.london().time();
        let minute = time.hour() * 60 + time.minute();
        if self.from <= self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TermName;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_london(text.parse().unwrap())
    }

    fn term(name: TermName, first: &str, last: &str) -> Term {
        Term {
            name,
            first: first.parse().unwrap(),
            last: last.parse().unwrap(),
            half_term_first: None,
            half_term_last: None,
        }
    }

    #[test]
    fn a_reminder_comes_again_at_the_same_time_of_day() {
        // The clocks go back on 25 October 2026.
        let due = at("2026-10-24T09:00:00");
        assert_eq!(Repeat::Daily.next(due, due, &[]), at("2026-10-25T09:00:00"));
        assert_eq!(
            Repeat::Weekly.next(due, at("2026-11-20T12:00:00"), &[]),
            at("2026-11-21T09:00:00")
        );
        assert_eq!(
            Repeat::Monthly.next(at("2026-01-31T09:00:00"), at("2026-01-31T10:00:00"), &[]),
            at("2026-02-28T09:00:00")
        );
        assert_eq!(
            Repeat::Monthly.next(at("2026-01-31T09:00:00"), at("2026-03-01T10:00:00"), &[]),
            at("2026-03-31T09:00:00"),
            "the day is kept, not what a short month made of it"
        );
        // Done before it was due: it comes again after the day for which it was meant.
        assert_eq!(
            Repeat::Weekly.next(due, at("2026-10-01T09:00:00"), &[]),
            at("2026-10-31T09:00:00")
        );
    }

    #[test]
    fn termly_keeps_the_place_in_the_term() {
        let terms = [
            term(TermName::Autumn, "2026-09-02", "2026-12-18"),
            term(TermName::Spring, "2027-01-05", "2027-03-25"),
        ];
        assert_eq!(
            Repeat::Termly.next(at("2026-09-09T10:00:00"), at("2026-09-09T10:00:00"), &terms),
            at("2027-01-12T10:00:00")
        );
        assert_eq!(
            Repeat::Termly.next(at("2026-12-18T10:00:00"), at("2026-12-18T10:00:00"), &terms),
            at("2027-03-25T10:00:00")
        );
        assert_eq!(
            Repeat::Termly.next(at("2026-09-09T10:00:00"), at("2026-09-09T10:00:00"), &[]),
            at("2027-01-09T10:00:00")
        );
    }

    #[test]
    fn a_term_has_four_days_of_note() {
        let moments = term_moments(&[term(TermName::Autumn, "2026-09-02", "2026-12-18")]);
        let texts: Vec<&str> = moments.iter().map(|moment| moment.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "The autumn term starts",
                "Week 5 of the autumn term",
                "Week 10 of the autumn term",
                "Last day of the autumn term"
            ]
        );
        assert_eq!(moments[0].due, at("2026-09-02T08:00:00"));
        assert_eq!(moments[1].due, at("2026-09-28T08:00:00"));
    }

    #[test]
    fn mails_wait_for_their_hour_or_morning() {
        // Monday.
        let now = at("2026-11-23T09:10:30");
        assert_eq!(EmailFrequency::AtOnce.due(now), now);
        assert_eq!(EmailFrequency::Hourly.due(now), at("2026-11-23T10:00:00"));
        assert_eq!(EmailFrequency::Daily.due(now), at("2026-11-24T07:30:00"));
        assert_eq!(EmailFrequency::Weekly.due(now), at("2026-11-30T07:30:00"));
        assert_eq!(
            EmailFrequency::Weekly.due(at("2026-11-23T07:00:00")),
            at("2026-11-23T07:30:00")
        );
        assert_eq!(
            EmailFrequency::Daily.due(at("2026-11-23T07:00:00")),
            at("2026-11-23T07:30:00")
        );
    }

    #[test]
    fn quiet_hours_may_go_over_midnight() {
        let night = QuietHours {
            from: 18 * 60,
            to: 8 * 60,
        };
        for (text, quiet) in [
            ("2026-11-23T17:59:00", false),
            ("2026-11-23T18:00:00", true),
            ("2026-11-24T07:59:00", true),
            ("2026-11-24T08:00:00", false),
        ] {
            assert_eq!(night.hold(at(text)), quiet, "{text}");
        }
        let lesson = QuietHours {
            from: 9 * 60,
            to: 10 * 60,
        };
        assert!(lesson.hold(at("2026-07-01T09:30:00")) && !lesson.hold(at("2026-07-01T10:00:00")));
        assert!(!QuietHours { from: 60, to: 60 }.hold(at("2026-07-01T01:00:00")), "none");
    }
}
