//! Rows of imports: written when judged, read as the contract gives them.

use chrono::NaiveDate;
use lac_domain::{ImportId, Role, Timestamp, UserId};
use lac_import::{Counts, ExistingUsers, Recognised};
use lac_wire::{ErrorCode, FindingKind, Import, ImportKind, ImportResult, ImportStatus, Page, RefusedImport, Undone};
use sqlx::AssertSqlSafe;

use super::choices::Choices;
use super::kind::{self, TakenBack};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keys::Keys;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::seal::{OwnKey, Place};
use crate::storage::Conn;

/// What of an import is kept as JSON beside its row.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(super) struct Judged {
    pub counts: Counts,
    pub blocked: bool,
}

const COLUMNS: &str = "i.id, i.revision, i.kind, i.role, i.existing, i.file_name, i.status, i.begun_by, i.begun_at, \
     i.committed_at, i.sealed_key, i.sealed_recognised, i.sealed_mends, i.mended_cells, i.counts, i.finding_kinds, \
     i.result, i.as_at, i.invite_at, i.invited_at, i.undone_at, i.undo_result, u.first_name, u.last_name, \
     w.first_name AS undone_first_name, w.last_name AS undone_last_name";
const TABLES: &str = "imports i LEFT JOIN users u ON u.id = i.begun_by LEFT JOIN users w ON w.id = i.undone_by";

/// An import's row, all but its file.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Row {
    pub id: ImportId,
    pub revision: i64,
    kind: String,
    role: Option<String>,
    existing: String,
    pub file_name: String,
    status: String,
    pub begun_by: Option<UserId>,
    begun_at: Timestamp,
    pub committed_at: Option<Timestamp>,
    pub sealed_key: Vec<u8>,
    sealed_recognised: Option<Vec<u8>>,
    sealed_mends: Option<Vec<u8>>,
    mended_cells: i64,
    counts: String,
    finding_kinds: String,
    result: Option<String>,
    pub as_at: Option<NaiveDate>,
    pub invite_at: Option<Timestamp>,
    pub invited_at: Option<Timestamp>,
    undone_at: Option<Timestamp>,
    undo_result: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    undone_first_name: Option<String>,
    undone_last_name: Option<String>,
}

/// A word of one of the contract's lists, as it is stored.
pub(super) fn word<T: serde::Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(word) => Ok(word),
        _ => Err(StoreError::Inconsistent("a word is not text")),
    }
}

