use lac_domain::Role;
use lac_import::{
    Column, ColumnState, Columns, Delimiter, FileError, FindingCode as Code, Mapping, Severity, Shape, Table,
    TextEncoding,
};

use super::{found, preview};

#[test]
fn delimiters_and_excels_own_line() {
    for (file, delimiter) in [
        ("Email,First name,Surname\na@example.org,Ann,Lee\n", Delimiter::Comma),
        (
            "Email;First name;Surname\na@example.org;Ann;Lee\n",
            Delimiter::Semicolon,
        ),
        ("Email\tFirst name\tSurname\na@example.org\tAnn\tLee\n", Delimiter::Tab),
        (
            "sep=;\r\nEmail;First name;Surname\r\na@example.org;Ann;Lee\r\n",
            Delimiter::Semicolon,
        ),
    ] {
        let table = Table::parse(file.as_bytes()).unwrap();
        assert_eq!((table.delimiter(), table.heading_row()), (delimiter, 1), "{file}");
        let row = table.rows().next().unwrap();
        assert_eq!((row.number(), row.cell(2)), (2, "Lee"));
    }
}

#[test]
fn utf_16_as_excel_writes_it() {
    let file: Vec<u8> = "\u{FEFF}Email\tFirst name\tSurname\r\nzoe@example.org\tZoë\tŁęcka\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let table = Table::parse(&file).unwrap();
    assert_eq!(
        (table.encoding(), table.delimiter()),
        (TextEncoding::Utf16Le, Delimiter::Tab)
    );
    assert_eq!(table.rows().next().unwrap().cell(2), "Łęcka");
}

#[test]
fn rows_of_blank_cells_count_but_are_not_read() {
    let table = Table::parse(b"\n\nEmail,First name\n,,\n \t ,\na@example.org,Ann\n\n").unwrap();
    assert_eq!((table.heading_row(), table.row_count(), table.blank_rows()), (3, 1, 3));
    assert_eq!(table.rows().next().unwrap().number(), 6);
}

#[test]
fn a_line_above_the_headings_is_passed_over() {
    let table = Table::parse(b"Our staff in 2026,,\nEmail,First name,Surname\na@example.org,Ann,Lee\n").unwrap();
    assert_eq!(
        (table.heading_row(), table.headings().len(), table.row_count()),
        (2, 3, 1)
    );
}

#[test]
fn an_open_quotation_stops_the_file() {
    let file = "Email,First name,Surname\na@example.org,Ann,Lee\nb@example.org,\"Bob,Reed\nc@example.org,Cy,Hall\n";
    let judgement = preview(file, Role::LaUser);
    assert!(judgement.blocked && judgement.users.is_empty());
    assert_eq!(
        found(&judgement.findings),
        [(Severity::Error, 3, None, Code::UnclosedQuote)]
    );
    assert_eq!((judgement.counts.rows_read, judgement.refused_rows), (2, vec![2, 3]));
}

#[test]
fn empty_files_and_files_of_headings_say_so() {
    assert!(matches!(Table::parse(b""), Err(FileError::Empty)));
    assert!(matches!(Table::parse(b"\xEF\xBB\xBF"), Err(FileError::Empty)));
    assert!(matches!(Table::parse(b"\r\n , \r\n"), Err(FileError::Empty)));
    assert!(matches!(
        Table::parse(b"Email,Surname\r\n,\r\n"),
        Err(FileError::NoRows)
    ));
}

#[test]
fn a_password_is_never_kept() {
    let file = b"Email,First Name [Required],Last Name [Required],Password [Required],Temporary password\na@example.org,Ann,Lee,Hunter-2,Hunter-3\n";
    let mut table = Table::parse(file).unwrap();
    let row = table.rows().next().unwrap();
    assert_eq!((row.cell(3), row.cell(4), row.cell(2)), ("", "", "Lee"));
    assert!(!table.mend(2, 3, "Hunter-4"));
    // Not even when somebody says that it is another column.
    let columns = Columns::recognise(&table, &Mapping::from([(3, Column::JobTitle)]));
    assert_eq!(
        (columns.all()[3].column, columns.all()[3].state),
        (Some(Column::Password), ColumnState::Ignored)
    );
    assert_eq!(columns.place(Column::JobTitle), None);
}

#[test]
fn a_cell_can_be_mended() {
    let mut table = Table::parse(b"Email,First name,Surname,URN\nann,Ann,Lee\n").unwrap();
    assert!(table.mend(2, 0, " ann@example.org "));
    assert!(table.mend(2, 3, "100000"));
    assert!(!table.mend(2, 4, "beyond") && !table.mend(3, 0, "no such row"));
    let judgement = Shape::of(
        &table,
        &Columns::recognise(&table, &Mapping::new()),
        Role::DesignatedTeacher,
    )
    .preview();
    assert_eq!(judgement.findings, []);
    assert_eq!(
        (judgement.users[0].email.as_str(), judgement.users[0].urns.len()),
        ("ann@example.org", 1)
    );
}
