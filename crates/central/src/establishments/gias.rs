//! The import of a GIAS download: read on a thread of its own, then written in one transaction, in which only
//! what is new or differs is touched. The same file again changes nothing.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::io::Read;
use std::sync::Arc;

use async_trait::async_trait;
use lac_domain::{EstablishmentId, EstablishmentStatus};
use lac_import::{EstablishmentRow, Establishments, FileError, Finding, FindingCode, Severity};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::rows::{COLUMNS, Row};
use super::write;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::search::{add_whole, add_words};
use crate::storage::Conn;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// Establishments in one statement.
pub(super) const BATCH: usize = 2_000;

/// What is stored of an establishment that comes from GIAS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub urn: String,
    /// The code of its local authority, by which a file can be narrowed; it is not stored.
    pub la_code: String,
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
            la_code: row.la_code,
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
pub(super) fn words(name: &str, urn: Option<&str>, postcode: &str) -> BTreeSet<String> {
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
    /// How many rows of other local authorities are left out.
    pub left_out: u32,
}

impl GiasFileRead {
    /// Leaves out what lies in other local authorities than those with the codes, but for what the store has already.
    fn narrow(&mut self, codes: &BTreeSet<String>, stored: &HashSet<String>) {
        let before = self.rows.len();
        let kept = |row: &Content| codes.contains(&row.la_code) || stored.contains(&row.urn);
        let rows: Vec<Content> = self.rows.iter().filter(|row| kept(row)).cloned().collect();
        self.left_out = u32::try_from(before - rows.len()).unwrap_or(u32::MAX);
        self.rows = Arc::new(rows);
    }
}

/// Reads codes of local authorities, such as "823, 830"; none for all of England.
///
/// # Errors
/// A refusal that names what is no code.
pub(super) fn la_codes(text: &str) -> Result<BTreeSet<String>, Refusal> {
    let codes = text
        .split([',', ';', ' '])
        .map(str::trim)
        .filter(|code| !code.is_empty());
    let codes: BTreeSet<String> = codes.map(ToOwned::to_owned).collect();
    match codes
        .iter()
        .find(|code| code.len() != 3 || !code.bytes().all(|b| b.is_ascii_digit()))
    {
        Some(bad) => Err(Refusal::field(
            "la_codes",
            format!(
                "“{bad}” is not the code of a local authority. A code is three digits, such as 823; part several by commas."
            ),
        )),
        None => Ok(codes),
    }
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
        left_out: 0,
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
        about: None,
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
    /// Of those that differed: ones that were open before and are closed now.
    pub closed: u32,
}

pub(super) struct ImportEstablishments(pub Arc<Vec<Content>>);

/// An establishment that differs from its row.
pub(super) struct Differs<'a> {
    pub id: EstablishmentId,
    pub content: &'a Content,
    pub before: Row,
}

impl Differs<'_> {
    fn closes(&self) -> bool {
        self.content.status == EstablishmentStatus::Closed && self.before.status != EstablishmentStatus::Closed
    }

    /// The names of the fields that differ: for the trail, which holds no values.
    fn fields(&self) -> Vec<&'static str> {
        let (row, content) = (&self.before, self.content);
        [
            ("name", row.name != content.name),
            ("type", row.type_name != content.type_name),
            ("phase", row.phase != content.phase),
            (
                "status",
                row.status != content.status || row.closed_on != content.closed_on,
            ),
            ("local_authority", row.la_name != content.la_name),
            (
                "address",
                row.address != content.address || row.postcode != content.postcode || row.town != content.town,
            ),
            ("phone", row.phone != content.phone),
            ("website", row.website != content.website),
            ("head", row.head != content.head),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

/// Rows of a file beside what is stored.
pub(super) struct Compared<'a> {
    pub new: Vec<&'a Content>,
    pub differing: Vec<Differs<'a>>,
    pub unchanged: u32,
}

impl Compared<'_> {
    /// Adds what there is to do to the counts.
    pub fn count(&self, counts: &mut EstablishmentCounts) {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        counts.created += count(self.new.len());
        counts.updated += count(self.differing.len());
        counts.unchanged += self.unchanged;
        counts.closed += count(self.closing().count());
    }

    /// Those that close.
    pub fn closing(&self) -> impl Iterator<Item = EstablishmentId> {
        self.differing.iter().filter(|one| one.closes()).map(|one| one.id)
    }
}

