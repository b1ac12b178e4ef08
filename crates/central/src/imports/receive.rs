//! Receiving a file: read, judged beside what the store knows, sealed and kept. Nothing else is changed.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use chrono::NaiveDate;
use futures_util::StreamExt;
use lac_domain::ImportId;
use lac_import::{ColumnChoice, ExistingUsers, FileError, MAX_BYTES, Table, without_passwords};
use lac_wire::{ErrorCode, FindingKind, JudgeQuery};

use super::choices::Choices;
use super::findings::{self, Sealed};
use super::kind::{self, Asked, Judged as JudgedRows, Prepared, Verdict};
use super::remembered;
use super::rows::{self, Judged, word};
use super::table::{on_own_thread, refusal};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::seal::OwnKey;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// The longest file name that is kept, in characters.
const FILE_NAME: usize = 200;

/// Reads a request's body as it comes, up to the size that a file may have.
pub(super) async fn read_body(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            Refusal::new(ErrorCode::Malformed, "The file did not arrive whole. Send it again.").about("file")
        })?;
        if (bytes.len() + chunk.len()) as u64 > MAX_BYTES {
            return Err(refusal(&FileError::TooBig { limit: MAX_BYTES }));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The file's name without its folder and without what cannot be seen.
fn file_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(FILE_NAME).collect();
    let name = name.trim();
    if name.is_empty() {
        "(no name)".to_owned()
    } else {
        name.to_owned()
    }
}

/// What the person said that columns are.
fn chosen(mapping: Option<&str>) -> Result<Vec<ColumnChoice>, Refusal> {
    let Some(text) = mapping else { return Ok(Vec::new()) };
    serde_json::from_str(text).map_err(|_| {
        let message = "What the columns are could not be read. Go back and choose them again.";
        Refusal::field("mapping", message)
    })
}

/// A file, judged and sealed: written by this job, which answers the import's id.
pub(super) struct Receive {
    id: ImportId,
    query: JudgeQuery,
    file_name: String,
    headings: Vec<String>,
    choices: Choices,
    sealed_key: Vec<u8>,
    sealed_file: Vec<u8>,
    judged: SealedJudgement,
}

/// What a judgement leaves to be kept.
pub(super) struct SealedJudgement {
    pub judged: Judged,
    pub kinds: Vec<FindingKind>,
    pub sealed_recognised: Vec<u8>,
    pub sealed_mends: Vec<u8>,
    pub findings: Vec<Sealed>,
}

impl SealedJudgement {
    /// Seals what was found of a file under the import's key.
    pub fn of(
        id: ImportId,
        own: &OwnKey,
        recognised: &lac_import::Recognised,
        verdict: &Verdict,
        choices: &Choices,
    ) -> Result<Self, StoreError> {
        let recognised = serde_json::to_vec(recognised)?;
        Ok(Self {
            judged: Judged {
                counts: verdict.counts,
                blocked: verdict.blocked,
            },
            kinds: findings::kinds(&verdict.findings),
            sealed_recognised: own.seal(rows::recognised_place(id), &recognised)?,
            sealed_mends: choices.seal(id, own)?,
            findings: findings::seal(id, own, &verdict.findings)?,
        })
    }
}

/// A file, judged.
pub(super) struct JudgedFile {
    /// Keeps it.
    pub job: Receive,
    /// What was found.
    pub verdict: Verdict,
}

/// Reads a file and judges it beside what the store knows. Nothing is written.
pub(super) async fn judge(
    store: &Store,
    scope: Scope,
    id: ImportId,
    mut query: JudgeQuery,
    file: Vec<u8>,
) -> Result<JudgedFile, Failure> {
    let kind = kind::of(query.kind)?;
    kind.check(&mut query, store.today())?;
    let chosen = chosen(query.mapping.as_deref())?;
    // A password is never kept, sealed or not.
    let (file, headings) = on_own_thread(move || {
        let vocabulary = kind.vocabulary();
        let emptied = without_passwords(vocabulary, &file).map_err(|error| refusal(&error))?;
        let headings = Table::only_headings(vocabulary, &emptied).map_err(|error| refusal(&error))?;
        let emptied = match emptied {
            std::borrow::Cow::Owned(emptied) => Some(emptied),
            std::borrow::Cow::Borrowed(_) => None,
        };
        Ok((emptied.unwrap_or(file), headings))
    })
    .await?;
    let remembered = {
        let mut conn = store.read().await?;
        remembered::find(&mut conn, store.keys(), query.kind, &headings).await?
    };
    let choices = Choices::of_columns(chosen, remembered);
    let asked = asked(query.role, query.as_at, &choices);
    let (file, prepared) = on_own_thread(move || {
        let prepared = kind.read(&file, &asked)?;
        Ok((file, prepared))
    })
    .await?;
    let (prepared, judged) = beside(store, scope, prepared, query.existing).await?;
    let store = store.clone();
    on_own_thread(move || {
        let verdict = judged.verdict().clone();
        let (own, sealed_key) = store.keys().new_own_key(rows::key_place(id))?;
        let job = Receive {
            id,
            file_name: file_name(&query.file_name),
            headings,
            sealed_key,
            sealed_file: own.seal(rows::file_place(id), &file)?,
            judged: SealedJudgement::of(id, &own, &prepared.recognised, &verdict, &choices)?,
            query,
            choices,
        };
        Ok(JudgedFile { job, verdict })
    })
    .await
}

