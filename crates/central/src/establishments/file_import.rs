//! The DfE's files sent from the window: read as they come, judged beside what the store knows and kept; then written,
//! once, when a person has looked.

use std::io::{BufRead, BufReader, Read};
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use futures_util::StreamExt;
use lac_domain::{EstablishmentId, ImportId};
use lac_import::{FileError, Finding, Severity};
use lac_wire::{
    ErrorCode, EstablishmentFileCounts, EstablishmentFileFound, EstablishmentFileKind, JudgeEstablishments,
};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use tokio::sync::mpsc;

use super::file_rows::{self, Kept};
use super::gias::{self, Content, EstablishmentCounts, GiasFileRead, ImportEstablishments, read_gias};
use super::in_use;
use super::links_file::{self, ImportLinks, LinksFileRead, Pair, read_links};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};
use crate::store::Store;
use crate::writer::{Job, Tx};

/// The most findings that are shown; beyond, they are counted.
const SHOWN_FINDINGS: usize = 200;
/// The most names of closing establishments that are shown.
const SHOWN_NAMES: i64 = 20;
/// Pieces of a file that wait to be read.
const PIECES: usize = 16;

/// A file, read.
pub(super) enum FileRead {
    Establishments(GiasFileRead),
    Links(LinksFileRead),
}

/// What is kept of a file until it is committed.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FileContent {
    Establishments(Arc<Vec<Content>>),
    Links(Arc<Vec<Pair>>),
}

impl FileRead {
    /// Reads one of the two files, whichever it is.
    fn read(reader: impl Read) -> Result<Self, FileError> {
        let mut input = BufReader::with_capacity(64 * 1024, reader);
        let top = input.fill_buf()?;
        let line = top.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let is_links = line.to_ascii_lowercase().windows(7).any(|word| word == b"linkurn");
        Ok(if is_links {
            Self::Links(read_links(input)?)
        } else {
            Self::Establishments(read_gias(input)?)
        })
    }

    /// What is kept of it.
    pub fn content(&self) -> FileContent {
        match self {
            Self::Establishments(read) => FileContent::Establishments(read.rows.clone()),
            Self::Links(read) => FileContent::Links(read.pairs.clone()),
        }
    }

    fn findings(&self) -> &[Finding] {
        match self {
            Self::Establishments(read) => &read.findings,
            Self::Links(read) => &read.findings,
        }
    }
}

/// A request's body as something to read from: pieces come over a channel from where they arrive.
struct Pieces {
    coming: mpsc::Receiver<Result<Bytes, axum::Error>>,
    piece: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.piece.is_empty() {
            match self.coming.blocking_recv() {
                None => return Ok(0),
                Some(Ok(piece)) => self.piece = piece,
                Some(Err(_)) => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            }
        }
        let count = self.piece.len().min(into.len());
        let piece = self.piece.split_to(count);
        into[..count].copy_from_slice(&piece);
        Ok(count)
    }
}

pub(super) fn refusal(error: &FileError) -> Refusal {
    let code = match error {
        FileError::TooBig { .. } => ErrorCode::TooLarge,
        _ => ErrorCode::FileUnreadable,
    };
    Refusal::new(code, error.to_string()).about("file")
}

/// Reads a file on a thread of its own while it arrives, so that it is never held whole.
pub(super) async fn receive(body: Body) -> Result<FileRead, Failure> {
    let (send, coming) = mpsc::channel(PIECES);
    let reading = tokio::task::spawn_blocking(move || {
        FileRead::read(Pieces {
            coming,
            piece: Bytes::new(),
        })
    });
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        // Whoever reads may have ended already, over a file that it does not take.
        if send.send(piece).await.is_err() {
            break;
        }
    }
    drop(send);
    let read = reading
        .await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))?;
    Ok(read.map_err(|error| refusal(&error))?)
}

fn counts(counts: EstablishmentCounts) -> EstablishmentFileCounts {
    EstablishmentFileCounts {
        created: counts.created,
        updated: counts.updated,
        unchanged: counts.unchanged,
        closed: counts.closed,
    }
}

