//! Committing an import: judged again inside one transaction, then written; at most once.

use std::sync::Arc;

use async_trait::async_trait;
use lac_domain::{ImportId, Timestamp};
use lac_import::{Counts, Finding};
use lac_wire::{CommitImport, ErrorCode, ImportKind, ImportPhase, ImportResult};

use super::findings;
use super::kind::{self, Writing};
use super::progress::Progress;
use super::receive::Reopened;
use super::rows::{self, Judged};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::notices::Cause;
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Commits an import; answers its id.
pub(super) struct Commit {
    pub id: ImportId,
    pub scope: Scope,
    pub commit: CommitImport,
    pub opened: Reopened,
    pub progress: Arc<Progress>,
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
        row.require_revision(self.commit.revision)?;
        row.require_revision(self.opened.row.revision)?;
        tx.part_of_import(self.id);
        self.progress.report(ImportPhase::Judging, 0.0)?;
        let scope = Scope {
            today: tx.today(),
            ..self.scope
        };
        let rows = Arc::clone(&self.opened.prepared.rows);
        let facts = rows.look_up(tx.conn(), scope).await?;
        self.progress.report(ImportPhase::Judging, 0.5)?;
        let judged = facts.judge(row.existing()?);
        let verdict = judged.verdict();
        if verdict.blocked {
            let message =
                "The file as a whole is at fault, so none of its rows can be taken. Mend it, and add it again.";
            return Err(Refusal::new(ErrorCode::ImportRefused, message).into());
        }
        let counts = verdict.counts;
        if self.commit.all_or_nothing && counts.rows_refused > 0 {
            return Err(refused_rows(counts.rows_refused).into());
        }
        if counts.ends_many() && self.commit.ends_care != Some(counts.ends_care) {
            return Err(ends_many(&counts).into());
        }
        self.progress.report(ImportPhase::Writing, 0.0)?;
        self.keep_findings(tx, &verdict.findings).await?;
        let writing = Writing {
            import: self.id,
            own: self.opened.own.clone(),
            invite: self.commit.invite,
            progress: Arc::clone(&self.progress),
        };
        let written = judged.write(tx, &writing).await?;
        let result = ImportResult {
            created: written.created,
            updated: written.updated,
            skipped: counts.rows_skipped,
            refused: counts.rows_refused,
            invited: written.invited,
        };
        let judged = Judged { counts, blocked: false };
        self.close(tx, judged, result).await?;
        self.progress.report(ImportPhase::Finishing, 0.0)?;
        Ok(self.id)
    }
}

fn refused_rows(count: u32) -> Refusal {
    let rows = if count == 1 {
        "1 row has an error".to_owned()
    } else {
        format!("{count} rows have errors")
    };
    let message = format!(
        "{rows}, and you asked for all or nothing, so nothing was added. Mend the file and add it again, or take the good rows."
    );
    Refusal::new(ErrorCode::ImportRefused, message)
}

fn ends_many(counts: &Counts) -> Refusal {
    let message = format!(
        "This file would end the care of {} of {} looked-after pupils, more than a tenth. Nothing was changed. Look at whose care it would end, and confirm their number if that is right.",
        counts.ends_care, counts.looked_after
    );
    Refusal::new(ErrorCode::ImportRefused, message).about("ends_care")
}

impl Commit {
    /// When those created are to be invited, where that is later.
    ///
    /// # Errors
    /// A refusal where nobody can be invited, the time has passed, or both now and later was asked for.
    pub fn check_invitations(kind: ImportKind, commit: &CommitImport, now: Timestamp) -> Result<(), Refusal> {
        if (commit.invite || commit.invite_at.is_some()) && !kind::of(kind)?.invites() {
            return Err(Refusal::field("invite", "Nobody is invited by a file of this kind."));
        }
        let Some(at) = commit.invite_at else { return Ok(()) };
        if commit.invite {
            let message = "Choose one: send the invitations now, or at a set time.";
            return Err(Refusal::field("invite_at", message));
        }
        if at <= now {
            let message = "This time has passed. Choose a later one, or send the invitations now.";
            return Err(Refusal::field("invite_at", message));
        }
        if at.since(now) > chrono::TimeDelta::days(365) {
            let message = "Choose a time within a year.";
            return Err(Refusal::field("invite_at", message));
        }
        Ok(())
    }

    /// Keeps what was found this time, where that is not what was found before.
    async fn keep_findings(&self, tx: &mut Tx, now: &[Finding]) -> Result<(), StoreError> {
        let sealed = findings::all(tx.conn(), self.id).await?;
        if findings::open_all(self.id, &self.opened.own, &sealed)? != now {
            findings::replace(tx, self.id, &findings::seal(self.id, &self.opened.own, now)?).await?;
            let kinds = serde_json::to_string(&findings::kinds(now))?;
            both!(tx.conn(), c => sqlx::query("UPDATE imports SET finding_kinds = $2 WHERE id = $1")
                .bind(self.id).bind(kinds).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }

    async fn close(&self, tx: &mut Tx, judged: Judged, result: ImportResult) -> Result<(), StoreError> {
        let now = tx.now();
        let counts = judged.counts;
        let (counts_json, result_json) = (serde_json::to_string(&judged)?, serde_json::to_string(&result)?);
        let invited_at = self.commit.invite.then_some(now);
        let sql =
            "UPDATE imports SET status = 'committed', committed_at = $2, counts = $3, result = $4, invite_at = $5,
                     invited_at = $6 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(now).bind(counts_json).bind(result_json).bind(self.commit.invite_at).bind(invited_at)
            .execute(c).await.map(|_| ()))?;
        let role = self.opened.row.role()?.map(|role| role.as_str());
        let detail = serde_json::json!({
            "revision": self.commit.revision, "role": role, "created": result.created, "updated": result.updated,
            "skipped": result.skipped, "refused": result.refused, "invited": result.invited,
            "all_or_nothing": self.commit.all_or_nothing, "invite_at": self.commit.invite_at, "as_at": self.opened.row.as_at,
            "ends_care": counts.ends_care, "missing": counts.missing,
        });
        tx.audit("import.committed", "import", Some(self.id.0), &detail);
        tx.notice(Cause::BulkAddFinished {
            user: self.scope.user,
            kind: self.opened.row.kind()?,
            created: result.created,
            updated: result.updated,
            refused: result.refused,
        });
        Ok(())
    }
}
