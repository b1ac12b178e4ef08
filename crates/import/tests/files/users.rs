use lac_domain::{EstablishmentStatus, Role, Upn, Urn};
use lac_import::{
    ExistingUsers, FindingCode as Code, Judgement, Known,
    Severity::{Error, Warning},
    UserOutcome,
};

use super::{found, judge, open_establishments, preview};

const HEAD: &str = "First name,Surname,Job title,Email,Phone,URN,UPN";

/// One row under the template's columns, as a Designated Teacher unless said otherwise.
fn one(row: &str) -> Judgement {
    preview(&format!("{HEAD}\n{row}\n"), Role::DesignatedTeacher)
}

fn one_as(role: Role, row: &str) -> Judgement {
    preview(&format!("{HEAD}\n{row}\n"), role)
}

fn rows(role: Role, rows: &[&str]) -> Judgement {
    preview(&format!("{HEAD}\n{}\n", rows.join("\n")), role)
}

#[test]
fn every_fault_of_a_row_is_found_at_once() {
    let judgement = one(",,,ann,call me,10,x");
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 2, Some("First name"), Code::MissingFirstName),
            (Error, 2, Some("Surname"), Code::MissingLastName),
            (Error, 2, Some("Email"), Code::BadEmail),
            (Error, 2, Some("URN"), Code::BadUrn),
            (Warning, 2, Some("Phone"), Code::PhoneLetters),
            (Warning, 2, Some("UPN"), Code::UpnIgnored),
        ]
    );
}

#[test]
fn names_titles_and_phones() {
    let long = "x".repeat(101);
    let judgement = one(&format!(
        "{long},\"Le\te\",{long},a@example.org,{},100000",
        "0".repeat(41)
    ));
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 2, Some("First name"), Code::TooLong),
            (Error, 2, Some("Surname"), Code::ControlCharacter),
            (Error, 2, Some("Job title"), Code::TooLong),
            (Error, 2, Some("Phone"), Code::TooLong),
        ]
    );
    assert_eq!(judgement.findings[0].value.len(), 100);
    // A hundred letters are a hundred letters, however many bytes they take.
    assert_eq!(
        found(&one(&format!("{},Lee,,a@example.org,,100000", "é".repeat(100))).findings),
        []
    );
    assert_eq!(
        found(&one("Ann,Lee,,a@example.org,020 7946 0000 ext. 12,100000").findings),
        []
    );
    assert_eq!(
        one("Ann,Lee,,a@example.org,4.47700E+11,100000").findings[0].code,
        Code::PhoneLetters
    );
    let lost = one("Zo\u{FFFD},Lee,Caf\u{FFFD} lead,a@example.org,,100000");
    assert_eq!(
        found(&lost.findings),
        [
            (Error, 2, Some("First name"), Code::LostCharacter),
            (Warning, 2, Some("Job title"), Code::LostCharacter)
        ]
    );
}

#[test]
fn urns() {
    let code = |urn: &str| {
        found(&one(&format!("Ann,Lee,,a@example.org,,{urn},")).findings)
            .first()
            .map(|f| (f.0, f.3))
    };
    assert_eq!(code("100000"), None);
    assert_eq!(code("100000.0"), None);
    assert_eq!(code("\"100000; 100001\""), None);
    assert_eq!(code("0"), Some((Warning, Code::UrnZero)));
    assert_eq!(code("0.0"), Some((Warning, Code::UrnZero)));
    assert_eq!(code(""), Some((Warning, Code::UrnBlank)));
    assert_eq!(code("1.00E+05"), Some((Error, Code::BadUrn)));
    assert!(one("Ann,Lee,,a@example.org,,0,").users[0].not_linked_yet);
    // Other roles are not linked.
    let ignored = one_as(Role::SocialWorker, "Ann,Lee,,a@example.org,,100000,");
    assert_eq!(found(&ignored.findings), [(Warning, 2, Some("URN"), Code::UrnIgnored)]);
    assert!(ignored.users[0].urns.is_empty() && !ignored.users[0].not_linked_yet);
    assert_eq!(
        found(&one_as(Role::SocialWorker, "Ann,Lee,,a@example.org,,0,").findings),
        []
    );
}

#[test]
fn a_file_with_no_urn_column_says_it_once() {
    let judgement = preview(
        "First name,Surname,Email\nAnn,Lee,a@example.org\nBob,Reed,b@example.org\n",
        Role::DesignatedTeacher,
    );
    assert_eq!(
        found(&judgement.findings),
        [(Warning, 1, Some("School Reference Number (URN)"), Code::MissingColumn)]
    );
    assert_eq!((judgement.blocked, judgement.counts.not_linked_yet), (false, 2));
}

