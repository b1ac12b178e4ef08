//! The endpoints of imports. LA roles read; each kind says who may import it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use lac_domain::{ImportId, Role};
use lac_import::{ExistingUsers, Finding, FindingCode, Severity};
use lac_wire::{
    CommitImport, ErrorReply, FindingFilter, Import, ImportKind, ImportOutcome, ImportPhase, ImportRow, ImportedOne,
    JudgeQuery, MendImport, OutcomeFilter, Page, PageQuery, RememberedMapping, RememberedQuery, UndoLook,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::allowed::{find, find_to_change, find_to_read, require_la, require_may_import, require_rows, view};
use super::commit::Commit;
use super::mend::mend;
use super::receive::{judge, read_body, reopen};
use super::table::on_own_thread;
use super::undo::{self, InviteCreated, Undo};
use super::{findings, kind, remembered, row_reads, rows};
use crate::error::StoreError;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(imports))
        .routes(routes!(import))
        .routes(routes!(import_findings))
        .routes(routes!(import_outcomes))
        .routes(routes!(look_at_undo))
        .routes(routes!(remembered_mapping))
        .routes(routes!(cancel_import))
}

/// The endpoints that may take longer than an ordinary request, and take or give big files.
pub(crate) fn files_router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(judge_import, mend_import))
        .routes(routes!(commit_import))
        .routes(routes!(undo_import))
        .routes(routes!(invite_created))
        .routes(routes!(import_row))
        .routes(routes!(refused_rows))
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
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<Import>>, ApiError> {
    require_la(session.scope, None)?;
    let mut conn = store.read().await?;
    let mut page = rows::list(
        &mut conn,
        store.keys(),
        session.scope,
        query.after.as_deref(),
        query.limit,
    )
    .await?;
    for import in &mut page.rows {
        import.progress = store.running_imports().find(import.id).map(|progress| progress.view());
    }
    Ok(Json(page))
}

/// One import; while it is being committed or undone, with how far that has come.
#[utoipa::path(get, path = "/v1/imports/{id}", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
) -> Result<Json<Import>, ApiError> {
    require_la(session.scope, Some(id))?;
    Ok(Json(view(&store, session.scope, id).await?))
}

/// What was found in the file, errors first, then by row.
#[utoipa::path(get, path = "/v1/imports/{id}/findings", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("severity" = Option<Severity>, Query, description = "Only errors, or only warnings"),
        ("code" = Option<FindingCode>, Query, description = "Only of this kind"),
        ("row" = Option<u32>, Query, description = "Only of this row"),
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
    let row = find_to_read(&store, session.scope, id).await?;
    let (own, errors) = (row.own_key(store.keys())?, row.judged()?.counts.errors);
    let mut conn = store.read().await?;
    Ok(Json(
        findings::page(&mut conn, session.scope, id, &own, errors, &filter).await?,
    ))
}

/// One row of the file, with what was mended and what was found in it.
#[utoipa::path(get, path = "/v1/imports/{id}/rows/{row}", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("row" = u32, Path, description = "The row, by the number that Excel shows"),
    ),
    responses((status = 200, body = ImportRow), (status = "4XX", body = ErrorReply)))]
async fn import_row(
    State(store): State<Store>,
    session: Session,
    PathOf((id, row)): PathOf<(ImportId, u32)>,
) -> Result<Json<ImportRow>, ApiError> {
    require_la(session.scope, Some(id))?;
    let import = find_to_read(&store, session.scope, id).await?;
    Ok(Json(row_reads::row(&store, session.scope, import, row).await?))
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
    let import = find_to_read(&store, session.scope, id).await?;
    let csv = row_reads::refused_rows(&store, session.scope, import).await?;
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"refused.csv\""),
    ];
    Ok((headers, csv))
}

/// Those whom a committed import created, changed, or left as they were.
#[utoipa::path(get, path = "/v1/imports/{id}/outcomes", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("outcome" = Option<ImportOutcome>, Query, description = "Only those of whom this became"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<ImportedOne>), (status = "4XX", body = ErrorReply)))]
async fn import_outcomes(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    Params(filter): Params<OutcomeFilter>,
) -> Result<Json<Page<ImportedOne>>, ApiError> {
    require_la(session.scope, Some(id))?;
    let kind = kind::of(find(&store, id).await?.kind()?)?;
    let mut conn = store.read().await?;
    Ok(Json(kind.outcomes(&mut conn, session.scope, id, &filter).await?))
}

/// What an undo would do, and who would stay as they are, each with the reason.
#[utoipa::path(get, path = "/v1/imports/{id}/undo", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = UndoLook), (status = "4XX", body = ErrorReply)))]
async fn look_at_undo(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<UndoLook>, ApiError> {
    require_la(session.scope, Some(id))?;
    let row = find(&store, id).await?;
    let look = undo::look(&store, session.scope, row, query.after.as_deref(), query.limit).await?;
    Ok(Json(look))
}

/// What was said before of the columns of files with these headings.
#[utoipa::path(post, path = "/v1/imports/mapping", tag = "imports", request_body = RememberedQuery,
    responses((status = 200, body = RememberedMapping), (status = "4XX", body = ErrorReply)))]
