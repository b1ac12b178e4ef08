//! Working days and school weeks in England.

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::TermName;

/// Working days from which an enrolment is visible before it starts, when nobody sets another day.
pub const VISIBLE_WORKING_DAYS_BEFORE: u32 = 10;
/// School weeks for which the old establishment keeps sight of a pupil, at most.
pub const HANDOVER_SCHOOL_WEEKS: u32 = 10;

/// A run of days on which schools are closed, both days included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Closure {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// A school term as the authority set it, both days included.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Term {
    /// Which term.
    pub name: TermName,
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// The first day of the half-term holiday, where there is one.
    pub half_term_first: Option<NaiveDate>,
    /// Its last day.
    pub half_term_last: Option<NaiveDate>,
}

impl Term {
    /// Whether a day is a school day of this term.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        let half_term = matches!((self.half_term_first, self.half_term_last), (Some(first), Some(last)) if first <= day && day <= last);
        is_working_day(day) && self.first <= day && day <= self.last && !half_term
    }

    /// The first school day of the term's week of this number; the first is week 1, and weeks without a school day
    /// are not counted.
    #[must_use]
    pub fn week(&self, number: u32) -> Option<NaiveDate> {
        let mut week = None;
        let mut counted = 0;
        for day in self.first.iter_days().take_while(|day| *day <= self.last) {
            if self.holds(day) && week != Some(day.iso_week()) {
                week = Some(day.iso_week());
                counted += 1;
                if counted == number {
                    return Some(day);
                }
            }
        }
        None
    }
}

/// Judges the terms of an authority: each year has all three, in order and apart.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn judge_terms(terms: &[Term]) -> Result<(), String> {
    let shown = |day: NaiveDate| day.format("%-d %B %Y").to_string();
    let mut years: std::collections::BTreeMap<i32, Vec<&Term>> = std::collections::BTreeMap::new();
    for term in terms {
        if term.last <= term.first {
            return Err(format!(
                "The {} that starts on {} ends before it starts. Check both dates.",
                term.name.display_name().to_lowercase(),
                shown(term.first)
            ));
        }
        match (term.half_term_first, term.half_term_last) {
            (None, None) => {}
            (Some(first), Some(last)) if term.first < first && first <= last && last < term.last => {}
            _ => {
                return Err(format!(
                    "The half-term holiday of the term that starts on {} needs two days within the term. Check both dates.",
                    shown(term.first)
                ));
            }
        }
        years.entry(academic_year(term.first)).or_default().push(term);
    }
    for (year, terms) in years {
        let names: Vec<TermName> = terms.iter().map(|term| term.name).collect();
        if names != TermName::ALL {
            return Err(format!(
                "Enter all three terms of the school year {year} to {}, in their order.",
                year + 1
            ));
        }
        if terms.windows(2).any(|pair| pair[1].first <= pair[0].last) || academic_year(terms[2].last) != year {
            return Err(format!(
                "Two terms of the school year {year} to {} overlap, or one ends after August. Check the dates.",
                year + 1
            ));
        }
    }
    Ok(())
}

/// When the authority's schools are closed. Years for which the authority has set no term dates are read
/// by the ordinary pattern of English maintained schools.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SchoolCalendar {
    /// Closures that the authority set; they stand for every academic year in which one of them begins.
    pub closures: Vec<Closure>,
    /// Terms that the authority set; in the academic years that they name, schools are open on their days alone.
    #[serde(default)]
    pub terms: Vec<Term>,
}

impl SchoolCalendar {
    /// Whether schools are open on a day.
    #[must_use]
    pub fn is_school_day(&self, day: NaiveDate) -> bool {
        if !is_working_day(day) {
            return false;
        }
        let year = academic_year(day);
        let mut of_year = self
            .terms
            .iter()
            .filter(|term| academic_year(term.first) == year)
            .peekable();
        if of_year.peek().is_some() {
            return of_year.any(|term| term.holds(day));
        }
        let mut set = self
            .closures
            .iter()
            .filter(|c| academic_year(c.first) == year)
            .peekable();
        if set.peek().is_some() {
            !set.any(|c| c.first <= day && day <= c.last)
        } else {
            !ordinary_closure(day)
        }
    }

    /// The day that lies so many school days before another: that many of them come after it, up to and with `day`.
    #[must_use]
    pub fn school_days_before(&self, day: NaiveDate, count: u32) -> NaiveDate {
        let (mut at, mut left) = (day, count);
        for _ in 0..800 {
            if left == 0 {
                break;
            }
            if self.is_school_day(at) {
                left -= 1;
            }
            let Some(previous) = at.pred_opt() else { break };
            at = previous;
        }
        at
    }