#[test]
fn upns() {
    let file = "First name,Surname,Email,UPN,UPN\nAnn,Lee,a@example.org,b801200005001,A801200005001\nBob,Reed,b@example.org,I801200005001,\n";
    let judgement = preview(file, Role::SocialWorker);
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 3, Some("UPN"), Code::BadUpn),
            (Warning, 2, Some("UPN"), Code::UpnCheckLetter)
        ]
    );
    assert_eq!(judgement.findings[1].column_index, Some(4));
    assert_eq!(judgement.users[0].upns.len(), 2);
    let known = Known {
        upns: [Upn::parse("A801200005001").unwrap()].into(),
        ..Known::default()
    };
    let judged = judge(file, Role::SocialWorker, &known, ExistingUsers::Refuse);
    let unknown = &judged.findings[0];
    assert_eq!(
        (unknown.row, unknown.column_index, unknown.code, unknown.value.as_str()),
        (2, Some(3), Code::UnknownUpn, "B801200005001")
    );
    assert_eq!(judged.refused_rows, [2, 3]);
}

#[test]
fn roles() {
    let file = "First name,Surname,Email,User Role\nAnn,Lee,a@example.org,\nBob,Reed,b@example.org,la super user\nCy,Hall,c@example.org,Teacher\n";
    let judgement = preview(file, Role::OtherProfessional);
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 4, Some("User Role"), Code::UnknownRole),
            (Warning, 3, Some("User Role"), Code::SuperUserRole)
        ]
    );
    assert!(
        judgement.findings[0]
            .message
            .contains("Designated Teacher, Social Worker")
    );
    let roles: Vec<Role> = judgement.users.iter().map(|u| u.role).collect();
    assert_eq!(roles, [Role::OtherProfessional, Role::LaSuperUser]);
}

#[test]
fn cells_too_few_too_many_and_just_right() {
    let few = one("Ann,Lee,,a@example.org");
    assert_eq!(found(&few.findings), [(Error, 2, None, Code::TooFewCells)]);
    assert!(
        few.findings[0].message.contains("has 4 cells; it needs 6"),
        "{}",
        few.findings[0].message
    );
    // Excel leaves out empty cells at the end of rows; what a user does not need may be missing.
    assert_eq!(found(&one("Ann,Lee,,a@example.org,,100000").findings), []);
    assert_eq!(found(&one_as(Role::LaUser, "Ann,Lee,,a@example.org").findings), []);
    assert_eq!(found(&one("Ann,Lee,,a@example.org,,100000,,,,").findings), []);
    let many = one("Ann,Lee,,a@example.org,,100000,,,stray");
    assert_eq!(found(&many.findings), [(Error, 2, None, Code::TooManyCells)]);
    assert!(many.findings[0].message.contains("cell 9") && many.findings[0].value == "stray");
}

#[test]
fn a_shared_mailbox_warns() {
    let judgement = one("Ann,Lee,,Office@riverside.example.org,,100000,");
    assert_eq!(
        found(&judgement.findings),
        [(Warning, 2, Some("Email"), Code::SharedMailbox)]
    );
    assert_eq!(judgement.users.len(), 1);
}

#[test]
fn rows_of_one_user_are_gathered() {
    let judgement = rows(
        Role::DesignatedTeacher,
        &[
            "Zoë,Lee,,zoe@example.org,,100000,",
            "ZOE,lee,Head of Year,Zoe@Example.org,020,100001,",
            "Zoë,Lee,,zoe@example.org,,100000,",
        ],
    );
    assert_eq!(found(&judgement.findings), [(Warning, 4, None, Code::RepeatedRow)]);
    let user = &judgement.users[0];
    assert_eq!(
        (user.rows.as_slice(), user.first_name.as_str(), user.job_title.as_str()),
        (&[2, 3, 4][..], "Zoë", "Head of Year")
    );
    assert_eq!(
        user.urns,
        [Urn::parse("100000").unwrap(), Urn::parse("100001").unwrap()]
    );
    assert_eq!((judgement.counts.rows_accepted, judgement.counts.to_create), (3, 1));
}

#[test]
fn a_refused_row_of_a_user_leaves_the_others() {
    let judgement = rows(
        Role::DesignatedTeacher,
        &[
            "Ann,Lee,,a@example.org,,12,",
            "Ann,Lee,,a@example.org,,100001,",
            ",Lee,,a@example.org,,100002,",
        ],
    );
    assert_eq!(
        (judgement.users[0].rows.as_slice(), judgement.users[0].urns.len()),
        (&[3][..], 1)
    );
    assert_eq!(judgement.refused_rows, [2, 4]);
}