/// How a file is read with these choices.
pub(super) fn asked(role: Option<lac_domain::Role>, as_at: Option<NaiveDate>, choices: &Choices) -> Asked {
    Asked {
        role,
        as_at,
        remembered: ColumnChoice::mapping(&choices.remembered),
        choices: choices.clone(),
    }
}

/// Judges a file beside what the store knows.
pub(super) async fn beside(
    store: &Store,
    scope: Scope,
    prepared: Prepared,
    existing: ExistingUsers,
) -> Result<(Prepared, Box<dyn JudgedRows>), Failure> {
    let facts = {
        let mut conn = store.read().await?;
        Arc::clone(&prepared.rows).look_up(&mut conn, scope).await?
    };
    on_own_thread(move || Ok((prepared, facts.judge(existing)))).await
}

#[async_trait]
impl Job for Receive {
    type Output = ImportId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let before = rows::find(tx.conn(), self.id).await?;
        if let Some(row) = &before {
            if row.begun_by != tx.actor() {
                let message = "Another user began this import. Begin a new one.";
                return Err(Refusal::new(ErrorCode::IdReused, message).into());
            }
            row.require_judged()?;
        }
        let revision = before.map_or(1, |row| row.revision + 1);
        let counts = serde_json::to_string(&self.judged.judged)?;
        let kinds = serde_json::to_string(&self.judged.kinds)?;
        let (now, actor) = (tx.now(), tx.actor());
        let sql = "INSERT INTO imports (id, revision, kind, role, existing, file_name, status, begun_by, begun_at,
                     sealed_key, sealed_file, sealed_recognised, counts, sealed_mends, finding_kinds, mended_cells, as_at)
                   VALUES ($1, $2, $3, $4, $5, $6, 'judged', $7, $8, $9, $10, $11, $12, $13, $14, 0, $15)
                   ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, kind = excluded.kind,
                     role = excluded.role, existing = excluded.existing, file_name = excluded.file_name,
                     begun_at = excluded.begun_at, sealed_key = excluded.sealed_key,
                     sealed_file = excluded.sealed_file, sealed_recognised = excluded.sealed_recognised,
                     counts = excluded.counts, sealed_mends = excluded.sealed_mends,
                     finding_kinds = excluded.finding_kinds, mended_cells = 0, as_at = excluded.as_at";
        let (kind, existing) = (word(self.query.kind)?, word(self.query.existing)?);
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(revision).bind(kind).bind(self.query.role.map(|role| role.as_str())).bind(existing)
            .bind(&self.file_name).bind(actor).bind(now).bind(&self.sealed_key).bind(&self.sealed_file)
            .bind(&self.judged.sealed_recognised).bind(counts).bind(&self.judged.sealed_mends).bind(kinds)
            .bind(self.query.as_at)
            .execute(c).await.map(|_| ()))?;
        findings::replace(tx, self.id, &self.judged.findings).await?;
        remembered::remember(tx, self.query.kind, &self.headings, &self.choices.chosen).await?;
        audit_judged(tx, self.id, revision, self.judged.judged, &self.choices);
        Ok(self.id)
    }
}

/// Notes that an import was judged.
pub(super) fn audit_judged(tx: &mut Tx, id: ImportId, revision: i64, judged: Judged, choices: &Choices) {
    tx.part_of_import(id);
    let Judged { counts, .. } = judged;
    let detail = serde_json::json!({
        "revision": revision, "rows": counts.rows_read, "errors": counts.errors, "warnings": counts.warnings,
        "cells_mended": choices.mended_cells(), "rows_left_out": counts.rows_left_out,
    });
    tx.audit("import.judged", "import", Some(id.0), &detail);
}

/// An import whose file was opened and read again, with what was mended.
pub(super) struct Reopened {
    pub row: rows::Row,
    pub own: OwnKey,
    pub prepared: Prepared,
}

/// Opens an import's file and reads it again.
pub(super) async fn reopen(store: &Store, row: rows::Row) -> Result<Reopened, Failure> {
    let file = open_file(store, &row).await?;
    let own = row.own_key(store.keys())?;
    let asked = asked(row.role()?, row.as_at, &row.choices(&own)?);
    let kind = kind::of(row.kind()?)?;
    let prepared = on_own_thread(move || kind.read(&file, &asked)).await?;
    Ok(Reopened { own, row, prepared })
}

/// Opens an import's file.
pub(super) async fn open_file(store: &Store, row: &rows::Row) -> Result<Vec<u8>, Failure> {
    let sealed = {
        let mut conn = store.read().await?;
        rows::sealed_file(&mut conn, row.id).await?
    };
    let sealed = sealed.ok_or_else(|| {
        let message = "The file of this import is no longer kept: files go after 30 days. Add the file again.";
        Refusal::new(ErrorCode::FileUnreadable, message).about("file")
    })?;
    let (id, own) = (row.id, row.own_key(store.keys())?);
    on_own_thread(move || Ok(own.open(rows::file_place(id), &sealed)?)).await
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn a_files_name_comes_without_its_folder() {
        assert_eq!(file_name("C:\\Users\\grace\\New staff.csv"), "New staff.csv");
        assert_eq!(file_name("/home/grace/staff\u{7}.csv"), "staff.csv");
        assert_eq!(file_name(" / "), "(no name)");
    }
}
