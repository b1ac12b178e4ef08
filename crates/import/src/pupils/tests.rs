use chrono::NaiveDate;
use lac_domain::EnrolmentKind;

use super::{PUPIL_TEMPLATE, PupilFile, pupil_template};
use crate::{
    Column, Columns, FileError, FileSource, FindingCode as C, Mapping, Recognised, Severity, Table, Vocabulary,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A file with the template's headings and rows of its first cells.
fn file(rows: &[&str]) -> Vec<u8> {
    let mut text = PUPIL_TEMPLATE.map(Column::heading).join(",");
    for row in rows {
        text.push_str("\r\n");
        text.push_str(row);
    }
    text.into_bytes()
}

fn tried(bytes: &[u8]) -> Result<PupilFile, FileError> {
    let table = Table::parse_as(Vocabulary::PUPILS, bytes)?;
    let columns = Columns::recognise(&table, &Mapping::new());
    Ok(PupilFile::of(&table, &columns))
}

fn read_all(bytes: &[u8]) -> PupilFile {
    tried(bytes).unwrap()
}

const TOM: &str = "B801200005001,Tom,Reed,Tommy,04/05/2014,100001,,03/09/2024,,10/01/2025,,sw@example.org,R1";

#[test]
fn rows_of_one_pupil_are_one() {
    let dual = ",Tom,Reed,,2014-05-04,100002,Dual,01-10-2025,2026-07-21,10/01/2025,,,R1";
    let read = read_all(&file(&[TOM, dual]));
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
        let read = read_all(&file(&[row]));
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
    let read = read_all(&file(&[TOM, other]));
    assert_eq!((read.pupils.len(), read.refused.as_slice()), (1, &[3][..]));
    let mixed = "B801200005001,Tom,Reed,,04/05/2014,,,,,,,,R2";
    let second = ",Una,Reed,,04/05/2014,,,,,,,,R2";
    let read = read_all(&file(&[TOM, second, mixed]));
    assert_eq!((read.pupils.len(), read.refused.as_slice()), (2, &[4][..]));
}

#[test]
fn other_headings_in_any_order_and_files_of_another_kind() {
    let text = "Surname;Forename;CHILD;DOB;URN;On roll since\r\nReed;Tom;R1;04.05.2014;100001;03.09.2024\r\n";
    let read = read_all(text.as_bytes());
    assert_eq!((read.pupils.len(), read.findings.len()), (1, 0), "{:?}", read.findings);
    let users = read_all(b"User First Name,User Last Name,Email\r\nA,B,a@example.org\r\n");
    assert!(users.blocked && users.pupils.is_empty() && users.refused == [2]);
    assert!(matches!(tried(&pupil_template()), Err(FileError::NoRows)));
}

#[test]
fn what_is_missing_of_the_headings_is_said_and_a_column_can_be_chosen() {
    let bytes = b"Given,Surname,DOB,Number\r\nTom,Reed,04/05/2014,R1\r\n";
    let file = read_all(bytes);
    let said: Vec<_> = file
        .findings
        .iter()
        .map(|one| (one.row, one.code, one.message.as_str()))
        .collect();
    assert!(file.blocked && said.len() == 2, "{said:?}");
    assert!(
        said[0]
            .2
            .contains("no column “Pupil First Name”, which every pupil needs"),
        "{}",
        said[0].2
    );
    assert!(
        said[1]
            .2
            .contains("no column “UPN” or “Reference”, one of which every pupil needs"),
        "{}",
        said[1].2
    );

    let table = Table::parse_as(Vocabulary::PUPILS, bytes).unwrap();
    let columns = Columns::recognise(
        &table,
        &Mapping::from([(0, Column::PupilFirstName), (3, Column::Reference)]),
    );
    let file = PupilFile::of(&table, &columns);
    assert_eq!((file.blocked, file.pupils.len(), file.findings.len()), (false, 1, 0));
    assert_eq!(file.pupils[0].reference.as_deref(), Some("R1"));
}

#[test]
fn a_mended_cell_counts_and_a_row_left_out_does_not() {
    let bytes = file(&[TOM, ",Una,Reed,,31/02/2014,,,,,,,,R2", ",Vic,,,04/05/2014,,,,,,,,R3"]);
    let mut table = Table::parse_as(Vocabulary::PUPILS, &bytes).unwrap();
    assert!(table.mend(3, 4, "28/02/2014") && table.leave_out(4));
    let columns = Columns::recognise(&table, &Mapping::new());
    assert_eq!(Recognised::of(&table, &columns).source, FileSource::Template);
    let file = PupilFile::of(&table, &columns);
    assert_eq!(
        (file.pupils.len(), file.left_out, file.refused.len(), file.rows),
        (2, 1, 0, 3)
    );
}

#[test]
fn cells_out_of_line_are_not_taken() {
    let file = read_all(&file(&[",Tom,Reed", &format!("{TOM},more")]));
    let codes: Vec<_> = file.findings.iter().map(|one| (one.row, one.code)).collect();
    assert_eq!(codes, [(2, C::TooFewCells), (3, C::TooManyCells)]);
    assert_eq!((file.pupils.len(), file.refused.as_slice()), (0, &[2, 3][..]));
}

proptest::proptest! {
    #[test]
    fn no_file_makes_it_panic(rows in proptest::collection::vec("[ -~é,\"\u{0}]{0,60}", 0..8)) {
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        if let Ok(read) = tried(&file(&rows)) {
            let taken: u32 = read.pupils.iter().map(|pupil| u32::try_from(pupil.rows.len()).unwrap()).sum();
            proptest::prop_assert_eq!(taken + u32::try_from(read.refused.len()).unwrap(), read.rows);
            proptest::prop_assert!(read.pupils.iter().map(|pupil| pupil.rows.len()).sum::<usize>() <= rows.len());
        }
    }
}