#[test]
fn one_address_with_other_names_roles_or_details() {
    let names = rows(
        Role::LaUser,
        &[
            "Ann,Lee,,a@example.org",
            "Anna,Lee,,A@example.org",
            "Ann,Lee,,a@example.org",
        ],
    );
    assert_eq!(
        names.findings.iter().map(|f| (f.row, f.code)).collect::<Vec<_>>(),
        [
            (2, Code::EmailNamesDiffer),
            (3, Code::EmailNamesDiffer),
            (4, Code::EmailNamesDiffer)
        ]
    );
    assert!(
        names.findings[1].message.starts_with("Rows 2 and 4 have"),
        "{}",
        names.findings[1].message
    );
    let roles = preview(
        "First name,Surname,Email,User Role\nAnn,Lee,a@example.org,LA User\nAnn,Lee,a@example.org,Social Worker\n",
        Role::LaUser,
    );
    assert_eq!(
        found(&roles.findings),
        [
            (Error, 2, Some("User Role"), Code::EmailRolesDiffer),
            (Error, 3, Some("User Role"), Code::EmailRolesDiffer)
        ]
    );
    let details = rows(
        Role::DesignatedTeacher,
        &[
            "Ann,Lee,SENCO,a@example.org,1,100000",
            "Ann,Lee,Head,a@example.org,2,100001",
        ],
    );
    assert_eq!(
        found(&details.findings),
        [
            (Warning, 3, Some("Job title"), Code::DetailsDiffer),
            (Warning, 3, Some("Phone"), Code::DetailsDiffer)
        ]
    );
    assert_eq!(
        (details.users[0].job_title.as_str(), details.users[0].phone.as_str()),
        ("SENCO", "1")
    );
}

#[test]
fn users_who_exist() {
    let file = format!(
        "{HEAD}\nAnn,Lee,,ANN@example.org,,100000,\nBob,Reed,,bob@example.org,,100000,\nCy,Hall,,cy@example.org,,100000,\n"
    );
    let mut known = open_establishments(["100000"]);
    known.users = [
        ("ann@example.org".to_owned(), Role::DesignatedTeacher),
        ("bob@example.org".to_owned(), Role::LaUser),
    ]
    .into();
    let with = |existing| judge(&file, Role::DesignatedTeacher, &known, existing);

    let refuse = with(ExistingUsers::default());
    assert_eq!(
        found(&refuse.findings),
        [
            (Error, 2, Some("Email"), Code::EmailInUse),
            (Error, 3, Some("Email"), Code::EmailInUse)
        ]
    );
    assert_eq!(refuse.counts.to_create, 1);

    let skip = with(ExistingUsers::Skip);
    assert_eq!(
        found(&skip.findings),
        [
            (Warning, 2, Some("Email"), Code::UserExists),
            (Warning, 3, Some("Email"), Code::UserExists)
        ]
    );
    let counts = skip.counts;
    assert_eq!(
        (
            counts.rows_accepted,
            counts.rows_refused,
            counts.rows_skipped,
            counts.to_skip
        ),
        (1, 0, 2, 2)
    );
    assert_eq!(skip.users[0].outcome, UserOutcome::Skip);

    let update = with(ExistingUsers::Update);
    assert_eq!(
        found(&update.findings),
        [
            (Error, 3, Some("Email"), Code::UserRoleDiffers),
            (Warning, 2, Some("Email"), Code::UserExists)
        ]
    );
    let outcomes: Vec<UserOutcome> = update.users.iter().map(|u| u.outcome).collect();
    assert_eq!(outcomes, [UserOutcome::Update, UserOutcome::Create]);
}

#[test]
fn establishments_unknown_and_closed() {
    let file = format!("{HEAD}\nAnn,Lee,,a@example.org,,100000,\nBob,Reed,,b@example.org,,100009,\n");
    let mut known = open_establishments(["100000"]);
    known
        .establishments
        .get_mut(&Urn::parse("100000").unwrap())
        .unwrap()
        .status = EstablishmentStatus::Closed;
    let judgement = judge(&file, Role::DesignatedTeacher, &known, ExistingUsers::Refuse);
    assert_eq!(
        found(&judgement.findings),
        [
            (Error, 3, Some("URN"), Code::UnknownUrn),
            (Warning, 2, Some("URN"), Code::EstablishmentClosed)
        ]
    );
    assert_eq!(judgement.users[0].urns.len(), 1);
}

#[test]
fn an_apostrophe_that_tames_a_formula_is_taken_off() {
    let judgement = one("Ann,'t Hooft,,a@example.org,'+44 20 7946 0000,100000,");
    assert_eq!(
        (judgement.users[0].last_name.as_str(), judgement.users[0].phone.as_str()),
        ("'t Hooft", "+44 20 7946 0000")
    );
}

#[test]
fn findings_travel_as_snake_case_and_unknown_codes_are_read() {
    let judgement = one("Ann,Lee,,office@example.org,,0,");
    let json = serde_json::to_value(&judgement.findings[0]).unwrap();
    assert_eq!(
        (&json["severity"], &json["code"], &json["field"]),
        (&"warning".into(), &"shared_mailbox".into(), &"email".into())
    );
    let mut newer = json.clone();
    newer["code"] = "a_code_of_next_year".into();
    let read: lac_import::Finding = serde_json::from_value(newer).unwrap();
    assert_eq!((read.code, read.row), (Code::Unknown, 2));
}
