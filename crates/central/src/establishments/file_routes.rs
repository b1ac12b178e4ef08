//! The endpoints of the DfE's files. LA roles read; LA Super Users import.

use axum::Json;
use axum::extract::State;
use lac_domain::ImportId;
use lac_wire::{ErrorCode, ErrorReply, EstablishmentImport, JudgeEstablishments, Page};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::file_import::{Commit, Keep, judge, receive};
use super::file_rows;
use crate::error::{Failure, Refusal};
use crate::http::{ApiError, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

/// All of them; a file may take longer than an ordinary request.
pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(judge_establishments))
        .routes(routes!(commit_establishments))
        .routes(routes!(establishment_imports))
}

/// Which page of imports is asked for.
#[derive(Deserialize)]
struct ImportsQuery {
    after: Option<String>,
    limit: Option<u32>,
}

/// Imports of the DfE's files that were carried out, the newest first.
#[utoipa::path(get, path = "/v1/establishment-imports", tag = "establishments",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<EstablishmentImport>), (status = "4XX", body = ErrorReply)))]
async fn establishment_imports(
    State(store): State<Store>,
    session: Session,
    Params(query): Params<ImportsQuery>,
) -> Result<Json<Page<EstablishmentImport>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("import.read", "import", None))?;
    let mut conn = store.read().await?;
    Ok(Json(
        file_rows::list(&mut conn, query.after.as_deref(), query.limit).await?,
    ))
}

/// Takes one of the DfE's files as the body, the establishments or the links, judges it, and changes nothing else.
#[utoipa::path(put, path = "/v1/establishment-imports/{id}", tag = "establishments",
    params(
        ("id" = ImportId, Path),
        ("file_name" = String, Query, description = "The file's name, without its folder"),
        ("la_codes" = Option<String>, Query, description = "Only these local authorities, by code; all of England when empty"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = EstablishmentImport), (status = "4XX", body = ErrorReply)))]
async fn judge_establishments(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    Params(query): Params<JudgeEstablishments>,
    _key: IdempotencyKey,
    body: axum::body::Body,
) -> Result<Json<EstablishmentImport>, ApiError> {
    require_super_user(session.scope, id, "import.judge")?;
    session.require_recent_password(&store)?;
    let mut read = receive(body).await?;
    let found = judge(&store, session.scope, &mut read, &query.la_codes).await?;
    let job = Keep {
        id,
        query,
        content: read.content(),
        found,
    };
    drop(read);
    // The id makes it once: the same file again is judged again, and takes the place of what was kept.
    let id = store.run(Some(session.scope.user), job).await?;
    Ok(Json(find(&store, id).await?.try_into()?))
}

/// Writes a file that was judged, once.
#[utoipa::path(post, path = "/v1/establishment-imports/{id}/commit", tag = "establishments",
    params(("id" = ImportId, Path)),
    responses((status = 200, body = EstablishmentImport), (status = "4XX", body = ErrorReply)))]
async fn commit_establishments(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    key: IdempotencyKey,
) -> Result<Json<EstablishmentImport>, ApiError> {
    require_super_user(session.scope, id, "import.commit")?;
    session.require_recent_password(&store)?;
    let row = find(&store, id).await?;
    if row.is_committed() {
        return Ok(Json(row.try_into()?));
    }
    let content = {
        let mut conn = store.read().await?;
        file_rows::content(&mut conn, id).await?
    };
    let content = content.ok_or_else(|| {
        let message = "What was read of this file is no longer kept. Choose the file again.";
        Refusal::new(ErrorCode::FileUnreadable, message).about("file")
    })?;
    let once = key.once(&store, &())?;
    let id = store.run_once(session.scope.user, once, Commit { id, content }).await?;
    Ok(Json(find(&store, id).await?.try_into()?))
}

fn require_super_user(scope: Scope, id: ImportId, asked: &'static str) -> Result<(), Refusal> {
    scope
        .require_super_user()
        .map_err(|refusal| refusal.denied(asked, "import", id.0))
}

async fn find(store: &Store, id: ImportId) -> Result<file_rows::Row, Failure> {
    let mut conn = store.read().await?;
    let found = file_rows::find(&mut conn, id).await?;
    Ok(found.ok_or_else(|| Refusal::not_found().denied("import.read", "import", id.0))?)
}
