//! What an import of one kind does its own way.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{ImportId, Role};
use lac_import::{Counts, ExistingUsers, Finding, Mapping, Recognised, Vocabulary};
use lac_wire::{ImportKind, ImportedOne, JudgeQuery, OutcomeFilter, Page, UndoLook};

use super::choices::Choices;
use super::progress::Progress;
use super::pupils::Pupils;
use super::users::Users;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::seal::OwnKey;
use crate::storage::Conn;
use crate::writer::Tx;

/// What a person asks of how a file is read.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The role of users whose row does not name one.
    pub role: Option<Role>,
    /// The day for which the file stands, for a kind where that matters.
    pub as_at: Option<NaiveDate>,
    /// Cells mended, rows left out, columns chosen.
    pub choices: Choices,
    /// What was said before of columns of files with the same headings.
    pub remembered: Mapping,
}

/// A kind of import.
#[async_trait]
pub(crate) trait Kind: Send + Sync {
    /// What its files' headings are looked up in.
    fn vocabulary(&self) -> &'static Vocabulary;

    /// Refuses who may not import this kind, or undo it.
    ///
    /// # Errors
    /// A refusal, for other roles.
    fn require_may_import(&self, scope: Scope) -> Result<(), Refusal>;

    /// Whether the rows of a file, and what was found in them, are for whoever sent it alone: they may name one whom
    /// another reader may not see.
    fn rows_are_private(&self) -> bool;

    /// Whether those created can be invited.
    fn invites(&self) -> bool;

    /// Refuses what cannot be asked of this kind, before the file is read, and says what was left open.
    ///
    /// # Errors
    /// A refusal that names the field.
    fn check(&self, query: &mut JudgeQuery, today: NaiveDate) -> Result<(), Refusal>;

    /// Reads a file and judges what needs no store. It computes for up to a second or two, so it is called on a thread
    /// of its own.
    ///
    /// # Errors
    /// A refusal that says why the file cannot be taken.
    fn read(&self, file: &[u8], asked: &Asked) -> Result<Prepared, Failure>;

    /// A page of those that a committed import named, as they are now and as the reader may see them.
    ///
    /// # Errors
    /// When the page is none of this store's, or the database fails.
    async fn outcomes(
        &self,
        conn: &mut Conn,
        scope: Scope,
        import: ImportId,
        filter: &OutcomeFilter,
    ) -> Result<Page<ImportedOne>, Failure>;

    /// What an undo would do, with a page of those that it would leave.
    ///
    /// # Errors
    /// When the page is none of this store's, or the database fails.
    async fn look_at_undo(
        &self,
        conn: &mut Conn,
        scope: Scope,
        import: ImportId,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<UndoLook, Failure>;

    /// Takes back what an import did, as far as nothing happened since with those whom it concerns.
    ///
    /// # Errors
    /// When the database fails; then nothing is taken back.
    async fn undo(&self, tx: &mut Tx, import: ImportId, own: &OwnKey) -> Result<TakenBack, Failure>;

    /// Invites those whom an import created and nobody invited yet. Answers how many.
    ///
    /// # Errors
    /// When the database fails.
    async fn invite(&self, tx: &mut Tx, import: ImportId) -> Result<u32, Failure>;
}

/// What an undo did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct TakenBack {
    pub removed: u32,
    pub restored: u32,
    pub stayed: u32,
}

/// A file as it was read.
pub(crate) struct Prepared {
    pub recognised: Recognised,
    pub rows: Arc<dyn Rows>,
}

/// The rows of a file, judged as far as goes without the store.
#[async_trait]
pub(crate) trait Rows: Send + Sync {
    /// Asks the store for what the rows name, in bulk.
    ///
    /// # Errors
    /// When the database fails.
    async fn look_up(self: Arc<Self>, conn: &mut Conn, scope: Scope) -> Result<Box<dyn Facts>, Failure>;
}

/// What the store knows of what the rows name.
pub(crate) trait Facts: Send {
    /// Judges the rows beside it.
    fn judge(self: Box<Self>, existing: ExistingUsers) -> Box<dyn Judged>;
}

/// A file, judged whole.
#[async_trait]
pub(crate) trait Judged: Send + Sync {
    /// What was found.
    fn verdict(&self) -> &Verdict;

    /// Writes what the good rows say.
    ///
    /// # Errors
    /// When the database fails, or the commit was cancelled.
    async fn write(self: Box<Self>, tx: &mut Tx, writing: &Writing) -> Result<Written, Failure>;
}

/// What was found in a file.
#[derive(Debug, Clone)]
pub(crate) struct Verdict {
    pub blocked: bool,
    pub counts: Counts,
    /// Errors first, then by row.
    pub findings: Vec<Finding>,
}

/// What a kind must know to write.
pub(crate) struct Writing {
    pub import: ImportId,
    /// The import's key, under which former values are sealed.
    pub own: OwnKey,
    /// Whether those created are invited now.
    pub invite: bool,
    pub progress: Arc<Progress>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Written {
    pub created: u32,
    pub updated: u32,
    pub invited: u32,
}

/// The engine's part for a kind.
///
/// # Errors
/// A refusal where this store has no import of that kind.
pub(crate) fn of(kind: ImportKind) -> Result<&'static dyn Kind, Refusal> {
    match kind {
        ImportKind::Users => Ok(&Users),
        ImportKind::Pupils => Ok(&Pupils),
        ImportKind::Establishments => Err(Refusal::field(
            "kind",
            "Establishments are read from a GIAS download with `lac-central import establishments`.",
        )),
        ImportKind::Unknown => Err(Refusal::field(
            "kind",
            "This store does not add anything of this kind from a file.",
        )),
    }
}
