//! Undoing an import, one by one; and inviting those whom it created.

use async_trait::async_trait;
use lac_domain::{ImportId, Timestamp};
use lac_wire::{ErrorCode, UndoLook};

use super::forget::KEPT;
use super::kind::{self, TakenBack};
use super::rows::{self, Row};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// What an undo would do.
pub(super) async fn look(
    store: &Store,
    scope: Scope,
    row: Row,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<UndoLook, Failure> {
    if let Err(refusal) = require_undoable(&row, store.now()) {
        return Ok(UndoLook {
            refused: Some(refusal.message),
            to_remove: 0,
            to_restore: 0,
            staying: 0,
            rows: Vec::new(),
            after: None,
        });
    }
    let kind = kind::of(row.kind()?)?;
    let mut conn = store.read().await?;
    kind.look_at_undo(&mut conn, scope, row.id, after, limit).await
}

fn require_undoable(row: &Row, now: Timestamp) -> Result<(), Refusal> {
    let refuse = |message| Err(Refusal::new(ErrorCode::ImportNotUndoable, message));
    if row.is_undone() {
        return refuse("This import has been undone already.");
    }
    let Some(committed) = row.committed_at else {
        return refuse("This import has changed nothing, so there is nothing to undo.");
    };
    if now.since(committed) > KEPT {
        return refuse(
            "This import is more than 30 days old, and what was there before it is no longer kept. Change what is wrong by hand.",
        );
    }
    Ok(())
}

/// Undoes an import; answers its id. The same again changes nothing.
pub(super) struct Undo {
    pub id: ImportId,
    pub scope: Scope,
}

#[async_trait]
impl Job for Undo {
    type Output = ImportId;

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let row = rows::find(tx.conn(), self.id).await?.ok_or_else(Refusal::not_found)?;
        if row.is_undone() {
            return Ok(self.id);
        }
        require_undoable(&row, tx.now())?;
        tx.part_of_import(self.id);
        let own = row.own_key(&tx.keys())?;
        let kind = kind::of(row.kind()?)?;
        // What is kept for everyone to read is what whoever undid it could foresee: the rest may be hidden from them.
        let foreseen = kind.look_at_undo(tx.conn(), self.scope, self.id, None, Some(1)).await?;
        let done = kind.undo(tx, self.id, &own).await?;
        let restored = done.restored.min(foreseen.to_restore);
        let told = TakenBack {
            removed: done.removed.min(foreseen.to_remove),
            restored,
            stayed: foreseen.staying.saturating_add(foreseen.to_restore - restored),
        };
        let (now, actor, json) = (tx.now(), tx.actor(), serde_json::to_string(&told)?);
        let sql =
            "UPDATE imports SET status = 'undone', undone_at = $2, undone_by = $3, undo_result = $4 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(now).bind(actor).bind(json).execute(c).await.map(|_| ()))?;
        let detail = serde_json::json!({ "removed": done.removed, "restored": done.restored, "stayed": done.stayed });
        tx.audit("import.undone", "import", Some(self.id.0), &detail);
        Ok(self.id)
    }
}

/// Invites those whom an import created; answers its id. Once is enough: the same again changes nothing.
pub(super) struct InviteCreated {
    pub id: ImportId,
    /// Only when the time that was set for it has come.
    pub when_due: bool,
}

#[async_trait]
impl Job for InviteCreated {
    type Output = ImportId;

    async fn run(&self, tx: &mut Tx) -> Result<ImportId, Failure> {
        let row = rows::find(tx.conn(), self.id).await?.ok_or_else(Refusal::not_found)?;
        if row.invited_at.is_some() {
            return Ok(self.id);
        }
        let now = tx.now();
        if self.when_due && row.invite_at.is_none_or(|at| now < at) {
            return Ok(self.id);
        }
        let refuse = |message| Err(Refusal::new(ErrorCode::ImportRefused, message).into());
        if row.is_undone() {
            return refuse("This import has been undone, so there is nobody to invite.");
        }
        if !row.is_committed() {
            return refuse("Nobody has been added yet, so there is nobody to invite.");
        }
        tx.part_of_import(self.id);
        let invited = kind::of(row.kind()?)?.invite(tx, self.id).await?;
        let mut result = row.result()?.unwrap_or_default();
        result.invited = result.invited.saturating_add(invited);
        let json = serde_json::to_string(&result)?;
        both!(tx.conn(), c => sqlx::query("UPDATE imports SET invited_at = $2, result = $3 WHERE id = $1")
            .bind(self.id).bind(now).bind(json).execute(c).await.map(|_| ()))?;
        let detail = serde_json::json!({ "invited": invited, "at_a_set_time": self.when_due });
        tx.audit("import.invited", "import", Some(self.id.0), &detail);
        Ok(self.id)
    }
}

impl Store {
    /// Sends the invitations of imports whose set time has come, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn send_due_invitations(&self) -> Result<(), Failure> {
        let now = self.now();
        let sql = "SELECT id FROM imports
                   WHERE invite_at IS NOT NULL AND invited_at IS NULL AND invite_at <= $1 AND status = 'committed'
                   ORDER BY invite_at LIMIT 100";
        let due: Vec<ImportId> = {
            let mut conn = self.read().await?;
            both!(&mut conn, c => sqlx::query_scalar(sql).bind(now).fetch_all(c).await)?
        };
        for id in due {
            self.run(None, InviteCreated { id, when_due: true }).await?;
        }
        Ok(())
    }
}
