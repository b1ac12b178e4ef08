//! The template that people fill in, and the refused rows of a file in the same form.

use std::collections::HashMap;

use crate::csv_text::CsvText;
use crate::{Column, Columns, Finding, Severity, Table};

/// The heading of the column that says why a row was refused.
pub const WHAT_TO_MEND: &str = "What to mend";

/// The template's columns in their order; the last may be repeated as often as wanted.
pub const TEMPLATE: [Column; 7] = [
    Column::FirstName,
    Column::LastName,
    Column::JobTitle,
    Column::Email,
    Column::Phone,
    Column::Urn,
    Column::Upn,
];

/// The empty template as a CSV file, with so many columns for UPNs (at least one).
#[must_use]
pub fn template(upn_columns: usize) -> Vec<u8> {
    let mut file = CsvText::new();
    let more = std::iter::repeat_n(Column::Upn, upn_columns.saturating_sub(1));
    file.row(TEMPLATE.into_iter().chain(more).map(Column::heading));
    file.into_bytes()
}

/// The refused rows as a CSV file in the form of the template, with a last column that says what to mend. It can
/// be mended and added again as it is.
#[must_use]
pub fn refused(table: &Table, columns: &Columns, refused_rows: &[u32], findings: &[Finding]) -> Vec<u8> {
    let mut to_mend: HashMap<u32, String> = HashMap::new();
    let mut whole_file = String::new();
    for finding in findings.iter().filter(|f| f.severity == Severity::Error) {
        let of_row = to_mend.entry(finding.row).or_default();
        let text = if table.row(finding.row).is_some() {
            of_row
        } else {
            &mut whole_file
        };
        if !text.is_empty() {
            text.push(' ');
        }
        if let Some(heading) = &finding.column {
            text.push_str(heading);
            text.push_str(": ");
        }
        text.push_str(&finding.message);
    }

    // Where each cell comes from; a column that the file does not have is blank.
    let mut places: Vec<(Column, Option<usize>)> = Vec::new();
    let vocabulary = table.vocabulary();
    for column in vocabulary.template.iter().chain(vocabulary.beside_template).copied() {
        let found: Vec<usize> = columns.places(column).collect();
        if found.is_empty() && vocabulary.template.contains(&column) {
            places.push((column, None));
        }
        places.extend(found.into_iter().map(|place| (column, Some(place))));
    }
    let mut file = CsvText::new();
    file.row(places.iter().map(|(column, _)| column.heading()).chain([WHAT_TO_MEND]));
    for number in refused_rows {
        let Some(row) = table.row(*number) else { continue };
        let why = to_mend.get(number).filter(|why| !why.is_empty()).unwrap_or(&whole_file);
        file.row(
            places
                .iter()
                .map(|(_, place)| place.map_or("", |place| row.cell(place)))
                .chain([why.as_str()]),
        );
    }
    file.into_bytes()
}

#[cfg(test)]
mod tests {
    use lac_domain::Role;
    use proptest::prelude::*;

    use super::*;
    use crate::{Mapping, Shape};

    #[test]
    fn the_template_is_the_one_that_staff_know() {
        let text = String::from_utf8(template(2)).unwrap();
        assert_eq!(
            text,
            "\u{FEFF}User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN),\
             Pupil Reference Number (UPN),Pupil Reference Number (UPN)\r\n"
        );
        assert!(matches!(Table::parse(text.as_bytes()), Err(crate::FileError::NoRows)));
    }

    #[test]
    fn refused_rows_come_back_with_what_to_mend() {
        let file = "Email;Surname;User Role;First name;UPN;Phone;Password\n\
                    ann@example.org;Lee;Social Worker;Ann;;+44 20 7946 0000;Secret-1\n\
                    bob;Reed;Social Worker;;;=1+1;Secret-2\n";
        let table = Table::parse(file.as_bytes()).unwrap();
        let columns = Columns::recognise(&table, &Mapping::new());
        let judgement = Shape::of(&table, &columns, Role::LaUser).preview();
        assert_eq!(judgement.refused_rows, [3]);
        let written = refused(&table, &columns, &judgement.refused_rows, &judgement.findings);
        let text = String::from_utf8(written.clone()).unwrap();
        assert!(!text.contains("Secret"), "{text}");
        assert!(text.contains("'=1+1"), "{text}");

        let again = Table::parse(&written).unwrap();
        assert_eq!(again.headings().last().unwrap(), WHAT_TO_MEND);
        let row = again.rows().next().unwrap();
        let cells: Vec<&str> = (0..9).map(|i| row.cell(i)).collect();
        assert_eq!(cells[..8], ["", "Reed", "", "bob", "=1+1", "", "", "Social Worker"]);
        assert!(
            cells[8].contains("There is no first name.") && cells[8].contains("name@example.org"),
            "{}",
            cells[8]
        );
        let columns = Columns::recognise(&again, &Mapping::new());
        assert_eq!(
            Shape::of(&again, &columns, Role::LaUser).rows().next().unwrap().phone,
            "=1+1"
        );
    }

    #[test]
    fn a_file_at_fault_as_a_whole_says_so_in_every_row() {
        let table = Table::parse(b"First name,Surname\nAnn,Lee\nBob,Reed\n").unwrap();
        let columns = Columns::recognise(&table, &Mapping::new());
        let judgement = Shape::of(&table, &columns, Role::LaUser).preview();
        assert!(judgement.blocked);
        let text = String::from_utf8(refused(&table, &columns, &judgement.refused_rows, &judgement.findings)).unwrap();
        assert_eq!(text.matches("The file has no column “Email”").count(), 2, "{text}");
    }

    proptest! {
        #[test]
        fn refused_rows_read_back_as_they_were(
            names in proptest::collection::vec(("[a-zA-Zé=+@'\",;\n-]{0,8}", "[a-z0-9'+=-]{0,8}"), 1..20)
        ) {
            let mut file = CsvText::new();
            file.row(["Email", "First name", "Last name"]);
            for (first, last) in &names {
                file.row(["wrong", first.trim(), last.trim()]);
            }
            let table = Table::parse(&file.into_bytes()).unwrap();
            let columns = Columns::recognise(&table, &Mapping::new());
            let judgement = Shape::of(&table, &columns, Role::LaUser).preview();
            prop_assert_eq!(judgement.refused_rows.len(), names.len());
            let written = refused(&table, &columns, &judgement.refused_rows, &judgement.findings);
            let again = Table::parse(&written).unwrap();
            for (row, (first, last)) in again.rows().zip(&names) {
                prop_assert_eq!((row.cell(0), row.cell(1)), (first.trim(), last.trim()));
            }
        }
    }
}
