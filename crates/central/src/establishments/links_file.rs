//! The import of the DfE's links file: which establishment came out of which, for all of England.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_import::{FileError, Finding, LinkKind, LinkRow, Links};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::gias::EstablishmentCounts;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Column, Conn, JsonRows};
use crate::store::Store;
use crate::writer::{Job, Tx};

/// Pairs in one statement.
const BATCH: usize = 10_000;

/// One came out of the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pair {
    pub from: String,
    pub to: String,
    /// `became`, `merged` or `split`.
    pub kind: String,
    pub start_on: Option<NaiveDate>,
}

/// What a links file says.
#[derive(Debug, Clone)]
pub struct LinksFileRead {
    pub(super) pairs: Arc<Vec<Pair>>,
    /// How many rows it has.
    pub rows: u32,
    /// What is to be said of its rows.
    pub findings: Vec<Finding>,
    /// How many rows are refused.
    pub refused: u32,
}

/// Reads a links file to its end; it belongs on a thread of its own.
///
/// # Errors
/// When the file cannot be read, or is not this file.
pub fn read_links(reader: impl Read) -> Result<LinksFileRead, FileError> {
    let (mut links, mut findings, mut refused, mut rows) = (Vec::new(), Vec::new(), 0, 0);
    for record in Links::open(reader)? {
        let mut record = record?;
        rows += 1;
        match record.link {
            Some(link) => links.push(link),
            None => refused += 1,
        }
        findings.append(&mut record.findings);
    }
    Ok(LinksFileRead {
        pairs: Arc::new(pairs(&links)),
        rows,
        findings,
        refused,
    })
}

/// Turns links, which say the same from either side, into pairs of what there was and what came after. Of one that
/// became another nothing else came, and the other came of nothing else: whatever the file calls it.
fn pairs(links: &[LinkRow]) -> Vec<Pair> {
    let mut found: BTreeMap<(&str, &str), (&'static str, Option<NaiveDate>)> = BTreeMap::new();
    for link in links {
        let (from, to) = if link.kind.is_successor() {
            (link.urn.as_str(), link.link_urn.as_str())
        } else if link.kind.is_predecessor() {
            (link.link_urn.as_str(), link.urn.as_str())
        } else {
            continue;
        };
        if from == to {
            continue;
        }
        let kind = match link.kind {
            LinkKind::PredecessorMerged
            | LinkKind::PredecessorAmalgamated
            | LinkKind::SuccessorMerged
            | LinkKind::SuccessorAmalgamated => "merged",
            LinkKind::PredecessorSplit | LinkKind::SuccessorSplit => "split",
            LinkKind::Predecessor | LinkKind::Successor | LinkKind::Other => "became",
        };
        let pair = found.entry((from, to)).or_insert((kind, link.date));
        if pair.0 == "became" {
            pair.0 = kind;
        }
        pair.1 = pair.1.or(link.date);
    }
    let (mut after, mut before): (HashMap<&str, u32>, HashMap<&str, u32>) = (HashMap::new(), HashMap::new());
    for (from, to) in found.keys() {
        *after.entry(from).or_default() += 1;
        *before.entry(to).or_default() += 1;
    }
    found
        .iter()
        .map(|((from, to), (kind, start_on))| {
            let kind = match *kind {
                "became" if after.get(from) > Some(&1) => "split",
                "became" if before.get(to) > Some(&1) => "merged",
                kind => kind,
            };
            Pair {
                from: (*from).to_owned(),
                to: (*to).to_owned(),
                kind: kind.to_owned(),
                start_on: *start_on,
            }
        })
        .collect()
}

type Stored = HashMap<(String, String), (String, Option<NaiveDate>)>;

async fn stored(conn: &mut Conn) -> Result<Stored, StoreError> {
    let sql = "SELECT from_urn, to_urn, kind, start_on FROM successions";
    let rows: Vec<(String, String, String, Option<NaiveDate>)> =
        both!(conn, c => sqlx::query_as(sql).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(from, to, kind, start_on)| ((from, to), (kind, start_on)))
        .collect())
}

/// Holds pairs against what is stored: the counts, and those that are new or differ.
pub(super) async fn compare<'a>(
    conn: &mut Conn,
    pairs: &'a [Pair],
) -> Result<(EstablishmentCounts, Vec<&'a Pair>), StoreError> {
    let stored = stored(conn).await?;
    let (mut counts, mut differing) = (EstablishmentCounts::default(), Vec::new());
    for pair in pairs {
        match stored.get(&(pair.from.clone(), pair.to.clone())) {
            None => counts.created += 1,
            Some((kind, start_on)) if *kind == pair.kind && *start_on == pair.start_on => {
                counts.unchanged += 1;
                continue;
            }
            Some(_) => counts.updated += 1,
        }
        differing.push(pair);
    }
    Ok((counts, differing))
}

pub(super) struct ImportLinks(pub Arc<Vec<Pair>>);

#[async_trait]
impl Job for ImportLinks {
    type Output = EstablishmentCounts;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentCounts, Failure> {
        let (counts, differing) = compare(tx.conn(), &self.0).await?;
        let columns = [
            Column::Text("from_urn"),
            Column::Text("to_urn"),
            Column::Text("kind"),
            Column::Day("start_on"),
        ];
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO successions (from_urn, to_urn, kind, start_on)
             SELECT from_urn, to_urn, kind, start_on FROM {source} AS r WHERE true
             ON CONFLICT (from_urn, to_urn) DO UPDATE SET kind = excluded.kind, start_on = excluded.start_on"
        );
        for batch in differing.chunks(BATCH) {
            let mut rows = JsonRows::new();
            for pair in batch {
                rows.push(&[&pair.from, &pair.to, &pair.kind, &pair.start_on]);
            }
            let (sql, json) = (sql.clone(), rows.json());
            both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        }
        let detail = serde_json::json!({
            "created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged,
        });
        tx.audit("succession_file.committed", "store", None, &detail);
        Ok(counts)
    }
}

impl Store {
    /// Writes what a links file says, in one transaction.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn import_links(&self, file: &LinksFileRead) -> Result<EstablishmentCounts, Failure> {
        self.run(None, ImportLinks(file.pairs.clone())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n\
        100001,100002,Northfield Academy,Successor,01-09-2024\n\
        100002,100001,Northfield School,Predecessor,\n\
        100003,100005,Big School,Successor,\n\
        100004,100005,Big School,Successor - merged,01-01-2022\n\
        100006,100007,East,Successor,\n\
        100006,100008,West,Successor - Split School,\n\
        100009,100010,Sixth form,Sixth Form Centre Link,\n\
        100011,100011,Itself,Successor,\n";

    #[test]
    fn links_of_both_sides_are_one_pair_and_what_merged_or_was_split_is_told_by_the_rest() {
        let read = read_links(FILE.as_bytes()).unwrap();
        let pairs: Vec<(&str, &str, &str)> = read
            .pairs
            .iter()
            .map(|pair| (pair.from.as_str(), pair.to.as_str(), pair.kind.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("100001", "100002", "became"),
                ("100003", "100005", "merged"),
                ("100004", "100005", "merged"),
                ("100006", "100007", "split"),
                ("100006", "100008", "split"),
            ]
        );
        assert_eq!(read.pairs[0].start_on, NaiveDate::from_ymd_opt(2024, 9, 1));
        assert_eq!((read.rows, read.refused), (8, 0));
    }
}
