//! The endpoints of assignments. LA roles edit; of a pupil's, others see those that concern the people around it.

use axum::Json;
use axum::extract::State;
use lac_domain::{PupilId, UserId};
use lac_wire::{
    Assignment, AssignmentFilter, AssignmentsChanged, ChangeAssignments, ErrorReply, HandOverPupils, HandedOver, Page,
    PupilBrief, UserBrief,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::change::Change;
use super::hand_over::HandOverJob;
use super::list;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(of_user))
        .routes(routes!(pupils_for))
        .routes(routes!(of_pupil))
        .routes(routes!(users_for))
        .routes(routes!(change))
        .routes(routes!(hand_over))
}

fn of_a_user(user: UserId) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.denied("assignment.list", "user", user.0)
}

/// A user's assignments, in order of the pupils' names: those that hold today or later, and ended ones where that is
/// asked for. Pupils whom the reader may not see are left out.
#[utoipa::path(get, path = "/v1/users/{id}/assignments", tag = "assignments",
    params(
        ("id" = UserId, Path),
        ("search" = Option<String>, Query, description = "Beginnings of words of the pupils' names; all must fit"),
        ("ended" = Option<bool>, Query, description = "Also those that ended"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Assignment>), (status = "4XX", body = ErrorReply)))]
async fn of_user(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    Params(filter): Params<AssignmentFilter>,
) -> Result<Json<Page<Assignment>>, ApiError> {
    session.scope.require_la().map_err(of_a_user(id))?;
    let mut conn = store.read().await?;
    Ok(Json(list::of_user(&mut conn, session.scope, id, &filter).await?))
}

/// Pupils who are not assigned to a user today or later, in order of their names.
#[utoipa::path(get, path = "/v1/users/{id}/assignable", tag = "assignments",
    params(
        ("id" = UserId, Path),
        ("search" = Option<String>, Query, description = "Beginnings of words of the pupils' names; all must fit"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<PupilBrief>), (status = "4XX", body = ErrorReply)))]
async fn pupils_for(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    Params(filter): Params<AssignmentFilter>,
) -> Result<Json<Page<PupilBrief>>, ApiError> {
    session.scope.require_la().map_err(of_a_user(id))?;
    let mut conn = store.read().await?;
    Ok(Json(list::pupils_for(&mut conn, session.scope, id, &filter).await?))
}

/// A pupil's assignments, in order of the users' names. Roles other than LA see those that hold today, and no focus list.
#[utoipa::path(get, path = "/v1/pupils/{id}/assignments", tag = "assignments",
    params(
        ("id" = PupilId, Path),
        ("search" = Option<String>, Query, description = "Beginnings of words of the users; all must fit"),
        ("ended" = Option<bool>, Query, description = "Also those that ended; for LA roles"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Assignment>), (status = "4XX", body = ErrorReply)))]
async fn of_pupil(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(filter): Params<AssignmentFilter>,
) -> Result<Json<Page<Assignment>>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(list::of_pupil(&mut conn, session.scope, id, &filter).await?))
}

/// Users who might be assigned to a pupil and are not, in order of their names.
#[utoipa::path(get, path = "/v1/pupils/{id}/assignable", tag = "assignments",
    params(
        ("id" = PupilId, Path),
        ("search" = Option<String>, Query, description = "Beginnings of words of the users; all must fit"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<UserBrief>), (status = "4XX", body = ErrorReply)))]
async fn users_for(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(filter): Params<AssignmentFilter>,
) -> Result<Json<Page<UserBrief>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("assignment.list", "pupil", id.0))?;
    let mut conn = store.read().await?;
    Ok(Json(list::users_for(&mut conn, session.scope, id, &filter).await?))
}

/// Makes, changes and takes away assignments: all that is asked, or nothing.
#[utoipa::path(post, path = "/v1/assignments", tag = "assignments", request_body = ChangeAssignments,
    responses((status = 200, body = AssignmentsChanged), (status = "4XX", body = ErrorReply)))]
async fn change(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(asked): Body<ChangeAssignments>,
) -> Result<Json<AssignmentsChanged>, ApiError> {
    let scope = session.scope;
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("assignment.change", "assignment", None))?;
    let once = key.once(&store, &asked)?;
    Ok(Json(store.run_once(scope.user, once, Change { scope, asked }).await?))
}

/// Hands all pupils of a user over to another, in one step.
#[utoipa::path(post, path = "/v1/users/{id}/hand-over", tag = "assignments", params(("id" = UserId, Path)),
    request_body = HandOverPupils, responses((status = 200, body = HandedOver), (status = "4XX", body = ErrorReply)))]
async fn hand_over(
    State(store): State<Store>,
    session: Session,
    PathOf(user): PathOf<UserId>,
    key: IdempotencyKey,
    Body(asked): Body<HandOverPupils>,
) -> Result<Json<HandedOver>, ApiError> {
    let scope = session.scope;
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("assignment.change", "user", user.0))?;
    let once = key.once(&store, &asked)?;
    let job = HandOverJob { scope, user, asked };
    Ok(Json(store.run_once(scope.user, once, job).await?))
}