/// Holds a file against what the store knows. Nothing is written.
pub(super) async fn judge(
    store: &Store,
    scope: Scope,
    read: &mut FileRead,
    la_codes: &str,
) -> Result<EstablishmentFileFound, Failure> {
    if let FileRead::Establishments(file) = read {
        store.narrow_establishments(file, la_codes).await?;
    }
    let mut conn = store.read().await?;
    let mut found = EstablishmentFileFound {
        rows: 0,
        refused: 0,
        left_out: 0,
        missing: 0,
        counts: EstablishmentFileCounts::default(),
        closing_in_use: 0,
        closing_names: Vec::new(),
        errors: 0,
        warnings: 0,
        findings: Vec::new(),
    };
    match read {
        FileRead::Establishments(file) => {
            let (mut totals, mut closing) = (EstablishmentCounts::default(), Vec::new());
            for batch in file.rows.chunks(gias::BATCH) {
                let compared = gias::compare(&mut conn, batch).await?;
                compared.count(&mut totals);
                closing.extend(compared.closing());
            }
            found.counts = counts(totals);
            found.refused = file.refused;
            found.left_out = file.left_out;
            found.rows = u32::try_from(file.rows.len()).unwrap_or(u32::MAX) + file.refused + file.left_out;
            if la_codes.trim().is_empty() {
                let sql = "SELECT COUNT(*) FROM establishments WHERE urn IS NOT NULL";
                let stored: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await)?;
                let known = totals.updated.saturating_add(totals.unchanged);
                found.missing = u32::try_from(stored).unwrap_or(u32::MAX).saturating_sub(known);
            }
            (found.closing_in_use, found.closing_names) = closing_in_use(&mut conn, scope, &closing).await?;
        }
        FileRead::Links(file) => {
            found.counts = counts(links_file::compare(&mut conn, &file.pairs).await?.0);
            found.refused = file.refused;
            found.rows = file.rows;
        }
    }
    let all = read.findings();
    let of = |severity| all.iter().filter(move |finding| finding.severity == severity);
    let count = |severity| u32::try_from(of(severity).count()).unwrap_or(u32::MAX);
    (found.errors, found.warnings) = (count(Severity::Error), count(Severity::Warning));
    let shown = of(Severity::Error).chain(of(Severity::Warning)).take(SHOWN_FINDINGS);
    found.findings = shown.cloned().collect();
    Ok(found)
}

async fn closing_in_use(
    conn: &mut Conn,
    scope: Scope,
    closing: &[EstablishmentId],
) -> Result<(u32, Vec<String>), StoreError> {
    if closing.is_empty() {
        return Ok((0, Vec::new()));
    }
    let ids = hex_ids(closing.iter().copied());
    let of = format!(
        "FROM establishments e WHERE e.id IN {} AND {}",
        conn.engine().ids("$3"),
        in_use::tied(scope)
    );
    let sql = format!("SELECT COUNT(*) {of}");
    let count: i64 = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(&ids).fetch_one(c).await)?;
    let sql = format!("SELECT e.name {of} ORDER BY e.name_key, e.id LIMIT $4");
    let names = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(&ids).bind(SHOWN_NAMES).fetch_all(c).await)?;
    Ok((u32::try_from(count).unwrap_or(u32::MAX), names))
}

/// Keeps a file that was judged.
pub(super) struct Keep {
    pub id: ImportId,
    pub query: JudgeEstablishments,
    pub content: FileContent,
    pub found: EstablishmentFileFound,
}

impl Keep {
    fn kind(&self) -> EstablishmentFileKind {
        match self.content {
            FileContent::Establishments(_) => EstablishmentFileKind::Establishments,
            FileContent::Links(_) => EstablishmentFileKind::Links,
        }
    }
}

#[async_trait]
impl Job for Keep {
    type Output = ImportId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        if let Some(before) = file_rows::find(tx.conn(), self.id).await? {
            if before.begun_by != tx.actor() {
                let message = "Another user began this import. Choose the file again.";
                return Err(Refusal::new(ErrorCode::IdReused, message).into());
            }
            if before.is_committed() {
                let message = "This import has been carried out already. Choose the file again to begin a new one.";
                return Err(Refusal::new(ErrorCode::ImportRevised, message).into());
            }
        }
        let kept = Kept {
            id: self.id,
            kind: self.kind(),
            file_name: &self.query.file_name,
            found: &self.found,
            content: serde_json::to_string(&self.content)?,
        };
        file_rows::keep(tx, &kept).await?;
        let detail = serde_json::json!({
            "kind": file_rows::word(self.kind()), "rows": self.found.rows, "refused": self.found.refused,
        });
        tx.part_of_import(self.id);
        tx.audit("establishment_file.judged", "import", Some(self.id.0), &detail);
        Ok(self.id)
    }
}

/// Writes a file that was judged, once.
pub(super) struct Commit {
    pub id: ImportId,
    pub content: FileContent,
}

#[async_trait]
impl Job for Commit {
    type Output = ImportId;

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let row = file_rows::find(tx.conn(), self.id)
            .await?
            .ok_or_else(Refusal::not_found)?;
        if row.is_committed() {
            return Ok(self.id);
        }
        tx.part_of_import(self.id);
        let done = match &self.content {
            FileContent::Establishments(rows) => ImportEstablishments(rows.clone()).run(tx).await?,
            FileContent::Links(pairs) => ImportLinks(pairs.clone()).run(tx).await?,
        };
        file_rows::committed(tx, self.id, counts(done)).await?;
        Ok(self.id)
    }
}
