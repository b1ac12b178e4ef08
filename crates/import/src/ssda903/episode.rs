//! `episodes.csv`: when each child was in care. Of its columns only the child, the days, the reason that an episode
//! began or ended, and whether it was a short break are looked at; the last is not kept.

use chrono::NaiveDate;

use super::file::ReturnFile;
use crate::{FileError, Finding, FindingCode, Severity, Table};

/// The headings without which it is another file.
pub(super) const NEEDED: [&str; 5] = ["CHILD", "DECOM", "DEC", "REC", "LS"];

const WANTED: &str = "the file episodes.csv of the SSDA903 return";

/// Legal statuses of short breaks, which are no time in care here (the guide to the collection, "legal status").
const SHORT_BREAKS: [&str; 2] = ["V3", "V4"];

/// The reason for ending that says that another episode follows on the same day.
const GOES_ON: &str = "X1";

/// The reason for beginning that says that a child came into care.
const CAME_INTO_CARE: &str = "S";

/// One episode that can be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Episode {
    /// The row, by the number that Excel shows.
    pub row: u32,
    /// `DECOM`: its first day.
    pub start: NaiveDate,
    /// `DEC`: the day that it ended, if it did.
    pub end: Option<NaiveDate>,
    /// Whether care goes on after it (`REC` is X1).
    pub goes_on: bool,
    /// Whether care began with it (`RNE` is S).
    pub came_into_care: bool,
}

/// Episodes with the child of each, how many were short breaks, and how many could not be taken.
type Episodes = (Vec<(String, Episode)>, u32, u32);

/// Reads the episodes with the child of each; how many were short breaks, and how many could not be taken.
pub(super) fn read(table: &Table, as_at: NaiveDate, findings: &mut Vec<Finding>) -> Result<Episodes, FileError> {
    let file = ReturnFile::open(table, &NEEDED, WANTED)?;
    let at = |heading| file.place(heading);
    let (child, start, end, reason, status, began) =
        (at("CHILD"), at("DECOM"), at("DEC"), at("REC"), at("LS"), at("RNE"));
    let (mut episodes, mut short_breaks, mut refused) = (Vec::with_capacity(file.rows().len()), 0, 0);
    for row in file.rows() {
        let is = |place, word: &str| ReturnFile::cell(row, place).eq_ignore_ascii_case(word);
        if SHORT_BREAKS.iter().any(|word| is(status, word)) {
            short_breaks += 1;
            continue;
        }
        let before = findings.len();
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
        }
        let days = (file.day(row, start, findings), file.day(row, end, findings));
        let (Ok(began_on), Ok(ended_on)) = days else {
            refused += 1;
            continue;
        };
        let Some(began_on) = began_on else {
            let message = "This episode has no first day (DECOM). Enter it in the return, and read it again.";
            findings.push(file.finding(row, start, Severity::Error, FindingCode::BadDate, message.to_owned()));
            refused += 1;
            continue;
        };
        if ended_on.is_some_and(|end| end < began_on) {
            let message = "This episode ends before it begins. Check DECOM and DEC in the return, and read it again.";
            findings.push(file.finding(
                row,
                end,
                Severity::Error,
                FindingCode::EndBeforeStart,
                message.to_owned(),
            ));
        }
        if began_on > as_at {
            let message = "This episode begins after the day that the return stands for. Check the date, or the day that you gave.";
            findings.push(file.finding(
                row,
                start,
                Severity::Error,
                FindingCode::AfterTheReturn,
                message.to_owned(),
            ));
        }
        if findings.len() > before {
            refused += 1;
            continue;
        }
        let ended_on = match ended_on {
            Some(day) if day > as_at => {
                let message = "This episode ends after the day that the return stands for. It is taken as not ended.";
                findings.push(file.finding(
                    row,
                    end,
                    Severity::Warning,
                    FindingCode::AfterTheReturn,
                    message.to_owned(),
                ));
                None
            }
            other => other,
        };
        if ended_on.is_none() && ReturnFile::cell(row, end).is_empty() && !ReturnFile::cell(row, reason).is_empty() {
            let message =
                "This episode has a reason for ending, and no day on which it ended. It is taken as not ended.";
            findings.push(file.finding(
                row,
                reason,
                Severity::Warning,
                FindingCode::EndReasonWithoutEnd,
                message.to_owned(),
            ));
        }
        let episode = Episode {
            row: row.number(),
            start: began_on,
            end: ended_on,
            goes_on: is(reason, GOES_ON),
            came_into_care: is(began, CAME_INTO_CARE),
        };
        episodes.push((reference.to_owned(), episode));
    }
    Ok((episodes, short_breaks, refused))
}
