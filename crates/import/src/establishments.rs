//! Establishments, from the GIAS file `edubasealldata….csv`.

use std::io::Read;

use chrono::NaiveDate;
use lac_domain::{EstablishmentStatus, Urn};
use serde::{Deserialize, Serialize};

use crate::gias::GiasFile;
use crate::{FileError, Finding, FindingCode, Severity};

const WANTED: &str = "the establishment fields download (edubasealldata….csv) of “Get Information About Schools”";

/// What a directory of schools needs of one establishment. Texts are empty where GIAS has none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EstablishmentRow {
    /// URN.
    pub urn: Urn,
    /// The code of its local authority, three digits.
    pub la_code: String,
    /// The name of its local authority.
    pub la_name: String,
    /// Its number within that authority, four digits.
    pub establishment_number: String,
    /// Its name.
    pub name: String,
    /// Its type, such as "Voluntary aided school".
    pub type_name: String,
    /// Its phase, such as "Primary"; empty where GIAS says "Not applicable".
    pub phase: String,
    /// Whether it is open.
    pub status: EstablishmentStatus,
    /// The day it opened.
    pub open_date: Option<NaiveDate>,
    /// The day it closed.
    pub close_date: Option<NaiveDate>,
    /// First line of the address.
    pub street: String,
    /// Second line of the address.
    pub locality: String,
    /// Third line of the address.
    pub address3: String,
    /// Town.
    pub town: String,
    /// County.
    pub county: String,
    /// Postcode, in capitals with one space.
    pub postcode: String,
    /// Telephone number, digits as GIAS has them.
    pub telephone: String,
    /// Website as GIAS has it, with or without `http://`.
    pub website: String,
    /// Title, first and last name of the head.
    pub head: String,
}

/// One row of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EstablishmentRecord {
    /// The row, by the number that Excel shows.
    pub row: u32,
    /// The establishment; none when a finding is an error.
    pub establishment: Option<EstablishmentRow>,
    /// What is to be said of the row.
    pub findings: Vec<Finding>,
}

/// Reads the file row by row.
pub struct Establishments<R> {
    file: GiasFile<R>,
    places: Places,
    failed: bool,
}

struct Places {
    urn: Option<usize>,
    la_code: Option<usize>,
    la_name: Option<usize>,
    number: Option<usize>,
    name: Option<usize>,
    type_name: Option<usize>,
    phase: Option<usize>,
    status: Option<usize>,
    status_code: Option<usize>,
    open_date: Option<usize>,
    close_date: Option<usize>,
    address: [Option<usize>; 5],
    postcode: Option<usize>,
    telephone: Option<usize>,
    website: Option<usize>,
    head: [Option<usize>; 3],
}

impl<R: Read> Establishments<R> {
    /// Reads the headings.
    ///
    /// # Errors
    /// When it cannot be read, or is not this file.
    pub fn open(reader: R) -> Result<Self, FileError> {
        let file = GiasFile::open(
            reader,
            &["URN", "EstablishmentName", "EstablishmentStatus (name)"],
            WANTED,
        )?;
        let at = |heading: &str| file.place(heading);
        let places = Places {
            urn: at("URN"),
            la_code: at("LA (code)"),
            la_name: at("LA (name)"),
            number: at("EstablishmentNumber"),
            name: at("EstablishmentName"),
            type_name: at("TypeOfEstablishment (name)"),
            phase: at("PhaseOfEducation (name)"),
            status: at("EstablishmentStatus (name)"),
            status_code: at("EstablishmentStatus (code)"),
            open_date: at("OpenDate"),
            close_date: at("CloseDate"),
            address: [
                at("Street"),
                at("Locality"),
                at("Address3"),
                at("Town"),
                at("County (name)"),
            ],
            postcode: at("Postcode"),
            telephone: at("TelephoneNum"),
            website: at("SchoolWebsite"),
            head: [at("HeadTitle (name)"), at("HeadFirstName"), at("HeadLastName")],
        };
        Ok(Self {
            file,
            places,
            failed: false,
        })
    }

