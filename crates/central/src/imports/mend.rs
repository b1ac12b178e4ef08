//! Mending a file in place: cells, rows left out, columns, and what is done with those who exist. Judged again whole.

use async_trait::async_trait;
use lac_domain::ImportId;
use lac_import::{ExistingUsers, Table};
use lac_wire::{ImportKind, MendImport};

use super::choices::Choices;
use super::findings;
use super::kind;
use super::receive::{SealedJudgement, asked, audit_judged, beside, open_file};
use super::remembered;
use super::rows::{self, word};
use super::table::{on_own_thread, refusal};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// Keeps what was mended, and what was found then; answers the import's id.
pub(super) struct Mend {
    id: ImportId,
    seen: i64,
    kind: ImportKind,
    existing: ExistingUsers,
    choices: Choices,
    /// The file's headings, where its columns were chosen anew.
    headings: Option<Vec<String>>,
    judged: SealedJudgement,
}

/// Judges a file again with what a person changed of how it is read. Nothing is written; none when nothing would change.
pub(super) async fn mend(
    store: &Store,
    scope: Scope,
    row: rows::Row,
    mend: MendImport,
) -> Result<Option<Mend>, Failure> {
    row.require_judged()?;
    let (id, kind_word, role, as_at) = (row.id, row.kind()?, row.role()?, row.as_at);
    let kind = kind::of(kind_word)?;
    let own = row.own_key(store.keys())?;
    let (before, existing_before) = (row.choices(&own)?, row.existing()?);
    let existing = mend.existing.unwrap_or(existing_before);
    let file = open_file(store, &row).await?;
    let (was, seen) = (before.clone(), mend.revision);
    let (choices, headings, prepared) = on_own_thread(move || {
        let mut choices = before;
        if !(mend.cells.is_empty() && mend.leave_out.is_empty()) {
            let mut table = Table::parse_as(kind.vocabulary(), &file).map_err(|error| refusal(&error))?;
            for cell in &mend.cells {
                choices.mend(&mut table, cell.row, cell.column, &cell.value)?;
            }
            choices.choose_rows(&table, &mend.leave_out)?;
        }
        choices.take_rows_back(&mend.take_back);
        let mut headings = None;
        if let Some(chosen) = mend.mapping {
            headings = Some(Table::only_headings(kind.vocabulary(), &file).map_err(|error| refusal(&error))?);
            choices.chosen = chosen;
        }
        let prepared = kind.read(&file, &asked(role, as_at, &choices))?;
        Ok((choices, headings, prepared))
    })
    .await?;
    if choices == was && existing == existing_before {
        // Also when the same came before and its answer was lost.
        return Ok(None);
    }
    row.require_revision(seen)?;
    let (prepared, judged) = beside(store, scope, prepared, existing).await?;
    on_own_thread(move || {
        Ok(Some(Mend {
            id,
            seen,
            kind: kind_word,
            existing,
            headings,
            judged: SealedJudgement::of(id, &own, &prepared.recognised, judged.verdict(), &choices)?,
            choices,
        }))
    })
    .await
}

#[async_trait]
impl Job for Mend {
    type Output = ImportId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let row = rows::find(tx.conn(), self.id).await?.ok_or_else(Refusal::not_found)?;
        row.require_judged()?;
        row.require_revision(self.seen)?;
        let revision = row.revision + 1;
        let counts = serde_json::to_string(&self.judged.judged)?;
        let kinds = serde_json::to_string(&self.judged.kinds)?;
        let existing = word(self.existing)?;
        let sql = "UPDATE imports SET revision = $2, existing = $3, sealed_recognised = $4, sealed_mends = $5,
                     mended_cells = $6, counts = $7, finding_kinds = $8 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(revision).bind(existing).bind(&self.judged.sealed_recognised)
            .bind(&self.judged.sealed_mends).bind(self.choices.mended_cells()).bind(counts).bind(kinds)
            .execute(c).await.map(|_| ()))?;
        findings::replace(tx, self.id, &self.judged.findings).await?;
        if let Some(headings) = &self.headings {
            remembered::remember(tx, self.kind, headings, &self.choices.chosen).await?;
        }
        audit_judged(tx, self.id, revision, self.judged.judged, &self.choices);
        Ok(self.id)
    }
}
