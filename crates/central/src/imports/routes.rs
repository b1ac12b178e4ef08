//! The endpoints of imports. LA roles read; LA Super Users import.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use lac_domain::{ImportId, Role};
use lac_import::{ExistingUsers, Finding, Severity, refused};
use lac_wire::{CommitImport, ErrorReply, FindingFilter, Import, ImportKind, JudgeQuery, Page};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::commit::Commit;
use super::prepared::{on_own_thread, read};
use super::receive::{judge, open_file, read_body, reopen};
use super::{findings, rows};
use crate::error::{Failure, Refusal};
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(imports))
        .routes(routes!(import))
        .routes(routes!(import_findings))
}

/// The endpoints that may take longer than an ordinary request, and take or give big files.
pub(crate) fn files_router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(judge_import))
        .routes(routes!(commit_import))
        .routes(routes!(refused_rows))
}

/// Which page of imports is asked for.
#[derive(Deserialize)]
struct ImportsQuery {
    after: Option<String>,
    limit: Option<u32>,
}

/// Imports, the newest first.
#[utoipa::path(get, path = "/v1/imports", tag = "imports",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Import>), (status = "4XX", body = ErrorReply)))]
async fn imports(
    State(store): State<Store>,
    session: Session,
    Params(query): Params<ImportsQuery>,
) -> Result<Json<Page<Import>>, ApiError> {
    require_la(session.scope, None)?;
    let mut conn = store.read().await?;
    Ok(Json(
        rows::list(&mut conn, store.keys(), query.after.as_deref(), query.limit).await?,
    ))
}

/// One import.
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
) -> Result<Json<Import>, ApiError> {
    require_la(session.scope, Some(id))?;
    Ok(Json(find(&store, id).await?.open(store.keys())?))
}

/// What was found in the file, errors first, then by row.
#[utoipa::path(get, path = "/v1/imports/{id}/findings", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("severity" = Option<Severity>, Query, description = "Only errors, or only warnings"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Finding>), (status = "4XX", body = ErrorReply)))]
async fn import_findings(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    Params(filter): Params<FindingFilter>,
) -> Result<Json<Page<Finding>>, ApiError> {
    require_la(session.scope, Some(id))?;
    let own = find(&store, id).await?.own_key(store.keys())?;
    let mut conn = store.read().await?;
    Ok(Json(findings::page(&mut conn, id, &own, &filter).await?))
}

/// The rows that are refused, in the template's form, with a column that says what to mend.
#[utoipa::path(get, path = "/v1/imports/{id}/refused.csv", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ErrorReply)))]
async fn refused_rows(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
) -> Result<impl IntoResponse, ApiError> {
    require_la(session.scope, Some(id))?;
    let row = find(&store, id).await?;
    let file = open_file(&store, &row).await?;
    let sealed = {
        let mut conn = store.read().await?;
        findings::all(&mut conn, id).await?
    };
    let (own, blocked) = (row.own_key(store.keys())?, row.judged()?.blocked);
    let csv = on_own_thread(move || {
        let (table, columns) = read(&file)?;
        let findings = findings::open_all(id, &own, &sealed)?;
        let rows: Vec<u32> = if blocked {
            table.rows().map(|row| row.number()).collect()
        } else {
            let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
            errors
                .map(|finding| finding.row)
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        };
        Ok(refused(&table, &columns, &rows, &findings))
    })
    .await?;
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"refused.csv\""),
    ];
    Ok((headers, csv))
}

/// Takes a file of users as the body, judges it, and changes nothing else.
#[utoipa::path(put, path = "/v1/imports/{id}", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("kind" = ImportKind, Query, description = "What the file adds"),
        ("role" = Role, Query, description = "The role of users whose row does not name one"),
        ("existing" = ExistingUsers, Query, description = "What to do with users who exist"),
        ("file_name" = String, Query, description = "The file's name, without its folder"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn judge_import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    Params(query): Params<JudgeQuery>,
    key: IdempotencyKey,
    body: axum::body::Body,
) -> Result<Json<Import>, ApiError> {
    require_super_user(session.scope, id, "import.judge")?;
    session.require_recent_password(&store)?;
    let file = read_body(body).await?;
    let keyed = store.clone();
    let (file, once) = on_own_thread(move || {
        let once = key.once_bytes(&keyed, &file);
        Ok((file, once))
    })
    .await?;
    let judged = judge(&store, session.scope, id, query, file).await?;
    let id = store.run_once(session.scope.user, once, judged.job).await?;
    Ok(Json(find(&store, id).await?.open(store.keys())?))
}

/// Adds what the file says. The same commit again changes nothing, and answers the same.
#[utoipa::path(post, path = "/v1/imports/{id}/commit", tag = "imports", params(("id" = ImportId, Path)),
    request_body = CommitImport,
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn commit_import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    key: IdempotencyKey,
    Body(commit): Body<CommitImport>,
) -> Result<Json<Import>, ApiError> {
    require_super_user(session.scope, id, "import.commit")?;
    let row = find(&store, id).await?;
    if row.is_committed() {
        return Ok(Json(row.open(store.keys())?));
    }
    let once = key.once(&store, &commit)?;
    let opened = reopen(&store, row).await?;
    let job = Commit {
        id,
        scope: session.scope,
        commit,
        opened,
    };
    let id = store.run_once(session.scope.user, once, job).await?;
    Ok(Json(find(&store, id).await?.open(store.keys())?))
}

fn require_la(scope: Scope, id: Option<ImportId>) -> Result<(), Refusal> {
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("import.read", "import", id.map(Into::into)))
}

fn require_super_user(scope: Scope, id: ImportId, asked: &'static str) -> Result<(), Refusal> {
    scope
        .require_super_user()
        .map_err(|refusal| refusal.denied(asked, "import", id.0))
}

async fn find(store: &Store, id: ImportId) -> Result<rows::Row, Failure> {
    let mut conn = store.read().await?;
    let found = rows::find(&mut conn, id).await?;
    Ok(found.ok_or_else(|| Refusal::not_found().denied("import.read", "import", id.0))?)
}