    fn record(&self, row: u32) -> EstablishmentRecord {
        let (file, at) = (&self.file, &self.places);
        let mut findings = Vec::new();
        if let Some(finding) = file.unclosed() {
            return EstablishmentRecord {
                row,
                establishment: None,
                findings: vec![finding],
            };
        }
        let urn = Urn::parse(&file.cell(at.urn));
        if let Err(error) = &urn {
            findings.push(file.finding(at.urn, Severity::Error, FindingCode::BadUrn, error.to_string()));
        }
        let name = file.cell(at.name).into_owned();
        if name.is_empty() {
            let message = "This establishment has no name, so it is not taken.";
            findings.push(file.finding(at.name, Severity::Error, FindingCode::MissingName, message));
        }
        let status = status(&file.cell(at.status), &file.cell(at.status_code));
        if status.is_none() {
            let message = "This is not a status that GIAS is known to use, so the establishment is not taken.";
            findings.push(file.finding(at.status, Severity::Error, FindingCode::UnknownStatus, message));
        }
        let (Ok(urn), Some(status), false) = (urn, status, name.is_empty()) else {
            return EstablishmentRecord {
                row,
                establishment: None,
                findings,
            };
        };
        // A row with more cells than headings has cells in the wrong columns, somewhere after those of the start.
        let in_line = !file.is_out_of_line();
        if !in_line {
            let message = "This row has more cells than there are headings, so its address, head and contact details cannot be told and are left out.";
            findings.push(file.finding(None, Severity::Warning, FindingCode::CellsOutOfLine, message));
        }
        let text = |place: Option<usize>| file.cell(place).into_owned();
        let late = |place: Option<usize>| if in_line { text(place) } else { String::new() };
        let [street, locality, address3, town, county] = at.address.map(late);
        let head = at
            .head
            .map(late)
            .into_iter()
            .filter(|part| is_said(part))
            .collect::<Vec<_>>()
            .join(" ");
        let establishment = EstablishmentRow {
            urn,
            la_code: text(at.la_code),
            la_name: text(at.la_name),
            establishment_number: text(at.number),
            name,
            type_name: text(at.type_name),
            phase: Some(text(at.phase)).filter(|phase| is_said(phase)).unwrap_or_default(),
            status,
            open_date: file.date(at.open_date, &mut findings),
            close_date: file.date(at.close_date, &mut findings),
            street,
            locality,
            address3,
            town,
            county: if is_said(&county) { county } else { String::new() },
            postcode: late(at.postcode)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .to_uppercase(),
            telephone: late(at.telephone),
            website: late(at.website),
            head,
        };
        EstablishmentRecord {
            row,
            establishment: Some(establishment),
            findings,
        }
    }
}

impl<R: Read> Iterator for Establishments<R> {
    type Item = Result<EstablishmentRecord, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        match self.file.advance() {
            Ok(None) => None,
            Ok(Some(row)) => Some(Ok(self.record(row))),
            Err(error) => {
                self.failed = true;
                Some(Err(error))
            }
        }
    }
}

fn is_said(text: &str) -> bool {
    !text.is_empty() && !text.eq_ignore_ascii_case("not applicable") && !text.eq_ignore_ascii_case("not recorded")
}