/// Holds a batch of rows against what is stored.
pub(super) async fn compare<'a>(conn: &mut Conn, batch: &'a [Content]) -> Result<Compared<'a>, StoreError> {
    let mut stored = stored(conn, batch).await?;
    let mut compared = Compared {
        new: Vec::new(),
        differing: Vec::new(),
        unchanged: 0,
    };
    for content in batch {
        match stored.remove(&content.urn) {
            None => compared.new.push(content),
            Some(row) if row.holds(content) => compared.unchanged += 1,
            Some(before) => compared.differing.push(Differs {
                id: before.id,
                content,
                before,
            }),
        }
    }
    Ok(compared)
}

#[async_trait]
impl Job for ImportEstablishments {
    type Output = EstablishmentCounts;

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentCounts, Failure> {
        let mut counts = EstablishmentCounts::default();
        let (mut found_by, mut no_longer) = (Vec::new(), Vec::new());
        let mut all_differing = Vec::new();
        for batch in self.0.chunks(BATCH) {
            let compared = compare(tx.conn(), batch).await?;
            compared.count(&mut counts);
            let mut new = Vec::with_capacity(compared.new.len());
            for content in compared.new {
                let id: EstablishmentId = tx.new_id()?;
                found_by.extend(content.words().into_iter().map(|word| (word, id)));
                new.push((id, content));
            }
            for one in &compared.differing {
                let row = &one.before;
                let before = words(&row.name, row.urn.as_deref(), &row.postcode);
                let after = one.content.words();
                no_longer.extend(before.difference(&after).map(|word| (word.clone(), one.id)));
                found_by.extend(after.difference(&before).map(|word| (word.clone(), one.id)));
            }
            write::insert(tx, &new).await?;
            write::update(tx, &compared.differing).await?;
            all_differing.extend(compared.differing);
        }
        write::delete_words(tx, no_longer).await?;
        write::insert_words(tx, found_by).await?;
        let differing: Vec<EstablishmentId> = all_differing.iter().map(|one| one.id).collect();
        let renamed = all_differing.iter().filter(|one| one.before.name != one.content.name);
        let renamed: Vec<EstablishmentId> = renamed.map(|one| one.id).collect();
        write::tell(tx, &differing, &renamed).await?;
        // New ones concern nobody yet, and are counted; one that was there has a row of its own.
        let detail = serde_json::json!({
            "created": counts.created, "updated": counts.updated, "unchanged": counts.unchanged, "closed": counts.closed,
        });
        tx.audit("establishment_file.committed", "store", None, &detail);
        for one in &all_differing {
            let status = (one.before.status != one.content.status).then(|| one.content.status.as_str());
            let detail = serde_json::json!({ "fields": one.fields(), "status": status });
            tx.audit("establishment.updated", "establishment", Some(one.id.0), &detail);
        }
        Ok(counts)
    }
}

async fn stored(conn: &mut Conn, batch: &[Content]) -> Result<HashMap<String, Row>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM establishments e WHERE e.urn IN {}",
        conn.engine().texts("$1")
    );
    let urns = serde_json::to_string(&batch.iter().map(|content| &content.urn).collect::<Vec<_>>())?;
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(urns).fetch_all(c).await)?;
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

    /// Leaves out of a file what lies in other local authorities than those with the codes (all of England stays when
    /// there are none). What the store has already stays, so that it is kept up to date wherever it lies.
    ///
    /// # Errors
    /// When something is no code, or the database fails.
    pub async fn narrow_establishments(&self, file: &mut GiasFileRead, codes: &str) -> Result<(), Failure> {
        let codes = la_codes(codes)?;
        if codes.is_empty() {
            return Ok(());
        }
        let mut conn = self.read().await?;
        let sql = "SELECT urn FROM establishments WHERE urn IS NOT NULL";
        let stored: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await)?;
        file.narrow(&codes, &stored.into_iter().collect());
        Ok(())
    }
}
