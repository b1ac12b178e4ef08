//! Finding an import for somebody, as far as they may know, read or change it.

use lac_domain::ImportId;
use lac_wire::{Import, ImportKind};

use super::{kind, rows};
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::store::Store;

/// Refuses who may not know of imports.
pub(super) fn require_la(scope: Scope, id: Option<ImportId>) -> Result<(), Refusal> {
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("import.read", "import", id.map(Into::into)))
}

/// Refuses who may not import this kind.
pub(super) fn require_may_import(
    scope: Scope,
    kind: ImportKind,
    id: ImportId,
    asked: &'static str,
) -> Result<(), Refusal> {
    let denied = |refusal: Refusal| refusal.denied(asked, "import", id.0);
    scope.require_la().map_err(denied)?;
    kind::of(kind)?.require_may_import(scope).map_err(denied)
}

/// Finds an import for one who would change it. One that is not there is answered as one of users would be: whoever may
/// not change those learns nothing of which there are.
pub(super) async fn find_to_change(
    store: &Store,
    scope: Scope,
    id: ImportId,
    asked: &'static str,
) -> Result<rows::Row, Failure> {
    let found = {
        let mut conn = store.read().await?;
        rows::find(&mut conn, id).await?
    };
    let kind = found.as_ref().map_or(Ok(ImportKind::Users), rows::Row::kind)?;
    require_may_import(scope, kind, id, asked)?;
    Ok(found.ok_or_else(|| Refusal::not_found().denied(asked, "import", id.0))?)
}

/// Finds an import for one who would read its rows.
pub(super) async fn find_to_read(store: &Store, scope: Scope, id: ImportId) -> Result<rows::Row, Failure> {
    let row = find(store, id).await?;
    require_rows(scope, &row)?;
    Ok(row)
}

/// Refuses who may not read an import's rows, as if there were none.
pub(super) fn require_rows(scope: Scope, row: &rows::Row) -> Result<(), Failure> {
    if row.hides_rows(scope)? {
        return Err(Refusal::not_found().denied("import.rows", "import", row.id.0).into());
    }
    Ok(())
}

/// Finds an import.
pub(super) async fn find(store: &Store, id: ImportId) -> Result<rows::Row, Failure> {
    let mut conn = store.read().await?;
    let found = rows::find(&mut conn, id).await?;
    Ok(found.ok_or_else(|| Refusal::not_found().denied("import.read", "import", id.0))?)
}

/// An import as the contract gives it, with how far it has come.
pub(super) async fn view(store: &Store, scope: Scope, id: ImportId) -> Result<Import, Failure> {
    let mut import = find(store, id).await?.open(store.keys(), scope)?;
    import.progress = store.running_imports().find(id).map(|progress| progress.view());
    Ok(import)
}