/// First and last name of who did something; nobody did what began on the store's own command line.
fn by(first_name: Option<String>, last_name: Option<String>) -> String {
    first_name.zip(last_name).map_or_else(
        || "Command line".to_owned(),
        |(first_name, last_name)| format!("{first_name} {last_name}"),
    )
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
    /// Whether it was committed, and perhaps undone since.
    pub fn is_committed(&self) -> bool {
        self.status != "judged"
    }

    /// Whether it was undone.
    pub fn is_undone(&self) -> bool {
        self.status == "undone"
    }

    /// Refuses to judge again what was committed.
    ///
    /// # Errors
    /// A refusal that says so.
    pub fn require_judged(&self) -> Result<(), Refusal> {
        if !self.is_committed() {
            return Ok(());
        }
        let message = "This import has been committed already. Begin a new one to add more.";
        Err(Refusal::new(ErrorCode::ImportRevised, message))
    }

    /// Refuses one who saw another revision.
    ///
    /// # Errors
    /// A refusal that says so.
    pub fn require_revision(&self, seen: i64) -> Result<(), Refusal> {
        if self.revision == seen {
            return Ok(());
        }
        let message = "This file was judged anew since you looked at it, perhaps in another window. Look at what was found now, then go on.";
        Err(Refusal::new(ErrorCode::ImportRevised, message))
    }

    pub fn kind(&self) -> Result<ImportKind, StoreError> {
        read_word(&self.kind)
    }

    pub fn role(&self) -> Result<Option<Role>, StoreError> {
        let role = self.role.as_deref().map(Role::parse).transpose();
        role.map_err(|_| StoreError::Inconsistent("a stored role is not one"))
    }

    /// What a person changed of how the file is read.
    pub fn choices(&self, own: &OwnKey) -> Result<Choices, StoreError> {
        Choices::open(self.id, own, self.sealed_mends.as_deref())
    }

    pub fn existing(&self) -> Result<ExistingUsers, StoreError> {
        read_word(&self.existing)
    }

    pub fn judged(&self) -> Result<Judged, StoreError> {
        Ok(serde_json::from_str(&self.counts)?)
    }

    /// What the commit did.
    pub fn result(&self) -> Result<Option<ImportResult>, StoreError> {
        Ok(self.result.as_deref().map(serde_json::from_str).transpose()?)
    }

    pub fn own_key(&self, keys: &Keys) -> Result<OwnKey, StoreError> {
        keys.own_key(key_place(self.id), &self.sealed_key)
    }

    /// Whether its rows, and what was found in them, are hidden from who asks.
    pub fn hides_rows(&self, scope: Scope) -> Result<bool, Failure> {
        let theirs = self.begun_by == Some(scope.user) || self.begun_by.is_none() && scope.is_the_store();
        Ok(!theirs && kind::of(self.kind()?)?.rows_are_private())
    }

    /// The import as the contract gives it to who asks.
    pub fn open(self, keys: &Keys, scope: Scope) -> Result<Import, Failure> {
        let rows_hidden = self.hides_rows(scope)?;
        let recognised = match &self.sealed_recognised {
            Some(sealed) if !rows_hidden => {
                let json = self.own_key(keys)?.open(recognised_place(self.id), sealed)?;
                Some(serde_json::from_slice::<Recognised>(&json).map_err(StoreError::from)?)
            }
            _ => None,
        };
        let (mut judged, kind, role) = (self.judged()?, self.kind()?, self.role()?);
        let mut finding_kinds: Vec<FindingKind> =
            serde_json::from_str(&self.finding_kinds).map_err(StoreError::from)?;
        if rows_hidden {
            // What is counted over the pupils of the store would tell of those whom the reader may not see.
            let counts = &mut judged.counts;
            counts.warnings = counts.warnings.saturating_sub(counts.missing + counts.ends_care);
            (counts.looked_after, counts.missing, counts.ends_care) = (0, 0, 0);
            finding_kinds.clear();
        }
        let undone = self.undone_at.map(|at| -> Result<Undone, StoreError> {
            let done: TakenBack = serde_json::from_str(self.undo_result.as_deref().unwrap_or("{}"))?;
            Ok(Undone {
                at,
                by: by(self.undone_first_name.clone(), self.undone_last_name.clone()),
                removed: done.removed,
                restored: done.restored,
                stayed: done.stayed,
            })
        });
        let result = self.result()?;
        Ok(Import {
            id: self.id,
            revision: self.revision,
            kind,
            role,
            as_at: self.as_at,
            rows_hidden,
            ends_many: judged.counts.ends_many(),
            existing: read_word(&self.existing)?,
            status: read_word::<ImportStatus>(&self.status)?,
            begun_by: by(self.first_name, self.last_name),
            begun_at: self.begun_at,
            committed_at: self.committed_at,
            recognised,
            counts: judged.counts,
            finding_kinds,
            blocked: judged.blocked,
            mended_cells: u32::try_from(self.mended_cells).unwrap_or(u32::MAX),
            result,
            invite_at: self.invite_at,
            invited_at: self.invited_at,
            progress: None,
            undone: undone.transpose()?,
            file_name: self.file_name,
        })
    }
}

/// Finds an import.
pub(super) async fn find(conn: &mut Conn, id: ImportId) -> Result<Option<Row>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE i.id = $1");
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?)
}

/// The sealed file of an import; none after it went.
pub(super) async fn sealed_file(conn: &mut Conn, id: ImportId) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT sealed_file FROM imports WHERE id = $1";
    let row: Option<Option<Vec<u8>>> = both!(conn, c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    Ok(row.flatten())
}

/// The imports that a user committed since an instant and that refused rows, the newest first.
pub(crate) async fn with_refused_rows(
    conn: &mut Conn,
    user: UserId,
    since: Timestamp,
    first: usize,
) -> Result<Vec<RefusedImport>, StoreError> {
    let sql = "SELECT id, kind, file_name, committed_at, result FROM imports
               WHERE begun_by = $1 AND status = 'committed' AND committed_at >= $2 AND result IS NOT NULL
               ORDER BY committed_at DESC, id DESC LIMIT 100";
    let rows: Vec<(ImportId, String, String, Timestamp, String)> =
        both!(conn, c => sqlx::query_as(sql).bind(user).bind(since).fetch_all(c).await)?;
    let mut found = Vec::new();
    for (id, kind, file_name, committed_at, result) in rows {
        let result: ImportResult = serde_json::from_str(&result)?;
        if result.refused > 0 && found.len() < first {
            found.push(RefusedImport {
                id,
                kind: read_word(&kind)?,
                file_name,
                committed_at,
                refused: result.refused,
            });
        }
    }
    Ok(found)
}

/// A page of imports, the newest first.
pub(super) async fn list(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
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
        "SELECT {COLUMNS} FROM {TABLES} WHERE {condition}
         ORDER BY i.begun_at DESC, i.id DESC LIMIT $1"
    );
    let (at, id) = after.unzip();
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(rows_to_read(size)).bind(at).bind(id).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| (row.begun_at, row.id))?;
    let rows = page
        .rows
        .into_iter()
        .map(|row| row.open(keys, scope))
        .collect::<Result<_, _>>()?;
    Ok(Page {
        rows,
        after: page.after,
    })
}
