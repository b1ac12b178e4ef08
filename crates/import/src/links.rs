//! Which establishment became which, from the GIAS file `links_edubasealldata….csv`.

use std::io::Read;

use chrono::NaiveDate;
use lac_domain::Urn;
use serde::{Deserialize, Serialize};

use crate::gias::GiasFile;
use crate::{FileError, Finding, FindingCode, Severity};

const WANTED: &str = "the establishment links download (links_edubasealldata….csv) of “Get Information About Schools”";

/// What the linked establishment is to the other.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum LinkKind {
    /// It came before.
    Predecessor,
    /// It came before, and merged into the other.
    PredecessorMerged,
    /// It came before, and was amalgamated into the other.
    PredecessorAmalgamated,
    /// It came before, and was split.
    PredecessorSplit,
    /// It came after.
    Successor,
    /// It came after, the other having merged into it.
    SuccessorMerged,
    /// It came after, made of the other and more.
    SuccessorAmalgamated,
    /// It came after, as one part of the other.
    SuccessorSplit,
    /// Something else: a shared sixth form, an expansion.
    #[serde(other)]
    Other,
}

impl LinkKind {
    /// Reads GIAS's `LinkType`. What is not about coming before or after is `Other`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let key: String = text
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        match key.as_str() {
            "predecessor" => Self::Predecessor,
            "predecessormerged" => Self::PredecessorMerged,
            "predecessoramalgamated" => Self::PredecessorAmalgamated,
            "predecessorsplitschool" => Self::PredecessorSplit,
            "successor" => Self::Successor,
            "successormerged" => Self::SuccessorMerged,
            "successoramalgamated" => Self::SuccessorAmalgamated,
            "successorsplitschool" => Self::SuccessorSplit,
            _ => Self::Other,
        }
    }

    /// Whether the linked establishment came after the other.
    #[must_use]
    pub fn is_successor(self) -> bool {
        matches!(
            self,
            Self::Successor | Self::SuccessorMerged | Self::SuccessorAmalgamated | Self::SuccessorSplit
        )
    }

    /// Whether the linked establishment came before the other.
    #[must_use]
    pub fn is_predecessor(self) -> bool {
        matches!(
            self,
            Self::Predecessor | Self::PredecessorMerged | Self::PredecessorAmalgamated | Self::PredecessorSplit
        )
    }
}

/// One link: `link_urn` is the `kind` of `urn`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LinkRow {
    /// The establishment.
    pub urn: Urn,
    /// The establishment that it is linked with.
    pub link_urn: Urn,
    /// What the linked one is to it.
    pub kind: LinkKind,
    /// Since when, where GIAS says so.
    pub date: Option<NaiveDate>,
}

/// One row of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LinkRecord {
    /// The row, by the number that Excel shows.
    pub row: u32,
    /// The link; none when a finding is an error.
    pub link: Option<LinkRow>,
    /// What is to be said of the row.
    pub findings: Vec<Finding>,
}

/// Reads the file row by row.
pub struct Links<R> {
    file: GiasFile<R>,
    urn: Option<usize>,
    link_urn: Option<usize>,
    kind: Option<usize>,
    date: Option<usize>,
    failed: bool,
}

impl<R: Read> Links<R> {
    /// Reads the headings.
    ///
    /// # Errors
    /// When it cannot be read, or is not this file.
    pub fn open(reader: R) -> Result<Self, FileError> {
        let file = GiasFile::open(reader, &["URN", "LinkURN", "LinkType"], WANTED)?;
        let (urn, link_urn) = (file.place("URN"), file.place("LinkURN"));
        let (kind, date) = (file.place("LinkType"), file.place("LinkEstablishedDate"));
        Ok(Self {
            file,
            urn,
            link_urn,
            kind,
            date,
            failed: false,
        })
    }

    fn record(&self, row: u32) -> LinkRecord {
        let file = &self.file;
        if let Some(finding) = file.unclosed() {
            return LinkRecord {
                row,
                link: None,
                findings: vec![finding],
            };
        }
        let mut findings = Vec::new();
        let mut urn = |place| match Urn::parse(&file.cell(place)) {
            Ok(urn) => Some(urn),
            Err(error) => {
                findings.push(file.finding(place, Severity::Error, FindingCode::BadUrn, error.to_string()));
                None
            }
        };
        let (urn, link_urn) = (urn(self.urn), urn(self.link_urn));
        let date = file.date(self.date, &mut findings);
        let kind = LinkKind::parse(&file.cell(self.kind));
        let link = urn.zip(link_urn).map(|(urn, link_urn)| LinkRow {
            urn,
            link_urn,
            kind,
            date,
        });
        LinkRecord { row, link, findings }
    }
}

impl<R: Read> Iterator for Links<R> {
    type Item = Result<LinkRecord, FileError>;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_typed() {
        let file = b"\"URN\",\"LinkURN\",\"LinkName\",\"LinkType\",\"LinkEstablishedDate\"\r\n\
            100006,134643,\"CCfL Key Stage 3 PRU\",\"Predecessor - merged\",\"01-01-2022\"\r\n\
            100016,132245,\"Kingsgate Primary School\",\"Successor\",\"\"\r\n\
            100016,132246,\"\xC9cole, a Voluntary Academy\",\"Sixth Form Centre Link\",\"\"\r\n\
            100016,,\"\",\"Successor - Split School\",\"\"\r\n";
        let records: Vec<LinkRecord> = Links::open(&file[..]).unwrap().map(Result::unwrap).collect();
        let kinds: Vec<Option<LinkKind>> = records.iter().map(|r| r.link.as_ref().map(|l| l.kind)).collect();
        assert_eq!(
            kinds,
            [
                Some(LinkKind::PredecessorMerged),
                Some(LinkKind::Successor),
                Some(LinkKind::Other),
                None
            ]
        );
        assert_eq!(
            records[0].link.as_ref().unwrap().date,
            NaiveDate::from_ymd_opt(2022, 1, 1)
        );
        assert!(
            LinkKind::parse("Successor - Split School").is_successor() && LinkKind::PredecessorMerged.is_predecessor()
        );
        let fault = &records[3].findings[0];
        assert_eq!(
            (fault.row, fault.code, fault.column.as_deref()),
            (5, FindingCode::BadUrn, Some("LinkURN"))
        );
    }
}
