//! Texts that others have gathered because programs stumble over them: the samples of `csv-spectrum`, and the "big
//! list of naughty strings". Each comes through as it was, or is refused with a sentence.

use lac_domain::Role;
use lac_import::{Severity, Table};
use naughty_strings::BLNS;
use serde_json::Value;

use super::shape;

/// White space and invisible marks around a cell are no part of it; nor is the apostrophe of a spreadsheet.
fn meant(text: &str) -> &str {
    let edge = |c: char| c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}');
    lac_import::from_spreadsheet(text.trim_matches(edge)).trim_matches(edge)
}

#[test]
fn every_sample_of_the_spectrum_is_read_as_its_authors_expect() {
    let mut compared = 0;
    for sample in csv_spectrum::spectrum() {
        let table = Table::parse(sample.csv).unwrap_or_else(|error| panic!("{}: {error}", sample.name));
        // Its authors say that this one's JSON is not what a parser should give.
        if sample.name == "location_coordinates" {
            assert_eq!(table.row_count(), 1);
            continue;
        }
        let expected: Vec<serde_json::Map<String, Value>> = serde_json::from_slice(sample.json).unwrap();
        assert_eq!(table.row_count() as usize, expected.len(), "{}", sample.name);
        for (row, wanted) in table.rows().zip(expected) {
            assert_eq!(wanted.len(), table.headings().len(), "{}", sample.name);
            for (place, heading) in table.headings().iter().enumerate() {
                assert_eq!(
                    row.cell(place),
                    meant(wanted[heading].as_str().unwrap()),
                    "{}",
                    sample.name
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 40, "{compared}");
}

/// A file in which each text is a first name, a last name and a job title.
fn file_of<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["First name", "Surname", "Job title", "Email"])
        .unwrap();
    for (n, text) in texts.enumerate() {
        csv.write_record([text, text, text, &format!("user{n}@example.org")])
            .unwrap();
    }
    csv.into_inner().unwrap()
}

#[test]
fn naughty_strings_come_through_as_names_and_job_titles_or_are_refused_with_a_sentence() {
    let spectrum: Vec<String> = csv_spectrum::spectrum()
        .iter()
        .flat_map(|sample| {
            let table = Table::parse(sample.csv).unwrap();
            let cells = table
                .rows()
                .flat_map(|row| (0..row.len()).map(move |place| row.cell(place).to_owned()));
            cells.collect::<Vec<_>>()
        })
        .collect();
    let texts: Vec<&str> = BLNS
        .iter()
        .copied()
        .chain(spectrum.iter().map(String::as_str))
        .collect();
    let file = file_of(texts.iter().copied());
    let judgement = shape(&file, Role::SocialWorker).preview();
    assert_eq!(judgement.counts.rows_read as usize, texts.len());
    let table = Table::parse(&file).unwrap();
    let numbers: Vec<u32> = table.rows().map(|row| row.number()).collect();
    let (mut through, mut refused) = (0, 0);
    for (text, number) in texts.iter().zip(numbers) {
        if judgement.refused_rows.contains(&number) {
            let errors = judgement
                .findings
                .iter()
                .filter(|finding| finding.row == number && finding.severity == Severity::Error);
            let said: Vec<&str> = errors.map(|finding| finding.message.as_str()).collect();
            assert!(
                !said.is_empty() && said.iter().all(|message| message.ends_with('.')),
                "{text:?}: {said:?}"
            );
            refused += 1;
        } else {
            let user = judgement.users.iter().find(|user| user.rows == [number]).unwrap();
            let wanted = meant(text);
            assert_eq!((user.first_name.as_str(), user.last_name.as_str()), (wanted, wanted));
            assert_eq!(user.job_title, wanted);
            through += 1;
        }
    }
    // Blank ones, those with a line break or longer than a name, and those with a lost letter are refused.
    assert!(
        through > 300 && refused > 20,
        "{through} came through, {refused} were refused"
    );
}