    /// The last day of so many school weeks after a day: weeks from Monday to Sunday that hold at least one
    /// school day count, others do not. The week of `after` itself counts only for school days later than it.
    #[must_use]
    pub fn school_weeks_after(&self, after: NaiveDate, weeks: u32) -> NaiveDate {
        let mut day = after;
        let mut counted = 0;
        let mut counted_week = None;
        // No calendar is closed for two years on end; the bound keeps a wrong one from looping.
        for _ in 0..800 {
            let Some(next) = day.succ_opt() else { return day };
            let week = next.iso_week();
            if self.is_school_day(next) && counted_week != Some(week) {
                if counted == weeks {
                    return day;
                }
                counted += 1;
                counted_week = Some(week);
            }
            day = next;
        }
        day
    }
}

/// The academic year of a day, by the year in which it begins: 1 September to 31 August.
#[must_use]
pub fn academic_year(day: NaiveDate) -> i32 {
    if day.month() >= 9 { day.year() } else { day.year() - 1 }
}

/// The national-curriculum year group of a pupil on a day: 0 is Reception, negative before it, 1 to 13 after.
/// A pupil is in Reception in the academic year in which they turn five (School Admissions Code).
#[must_use]
pub fn year_group(born: NaiveDate, day: NaiveDate) -> i32 {
    academic_year(day) - reception_year(born)
}

/// The academic year, by the year in which it begins, in which a pupil is in Reception by their date of birth. A
/// pupil who is taught with another year group has another one, and moves on with it each September.
#[must_use]
pub fn reception_year(born: NaiveDate) -> i32 {
    academic_year(born) + 5
}

/// Whether a day is a working day: Monday to Friday, and no bank holiday in England.
#[must_use]
pub fn is_working_day(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun) && !is_bank_holiday(day)
}

/// The day that lies so many working days before another.
#[must_use]
pub fn working_days_before(day: NaiveDate, count: u32) -> NaiveDate {
    let mut at = day;
    let mut left = count;
    while left > 0 {
        let Some(previous) = at.pred_opt() else { return at };
        at = previous;
        if is_working_day(at) {
            left -= 1;
        }
    }
    at
}

/// Bank holidays in England by the standing rules of the Banking and Financial Dealings Act 1971;
/// days proclaimed once (a coronation) are not known here.
fn is_bank_holiday(day: NaiveDate) -> bool {
    let easter = easter_sunday(day.year());
    let from_easter = (day - easter).num_days();
    if from_easter == -2 || from_easter == 1 {
        return true;
    }
    let monday = day.weekday() == Weekday::Mon;
    match (day.month(), day.day()) {
        (1, 1) => true,
        (1, 2 | 3) => monday,
        (5, 1..=7) | (5, 25..=31) | (8, 25..=31) => monday,
        (12, 25 | 26) => true,
        // The substitute days, when Christmas or Boxing Day falls on a weekend.
        (12, 27) => matches!(day.weekday(), Weekday::Mon | Weekday::Tue),
        (12, 28) => matches!(day.weekday(), Weekday::Mon | Weekday::Tue),
        _ => false,
    }
}

/// Easter Sunday of a year, by the Gregorian computus (Butcher's algorithm).
fn easter_sunday(year: i32) -> NaiveDate {
    let a = year % 19;
    let (b, c) = (year / 100, year % 100);
    let (d, e) = (b / 4, b % 4);
    let g = (b - (b + 8) / 25 + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let month = (h + l - 7 * m + 114) / 31;
    let day = (h + l - 7 * m + 114) % 31 + 1;
    let part = |n: i32| u32::try_from(n).unwrap_or(1);
    NaiveDate::from_ymd_opt(year, part(month), part(day)).unwrap_or_default()
}

/// The ordinary holidays of English maintained schools: three terms, a half-term week in each.
fn ordinary_closure(day: NaiveDate) -> bool {
    let week_of = |other: NaiveDate| day.iso_week() == other.iso_week();
    let on = |month, d| NaiveDate::from_ymd_opt(day.year(), month, d).unwrap_or(day);
    let easter = easter_sunday(day.year());
    match (day.month(), day.day()) {
        (7, 22..) | (8, _) | (12, 21..) | (1, 1..=3) => true,
        (2, _) => (15..=21).contains(&(day - Days::new(u64::from(day.weekday().num_days_from_monday()))).day()),
        (5 | 6, _) => week_of(on(5, 31) - Days::new(u64::from(on(5, 31).weekday().num_days_from_monday()))),
        (10 | 11, _) => week_of(on(10, 29)),
        _ => week_of(easter) || week_of(easter + Days::new(1)),
    }
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
