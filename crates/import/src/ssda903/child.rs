//! `header.csv`: who the children are.

use std::collections::{HashMap, HashSet};

use lac_domain::Upn;

use super::ReturnedChild;
use super::episode::Episode;
use super::file::ReturnFile;
use crate::{FileError, Finding, FindingCode, Severity, Table};

/// The headings without which it is another file.
pub(super) const NEEDED: [&str; 3] = ["CHILD", "DOB", "UPN"];

const WANTED: &str = "the file header.csv of the SSDA903 return";

/// Codes that stand where there is no UPN, each for a reason (the guide to the collection, "UPN").
const NO_UPN: [&str; 6] = ["UN1", "UN2", "UN3", "UN4", "UN5", "UN6"];

/// Reads the children, each once.
pub(super) fn read(table: &Table, findings: &mut Vec<Finding>) -> Result<Vec<ReturnedChild>, FileError> {
    let file = ReturnFile::open(table, &NEEDED, WANTED)?;
    let (child, born, upn) = (file.place("CHILD"), file.place("DOB"), file.place("UPN"));
    let mut children: Vec<ReturnedChild> = Vec::with_capacity(file.rows().len());
    let mut rows_of: HashMap<String, u32> = HashMap::new();
    let mut upns: HashSet<Upn> = HashSet::new();
    for row in file.rows() {
        let reference = ReturnFile::cell(row, child);
        if reference.is_empty() {
            let message =
                "This row has no CHILD, so it cannot be told whose it is. Mend it in the return, and read it again.";
            findings.push(file.finding(
                row,
                child,
                Severity::Error,
                FindingCode::MissingReference,
                message.to_owned(),
            ));
            continue;
        }
        if let Some(first) = rows_of.get(reference) {
            let message = format!("Row {first} is about the same child. That row is taken, and this one is not.");
            findings.push(file.finding(row, child, Severity::Error, FindingCode::RepeatedChild, message));
            continue;
        }
        rows_of.insert(reference.to_owned(), row.number());
        let mut own = Vec::new();
        // A wrong date of birth costs the child's match by it, not the child.
        let born = file.day(row, born, &mut own).unwrap_or(None);
        own.iter_mut().for_each(|finding| finding.severity = Severity::Warning);
        findings.append(&mut own);
        let cell = ReturnFile::cell(row, upn);
        let mut warn = |code, message: String| findings.push(file.finding(row, upn, Severity::Warning, code, message));
        let known = if cell.is_empty() || NO_UPN.contains(&cell.to_ascii_uppercase().as_str()) {
            None
        } else {
            match Upn::parse(cell) {
                Err(error) => {
                    warn(
                        FindingCode::BadUpn,
                        format!("{error} The child is looked for by CHILD alone."),
                    );
                    None
                }
                Ok(known) if !upns.insert(known.clone()) => {
                    let message =
                        "Another child of this return has the same UPN. This child is looked for by CHILD alone.";
                    warn(FindingCode::RepeatedUpn, message.to_owned());
                    None
                }
                Ok(known) => {
                    if !known.check_letter_fits() {
                        let message = "The first letter of this UPN does not fit its digits. Check it against the child’s record. It is looked for as it is.";
                        warn(FindingCode::UpnCheckLetter, message.to_owned());
                    }
                    Some(known)
                }
            }
        };
        children.push(ReturnedChild {
            reference: reference.to_owned(),
            upn: known,
            born,
            periods: Vec::new(),
        });
    }
    Ok(children)
}

/// A child whom `header.csv` does not have, taken from an episode. Answers their place.
pub(super) fn missing(
    children: &mut Vec<ReturnedChild>,
    reference: &str,
    episode: &Episode,
    findings: &mut Vec<Finding>,
) -> usize {
    if let Some(place) = children.iter().rposition(|child| child.reference == reference) {
        return place;
    }
    let message = "The file header.csv has no such child. The child is looked for by CHILD alone.";
    findings.push(Finding::of_row(
        episode.row,
        Severity::Warning,
        FindingCode::UnknownChild,
        reference,
        message,
    ));
    children.push(ReturnedChild {
        reference: reference.to_owned(),
        upn: None,
        born: None,
        periods: Vec::new(),
    });
    children.len() - 1
}
