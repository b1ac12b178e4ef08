//! The SSDA903 return: the yearly file of looked-after children that an authority sends to the DfE ("Children
//! looked after by local authorities in England: guide to the SSDA903 collection").
//!
//! Two of its files are read, `header.csv` (who) and `episodes.csv` (when), and of those only what tells a child and
//! their times in care. There is no name and no school in it: `URN` in the episodes is the Ofsted number of the
//! placement provider, and it, postcodes, placements and the legal status are never kept.

mod child;
mod compare;
mod episode;
mod file;
mod period;

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use lac_domain::Upn;
use serde::{Deserialize, Serialize};

pub use compare::{Beside, HeldPeriod, beside};

use crate::{FileError, Finding, Severity, Table};

/// A return, read: children with their times in care, and all that is to be said of its rows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Ssda903 {
    /// The children, in the order of the file; those without an episode too.
    pub children: Vec<ReturnedChild>,
    /// What is to be said of rows of `header.csv`: errors first, then by row.
    pub header_findings: Vec<Finding>,
    /// What is to be said of rows of `episodes.csv`: errors first, then by row.
    pub episode_findings: Vec<Finding>,
    /// What was counted.
    pub counts: ReturnCounts,
}

/// Which file of a return it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ReturnPart {
    /// `header.csv`: who the children are.
    Header,
    /// `episodes.csv`: when each was in care.
    Episodes,
}

impl ReturnPart {
    /// Tells by its headings which file it is, whatever its name, and how many rows it has.
    ///
    /// # Errors
    /// When it is no CSV file, is too big, or is neither of the two.
    pub fn of(bytes: &[u8]) -> Result<(Self, u32), FileError> {
        const WANTED: &str = "header.csv or episodes.csv of the SSDA903 return";
        let table = Table::parse(bytes)?;
        let is = |needed: &[&'static str]| file::ReturnFile::open(&table, needed, WANTED).is_ok();
        let part = if is(&episode::NEEDED) {
            Self::Episodes
        } else if is(&child::NEEDED) {
            Self::Header
        } else {
            // A file that has the children's numbers lacks what tells the two apart.
            let heading = if is(&["CHILD"]) { "DECOM" } else { "CHILD" };
            return Err(FileError::WrongFile {
                heading,
                wanted: WANTED,
            });
        };
        Ok((part, table.row_count()))
    }
}

/// A child of the return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReturnedChild {
    /// `CHILD`: the authority's own number, which is a pupil's `reference`.
    pub reference: String,
    /// `UPN`, where there is one of the right form.
    pub upn: Option<Upn>,
    /// `DOB`.
    pub born: Option<NaiveDate>,
    /// Times in care, the earliest first; they never overlap.
    pub periods: Vec<ReturnedPeriod>,
}

/// A time in care, as the episodes say it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReturnedPeriod {
    /// The first day in care.
    pub start: NaiveDate,
    /// The first day no longer in care, if it ended.
    pub end: Option<NaiveDate>,
    /// The rows of `episodes.csv` that say so, in order of time.
    pub rows: Vec<u32>,
}

/// What is counted of a return.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReturnCounts {
    /// Rows of `header.csv`.
    pub children: u32,
    /// Rows of `episodes.csv`.
    pub episodes: u32,
    /// Of these, short breaks (V3, V4), which are no time in care here.
    pub short_breaks: u32,
    /// Of these, rows that could not be taken.
    pub episodes_refused: u32,
    /// Times in care that came of them.
    pub periods: u32,
    /// Of these, those that had not ended.
    pub open_periods: u32,
}

impl Ssda903 {
    /// Reads a return as it stood on a day, the last of its year.
    ///
    /// # Errors
    /// When one of the two is no CSV file, is too big, or is another file.
    pub fn read(header: &[u8], episodes: &[u8], as_at: NaiveDate) -> Result<Self, FileError> {
        let header = Table::parse(header)?;
        let episodes = Table::parse(episodes)?;
        let mut read = Self::default();
        let mut children = child::read(&header, &mut read.header_findings)?;
        let place: HashMap<String, usize> = children
            .iter()
            .enumerate()
            .map(|(place, child)| (child.reference.clone(), place))
            .collect();
        let (found, short_breaks, refused) = episode::read(&episodes, as_at, &mut read.episode_findings)?;
        let mut by_child: BTreeMap<usize, Vec<episode::Episode>> = BTreeMap::new();
        for (reference, episode) in found {
            let at = place.get(&reference).copied();
            let at =
                at.unwrap_or_else(|| child::missing(&mut children, &reference, &episode, &mut read.episode_findings));
            by_child.entry(at).or_default().push(episode);
        }
        for (at, episodes) in by_child {
            children[at].periods = period::of(episodes, &mut read.episode_findings);
        }
        let periods = || children.iter().flat_map(|child| &child.periods);
        read.counts = ReturnCounts {
            children: header.row_count(),
            episodes: episodes.row_count(),
            short_breaks,
            episodes_refused: refused,
            periods: number(periods().count()),
            open_periods: number(periods().filter(|period| period.end.is_none()).count()),
        };
        read.children = children;
        read.header_findings.sort_by_key(Finding::order);
        read.episode_findings.sort_by_key(Finding::order);
        Ok(read)
    }

    /// Every finding of one kind, for those who count.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let both = self.header_findings.iter().chain(&self.episode_findings);
        both.filter(|finding| finding.severity == severity).count()
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
