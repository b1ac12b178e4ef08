use lac_domain::{Role, Urn};
use lac_import::{
    Columns, Establishments, ExistingUsers, Judgement, Known, KnownEstablishment, Links, Mapping, Recognised, Severity,
    Shape, Table,
};
use proptest::prelude::*;

use super::shape;

/// What holds of every judgement.
fn adds_up(judgement: &Judgement) -> Result<(), TestCaseError> {
    let c = judgement.counts;
    prop_assert_eq!(c.rows_accepted + c.rows_refused + c.rows_skipped, c.rows_read);
    prop_assert_eq!(judgement.refused_rows.len(), c.rows_refused as usize);
    let in_users: usize = judgement.users.iter().map(|u| u.rows.len()).sum();
    prop_assert_eq!(in_users, (c.rows_accepted + c.rows_skipped_existing) as usize);
    prop_assert_eq!(c.to_create + c.to_update + c.to_skip, judgement.users.len() as u32);
    prop_assert_eq!((c.errors + c.warnings) as usize, judgement.findings.len());
    // No row is in two places.
    let mut rows: Vec<u32> = judgement
        .users
        .iter()
        .flat_map(|u| &u.rows)
        .chain(&judgement.refused_rows)
        .copied()
        .collect();
    let all = rows.len();
    rows.sort_unstable();
    rows.dedup();
    prop_assert_eq!(rows.len(), all);
    // A refused row has an error that says why, and a row that is taken has none.
    if !judgement.blocked {
        let mut wrong: Vec<u32> = judgement
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .map(|f| f.row)
            .collect();
        wrong.sort_unstable();
        wrong.dedup();
        prop_assert_eq!(&wrong, &judgement.refused_rows);
    }
    prop_assert!(
        judgement
            .findings
            .windows(2)
            .all(|w| (w[0].severity, w[0].row) <= (w[1].severity, w[1].row))
    );
    prop_assert!(
        judgement
            .findings
            .iter()
            .all(|f| f.value.chars().count() <= 100 && !f.message.is_empty())
    );
    Ok(())
}

fn role() -> impl Strategy<Value = Role> {
    proptest::sample::select(Role::ALL)
}

fn existing() -> impl Strategy<Value = ExistingUsers> {
    proptest::sample::select(vec![ExistingUsers::Refuse, ExistingUsers::Skip, ExistingUsers::Update])
}

/// Cells that are often right and often nearly so.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        proptest::sample::select(vec![
            "",
            "",
            "Ann",
            "Lee",
            "ann@example.org",
            "ANN@example.org",
            "bob@example.org",
            "office@example.org",
            "100000",
            "100001",
            "0",
            "B801200005001",
            "A801200005001",
            "Designated Teacher",
            "Social Worker",
            "active",
            "teacher",
            "student",
            "\"two\r\nlines\"",
            "\"",
            "'=1",
            "é",
            "\u{FFFD}",
            "\t",
        ])
        .prop_map(str::to_owned),
        "[a-c0-2@.;'\" \r\n]{0,6}",
    ]
}

fn known() -> Known {
    let school = |status| KnownEstablishment {
        name: "School".to_owned(),
        status,
    };
    Known {
        users: [("ann@example.org".to_owned(), Role::DesignatedTeacher)].into(),
        establishments: [
            (
                Urn::parse("100000").unwrap(),
                school(lac_domain::EstablishmentStatus::Open),
            ),
            (
                Urn::parse("100001").unwrap(),
                school(lac_domain::EstablishmentStatus::Closed),
            ),
        ]
        .into(),
        upns: [lac_domain::Upn::parse("B801200005001").unwrap()].into(),
        ..Known::default()
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), role in role()) {
        if let Ok(table) = Table::parse(&bytes) {
            let columns = Columns::recognise(&table, &Mapping::new());
            let recognised = Recognised::of(&table, &columns);
            prop_assert!(recognised.sample.len() <= 5);
            adds_up(&Shape::of(&table, &columns, role).preview())?;
        }
        let _ = Establishments::open(&bytes[..]).map(Iterator::count);
        let _ = Links::open(&bytes[..]).map(Iterator::count);
    }

    #[test]
    fn any_rows_add_up(
        headings in proptest::sample::select(vec![
            "First name,Surname,Job title,Email,Phone,URN,UPN",
            "First name,Surname,Email,URN,URN,UPN,User Role",
            "sourcedId,status,role,givenName,familyName,email,orgSourcedIds",
            "Email,Email,First name,Surname,Password,,",
        ]),
        rows in proptest::collection::vec(proptest::collection::vec(cell(), 0..9), 1..12),
        role in role(),
        existing in existing(),
    ) {
        let body: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        let file = format!("{headings}\n{}\n", body.join("\n"));
        if Table::parse(file.as_bytes()).is_ok() {
            let shape = shape(file.as_bytes(), role);
            adds_up(&shape.clone().preview())?;
            adds_up(&shape.judge(&known(), existing))?;
        }
    }

    #[test]
    fn mostly_good_rows_add_up(
        rows in proptest::collection::vec(
            ("Ann|Bob|", "Lee|Reed", "(ann|bob|cy|di)@example.org", "100000|100001|100002|0|", "Social Worker|"), 1..20),
        existing in existing(),
    ) {
        let mut file = String::from("First name,Surname,Email,URN,User Role\n");
        for (first, last, email, urn, role) in &rows {
            file.push_str(&format!("{first},{last},{email},{urn},{role}\n"));
        }
        adds_up(&shape(file.as_bytes(), Role::DesignatedTeacher).judge(&known(), existing))?;
    }
}
