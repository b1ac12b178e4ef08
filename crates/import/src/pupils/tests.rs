use chrono::NaiveDate;
use lac_domain::EnrolmentKind;

use super::{PUPIL_TEMPLATE, PupilFile, pupil_template};
use crate::{FindingCode as C, Severity};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A file with the template's headings and rows of its first cells.
fn file(rows: &[&str]) -> Vec<u8> {
    let mut text = PUPIL_TEMPLATE.join(",");
    for row in rows {
        text.push_str("\r\n");
        text.push_str(row);
    }
    text.into_bytes()
}

const TOM: &str = "B801200005001,Tom,Reed,Tommy,04/05/2014,100001,,03/09/2024,,10/01/2025,,sw@example.org,R1";

#[test]
fn rows_of_one_pupil_are_one() {
    let dual = ",Tom,Reed,,2014-05-04,100002,Dual,01-10-2025,2026-07-21,10/01/2025,,,R1";
    let read = PupilFile::read(&file(&[TOM, dual])).unwrap();
    assert_eq!((read.rows, read.pupils.len(), read.findings.len()), (2, 1, 0));
    let tom = &read.pupils[0];
    assert_eq!((tom.rows.as_slice(), tom.known_as.as_str()), (&[2, 3][..], "Tommy"));
    assert_eq!(tom.care, [(day("2025-01-10"), None)]);
    let places: Vec<_> = tom
        .enrolments
        .iter()
        .map(|one| (one.urn.as_str(), one.kind, one.end))
        .collect();
    assert_eq!(
        places,
        [
            ("100001", EnrolmentKind::Main, None),
            ("100002", EnrolmentKind::Dual, Some(day("2026-07-21"))),
        ]
    );
}

#[test]
fn every_finding_has_its_column_and_sentence() {
    for (row, column, code) in [
        (
            ",,Reed,,04/05/2014,,,,,,,,R1",
            Some("Pupil First Name"),
            C::MissingFirstName,
        ),
        (",Tom,Reed,,04/05/2014,,,,,,,,", Some("UPN"), C::MissingReference),
        ("X,Tom,Reed,,04/05/2014,,,,,,,,R1", Some("UPN"), C::BadUpn),
        (",Tom,Reed,,31/02/2014,,,,,,,,R1", Some("Date of Birth"), C::BadDate),
        (
            ",Tom,Reed,,04/05/2014,12,,03/09/2024,,,,,R1",
            Some("School Reference Number (URN)"),
            C::BadUrn,
        ),
        (
            ",Tom,Reed,,04/05/2014,100001,Often,03/09/2024,,,,,R1",
            Some("Enrolment Kind"),
            C::UnknownKind,
        ),
        (
            ",Tom,Reed,,04/05/2014,100001,,03/09/2024,02/09/2024,,,,R1",
            Some("On Roll To"),
            C::EndBeforeStart,
        ),
        (
            ",Tom,Reed,,04/05/2014,,,03/09/2024,,,,,R1",
            Some("School Reference Number (URN)"),
            C::UrnBlank,
        ),
        (
            ",Tom,Reed,,04/05/2014,,,,,10/01/2025,10/01/2025,,R1",
            Some("Care Ended"),
            C::EndBeforeStart,
        ),
        (
            ",Tom,Reed,,04/05/2014,,,,,,10/01/2025,,R1",
            Some("Care Started"),
            C::BadDate,
        ),
    ] {
        let read = PupilFile::read(&file(&[row])).unwrap();
        let errors: Vec<_> = read
            .findings
            .iter()
            .filter(|one| one.severity == Severity::Error)
            .collect();
        assert_eq!(errors.len(), 1, "{row}: {:?}", read.findings);
        assert_eq!((errors[0].column.as_deref(), errors[0].code), (column, code), "{row}");
        assert!(errors[0].message.ends_with('.'), "{}", errors[0].message);
        assert_eq!((read.pupils.len(), read.refused.as_slice()), (0, &[2][..]), "{row}");
    }
}

#[test]
fn two_pupils_cannot_share_a_reference_or_a_upn() {
    let other = "B801200005001,Una,Reed,,04/05/2014,,,,,,,,R2";
    let read = PupilFile::read(&file(&[TOM, other])).unwrap();
    assert_eq!((read.pupils.len(), read.refused.as_slice()), (1, &[3][..]));
    let mixed = "B801200005001,Tom,Reed,,04/05/2014,,,,,,,,R2";
    let second = ",Una,Reed,,04/05/2014,,,,,,,,R2";
    let read = PupilFile::read(&file(&[TOM, second, mixed])).unwrap();
    assert_eq!((read.pupils.len(), read.refused.as_slice()), (2, &[4][..]));
}

#[test]
fn other_headings_in_any_order_and_files_of_another_kind() {
    let text = "Surname;Forename;CHILD;DOB;URN;On roll since\r\nReed;Tom;R1;04.05.2014;100001;03.09.2024\r\n";
    let read = PupilFile::read(text.as_bytes()).unwrap();
    assert_eq!((read.pupils.len(), read.findings.len()), (1, 0), "{:?}", read.findings);
    assert!(PupilFile::read(b"User First Name,User Last Name,Email\r\nA,B,a@example.org\r\n").is_err());
    assert!(matches!(
        PupilFile::read(&pupil_template()),
        Err(crate::FileError::NoRows)
    ));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(rows in proptest::collection::vec("[ -~é,\"\u{0}]{0,60}", 0..8)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        if let Ok(read) = PupilFile::read(&file(&rows)) {
            proptest::prop_assert!(read.pupils.iter().map(|pupil| pupil.rows.len()).sum::<usize>() <= rows.len());
        }
    }
}
