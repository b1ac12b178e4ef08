//! The import of a GIAS download: read on a thread of its own, then written in one transaction, in which only
//! what is new or differs is touched. The same file again changes nothing.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use lac_domain::{EstablishmentId, EstablishmentStatus};
use lac_import::{EstablishmentRow, Establishments, FileError, Finding, FindingCode, Severity};
use sqlx::AssertSqlSafe;

use super::rows::{COLUMNS, Row};
use super::write;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::search::{add_whole, add_words};
use crate::store::Store;
use crate::writer::{Job, Tx};

/// Establishments in one statement.
const BATCH: usize = 2_000;

/// What is stored of an establishment that comes from GIAS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub urn: String,
    pub name: String,
    pub type_name: String,
    pub phase: String,
    pub status: EstablishmentStatus,
    pub la_name: String,
    pub town: String,
    pub postcode: String,
    /// JSON: the lines of the address.
    pub address: String,
    pub phone: String,
    pub website: String,
    pub head: String,
    pub closed_on: Option<chrono::NaiveDate>,
}

impl Content {
    fn of(row: EstablishmentRow) -> Result<Self, serde_json::Error> {
        let lines = [
            &row.street,
            &row.locality,
            &row.address3,
            &row.town,
            &row.county,
            &row.postcode,
        ];
        let lines: Vec<&str> = lines
            .into_iter()
            .map(String::as_str)
            .filter(|line| !line.is_empty())
            .collect();
        Ok(Self {
            urn: row.urn.into(),
            address: serde_json::to_string(&lines)?,
            name: row.name,
            type_name: row.type_name,
            phase: row.phase,
            status: row.status,
            la_name: row.la_name,
            town: row.town,
            postcode: row.postcode,
            phone: row.telephone,
            website: row.website,
            head: row.head,
            closed_on: row.close_date,
        })
    }

    /// The words by which it is found.
    pub fn words(&self) -> BTreeSet<String> {
        words(&self.name, Some(&self.urn), &self.postcode)
    }
}

/// The words by which an establishment is found: of its name, its URN, its postcode with and without the space.
fn words(name: &str, urn: Option<&str>, postcode: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    add_words(&mut words, name);
    add_words(&mut words, urn.unwrap_or_default());
    add_words(&mut words, postcode);
    add_whole(&mut words, postcode);
    words
}

/// What a GIAS download says.
#[derive(Debug, Clone)]
pub struct GiasFileRead {
    pub(super) rows: Arc<Vec<Content>>,
    /// What is to be said of its rows.
    pub findings: Vec<Finding>,
    /// How many rows are refused.
    pub refused: u32,
}

/// Reads a GIAS download to its end. It reads from a disk and takes a second or two, so it belongs on a thread
/// of its own.
///
/// # Errors
/// When the file cannot be read, or is not this file.
pub fn read_gias(reader: impl Read) -> Result<GiasFileRead, FileError> {
    let (mut rows, mut findings, mut refused) = (Vec::new(), Vec::new(), 0);
    let mut row_of: HashMap<String, u32> = HashMap::new();
    for record in Establishments::open(reader)? {
        let mut record = record?;
        let taken = record
            .establishment
            .and_then(|establishment| Content::of(establishment).ok());
        let first = taken.as_ref().and_then(|content| row_of.get(&content.urn));
        if let Some((content, first)) = taken.as_ref().zip(first) {
            record.findings.push(repeated(record.row, *first, &content.urn));
            refused += 1;
        } else if let Some(content) = taken {
            row_of.insert(content.urn.clone(), record.row);
            rows.push(content);
        } else {
            refused += 1;
        }
        findings.append(&mut record.findings);
    }
    Ok(GiasFileRead {
        rows: Arc::new(rows),
        findings,
        refused,
    })
}

