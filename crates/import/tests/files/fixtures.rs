use lac_domain::Role;
use lac_import::{
    ColumnState, Columns, Delimiter, Establishments, ExistingUsers, FileSource, Finding, FindingCode as Code, Known,
    KnownEstablishment, Mapping, Recognised,
    Severity::{Error, Warning},
    Table, TextEncoding, UserOutcome,
};

use super::{found, shape};

const GOOD: &[u8] = include_bytes!("../../../../tests/fixtures/import/users-good-30.csv");
const FINDINGS: &[u8] = include_bytes!("../../../../tests/fixtures/import/users-findings.csv");
const GIAS: &[u8] = include_bytes!("../../../../tests/fixtures/gias/edubasealldata-18-rows.csv");

/// The authority of the fixtures: the DfE's schools, and its first Super User.
fn authority() -> Known {
    let establishments = Establishments::open(GIAS).unwrap().map(|record| {
        let row = record.unwrap().establishment.unwrap();
        (
            row.urn,
            KnownEstablishment {
                name: row.name,
                status: row.status,
            },
        )
    });
    Known {
        establishments: establishments.collect(),
        users: [("priya.shah@example.org".to_owned(), Role::LaSuperUser)].into(),
        ..Known::default()
    }
}

#[test]
fn thirty_good_rows_are_thirty_users() {
    let shape = shape(GOOD, Role::DesignatedTeacher);
    let wanted = shape.wanted();
    assert_eq!((wanted.emails.len(), wanted.urns.len(), wanted.upns.len()), (30, 16, 0));
    let judgement = shape.judge(&authority(), ExistingUsers::Refuse);
    assert_eq!(judgement.findings, []);
    assert_eq!((judgement.users.len(), judgement.counts.rows_accepted), (30, 30));
    assert!(
        judgement
            .users
            .iter()
            .all(|u| u.outcome == UserOutcome::Create && u.urns.len() == 1 && !u.not_linked_yet)
    );
}

#[test]
fn what_was_recognised_is_shown() {
    let table = Table::read(FINDINGS).unwrap();
    let recognised = Recognised::of(&table, &Columns::recognise(&table, &Mapping::new()));
    assert_eq!(
        (recognised.encoding, recognised.delimiter),
        (TextEncoding::Windows1252, Delimiter::Comma)
    );
    assert_eq!((recognised.source, recognised.heading_row), (FileSource::Template, 1));
    assert_eq!(
        (recognised.rows, recognised.blank_rows, recognised.findings),
        (15, 1, vec![])
    );
    assert!(recognised.columns.iter().all(|c| c.state == ColumnState::Recognised));
    let sample: Vec<u32> = recognised.sample.iter().map(|row| row.row).collect();
    assert_eq!(sample, [2, 3, 4, 5, 7]);
    assert_eq!(recognised.sample[0].cells[..2], ["Zoé", "Renard"]);
}

#[test]
fn each_finding_names_its_row_column_and_code() {
    let judgement = shape(FINDINGS, Role::DesignatedTeacher).judge(&authority(), ExistingUsers::Refuse);
    let (first_name, email) = (Some("User First Name"), Some("Email"));
    let (urn, upn) = (
        Some("School Reference Number (URN)"),
        Some("Pupil Reference Number (UPN)"),
    );
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 7, first_name, Code::MissingFirstName),
            (Error, 8, email, Code::BadEmail),
            (Error, 9, email, Code::EmailNamesDiffer),
            (Error, 10, email, Code::EmailNamesDiffer),
            (Error, 11, email, Code::EmailInUse),
            (Error, 12, urn, Code::UnknownUrn),
            (Error, 13, None, Code::TooFewCells),
            (Error, 14, None, Code::TooManyCells),
            (Warning, 15, urn, Code::UrnZero),
            (Warning, 16, urn, Code::UrnBlank),
            (Warning, 17, upn, Code::UpnIgnored),
        ]
    );
    let of = |row: u32| -> &Finding { judgement.findings.iter().find(|f| f.row == row).unwrap() };
    assert_eq!(of(8).value, "rhys.morgan.example.org");
    assert_eq!(of(11).value, "Priya.Shah@EXAMPLE.org");
    assert_eq!(of(14).value, "ask Ms Bell");
    assert!(of(9).message.starts_with("Row 10 has"), "{}", of(9).message);
    assert!(of(12).message.contains("199999"), "{}", of(12).message);
    assert!(
        judgement
            .findings
            .iter()
            .all(|f| f.message.ends_with('.') && f.message.len() > 40)
    );
}

#[test]
fn the_good_rows_of_a_file_with_findings_come_through() {
    let judgement = shape(FINDINGS, Role::DesignatedTeacher).judge(&authority(), ExistingUsers::Refuse);
    let users: Vec<(&[u32], &str, usize)> = judgement
        .users
        .iter()
        .map(|u| (&u.rows[..], u.first_name.as_str(), u.urns.len()))
        .collect();
    assert_eq!(
        users,
        [
            (&[2][..], "Zoé", 1),
            (&[3], "Tomasz", 1),
            (&[4, 5], "Marcus", 2),
            (&[15], "Jonah", 0),
            (&[16], "Kezia", 0),
            (&[17], "Leon", 1)
        ]
    );
    assert_eq!(judgement.users[1].job_title, "Designated Teacher and SENCO");
    assert!(judgement.users[5].upns.is_empty());
    assert_eq!(judgement.refused_rows, [7, 8, 9, 10, 11, 12, 13, 14]);
    let counts = judgement.counts;
    assert_eq!(
        (
            counts.rows_read,
            counts.rows_accepted,
            counts.rows_refused,
            counts.rows_skipped
        ),
        (15, 7, 8, 0)
    );
    assert_eq!(
        (counts.to_create, counts.not_linked_yet, counts.errors, counts.warnings),
        (6, 2, 8, 3)
    );
}
