//! Reading a return: its proposals stand in place of those that waited before.

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{CareProposalId, CareReturnId};
use lac_import::{FileError, Finding, Severity, Ssda903};
use lac_wire::{CareReturn, ErrorCode};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::compare::{Compared, Proposal, compare};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::storage::{Column, JsonRows};
use crate::writer::{Job, Tx};

/// The most findings of each file that an answer holds: one for every row of a large authority's return.
const FINDINGS: usize = 5_000;

/// Reads the two files; it computes for some time, so it is called where nobody waits for it.
///
/// # Errors
/// A refusal that says why a file cannot be taken.
pub(super) fn parse(header: &[u8], episodes: &[u8], as_at: NaiveDate) -> Result<Ssda903, Refusal> {
    Ssda903::read(header, episodes, as_at).map_err(|error| refusal(&error))
}

/// Why a file cannot be taken.
pub(super) fn refusal(error: &FileError) -> Refusal {
    Refusal::new(ErrorCode::FileUnreadable, error.to_string()).about("file")
}

/// Puts the proposals of a return in place of those that waited; answers what it comes to.
pub(super) struct Propose {
    /// Who reads it; none on the store's own command line.
    pub scope: Option<Scope>,
    pub read: Ssda903,
    pub as_at: NaiveDate,
}

#[async_trait]
impl Job for Propose {
    type Output = CareReturn;

    async fn run(&self, tx: &mut Tx) -> Result<CareReturn, Failure> {
        let Compared {
            counts,
            proposals,
            not_known,
        } = compare(tx.conn(), self.scope, &self.read.children, self.as_at).await?;
        // Those about pupils whom the reader may not see stay as they are.
        let sees = self.scope.map_or("($1 IS NULL OR TRUE)".to_owned(), |scope| {
            scope.sees_pupil("care_proposals.pupil_id")
        });
        let sql = format!("DELETE FROM care_proposals WHERE outcome = 'waiting' AND {sees}");
        let reader = self.scope.map(|scope| scope.user);
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(reader).execute(c).await.map(|_| ()))?;
        let id = self.keep(tx).await?;
        self.insert(tx, id, &proposals).await?;
        let detail = json!({
            "as_at": self.as_at, "children": self.read.counts.children, "known": counts.known,
            "to_open": counts.to_open, "to_close": counts.to_close,
        });
        tx.audit("care_return.read", "care_return", Some(id.0), &detail);
        let first = |findings: &[Finding]| findings.iter().take(FINDINGS).cloned().collect();
        Ok(CareReturn {
            id,
            counts: self.read.counts,
            errors: number(self.read.count(Severity::Error)),
            warnings: number(self.read.count(Severity::Warning)),
            header_findings: first(&self.read.header_findings),
            episode_findings: first(&self.read.episode_findings),
            compared: counts,
            not_known,
        })
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl Propose {
    /// Keeps that it was read, and what was counted of its files; nothing of their content.
    async fn keep(&self, tx: &mut Tx) -> Result<CareReturnId, Failure> {
        let (id, now): (CareReturnId, _) = (tx.new_id()?, tx.now());
        let count = |severity| i64::from(number(self.read.count(severity)));
        let sql = "INSERT INTO care_returns (id, as_at, read_at, read_by, children, episodes, errors, warnings)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.as_at).bind(now).bind(self.scope.map(|scope| scope.user))
            .bind(i64::from(self.read.counts.children)).bind(i64::from(self.read.counts.episodes))
            .bind(count(Severity::Error)).bind(count(Severity::Warning))
            .execute(c).await.map(|_| ()))?;
        Ok(id)
    }

    async fn insert(&self, tx: &mut Tx, from: CareReturnId, proposals: &[Proposal]) -> Result<(), Failure> {
        let now = tx.now();
        let mut rows = JsonRows::new();
        for one in proposals {
            let id: CareProposalId = tx.new_id()?;
            rows.push(&[&id, &one.pupil, &one.period, &one.start, &one.end, &self.as_at, &now]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let columns = [
            Column::Id("id"),
            Column::Id("pupil_id"),
            Column::Id("care_period_id"),
            Column::Day("start_on"),
            Column::Day("end_on"),
            Column::Day("as_at"),
            Column::Instant("created_at"),
        ];
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO care_proposals (id, pupil_id, care_period_id, start_on, end_on, as_at, created_at, return_id)
             SELECT id, pupil_id, care_period_id, start_on, end_on, as_at, created_at, $2 FROM {source} AS r"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(from).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
