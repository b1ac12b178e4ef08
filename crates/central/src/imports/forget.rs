//! Forgetting the files of imports: they hold names and addresses, and are kept only as long as they are of use.

use chrono::TimeDelta;
use lac_domain::ImportId;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::storage::hex_ids;
use crate::writer::Tx;

/// For so long files and findings are kept, and what was mended and changed; counts and results stay.
pub(super) const KEPT: TimeDelta = TimeDelta::days(30);

/// Deletes the files and findings of imports that began, or were committed, longer ago, what was mended in them, and the former values of
/// what they changed.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_files(tx: &mut Tx) -> Result<(), StoreError> {
    let before = tx.now().plus(-KEPT);
    let sql = "UPDATE imports SET sealed_file = NULL, sealed_recognised = NULL, sealed_mends = NULL
               WHERE begun_at < $1 AND (committed_at IS NULL OR committed_at < $1) AND sealed_file IS NOT NULL
               RETURNING id";
    let gone: Vec<ImportId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(before).fetch_all(c).await)?;
    if gone.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM import_findings WHERE import_id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(gone.iter().copied());
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    let sql = format!(
        "UPDATE import_objects SET sealed_before = NULL WHERE sealed_before IS NOT NULL AND import_id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(gone.iter().copied());
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    for import in gone {
        tx.audit("import.file_deleted", "import", Some(import.0), &serde_json::json!({}));
    }
    Ok(())
}
