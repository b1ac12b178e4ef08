//! Instants and days. An instant is UTC, cut to milliseconds when made; a day is a date in Europe/London.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SubsecRound, TimeZone, Utc};
use serde::{Deserialize, Serialize};

/// An instant in UTC with millisecond precision; RFC 3339 with `Z` in JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(transparent)]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// The instant, cut (not rounded) to milliseconds.
    #[must_use]
    pub fn new(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(3))
    }

    /// The instant so many milliseconds after 1970, or none where no calendar reaches it.
    #[must_use]
    pub fn from_unix_millis(millis: i64) -> Option<Self> {
        DateTime::from_timestamp_millis(millis).map(Self)
    }

    /// Milliseconds since 1970; before it, zero.
    #[must_use]
    pub fn unix_millis(self) -> u64 {
        u64::try_from(self.0.timestamp_millis()).unwrap_or(0)
    }

    /// The instant as chrono knows it.
    #[must_use]
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }

    /// This instant moved by a span; at the calendar's ends it stays where it is.
    #[must_use]
    pub fn plus(self, span: chrono::TimeDelta) -> Self {
        self.0.checked_add_signed(span).map_or(self, Self::new)
    }

    /// The span since an earlier instant.
    #[must_use]
    pub fn since(self, earlier: Self) -> chrono::TimeDelta {
        self.0 - earlier.0
    }

    /// The date in Europe/London at this instant: what the rules call "today".
    #[must_use]
    pub fn london_date(self) -> NaiveDate {
        self.london().date()
    }

    /// The instant at which clocks in London show a date and time; the first of two where they are put back, and an
    /// hour later where they are put forward over it.
    #[must_use]
    pub fn from_london(at: NaiveDateTime) -> Self {
        let zone = chrono_tz::Europe::London;
        let found = zone.from_local_datetime(&at).earliest();
        let found = found.or_else(|| zone.from_local_datetime(&(at + chrono::TimeDelta::hours(1))).earliest());
        Self::new(found.map_or_else(|| at.and_utc(), |found| found.with_timezone(&Utc)))
    }

    /// The date and time that clocks in London show at this instant, for people to read.
    #[must_use]
    pub fn london(self) -> NaiveDateTime {
        self.0.with_timezone(&chrono_tz::Europe::London).naive_local()
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(Self::new)
    }
}

/// The day on which a person reaches an age; born on 29 February, that is 1 March in a common year
/// (Family Law Reform Act 1969, section 9, as read in England).
#[must_use]
pub fn birthday(born: NaiveDate, age: i32) -> NaiveDate {
    let year = born.year() + age;
    born.with_year(year)
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
        .unwrap_or(born)
}

/// The latest date of birth of those who have reached an age by a day: who was born later has not.
#[must_use]
pub fn born_by(day: NaiveDate, age: i32) -> NaiveDate {
    // In a common year 28 February is also the day before the birthday of those born on the 29th.
    day.with_year(day.year() - age)
        .or_else(|| NaiveDate::from_ymd_opt(day.year() - age, 2, 28))
        .unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn london_turns_midnight_an_hour_early_in_summer() {
        let at: Timestamp = serde_json::from_str("\"2026-07-01T23:30:00.123456Z\"").unwrap();
        assert_eq!(at.london_date(), day("2026-07-02"));
        assert_eq!(serde_json::to_string(&at).unwrap(), "\"2026-07-01T23:30:00.123Z\"");
        assert_eq!(at.london().to_string(), "2026-07-02 00:30:00.123");
        let winter: Timestamp = serde_json::from_str("\"2026-01-01T23:30:00Z\"").unwrap();
        assert_eq!(winter.london_date(), day("2026-01-01"));
    }

    #[test]
    fn london_time_is_read_back_also_when_the_clocks_change() {
        for text in ["2026-07-01T08:00:00", "2026-11-23T08:00:00", "2026-10-25T01:30:00"] {
            let at: NaiveDateTime = text.parse().unwrap();
            assert_eq!(Timestamp::from_london(at).london(), at);
        }
        let skipped: NaiveDateTime = "2026-03-29T01:30:00".parse().unwrap();
        assert_eq!(
            Timestamp::from_london(skipped).london().to_string(),
            "2026-03-29 02:30:00"
        );
    }

    #[test]
    fn a_leap_day_child_comes_of_age_on_the_first_of_march() {
        assert_eq!(birthday(day("2008-02-29"), 18), day("2026-03-01"));
        assert_eq!(birthday(day("2008-05-04"), 18), day("2026-05-04"));
    }

    #[test]
    fn those_who_reached_an_age_were_born_by_a_day() {
        let mut today = day("2025-12-01");
        while today < day("2029-01-01") {
            let limit = born_by(today, 18);
            for born in [limit.pred_opt().unwrap(), limit, limit.succ_opt().unwrap()] {
                assert_eq!(born <= limit, birthday(born, 18) <= today, "{born} on {today}");
            }
            today = today.succ_opt().unwrap();
        }
    }
}
