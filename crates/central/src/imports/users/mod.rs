//! Imports of users.

mod known;
mod outcomes;
mod plan;
mod restore;
mod take_back;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{ImportId, UserId};
use lac_import::{Columns, ExistingUsers, JudgedUser, Recognised, Shape, Table, UserOutcome, Vocabulary};
use lac_wire::{ImportedOne, JudgeQuery, OutcomeFilter, Page, UndoLook};

use super::kind::{Asked, Facts, Judged, Kind, Prepared, Rows, TakenBack, Verdict, Writing, Written};
use super::{objects, table};
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::seal::OwnKey;
use crate::storage::Conn;
use crate::writer::Tx;
use known::{Found, look_up};
use plan::Plan;

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
        let judgement = self.rows.0.clone().judge(&self.found.known, existing);
        Box::new(JudgedUsers {
            verdict: Verdict {
                blocked: judgement.blocked,
                counts: judgement.counts,
                findings: judgement.findings,
            },
            users: judgement.users,
            found: self.found,
        })
    }
}

/// The users of a file, judged.
struct JudgedUsers {
    verdict: Verdict,
    users: Vec<JudgedUser>,
    found: Found,
}

#[async_trait]
impl Judged for JudgedUsers {
    fn verdict(&self) -> &Verdict {
        &self.verdict
    }

    async fn write(self: Box<Self>, tx: &mut Tx, writing: &Writing) -> Result<Written, Failure> {
        let Self { users, found, .. } = *self;
        let of = |outcome: UserOutcome| -> Vec<UserId> {
            let these = users.iter().filter(|user| user.outcome == outcome);
            these
                .filter_map(|user| found.users.get(&user.email_key).copied())
                .collect()
        };
        let (existing, skipped) = (of(UserOutcome::Update), of(UserOutcome::Skip));
        let before = write::before(tx, &existing).await?;
        let plan = Plan::of(tx, writing.import, users, &found, &before, writing.invite)?;
        write::write(tx, writing, &plan).await?;
        let changed = restore::kept(&plan, &before);
        objects::keep(tx, writing.import, &writing.own, changed, skipped).await?;
        let count = |users: usize| u32::try_from(users).unwrap_or(u32::MAX);
        Ok(Written {
            created: count(plan.created.len()),
            updated: count(plan.updated.len()),
            invited: count(plan.invited.len()),
        })
    }
}
