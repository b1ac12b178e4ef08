use lac_domain::Role;
use lac_import::{
    Column, ColumnState, Columns, FileSource, FindingCode as Code, Mapping,
    Severity::{Error, Warning},
    Shape, Table,
};

use super::{found, preview};

fn columns(file: &str) -> Columns {
    Columns::recognise(&Table::parse(file.as_bytes()).unwrap(), &Mapping::new())
}

/// What is read from a file, by column.
fn read(file: &str) -> Vec<(Column, usize)> {
    let columns = columns(file);
    let all = [
        Column::FirstName,
        Column::LastName,
        Column::JobTitle,
        Column::Email,
        Column::Phone,
        Column::Urn,
        Column::Upn,
        Column::UserRole,
    ];
    all.into_iter()
        .flat_map(|column| {
            columns
                .places(column)
                .map(move |place| (column, place))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn headings_in_any_order_case_and_spelling() {
    assert_eq!(
        read(
            "PUPIL REFERENCE NUMBER (URN),surname, E-mail  Address ,First_name,Telephone,School reference number,upn 2,Notes\nx\n"
        ),
        [
            (Column::FirstName, 3),
            (Column::LastName, 1),
            (Column::Email, 2),
            (Column::Phone, 4),
            (Column::Urn, 5),
            (Column::Upn, 0),
            (Column::Upn, 6)
        ]
    );
    let columns = columns("Email,First name,Surname,Favourite colour\nx\n");
    assert_eq!(
        (columns.all()[3].state, columns.all()[3].letters.as_str()),
        (ColumnState::Unrecognised, "D")
    );
}

#[test]
fn entras_bulk_file() {
    let file = "version:v1.0\n\
        Name [displayName] Required,User name [userPrincipalName] Required,Initial password [passwordProfile] Required,\
        Block sign in (Yes/No) [accountEnabled] Required,First name [givenName],Last name [surname],Job title [jobTitle],\
        Department [department],Usage location [usageLocation],Office phone [telephoneNumber],Mobile phone [mobile]\n\
        Example: Chris Green,chris@example.org,myPassword1234,No,Chris,Green,,,,,\n\
        Ann Lee,ann.lee@example.org,Hunter-2,No,Ann,Lee,Social Worker,Care,GB,020 7946 0001,07700 900001\n";
    assert_eq!(
        read(file),
        [
            (Column::FirstName, 4),
            (Column::LastName, 5),
            (Column::JobTitle, 6),
            (Column::Email, 1),
            (Column::Phone, 9)
        ]
    );
    let columns = columns(file);
    assert_eq!(
        (columns.source(), columns.all()[2].state),
        (FileSource::Entra, ColumnState::Ignored)
    );
    assert_eq!(columns.all()[10].state, ColumnState::Repeated);
    let judgement = preview(file, Role::SocialWorker);
    assert_eq!(
        (found(&judgement.findings), judgement.users[0].rows.as_slice()),
        (vec![], &[4][..])
    );
    assert_eq!(
        (judgement.counts.rows_skipped_example, judgement.counts.rows_skipped),
        (1, 1)
    );
}

#[test]
fn googles_file() {
    let file = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],\
        Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],Recovery Email,Recovery Phone [MUST BE IN THE E.164 FORMAT],\
        Work Phone,Employee Title\n\
        Ann,Lee,ann.lee@example.org,****,,/Staff,ann@home.example.org,+447700900001,020 7946 0001,Social Worker\n";
    assert_eq!(
        read(file),
        [
            (Column::FirstName, 0),
            (Column::LastName, 1),
            (Column::JobTitle, 9),
            (Column::Email, 2),
            (Column::Phone, 8)
        ]
    );
    assert_eq!(columns(file).source(), FileSource::Google);
    assert_eq!(found(&preview(file, Role::SocialWorker).findings), []);
}

#[test]
fn one_rosters_active_staff_are_taken_and_the_rest_counted() {
    let file = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password\n\
        1,active,,true,\"100000,100001\",teacher,alee,,Ann,Lee,,,ann.lee@example.org,,020 7946 0001,,,Hunter-2\n\
        2,active,,true,100000,student,tr,,Tom,Reed,,,,,,,,\n\
        3,tobedeleted,,true,100000,teacher,ch,,Cy,Hall,,,cy.hall@example.org,,,,,\n\
        4,,,true,org-77,Administrator,dk,,Di,Kent,,,di.kent@example.org,,,,,\n\
        5,active,,true,100000,parent,eb,,Ed,Beck,,,ed.beck@example.org,,,,,\n\
        6,active,,false,100000,teacher,fa,,Flo,Ames,,,flo.ames@example.org,,,,,\n";
    let judgement = preview(file, Role::DesignatedTeacher);
    let counts = judgement.counts;
    assert_eq!(
        (
            counts.rows_read,
            counts.rows_accepted,
            counts.rows_refused,
            counts.rows_skipped
        ),
        (6, 2, 0, 4)
    );
    assert_eq!((counts.rows_skipped_not_staff, counts.rows_skipped_not_active), (2, 2));
    assert_eq!(judgement.users[0].urns.len(), 2);
    // An organisation that is not given by its URN links nobody, and keeps nobody out.
    assert_eq!(
        found(&judgement.findings),
        [(Warning, 5, Some("orgSourcedIds"), Code::BadUrn)]
    );
    assert!(judgement.users[1].not_linked_yet);
}

#[test]
fn a_missing_column_names_its_heading_and_a_person_can_say_which_it_is() {
    let file = "Given,Surname,Email\nAnn,Lee,ann.lee@example.org\n";
    let judgement = preview(file, Role::LaUser);
    assert!(judgement.blocked);
    assert_eq!(
        found(&judgement.findings),
        [(Error, 1, Some("User First Name"), Code::MissingColumn)]
    );
    assert_eq!((judgement.counts.rows_refused, judgement.users.len()), (1, 0));

    let table = Table::parse(file.as_bytes()).unwrap();
    let columns = Columns::recognise(&table, &Mapping::from([(0, Column::FirstName)]));
    assert_eq!(columns.all()[0].state, ColumnState::Chosen);
    assert_eq!(
        Shape::of(&table, &columns, Role::LaUser).preview().users[0].first_name,
        "Ann"
    );
}

#[test]
fn rows_with_no_headings_above_them_are_recognised_as_such() {
    let judgement = preview(
        "Ann,Lee,ann.lee@example.org\nBob,Reed,bob.reed@example.org\n",
        Role::LaUser,
    );
    assert_eq!(judgement.findings.len(), 3);
    assert!(
        judgement.findings[0]
            .message
            .contains("The first row seems to be a person"),
        "{}",
        judgement.findings[0].message
    );
}

#[test]
fn of_two_columns_for_one_thing_the_first_is_read_unless_a_person_says_otherwise() {
    let file = "Email,E-mail,First name,Surname\nann@example.org,lee@example.org,Ann,Lee\n";
    let table = Table::parse(file.as_bytes()).unwrap();
    let first = Columns::recognise(&table, &Mapping::new());
    assert_eq!(first.place(Column::Email), Some(0));
    assert_eq!(
        found(first.findings()),
        [(Warning, 1, Some("E-mail"), Code::RepeatedColumn)]
    );
    let second = Columns::recognise(&table, &Mapping::from([(0, Column::Ignored)]));
    assert_eq!((second.place(Column::Email), second.findings().len()), (Some(1), 0));
    let chosen = Columns::recognise(&table, &Mapping::from([(1, Column::Email)]));
    assert_eq!((chosen.place(Column::Email), chosen.findings().len()), (Some(1), 0));
}
