//! Rows that are about one pupil, as one: "2 rows, 1 pupil".

use std::collections::HashMap;

use lac_domain::name_key;

use super::cells::Row;
use super::{FilePupil, PupilFile};
use crate::{Finding, FindingCode, Severity};

/// Puts the rows of each pupil together, known by the reference, or else the UPN. Rows that say the same pupil under
/// different names or dates of birth are refused.
pub(super) fn merge(mut file: PupilFile, rows: Vec<Row>) -> PupilFile {
    let mut by_reference: HashMap<String, usize> = HashMap::new();
    let mut by_upn: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let of_reference = row.reference.as_ref().and_then(|reference| by_reference.get(reference));
        let of_upn = row.upn.as_ref().and_then(|upn| by_upn.get(upn.as_str()));
        let place = match (of_reference, of_upn) {
            (Some(one), Some(other)) if one != other => {
                refuse(
                    &mut file,
                    &row,
                    "This row has the reference of one pupil of this file and the UPN of another. Check both.",
                );
                continue;
            }
            (one, other) => one.or(other).copied(),
        };
        let Some(place) = place else {
            let place = file.pupils.len();
            if let Some(reference) = &row.reference {
                by_reference.insert(reference.clone(), place);
            }
            if let Some(upn) = &row.upn {
                by_upn.insert(upn.as_str().to_owned(), place);
            }
            file.pupils.push(pupil(row));
            continue;
        };
        let before = &file.pupils[place];
        let same = name_key(&before.first_name) == name_key(&row.first_name)
            && name_key(&before.last_name) == name_key(&row.last_name)
            && before.born == row.born;
        if !same {
            let message = format!(
                "Row {} has the same reference or UPN with another name or date of birth. Two pupils cannot share them. Check both rows.",
                before.rows.first().copied().unwrap_or_default()
            );
            refuse(&mut file, &row, &message);
            continue;
        }
        let before = &mut file.pupils[place];
        before.rows.push(row.number);
        before.upn = before.upn.take().or(row.upn);
        before.reference = before.reference.take().or(row.reference);
        before.care.extend(row.care.filter(|care| !before.care.contains(care)));
        before.enrolments.extend(row.enrolment);
        if before.social_worker_email.is_empty() {
            before.social_worker_email = row.social_worker_email;
        }
        if before.known_as.is_empty() {
            before.known_as = row.known_as;
        }
    }
    file
}

fn pupil(row: Row) -> FilePupil {
    FilePupil {
        rows: vec![row.number],
        upn: row.upn,
        reference: row.reference,
        first_name: row.first_name,
        last_name: row.last_name,
        known_as: row.known_as,
        born: row.born,
        care: row.care.into_iter().collect(),
        enrolments: row.enrolment.into_iter().collect(),
        social_worker_email: row.social_worker_email,
    }
}

fn refuse(file: &mut PupilFile, row: &Row, message: &str) {
    let code = FindingCode::RepeatedChild;
    let finding = Finding::of_row(row.number, Severity::Error, code, "", message);
    file.findings.push(finding);
}
