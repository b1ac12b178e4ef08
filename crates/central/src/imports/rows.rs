//! Rows of imports: written when judged, read as the contract gives them.

use lac_domain::{ImportId, Role, Timestamp, UserId};
use lac_import::{Counts, ExistingUsers, Recognised};
use lac_wire::{Import, ImportKind, ImportResult, ImportStatus, Page};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keys::Keys;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::seal::{OwnKey, Place};
use crate::storage::Conn;

/// What of an import is kept as JSON beside its row.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(super) struct Judged {
    pub counts: Counts,
    pub blocked: bool,
}

const COLUMNS: &str = "i.id, i.revision, i.kind, i.role, i.existing, i.file_name, i.status, i.begun_by, i.begun_at, \
     i.sealed_key, i.sealed_recognised, i.counts, i.result, u.first_name, u.last_name";

/// An import's row, all but its file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub id: ImportId,
    pub revision: i64,
    kind: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
    existing: String,
    pub file_name: String,
    status: String,
    pub begun_by: Option<UserId>,
    begun_at: Timestamp,
    pub sealed_key: Vec<u8>,
    sealed_recognised: Option<Vec<u8>>,
    counts: String,
    result: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// A word of one of the contract's lists, as it is stored.
pub(super) fn word<T: serde::Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(StoreError::Inconsistent("a word is not text")),
    }
}

fn read_word<T: serde::de::DeserializeOwned>(word: &str) -> Result<T, StoreError> {
    Ok(serde_json::from_value(word.into())?)
}

/// Where the import's own key is sealed.
pub(super) fn key_place(id: ImportId) -> Place {
    Place::new("imports", id, "sealed_key")
}

/// Where its file is sealed.
pub(super) fn file_place(id: ImportId) -> Place {
    Place::new("imports", id, "sealed_file")
}

/// Where what was recognised of its file is sealed.
pub(super) fn recognised_place(id: ImportId) -> Place {
    Place::new("imports", id, "sealed_recognised")
}

impl Row {
    pub fn is_committed(&self) -> bool {
        self.status == "committed"
    }

    pub fn existing(&self) -> Result<ExistingUsers, StoreError> {
        read_word(&self.existing)
    }

    pub fn judged(&self) -> Result<Judged, StoreError> {
        Ok(serde_json::from_str(&self.counts)?)
    }

    pub fn own_key(&self, keys: &Keys) -> Result<OwnKey, StoreError> {
        keys.own_key(key_place(self.id), &self.sealed_key)
    }

    /// The import as the contract gives it.
    pub fn open(self, keys: &Keys) -> Result<Import, StoreError> {
        let recognised = match &self.sealed_recognised {
            None => None,
            Some(sealed) => {
                let json = self.own_key(keys)?.open(recognised_place(self.id), sealed)?;
                Some(serde_json::from_slice::<Recognised>(&json)?)
            }
        };
        let judged = self.judged()?;
        let result = self
            .result
            .as_deref()
            .map(serde_json::from_str::<ImportResult>)
            .transpose()?;
        Ok(Import {
            id: self.id,
            revision: self.revision,
            kind: read_word::<ImportKind>(&self.kind)?,
            role: self.role,
            status: read_word::<ImportStatus>(&self.status)?,
            begun_by: self.first_name.zip(self.last_name).map_or_else(
                || "Command line".to_owned(),
                |(first_name, last_name)| format!("{first_name} {last_name}"),
            ),
            begun_at: self.begun_at,
            recognised,
            counts: judged.counts,
            blocked: judged.blocked,
            result,
            file_name: self.file_name,
        })
    }
}

/// Finds an import.
pub(super) async fn find(conn: &mut Conn, id: ImportId) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM imports i LEFT JOIN users u ON u.id = i.begun_by WHERE i.id = $1");
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// The sealed file of an import; none after it went.
pub(super) async fn sealed_file(conn: &mut Conn, id: ImportId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed_file FROM imports WHERE id = $1";
    let row: Option<Option<Vec<u8>>> = both!(conn, c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.flatten())
}

/// A page of imports, the newest first.
pub(super) async fn list(
    conn: &mut Conn,
    keys: &Keys,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<Import>, Failure> {
    let after: Option<(Timestamp, ImportId)> = read_after(after)?;
    let size = page_size(limit);
    let condition = if after.is_some() {
        "(i.begun_at, i.id) < ($2, $3)"
    } else {
        "TRUE"
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM imports i LEFT JOIN users u ON u.id = i.begun_by WHERE {condition}
         ORDER BY i.begun_at DESC, i.id DESC LIMIT $1"
    );
    let (at, id) = after.unzip();
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(rows_to_read(size)).bind(at).bind(id).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| (row.begun_at, row.id))?;
    let rows = page
        .rows
        .into_iter()
        .map(|row| row.open(keys))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        rows,
        after: page.after,
    })
}
