//! Times in care, made of a child's episodes: those that follow on from one another are one.

use super::ReturnedPeriod;
use super::episode::Episode;
use crate::{Finding, FindingCode, Severity};

/// The times in care that a child's episodes make. They never overlap.
pub(super) fn of(mut episodes: Vec<Episode>, findings: &mut Vec<Finding>) -> Vec<ReturnedPeriod> {
    // Of two that begin on one day, the one that ends first comes first.
    episodes.sort_by_key(|episode| (episode.start, episode.end.is_none(), episode.end, episode.row));
    let mut periods: Vec<ReturnedPeriod> = Vec::new();
    // The episode that reaches furthest in the last of them.
    let mut last: Option<Episode> = None;
    for episode in episodes {
        let mut warn = |code, message: &str| {
            findings.push(Finding::of_row(episode.row, Severity::Warning, code, "", message));
        };
        let goes_on = match &last {
            None => false,
            Some(before) => match before.end {
                None => {
                    warn(
                        FindingCode::EpisodesOverlap,
                        "An earlier episode of this child has not ended. The two are taken as one time in care.",
                    );
                    true
                }
                Some(end) if episode.start < end => {
                    warn(
                        FindingCode::EpisodesOverlap,
                        "This episode begins before an earlier one of this child ends. The two are taken as one time in care.",
                    );
                    true
                }
                Some(end) if episode.start == end => before.goes_on || !episode.came_into_care,
                Some(_) if before.goes_on => {
                    warn(
                        FindingCode::EpisodesGap,
                        "The episode before says that care goes on (X1), and this one begins later. The days between are taken as in care.",
                    );
                    true
                }
                Some(_) => false,
            },
        };
        match periods.last_mut().filter(|_| goes_on) {
            Some(period) => period.rows.push(episode.row),
            None => periods.push(ReturnedPeriod {
                start: episode.start,
                end: None,
                rows: vec![episode.row],
            }),
        }
        let further = |before: &Episode| goes_on && reaches(before) >= reaches(&episode);
        if !last.as_ref().is_some_and(further) {
            last = Some(episode);
        }
        if let (Some(period), Some(last)) = (periods.last_mut(), &last) {
            period.end = last.end.filter(|_| !last.goes_on);
        }
    }
    if let Some(last) = last.filter(|last| last.goes_on && last.end.is_some()) {
        let message =
            "This episode says that care goes on (X1), and no other follows it. The child is taken as still in care.";
        findings.push(Finding::of_row(
            last.row,
            Severity::Warning,
            FindingCode::NoEpisodeFollows,
            "",
            message,
        ));
    }
    // One that begins and ends on one day is no day in care.
    periods.retain(|period| period.end.is_none_or(|end| end > period.start));
    periods
}

/// How far an episode reaches: one that has not ended furthest of all.
fn reaches(episode: &Episode) -> (bool, Option<chrono::NaiveDate>) {
    (episode.end.is_none(), episode.end)
}
