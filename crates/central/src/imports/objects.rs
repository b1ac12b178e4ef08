//! Those that an import found in the store: changed, with their former values sealed under the import's key, or left as
//! they were. What it created carries the import's id itself.

use lac_domain::ImportId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::seal::{OwnKey, Place};
use crate::storage::{Bulk, Column};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[
    Column::Number("position"),
    Column::Id("object_id"),
    Column::Text("outcome"),
    Column::Number("revision"),
    Column::Bytes("sealed_before"),
];

/// One that was changed.
pub(crate) struct ChangedOne<T> {
    pub id: Uuid,
    /// Its revision after the import.
    pub revision: i64,
    /// Its former values.
    pub before: T,
}

fn place(import: ImportId, position: i64) -> Place {
    Place::new("import_objects", import, "sealed_before").at(position)
}

/// Keeps what a commit changed and what it left as it was.
///
/// # Errors
/// When the database fails.
pub(crate) async fn keep<T: Serialize>(
    tx: &mut Tx,
    import: ImportId,
    own: &OwnKey,
    changed: Vec<ChangedOne<T>>,
    skipped: Vec<impl Into<Uuid>>,
) -> Result<(), StoreError> {
    let mut rows = Bulk::into(tx.engine(), "import_objects", COLUMNS)
        .same(&[Column::Id("import_id"), Column::Bool("undone")], &[&import, &false])?;
    let none: (Option<i64>, Option<Vec<u8>>) = (None, None);
    let first_skipped = i64::try_from(changed.len()).unwrap_or(i64::MAX);
    for (position, one) in (0_i64..).zip(&changed) {
        let sealed = own.seal(place(import, position), &serde_json::to_vec(&one.before)?)?;
        rows.add(tx.conn(), &[&position, &one.id, &"updated", &one.revision, &sealed])
            .await?;
    }
    for (position, id) in (first_skipped..).zip(skipped) {
        let id: Uuid = id.into();
        rows.add(tx.conn(), &[&position, &id, &"skipped", &none.0, &none.1])
            .await?;
    }
    rows.finish(tx.conn()).await
}

/// One that an import changed and an undo can take back.
pub(crate) struct Restorable<T> {
    pub id: Uuid,
    pub before: T,
}

/// Those of a table with an id and a revision, such as `users`, that an import changed and nobody changed since.
///
/// # Errors
/// When the database fails.
pub(crate) async fn restorable<T: DeserializeOwned>(
    tx: &mut Tx,
    import: ImportId,
    own: &OwnKey,
    table: &'static str,
) -> Result<Vec<Restorable<T>>, StoreError> {
    let sql = format!(
        "SELECT o.position, o.object_id, o.sealed_before FROM import_objects o
         JOIN {table} t ON t.id = o.object_id AND t.revision = o.revision
         WHERE o.import_id = $1 AND o.outcome = 'updated' AND NOT o.undone AND o.sealed_before IS NOT NULL
         ORDER BY o.position"
    );
    let rows: Vec<(i64, Uuid, Vec<u8>)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).fetch_all(c).await)?;
    rows.into_iter()
        .map(|(position, id, sealed)| {
            let before = serde_json::from_slice(&own.open(place(import, position), &sealed)?)?;
            Ok(Restorable { id, before })
        })
        .collect()
}

/// Notes that these were taken back.
///
/// # Errors
/// When the database fails.
pub(crate) async fn note_undone(tx: &mut Tx, import: ImportId, ids: &str) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE import_objects SET undone = TRUE, sealed_before = NULL
         WHERE import_id = $1 AND outcome = 'updated' AND object_id IN {}",
        tx.engine().ids("$2")
    );
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(import).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(())
}