async fn remembered_mapping(
    State(store): State<Store>,
    session: Session,
    Body(query): Body<RememberedQuery>,
) -> Result<Json<RememberedMapping>, ApiError> {
    require_la(session.scope, None)?;
    let mut conn = store.read().await?;
    let columns = remembered::find(&mut conn, store.keys(), query.kind, &query.headings).await?;
    Ok(Json(RememberedMapping { columns }))
}

/// Takes a file as the body, judges it, and changes nothing else.
#[utoipa::path(put, path = "/v1/imports/{id}", tag = "imports",
    params(
        ("id" = ImportId, Path),
        ("kind" = ImportKind, Query, description = "What the file adds"),
        ("role" = Option<Role>, Query, description = "For users: the role of those whose row does not name one"),
        ("existing" = ExistingUsers, Query, description = "What to do with those who exist"),
        ("as_at" = Option<String>, Query, description = "For pupils: the day for which the file stands; today when not given"),
        ("file_name" = String, Query, description = "The file's name, without its folder"),
        ("mapping" = Option<String>, Query,
            description = "What the person said that columns are: a list of `ColumnChoice` as JSON"),
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
    require_may_import(session.scope, query.kind, id, "import.judge")?;
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
    Ok(Json(view(&store, session.scope, id).await?))
}

/// Mends cells, leaves rows out or takes them back, says what columns are or what becomes of those who exist; and judges
/// the file again, whole. The same again changes nothing.
#[utoipa::path(patch, path = "/v1/imports/{id}", tag = "imports", params(("id" = ImportId, Path)),
    request_body = MendImport,
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn mend_import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    key: IdempotencyKey,
    Body(asked): Body<MendImport>,
) -> Result<Json<Import>, ApiError> {
    let row = find_to_change(&store, session.scope, id, "import.mend").await?;
    require_rows(session.scope, &row)?;
    session.require_recent_password(&store)?;
    let once = key.once(&store, &asked)?;
    if let Some(job) = mend(&store, session.scope, row, asked).await? {
        store.run_once(session.scope.user, once, job).await?;
    }
    Ok(Json(view(&store, session.scope, id).await?))
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
    let row = find_to_change(&store, session.scope, id, "import.commit").await?;
    if row.is_committed() {
        return Ok(Json(view(&store, session.scope, id).await?));
    }
    require_rows(session.scope, &row)?;
    session.require_recent_password(&store)?;
    Commit::check_invitations(row.kind()?, &commit, store.now())?;
    row.require_revision(commit.revision)?;
    let once = key.once(&store, &commit)?;
    let (working, scope) = (store.clone(), session.scope);
    // On a task of its own: it goes on, and can be watched and cancelled, also when who asked has lost the connection.
    let work = tokio::spawn(async move {
        let running = working.running_imports().begin(id);
        running.progress().report(ImportPhase::Reading, 0.0)?;
        let job = Commit {
            id,
            scope,
            commit,
            opened: reopen(&working, row).await?,
            progress: running.progress(),
        };
        working.run_once(scope.user, once, job).await
    });
    work.await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))??;
    Ok(Json(view(&store, session.scope, id).await?))
}

/// Asks a commit that runs to stop: then nothing is changed. It has no effect once the commit is finishing; the answer
/// says how it stands.
#[utoipa::path(post, path = "/v1/imports/{id}/cancel", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn cancel_import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
) -> Result<Json<Import>, ApiError> {
    find_to_change(&store, session.scope, id, "import.cancel").await?;
    if let Some(progress) = store.running_imports().find(id) {
        progress.cancel();
    }
    Ok(Json(view(&store, session.scope, id).await?))
}

/// Takes back what an import did, one by one, as far as nothing happened with them since. The same again changes nothing.
#[utoipa::path(post, path = "/v1/imports/{id}/undo", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn undo_import(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    key: IdempotencyKey,
) -> Result<Json<Import>, ApiError> {
    let row = find_to_change(&store, session.scope, id, "import.undo").await?;
    if !row.is_undone() {
        session.require_recent_password(&store)?;
        let once = key.once(&store, &())?;
        store
            .run_once(
                session.scope.user,
                once,
                Undo {
                    id,
                    scope: session.scope,
                },
            )
            .await?;
    }
    Ok(Json(view(&store, session.scope, id).await?))
}

/// Invites those whom an import created and nobody invited yet. The same again changes nothing.
#[utoipa::path(post, path = "/v1/imports/{id}/invite", tag = "imports", params(("id" = ImportId, Path)),
    responses((status = 200, body = Import), (status = "4XX", body = ErrorReply)))]
async fn invite_created(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ImportId>,
    key: IdempotencyKey,
) -> Result<Json<Import>, ApiError> {
    find_to_change(&store, session.scope, id, "import.invite").await?;
    let once = key.once(&store, &())?;
    let job = InviteCreated { id, when_due: false };
    store.run_once(session.scope.user, once, job).await?;
    Ok(Json(view(&store, session.scope, id).await?))
}