fn status(name: &str, code: &str) -> Option<EstablishmentStatus> {
    if !name.is_empty() {
        return EstablishmentStatus::parse(name).ok();
    }
    match code {
        "1" => Some(EstablishmentStatus::Open),
        "2" => Some(EstablishmentStatus::Closed),
        "3" => Some(EstablishmentStatus::ProposedToClose),
        "4" => Some(EstablishmentStatus::ProposedToOpen),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FileErrorCode;

    fn read(file: &[u8]) -> Vec<EstablishmentRecord> {
        Establishments::open(file).unwrap().map(Result::unwrap).collect()
    }

    fn codes(record: &EstablishmentRecord) -> Vec<(FindingCode, Option<&str>)> {
        record.findings.iter().map(|f| (f.code, f.column.as_deref())).collect()
    }

    #[test]
    fn the_dfes_own_file_is_read() {
        let file = include_bytes!("../../../tests/fixtures/gias/edubasealldata-18-rows.csv");
        let records = read(file);
        // The file's name counts its line breaks; its last row has none.
        assert_eq!(records.len(), 19);
        assert!(records.iter().all(|r| r.establishment.is_some()));
        let first = records[0].establishment.as_ref().unwrap();
        assert_eq!(first.urn.as_str(), "100000");
        assert_eq!(
            (first.la_code.as_str(), first.establishment_number.as_str()),
            ("201", "3614")
        );
        assert_eq!(first.name, "Sir John Cass's Foundation Primary School");
        assert_eq!(
            (first.phase.as_str(), first.type_name.as_str()),
            ("Primary", "Voluntary aided school")
        );
        assert_eq!(
            (first.street.as_str(), first.town.as_str(), first.postcode.as_str()),
            ("St James's Passage", "London", "EC3A 5DE")
        );
        assert_eq!(
            (first.head.as_str(), first.telephone.as_str()),
            ("Mr Tim Wilson", "02072831147")
        );
        let closed = records[4].establishment.as_ref().unwrap();
        assert_eq!(
            (closed.status, closed.close_date),
            (EstablishmentStatus::Closed, NaiveDate::from_ymd_opt(1992, 8, 31))
        );
        assert_eq!(closed.head, "");
        // The last ten rows of that file come from a download with more columns.
        let out_of_line: Vec<u32> = records
            .iter()
            .filter(|r| !r.findings.is_empty())
            .map(|r| r.row)
            .collect();
        assert_eq!(out_of_line, (11..=20).collect::<Vec<_>>());
        let shifted = records[9].establishment.as_ref().unwrap();
        assert_eq!(
            (shifted.name.as_str(), shifted.postcode.as_str(), shifted.head.as_str()),
            ("Coachman's Cottage Tuition Centre", "", "")
        );
        assert_eq!(codes(&records[9]), [(FindingCode::CellsOutOfLine, None)]);
    }

    #[test]
    fn each_fault_is_a_finding_of_its_row() {
        let file = b"EstablishmentName,URN,EstablishmentStatus (name),OpenDate,Postcode\n\
            Caf\xE9 Primary,100000,\"Open, but proposed to close\",01-09-2005,ec3a  5de\n\
            ,12,Shut,\n\
            \n\
            Wrong date,100001,Open,2005-09-01\n\
            \"cut off";
        let records = read(file);
        let first = records[0].establishment.as_ref().unwrap();
        assert_eq!(
            (first.name.as_str(), first.status),
            ("Café Primary", EstablishmentStatus::ProposedToClose)
        );
        assert_eq!(first.postcode, "EC3A 5DE");
        assert_eq!(records[1].establishment, None);
        assert_eq!(
            codes(&records[1]),
            [
                (FindingCode::BadUrn, Some("URN")),
                (FindingCode::MissingName, Some("EstablishmentName")),
                (FindingCode::UnknownStatus, Some("EstablishmentStatus (name)")),
            ]
        );
        assert_eq!(
            (records[2].row, codes(&records[2])),
            (5, vec![(FindingCode::BadDate, Some("OpenDate"))])
        );
        assert_eq!(records[2].establishment.as_ref().unwrap().open_date, None);
        assert_eq!(
            (records[3].row, codes(&records[3])),
            (6, vec![(FindingCode::UnclosedQuote, None)])
        );
    }

    #[test]
    fn other_files_are_refused() {
        let refused = |file: &[u8]| Establishments::open(file).err().map(|e| e.code());
        assert_eq!(refused(b""), Some(FileErrorCode::Empty));
        assert_eq!(refused(b"URN,LinkURN\n1,2\n"), Some(FileErrorCode::WrongFile));
        assert_eq!(refused(b"PK\x03\x04"), Some(FileErrorCode::NotCsv));
        assert_eq!(refused(b"U\0R\0N\0"), Some(FileErrorCode::NotCsv));
    }
}
