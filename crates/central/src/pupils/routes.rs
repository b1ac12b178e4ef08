//! The endpoints of pupils: list, read, add, edit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::{EstablishmentId, PupilId};
use lac_wire::{AddPupil, EditPupil, ErrorReply, Page, Pupil, PupilFilter, PupilRecord, PupilSort};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::add::{Add, NoteRead};
use super::edit::Edit;
use super::rows::load_pupils;
use super::{list, record};
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(pupils, add_pupil))
        .routes(routes!(pupil, edit_pupil))
        .routes(routes!(pupil_record))
}

/// The pupils whom the reader may see, in order of the names that schools see; for LA roles those of their own focus
/// list first.
#[utoipa::path(get, path = "/v1/pupils", tag = "pupils",
    params(
        ("search" = Option<String>, Query, description = "Beginnings of words of the names, the UPN or an establishment; all must fit"),
        ("establishment_id" = Option<EstablishmentId>, Query, description = "Enrolled there today"),
        ("year_group" = Option<i32>, Query, description = "In that year group today: 0 is Reception"),
        ("looked_after" = Option<bool>, Query, description = "Looked after today, or not"),
        ("no_school" = Option<bool>, Query, description = "Enrolled nowhere today"),
        ("no_social_worker" = Option<bool>, Query, description = "No social worker is known; for LA roles"),
        ("mine" = Option<bool>, Query, description = "Of the reader's own focus list; for LA roles"),
        ("sort" = Option<PupilSort>, Query, description = "In which order"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Pupil>), (status = "4XX", body = ErrorReply)))]
async fn pupils(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<PupilFilter>,
) -> Result<Json<Page<Pupil>>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(list::list(&mut conn, session.scope, &filter).await?))
}

/// One pupil. That it was read is noted in the audit trail.
#[utoipa::path(get, path = "/v1/pupils/{id}", tag = "pupils", params(("id" = PupilId, Path)),
    responses((status = 200, body = Pupil), (status = "4XX", body = ErrorReply)))]
async fn pupil(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
) -> Result<Json<Pupil>, ApiError> {
    let pupil = find(&store, session.scope, id).await?;
    store.run(Some(session.scope.user), NoteRead(id)).await?;
    Ok(Json(pupil))
}

/// The whole record of one pupil, for LA roles. That it was read is noted in the audit trail.
#[utoipa::path(get, path = "/v1/pupils/{id}/record", tag = "pupils", params(("id" = PupilId, Path)),
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn pupil_record(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
) -> Result<Json<PupilRecord>, ApiError> {
    require_la(session.scope, "pupil.read", id)?;
    let record = read_record(&store, session.scope, id).await?;
    store.run(Some(session.scope.user), NoteRead(id)).await?;
    Ok(Json(record))
}

/// Adds a pupil with their care periods and enrolments.
#[utoipa::path(post, path = "/v1/pupils", tag = "pupils", request_body = AddPupil,
    responses((status = 201, body = Pupil), (status = "4XX", body = ErrorReply)))]
async fn add_pupil(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(entry): Body<AddPupil>,
) -> Result<(StatusCode, Json<Pupil>), ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("pupil.add", "pupil", None))?;
    let once = key.once(&store, &entry)?;
    let id = store.run_once(session.scope.user, once, Add(entry)).await?;
    Ok((StatusCode::CREATED, Json(find(&store, session.scope, id).await?)))
}

/// Edits a pupil's record, but for dates of care and enrolments. The second of two editors is told what changed.
#[utoipa::path(put, path = "/v1/pupils/{id}", tag = "pupils", params(("id" = PupilId, Path)), request_body = EditPupil,
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn edit_pupil(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(edit): Body<EditPupil>,
) -> Result<Json<PupilRecord>, ApiError> {
    require_la(session.scope, "pupil.edit", id)?;
    let once = key.once(&store, &edit)?;
    let scope = session.scope;
    let job = Edit { scope, pupil: id, edit };
    let id = store.run_once(scope.user, once, job).await?;
    Ok(Json(read_record(&store, scope, id).await?))
}

/// Refuses who has no LA role, and has the trail note what was asked for.
pub(super) fn require_la(scope: Scope, asked: &'static str, pupil: PupilId) -> Result<(), Refusal> {
    scope
        .require_la()
        .map_err(|refusal| refusal.denied(asked, "pupil", pupil.0))
}

/// The record as it is now.
pub(super) async fn read_record(store: &Store, scope: Scope, id: PupilId) -> Result<PupilRecord, ApiError> {
    let mut conn = store.read().await?;
    Ok(record::load(&mut conn, scope, id).await?)
}

async fn find(store: &Store, scope: Scope, id: PupilId) -> Result<Pupil, ApiError> {
    let mut conn = store.read().await?;
    let found = load_pupils(&mut conn, scope, [id]).await?.into_iter().next();
    found.ok_or_else(|| Refusal::not_found().denied("pupil.read", "pupil", id.0).into())
}