fn repeated(row: u32, first: u32, urn: &str) -> Finding {
    Finding {
        row,
        column: Some("URN".to_owned()),
        column_index: None,
        field: None,
        value: urn.to_owned(),
        severity: Severity::Error,
        code: FindingCode::RepeatedRow,
        message: format!("Row {first} has this URN already, so this row is not taken. Each establishment has one row."),
    }
}

/// What an import of establishments did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EstablishmentCounts {
    /// New ones.
    pub created: u32,
    /// Ones that were there and differed.
    pub updated: u32,
    /// Ones that were there and did not differ.
    pub unchanged: u32,
}

struct ImportEstablishments(Arc<Vec<Content>>);

/// An establishment that differs from its row.
pub(super) struct Differs<'a> {
    pub id: EstablishmentId,
    pub content: &'a Content,
    pub renamed: bool,
}

#[async_trait]
impl Job for ImportEstablishments {
    type Output = EstablishmentCounts;

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentCounts, Failure> {
        let mut counts = EstablishmentCounts::default();
        let (mut found_by, mut no_longer) = (Vec::new(), Vec::new());
        let mut differing = Vec::new();
        for batch in self.0.chunks(BATCH) {
            let stored = stored(tx, batch).await?;
            let (mut new, mut changed) = (Vec::new(), Vec::new());
            for content in batch {
                let Some(row) = stored.get(&content.urn) else {
                    let id: EstablishmentId = tx.new_id()?;
                    found_by.extend(content.words().into_iter().map(|word| (word, id)));
                    new.push((id, content));
                    continue;
                };
                if row.holds(content) {
                    counts.unchanged += 1;
                    continue;
                }
                let (before, after) = (words(&row.name, row.urn.as_deref(), &row.postcode), content.words());
                no_longer.extend(before.difference(&after).map(|word| (word.clone(), row.id)));
                found_by.extend(after.difference(&before).map(|word| (word.clone(), row.id)));
                changed.push(Differs {
                    id: row.id,
                    content,
                    renamed: row.name != content.name,
                });
            }
            counts.created += u32::try_from(new.len()).unwrap_or(u32::MAX);
            counts.updated += u32::try_from(changed.len()).unwrap_or(u32::MAX);
            write::insert(tx, &new).await?;
            write::update(tx, &changed).await?;
            differing.append(&mut changed);
        }
        write::delete_words(tx, no_longer).await?;
        write::insert_words(tx, found_by).await?;
        write::tell(tx, &differing).await?;
        // New ones concern nobody yet, and are counted; one that was there has a row of its own.
        let detail =
            serde_json::json!({ "created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged });
        tx.audit("establishments.imported", "store", None, &detail);
        for one in &differing {
            tx.audit(
                "establishment.updated",
                "establishment",
                Some(one.id.0),
                &serde_json::json!({}),
            );
        }
        Ok(counts)
    }
}

async fn stored(tx: &mut Tx, batch: &[Content]) -> Result<HashMap<String, Row>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM establishments e WHERE e.urn IN {}",
        tx.engine().texts("$1")
    );
    let urns = serde_json::to_string(&batch.iter().map(|content| &content.urn).collect::<Vec<_>>())?;
    let rows: Vec<Row> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(urns).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((row.urn.clone()?, row)))
        .collect())
}

impl Row {
    /// Whether the row says what the file says.
    fn holds(&self, content: &Content) -> bool {
        self.name == content.name
            && self.type_name == content.type_name
            && self.phase == content.phase
            && self.status == content.status
            && self.la_name == content.la_name
            && self.town == content.town
            && self.postcode == content.postcode
            && self.address == content.address
            && self.phone == content.phone
            && self.website == content.website
            && self.head == content.head
            && self.closed_on == content.closed_on
    }
}

impl Store {
    /// Writes what a GIAS download says, in one transaction.
    ///
    /// # Errors
    /// When the database fails; then nothing was changed.
    pub async fn import_establishments(&self, file: &GiasFileRead) -> Result<EstablishmentCounts, Failure> {
        self.run(None, ImportEstablishments(file.rows.clone())).await
    }
}
