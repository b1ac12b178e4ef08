use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn bank_holidays_of_2026_and_2027() {
    // https://www.gov.uk/bank-holidays, England and Wales.
    let holidays = [
        "2026-01-01",
        "2026-04-03",
        "2026-04-06",
        "2026-05-04",
        "2026-05-25",
        "2026-08-31",
        "2026-12-25",
        "2026-12-28",
        "2027-01-01",
        "2027-03-26",
        "2027-03-29",
        "2027-05-03",
        "2027-05-31",
        "2027-08-30",
        "2027-12-27",
        "2027-12-28",
    ];
    let mut at = day("2026-01-01");
    let mut found = Vec::new();
    while at < day("2028-01-01") {
        if is_bank_holiday(at) && !matches!(at.weekday(), Weekday::Sat | Weekday::Sun) {
            found.push(at.to_string());
        }
        at = at.succ_opt().unwrap();
    }
    assert_eq!(found, holidays);
}

#[test]
fn visible_from_counts_back_over_easter() {
    // Tuesday 14 April 2026; Good Friday and Easter Monday lie between.
    assert_eq!(working_days_before(day("2026-04-14"), 10), day("2026-03-27"));
    assert_eq!(working_days_before(day("2026-09-02"), 10), day("2026-08-18"));
}

#[test]
fn school_weeks_leave_out_the_holidays() {
    let calendar = SchoolCalendar::default();
    assert!(!calendar.is_school_day(day("2026-08-12")));
    assert!(calendar.is_school_day(day("2026-09-02")));
    assert!(!calendar.is_school_day(day("2026-10-28")), "autumn half-term");
    assert!(!calendar.is_school_day(day("2026-02-18")), "spring half-term");
    assert!(!calendar.is_school_day(day("2026-05-27")), "summer half-term");
    assert!(!calendar.is_school_day(day("2026-04-08")), "Easter");
    // From the last day of the summer term: ten weeks of the autumn term, half-term left out.
    assert_eq!(calendar.school_weeks_after(day("2026-07-21"), 10), day("2026-11-15"));
}

#[test]
fn an_authority_s_own_dates_stand_instead() {
    let closed = Closure {
        first: day("2026-10-19"),
        last: day("2026-10-30"),
    };
    let calendar = SchoolCalendar {
        closures: vec![closed],
        terms: Vec::new(),
    };
    assert!(!calendar.is_school_day(day("2026-10-20")));
    assert!(
        calendar.is_school_day(day("2026-12-22")),
        "the set year has no other closure"
    );
    assert!(!calendar.is_school_day(day("2027-12-22")), "the next year is not set");
}

/// The terms of a year, as an authority enters them.
fn terms() -> Vec<Term> {
    let term = |name, first, last, half: [&str; 2]| Term {
        name,
        first: day(first),
        last: day(last),
        half_term_first: Some(day(half[0])),
        half_term_last: Some(day(half[1])),
    };
    vec![
        term(
            TermName::Autumn,
            "2026-09-02",
            "2026-12-18",
            ["2026-10-26", "2026-10-30"],
        ),
        term(
            TermName::Spring,
            "2027-01-05",
            "2027-03-25",
            ["2027-02-15", "2027-02-19"],
        ),
        term(
            TermName::Summer,
            "2027-04-12",
            "2027-07-21",
            ["2027-05-31", "2027-06-04"],
        ),
    ]
}

#[test]
fn terms_say_when_schools_are_open() {
    let calendar = SchoolCalendar {
        closures: Vec::new(),
        terms: terms(),
    };
    for (text, open) in [
        ("2026-09-01", false),
        ("2026-09-02", true),
        ("2026-10-28", false),
        ("2026-12-21", false),
        ("2027-02-12", true),
    ] {
        assert_eq!(calendar.is_school_day(day(text)), open, "{text}");
    }
    assert!(
        calendar.is_school_day(day("2027-09-06")),
        "a year without terms is read by the ordinary pattern"
    );
    assert_eq!(terms()[0].week(1), Some(day("2026-09-02")));
    assert_eq!(terms()[0].week(5), Some(day("2026-09-28")));
    assert_eq!(terms()[0].week(10), Some(day("2026-11-09")), "half-term is not counted");
    assert_eq!(terms()[0].week(30), None);
    // Three school days before Monday 2 November: that Monday and two days before half-term.
    assert_eq!(calendar.school_days_before(day("2026-11-02"), 3), day("2026-10-21"));
}

#[test]
fn terms_are_judged() {
    assert_eq!(judge_terms(&terms()), Ok(()));
    assert_eq!(judge_terms(&[]), Ok(()));
    assert!(
        judge_terms(&terms()[..2])
            .unwrap_err()
            .contains("all three terms of the school year 2026 to 2027")
    );
    let mut wrong = terms();
    wrong[1].first = day("2026-12-18");
    assert!(judge_terms(&wrong).unwrap_err().contains("overlap"));
    let mut wrong = terms();
    wrong[0].half_term_last = None;
    assert!(judge_terms(&wrong).unwrap_err().contains("half-term"));
}

#[test]
fn year_groups() {
    assert_eq!(year_group(day("2015-08-31"), day("2026-09-01")), 7);
    assert_eq!(year_group(day("2015-09-01"), day("2026-09-01")), 6);
    assert_eq!(year_group(day("2022-01-01"), day("2026-09-01")), 0);
}
