//! Imports of pupils, from the authority's own list: from the window, from the command line, or from a folder into which
//! its case system puts a file each night. Pupils missing from a file are listed, never closed; a file that would end care
//! for many changes nothing and asks.

mod command;
mod folder;
mod known;
mod one;
mod one_dates;
mod outcomes;
mod plan;
mod report;
mod restore;
mod take;
mod take_back;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::ImportId;
use lac_import::{ExistingUsers, PupilFile, Recognised, Vocabulary};
use lac_wire::{ImportedOne, JudgeQuery, OutcomeFilter, Page, UndoLook};

use super::kind::{Asked, Facts, Judged, Kind, Prepared, Rows, TakenBack, Verdict, Writing, Written};
use super::table;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::seal::OwnKey;
use crate::storage::Conn;
use crate::writer::Tx;
use known::Known;
use plan::{Plan, Way};

pub use command::PupilFileCommand;
pub use folder::PupilFolderCommand;

/// The kind.
pub(super) struct Pupils;

#[async_trait]
impl Kind for Pupils {
    fn vocabulary(&self) -> &'static Vocabulary {
        Vocabulary::PUPILS
    }

    fn require_may_import(&self, scope: Scope) -> Result<(), Refusal> {
        scope.require_la()
    }

    fn rows_are_private(&self) -> bool {
        true
    }

    fn invites(&self) -> bool {
        false
    }

    fn check(&self, query: &mut JudgeQuery, today: NaiveDate) -> Result<(), Refusal> {
        query.role = None;
        let as_at = *query.as_at.get_or_insert(today);
        if as_at > today {
            let message = "The day for which the file stands is in the future. Choose today or an earlier day.";
            return Err(Refusal::field("as_at", message));
        }
        Ok(())
    }

    fn read(&self, file: &[u8], asked: &Asked) -> Result<Prepared, Failure> {
        let (table, columns) = table::open(self.vocabulary(), file, asked)?;
        let as_at = asked
            .as_at
            .ok_or(StoreError::Inconsistent("an import of pupils has no day"))?;
        let file = PupilFile::of(&table, &columns);
        Ok(Prepared {
            recognised: Recognised::of(&table, &columns),
            rows: Arc::new(PupilRows { file, as_at }),
        })
    }

    async fn outcomes(
        &self,
        conn: &mut Conn,
        scope: Scope,
        import: ImportId,
        filter: &OutcomeFilter,
    ) -> Result<Page<ImportedOne>, Failure> {
        outcomes::page(conn, scope, import, filter).await
    }

    async fn look_at_undo(
        &self,
        conn: &mut Conn,
        scope: Scope,
        import: ImportId,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<UndoLook, Failure> {
        take_back::look(conn, scope, import, after, limit).await
    }

    async fn undo(&self, tx: &mut Tx, import: ImportId, own: &OwnKey) -> Result<TakenBack, Failure> {
        let removed = take_back::remove_created(tx, import).await?;
        let restored = restore::restore_updated(tx, import, own).await?;
        Ok(TakenBack {
            removed: removed.0,
            restored: restored.0,
            stayed: removed.1.saturating_add(restored.1),
        })
    }

    async fn invite(&self, _: &mut Tx, _: ImportId) -> Result<u32, Failure> {
        let message = "This import has added pupils, and pupils are not invited.";
        Err(Refusal::new(lac_wire::ErrorCode::ImportRefused, message).into())
    }
}

/// The rows of a file of pupils.
struct PupilRows {
    file: PupilFile,
    as_at: NaiveDate,
}

#[async_trait]
impl Rows for PupilRows {
    async fn look_up(self: Arc<Self>, conn: &mut Conn, scope: Scope) -> Result<Box<dyn Facts>, Failure> {
        let known = Known::load(conn, scope, &self.file, self.as_at).await?;
        Ok(Box::new(PupilFacts {
            rows: self,
            by_the_store: scope.is_the_store(),
            known,
        }))
    }
}

/// What the store knows of them.
struct PupilFacts {
    rows: Arc<PupilRows>,
    by_the_store: bool,
    known: Known,
}

impl Facts for PupilFacts {
    fn judge(self: Box<Self>, existing: ExistingUsers) -> Box<dyn Judged> {
        let way = Way {
            as_at: self.rows.as_at,
            existing,
            by_the_store: self.by_the_store,
        };
        let plan = Plan::make(&self.rows.file, &self.known, way);
        Box::new(JudgedPupils {
            verdict: Verdict {
                blocked: self.rows.file.blocked,
                counts: plan.counts,
                findings: plan.findings.clone(),
            },
            plan,
            known: self.known,
        })
    }
}

/// The pupils of a file, judged.
struct JudgedPupils {
    verdict: Verdict,
    plan: Plan,
    known: Known,
}

#[async_trait]
impl Judged for JudgedPupils {
    fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    async fn write(self: Box<Self>, tx: &mut Tx, writing: &Writing) -> Result<Written, Failure> {
        write::write(tx, writing, &self.plan, &self.known).await
    }
}
