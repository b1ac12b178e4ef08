//! The endpoints of a pupil's record: dates one by one, who is entitled, who is kept out, what happened.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::PupilId;
use lac_wire::{
    ChangeBar, ChangeCare, ChangeEnrolment, ChangeRestriction, CloseForAdoption, EntitledUser, ErrorReply, Page,
    PageQuery, PupilNote, PupilRecord, RestrictedPupil, TimelineEntry,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::adoption::Close;
use super::bars::Bar;
use super::handover::EndHandover;
use super::restriction::Restrict;
use super::routes::{read_record, require_la};
use super::{care, enrolments, entitled, notes, restriction, timeline};
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(change_care))
        .routes(routes!(change_enrolment))
        .routes(routes!(end_handover))
        .routes(routes!(change_bar))
        .routes(routes!(change_restriction))
        .routes(routes!(close_for_adoption))
        .routes(routes!(restricted_pupils))
        .routes(routes!(entitled_users))
        .routes(routes!(pupil_timeline))
        .routes(routes!(pupil_notes))
}

/// Adds, changes or removes one time in care.
#[utoipa::path(post, path = "/v1/pupils/{id}/care-periods", tag = "pupils", params(("id" = PupilId, Path)),
    request_body = ChangeCare,
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn change_care(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(change): Body<ChangeCare>,
) -> Result<Json<PupilRecord>, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.edit", id)?;
    let once = key.once(&store, &change)?;
    let job = care::Change {
        scope,
        pupil: id,
        change,
    };
    let id = store.run_once(scope.user, once, job).await?;
    Ok(Json(read_record(&store, scope, id).await?))
}

/// Adds, changes, ends or removes one enrolment, or cancels a move.
#[utoipa::path(post, path = "/v1/pupils/{id}/enrolments", tag = "pupils", params(("id" = PupilId, Path)),
    request_body = ChangeEnrolment,
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn change_enrolment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(change): Body<ChangeEnrolment>,
) -> Result<Json<PupilRecord>, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.edit", id)?;
    let once = key.once(&store, &change)?;
    let job = enrolments::Change {
        scope,
        pupil: id,
        change,
    };
    let id = store.run_once(scope.user, once, job).await?;
    Ok(Json(read_record(&store, scope, id).await?))
}

/// "End access now": the establishment that the pupil left no longer sees them, though the next has not begun. With
/// no handover it does nothing.
#[utoipa::path(post, path = "/v1/pupils/{id}/handover/end", tag = "pupils", params(("id" = PupilId, Path)),
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn end_handover(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
) -> Result<Json<PupilRecord>, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.end_handover", id)?;
    let once = key.once(&store, &())?;
    let id = store
        .run_once(scope.user, once, EndHandover { scope, pupil: id })
        .await?;
    Ok(Json(read_record(&store, scope, id).await?))
}

/// Bars a user from a pupil, whatever else is true, or takes the bar away.
#[utoipa::path(post, path = "/v1/pupils/{id}/bars", tag = "pupils", params(("id" = PupilId, Path)),
    request_body = ChangeBar,
    responses((status = 200, body = PupilRecord), (status = "4XX", body = ErrorReply)))]
async fn change_bar(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(bar): Body<ChangeBar>,
) -> Result<Json<PupilRecord>, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.bar", id)?;
    let once = key.once(&store, &bar)?;
    let id = store.run_once(scope.user, once, Bar { scope, pupil: id, bar }).await?;
    Ok(Json(read_record(&store, scope, id).await?))
}

/// Restricts a pupil to the users named, changes whom a restricted pupil names, or lifts the restriction. An LA Super
/// User may name people on any restricted pupil.
#[utoipa::path(put, path = "/v1/pupils/{id}/restriction", tag = "pupils", params(("id" = PupilId, Path)),
    request_body = ChangeRestriction,
    responses((status = 204, description = "It is as asked"), (status = "4XX", body = ErrorReply)))]
async fn change_restriction(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(change): Body<ChangeRestriction>,
) -> Result<StatusCode, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.restrict", id)?;
    let once = key.once(&store, &change)?;
    let job = Restrict {
        scope,
        pupil: id,
        change,
    };
    store.run_once(scope.user, once, job).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Closes a pupil's record for good, because the child was adopted. From then on only LA Super Users see it.
#[utoipa::path(post, path = "/v1/pupils/{id}/adoption", tag = "pupils", params(("id" = PupilId, Path)),
    request_body = CloseForAdoption,
    responses((status = 204, description = "It is closed"), (status = "4XX", body = ErrorReply)))]
async fn close_for_adoption(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(close): Body<CloseForAdoption>,
) -> Result<StatusCode, ApiError> {
    let scope = session.scope;
    require_la(scope, "pupil.close", id)?;
    let once = key.once(&store, &close)?;
    store
        .run_once(
            scope.user,
            once,
            Close {
                scope,
                pupil: id,
                close,
            },
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The restricted pupils, for LA Super Users: that they exist and whom they name, not who they are.
#[utoipa::path(get, path = "/v1/restricted-pupils", tag = "pupils",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<RestrictedPupil>), (status = "4XX", body = ErrorReply)))]
async fn restricted_pupils(
    State(store): State<Store>,
    session: Session,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<RestrictedPupil>>, ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("pupil.list_restricted", "pupil", None))?;
    let mut conn = store.read().await?;
    let rows = restriction::list(&mut conn, session.scope, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}

/// Who is entitled to a pupil today, and why.
#[utoipa::path(get, path = "/v1/pupils/{id}/entitled", tag = "pupils",
    params(
        ("id" = PupilId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<EntitledUser>), (status = "4XX", body = ErrorReply)))]
async fn entitled_users(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<EntitledUser>>, ApiError> {
    require_la(session.scope, "pupil.read", id)?;
    let mut conn = store.read().await?;
    let rows = entitled::list(&mut conn, session.scope, id, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}

/// The timeline of a pupil: care, schools and assignments, the newest first.
#[utoipa::path(get, path = "/v1/pupils/{id}/timeline", tag = "pupils",
    params(
        ("id" = PupilId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<TimelineEntry>), (status = "4XX", body = ErrorReply)))]
async fn pupil_timeline(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<TimelineEntry>>, ApiError> {
    require_la(session.scope, "pupil.read", id)?;
    let mut conn = store.read().await?;
    let rows = timeline::list(&mut conn, session.scope, id, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}

/// Who changed what on a pupil's record, the newest first.
#[utoipa::path(get, path = "/v1/pupils/{id}/notes", tag = "pupils",
    params(
        ("id" = PupilId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<PupilNote>), (status = "4XX", body = ErrorReply)))]
async fn pupil_notes(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<PupilNote>>, ApiError> {
    require_la(session.scope, "pupil.read", id)?;
    let mut conn = store.read().await?;
    let rows = notes::list(&mut conn, session.scope, id, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}
