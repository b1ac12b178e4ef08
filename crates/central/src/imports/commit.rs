//! Committing an import: judged again inside one transaction, then written; at most once.

use async_trait::async_trait;
use lac_domain::{ImportId, Role, UserId};
use lac_import::UserOutcome;
use lac_wire::{CommitImport, ErrorCode, ImportResult};

use super::findings;
use super::known::look_up;
use super::plan::Plan;
use super::receive::Reopened;
use super::rows::{self, Judged};
use super::write;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Commits an import; answers its id.
pub(super) struct Commit {
    pub id: ImportId,
    pub scope: Scope,
    pub commit: CommitImport,
    pub opened: Reopened,
}

#[async_trait]
impl Job for Commit {
    type Output = ImportId;

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let row = rows::find(tx.conn(), self.id).await?.ok_or_else(Refusal::not_found)?;
        if row.is_committed() {
            // The same commit again, after its reply was lost.
            return Ok(self.id);
        }
        if row.revision != self.commit.revision || row.revision != self.opened.row.revision {
            return Err(revised().into());
        }
        tx.part_of_import(self.id);
        let shape = &self.opened.prepared.shape;
        let scope = Scope {
            today: tx.today(),
            ..self.scope
        };
        let found = look_up(tx.conn(), scope, &shape.wanted()).await?;
        let judgement = shape.clone().judge(&found.known, row.existing()?);
        if judgement.blocked {
            let message =
                "The file as a whole is at fault, so none of its rows can be taken. Mend it, and add it again.";
            return Err(Refusal::new(ErrorCode::ImportRefused, message).into());
        }
        let counts = judgement.counts;
        if self.commit.all_or_nothing && counts.rows_refused > 0 {
            let rows = if counts.rows_refused == 1 {
                "1 row has an error".to_owned()
            } else {
                format!("{} rows have errors", counts.rows_refused)
            };
            let message = format!(
                "{rows}, and you asked for all or nothing, so nothing was added. Mend the file and add it again, or take the good rows."
            );
            return Err(Refusal::new(ErrorCode::ImportRefused, message).into());
        }
        let existing: Vec<UserId> = judgement
            .users
            .iter()
            .filter(|user| user.outcome == UserOutcome::Update)
            .filter_map(|user| found.users.get(&user.email_key).copied())
            .collect();
        let before = write::before(tx, &existing).await?;
        let plan = Plan::of(tx, self.id, judgement.users, &found, &before, self.commit.invite)?;
        write::write(tx, self.id, &plan).await?;
        self.keep_findings(tx, &judgement.findings).await?;
        let count = |rows: usize| u32::try_from(rows).unwrap_or(u32::MAX);
        let result = ImportResult {
            created: count(plan.created.len()),
            updated: count(plan.updated.len()),
            skipped: counts.rows_skipped,
            refused: counts.rows_refused,
            invited: count(plan.invited.len()),
        };
        self.close(tx, Judged { counts, blocked: false }, result).await?;
        Ok(self.id)
    }
}

fn revised() -> Refusal {
    Refusal::new(
        ErrorCode::ImportRevised,
        "This file was judged anew since you looked at it. Look at what was found now, then add it.",
    )
}

impl Commit {
    /// Keeps what was found this time, where that is not what was found before.
    async fn keep_findings(&self, tx: &mut Tx, now: &[lac_import::Finding]) -> Result<(), StoreError> {
        let sealed = findings::all(tx.conn(), self.id).await?;
        if findings::open_all(self.id, &self.opened.own, &sealed)? != now {
            findings::replace(tx, self.id, &findings::seal(self.id, &self.opened.own, now)?).await?;
        }
        Ok(())
    }

    async fn close(&self, tx: &mut Tx, judged: Judged, result: ImportResult) -> Result<(), StoreError> {
        let now = tx.now();
        let (counts, result_json) = (serde_json::to_string(&judged)?, serde_json::to_string(&result)?);
        let sql = "UPDATE imports SET status = 'committed', committed_at = $2, counts = $3, result = $4 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(now).bind(counts).bind(result_json).execute(c).await.map(|_| ()))?;
        let role: Role = self.opened.row.role;
        let detail = serde_json::json!({
            "revision": self.commit.revision, "role": role.as_str(), "created": result.created, "updated": result.updated,
            "skipped": result.skipped, "refused": result.refused, "invited": result.invited,
            "all_or_nothing": self.commit.all_or_nothing,
        });
        tx.audit("import.committed", "import", Some(self.id.0), &detail);
        Ok(())
    }
}
