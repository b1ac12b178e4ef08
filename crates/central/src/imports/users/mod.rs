//! Imports of users.

mod known;
mod outcomes;
mod plan;
mod restore;
mod take_back;
mod telling;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{ImportId, UserId};
use lac_import::{Columns, ExistingUsers, JudgedUser, Recognised, Shape, Table, UserOutcome, Vocabulary, Weighed};
use lac_wire::{ImportPhase, ImportedOne, JudgeQuery, OutcomeFilter, Page, UndoLook};

use super::kind::{Asked, Facts, Judged, Kind, Prepared, Rows, TakenBack, Verdict, Writing, Written};
use super::{objects, table};
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::seal::OwnKey;
use crate::storage::Conn;
use crate::writer::Tx;
use known::{Found, look_up};
use plan::Plan;

/// Users that are planned and written together.
const PIECE: usize = 5_000;

/// The kind.
pub(super) struct Users;

#[async_trait]
impl Kind for Users {
    fn vocabulary(&self) -> &'static Vocabulary {
        Vocabulary::USERS
    }

    fn require_may_import(&self, scope: Scope) -> Result<(), Refusal> {
        scope.require_super_user()
    }

    fn rows_are_private(&self) -> bool {
        false
    }

    fn invites(&self) -> bool {
        true
    }

    fn check(&self, query: &mut JudgeQuery, _: NaiveDate) -> Result<(), Refusal> {
        query.as_at = None;
        match query.role {
            Some(_) => Ok(()),
            None => Err(Refusal::field("role", "Choose the role of the users in this file.")),
        }
    }

    fn read(&self, file: &[u8], asked: &Asked) -> Result<Prepared, Failure> {
        let (table, columns): (Table, Columns) = table::open(self.vocabulary(), file, asked)?;
        let role = asked
            .role
            .ok_or(StoreError::Inconsistent("an import of users has no role"))?;
        Ok(Prepared {
            recognised: Recognised::of(&table, &columns),
            rows: Arc::new(UserRows(Shape::of(&table, &columns, role))),
        })
    }

    async fn outcomes(
        &self,
        conn: &mut Conn,
        _: Scope,
        import: ImportId,
        filter: &OutcomeFilter,
    ) -> Result<Page<ImportedOne>, Failure> {
        outcomes::page(conn, import, filter).await
    }

    async fn look_at_undo(
        &self,
        conn: &mut Conn,
        _: Scope,
        import: ImportId,
        after: Option<&str>,
        limit: Option<u32>,
    ) -> Result<UndoLook, Failure> {
        take_back::look(conn, import, after, limit).await
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

    async fn invite(&self, tx: &mut Tx, import: ImportId) -> Result<u32, Failure> {
        write::invite_created(tx, import).await
    }
}

/// The rows of a file of users.
struct UserRows(Shape);

#[async_trait]
impl Rows for UserRows {
    async fn look_up(self: Arc<Self>, conn: &mut Conn, scope: Scope) -> Result<Box<dyn Facts>, Failure> {
        let found = look_up(conn, scope, &self.0.wanted()).await?;
        Ok(Box::new(UserFacts { rows: self, found }))
    }
}

/// What the store knows of them.
struct UserFacts {
    rows: Arc<UserRows>,
    found: Found,
}

impl Facts for UserFacts {
    fn judge(self: Box<Self>, existing: ExistingUsers) -> Box<dyn Judged> {
        let mut weighed = self.rows.0.weigh(&self.found.known, existing);
        Box::new(JudgedUsers {
            verdict: Verdict {
                blocked: weighed.blocked,
                counts: weighed.counts,
                findings: std::mem::take(&mut weighed.findings),
            },
            rows: self.rows,
            weighed,
            found: self.found,
        })
    }
}

/// The users of a file, judged.
struct JudgedUsers {
    verdict: Verdict,
    rows: Arc<UserRows>,
    weighed: Weighed,
    found: Found,
}

#[async_trait]
impl Judged for JudgedUsers {
    fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    async fn write(self: Box<Self>, tx: &mut Tx, writing: &Writing) -> Result<Written, Failure> {
        // A piece at a time, so that what is written of very many users need not be held all at once.
        let mut users = self.rows.0.users(&self.weighed);
        let (all, mut done) = (users.len().max(1), 0_usize);
        let mut written = write::Pieces::of(writing.import, self.verdict.counts.to_create);
        let (mut changed, mut skipped) = (Vec::new(), Vec::new());
        loop {
            let piece: Vec<JudgedUser> = users.by_ref().take(PIECE).collect();
            if piece.is_empty() {
                break;
            }
            let of = |outcome: UserOutcome| -> Vec<UserId> {
                let these = piece.iter().filter(|user| user.outcome == outcome);
                let known = these.filter_map(|user| self.found.users.get(&user.email_key).copied());
                known.collect()
            };
            let existing = of(UserOutcome::Update);
            skipped.extend(of(UserOutcome::Skip));
            let before = write::before(tx, &existing).await?;
            let (from, to) = (done, done + piece.len());
            done = to;
            let plan = Plan::of(tx, writing.import, piece, &self.found, &before, writing.invite)?;
            let report = |share: f64| {
                let done = share_of(from, all) + share * share_of(to - from, all);
                writing.progress.report(ImportPhase::Writing, done)
            };
            written.write(tx, &plan, &report).await?;
            changed.extend(restore::kept(&plan, &before));
        }
        let written = written.end(tx).await?;
        objects::keep(tx, writing.import, &writing.own, changed, skipped).await?;
        Ok(written)
    }
}

#[allow(clippy::cast_precision_loss, reason = "numbers of rows, far below where it matters")]
fn share_of(part: usize, all: usize) -> f64 {
    part as f64 / all as f64
}
