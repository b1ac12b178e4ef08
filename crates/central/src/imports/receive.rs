//! Receiving a file: read, judged beside what the store knows, sealed and kept. Nothing else is changed.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use futures_util::StreamExt;
use lac_domain::ImportId;
use lac_import::{FileError, Judgement, MAX_BYTES};
use lac_wire::{ErrorCode, ImportKind, JudgeQuery};

use super::findings::{self, Sealed};
use super::known::look_up;
use super::prepared::{on_own_thread, prepare, refusal};
use super::rows::{self, Judged, word};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
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

/// A file, judged and sealed: written by this job, which answers the import's id.
pub(super) struct Receive {
    id: ImportId,
    query: JudgeQuery,
    file_name: String,
    judged: Judged,
    sealed_key: Vec<u8>,
    sealed_file: Vec<u8>,
    sealed_recognised: Vec<u8>,
    findings: Vec<Sealed>,
}

/// A file, judged.
pub(super) struct JudgedFile {
    /// Keeps it.
    pub job: Receive,
    pub judgement: Judgement,
}

/// Reads a file and judges it beside what the store knows. Nothing is written.
pub(super) async fn judge(
    store: &Store,
    scope: Scope,
    id: ImportId,
    query: JudgeQuery,
    file: Vec<u8>,
) -> Result<JudgedFile, Failure> {
    if query.kind != ImportKind::Users {
        let message = "Only users are added here. Establishments are read from a GIAS download with `lac-central import establishments`.";
        return Err(Refusal::field("kind", message).into());
    }
    let (role, existing) = (query.role, query.existing);
    let (file, prepared) = on_own_thread(move || {
        let prepared = prepare(&file, role)?;
        Ok((file, prepared))
    })
    .await?;
    let found = {
        let mut conn = store.read().await?;
        look_up(&mut conn, scope, &prepared.shape.wanted()).await?
    };
    let store = store.clone();
    on_own_thread(move || {
        let judgement = prepared.shape.judge(&found.known, existing);
        let (own, sealed_key) = store.keys().new_own_key(rows::key_place(id))?;
        let recognised = serde_json::to_vec(&prepared.recognised)?;
        let job = Receive {
            id,
            file_name: file_name(&query.file_name),
            query,
            judged: Judged {
                counts: judgement.counts,
                blocked: judgement.blocked,
            },
            sealed_key,
            sealed_file: own.seal(rows::file_place(id), &file)?,
            sealed_recognised: own.seal(rows::recognised_place(id), &recognised)?,
            findings: findings::seal(id, &own, &judgement.findings)?,
        };
        Ok(JudgedFile { job, judgement })
    })
    .await
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
            if row.is_committed() {
                let message = "This import has been committed already. Begin a new one to add more.";
                return Err(Refusal::new(ErrorCode::ImportRevised, message).into());
            }
        }
        let revision = before.map_or(1, |row| row.revision + 1);
        let counts = serde_json::to_string(&self.judged)?;
        let (now, actor) = (tx.now(), tx.actor());
        let sql = "INSERT INTO imports (id, revision, kind, role, existing, file_name, status, begun_by, begun_at,
                     sealed_key, sealed_file, sealed_recognised, counts)
                   VALUES ($1, $2, $3, $4, $5, $6, 'judged', $7, $8, $9, $10, $11, $12)
                   ON CONFLICT (id) DO UPDATE SET revision = excluded.revision, kind = excluded.kind,
                     role = excluded.role, existing = excluded.existing, file_name = excluded.file_name,
                     begun_at = excluded.begun_at, sealed_key = excluded.sealed_key,
                     sealed_file = excluded.sealed_file, sealed_recognised = excluded.sealed_recognised,
                     counts = excluded.counts";
        let (kind, existing) = (word(self.query.kind)?, word(self.query.existing)?);
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(revision).bind(kind).bind(self.query.role.as_str()).bind(existing)
            .bind(&self.file_name).bind(actor).bind(now).bind(&self.sealed_key).bind(&self.sealed_file)
            .bind(&self.sealed_recognised).bind(counts)
            .execute(c).await.map(|_| ()))?;
        findings::replace(tx, self.id, &self.findings).await?;
        tx.part_of_import(self.id);
        let Judged { counts, .. } = self.judged;
        let detail = serde_json::json!({
            "revision": revision, "rows": counts.rows_read, "errors": counts.errors, "warnings": counts.warnings,
        });
        tx.audit("import.judged", "import", Some(self.id.0), &detail);
        Ok(self.id)
    }
}

/// What a commit works on: an import whose file was opened and read again.
pub(super) struct Reopened {
    pub row: rows::Row,
    pub own: crate::seal::OwnKey,
    pub prepared: Arc<super::prepared::Prepared>,
}

/// Opens an import's file and reads it again.
pub(super) async fn reopen(store: &Store, row: rows::Row) -> Result<Reopened, Failure> {
    let file = open_file(store, &row).await?;
    let role = row.role;
    let prepared = on_own_thread(move || prepare(&file, role)).await?;
    Ok(Reopened {
        own: row.own_key(store.keys())?,
        row,
        prepared: Arc::new(prepared),
    })
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
