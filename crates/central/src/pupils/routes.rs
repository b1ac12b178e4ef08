//! The endpoints of pupils.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::{EstablishmentId, PupilId};
use lac_wire::{AddPupil, ErrorReply, Page, Pupil, PupilFilter};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::add::{Add, NoteRead};
use super::list;
use super::rows::load_pupils;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(pupils, add_pupil))
        .routes(routes!(pupil))
}

/// The pupils whom the reader may see, in order of the names that schools see.
#[utoipa::path(get, path = "/v1/pupils", tag = "pupils",
    params(
        ("search" = Option<String>, Query, description = "Beginnings of words of the names or the UPN; all must fit"),
        ("establishment_id" = Option<EstablishmentId>, Query, description = "Enrolled there today"),
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

async fn find(store: &Store, scope: Scope, id: PupilId) -> Result<Pupil, ApiError> {
    let mut conn = store.read().await?;
    let found = load_pupils(&mut conn, scope, [id]).await?.into_iter().next();
    found.ok_or_else(|| Refusal::not_found().denied("pupil.read", "pupil", id.0).into())
}
