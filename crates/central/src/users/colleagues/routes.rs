//! The endpoints of requests for a colleague.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::ColleagueRequestId;
use lac_wire::{
    ApproveColleague, AskForColleague, ColleagueFilter, ColleagueRequest, ErrorReply, Page, RefuseColleague,
    RequestState, WaitingRequests,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ask::Ask;
use super::decide::{Approve, Refuse};
use super::list;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(in crate::users) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(requests, ask))
        .routes(routes!(waiting))
        .routes(routes!(approve))
        .routes(routes!(refuse))
}

/// Requests for a colleague, the newest first: LA roles see all, others their own.
#[utoipa::path(get, path = "/v1/colleagues", tag = "users",
    params(
        ("state" = Option<RequestState>, Query, description = "Of one state"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<ColleagueRequest>), (status = "4XX", body = ErrorReply)))]
async fn requests(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<ColleagueFilter>,
) -> Result<Json<Page<ColleagueRequest>>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(list::list(&mut conn, session.scope, &filter).await?))
}

/// How many requests wait to be decided, of those that the reader may see.
#[utoipa::path(get, path = "/v1/colleagues/waiting", tag = "users",
    responses((status = 200, body = WaitingRequests), (status = "4XX", body = ErrorReply)))]
async fn waiting(State(store): State<Store>, session: Session) -> Result<Json<WaitingRequests>, ApiError> {
    let mut conn = store.read().await?;
    let waiting = list::count_waiting(&mut conn, session.scope).await?;
    Ok(Json(WaitingRequests { waiting }))
}

/// Asks for a colleague at an establishment that one is linked to today; for Designated Teachers.
#[utoipa::path(post, path = "/v1/colleagues", tag = "users", request_body = AskForColleague,
    responses((status = 201, body = ColleagueRequest), (status = "4XX", body = ErrorReply)))]
async fn ask(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(asked): Body<AskForColleague>,
) -> Result<(StatusCode, Json<ColleagueRequest>), ApiError> {
    let scope = session.scope;
    if !scope.role.is_linked() {
        return Err(Refusal::forbidden()
            .denied("colleague.ask", "user", scope.user.0)
            .into());
    }
    let once = key.once(&store, &asked)?;
    let id = store.run_once(scope.user, once, Ask { scope, asked }).await?;
    let mut conn = store.read().await?;
    Ok((StatusCode::CREATED, Json(list::get(&mut conn, scope, id).await?)))
}

fn of(id: ColleagueRequestId) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.denied("colleague.decide", "colleague_request", id.0)
}

/// Approves a request: adds and invites the colleague, linked there; or links a Designated Teacher who exists.
#[utoipa::path(post, path = "/v1/colleagues/{id}/approve", tag = "users", params(("id" = ColleagueRequestId, Path)),
    request_body = ApproveColleague,
    responses((status = 200, body = ColleagueRequest), (status = "4XX", body = ErrorReply)))]
async fn approve(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ColleagueRequestId>,
    key: IdempotencyKey,
    Body(how): Body<ApproveColleague>,
) -> Result<Json<ColleagueRequest>, ApiError> {
    let scope = session.scope;
    scope.require_super_user().map_err(of(id))?;
    let once = key.once(&store, &how)?;
    let id = store.run_once(scope.user, once, Approve { id, how }).await?;
    let mut conn = store.read().await?;
    Ok(Json(list::get(&mut conn, scope, id).await?))
}

/// Refuses a request, with a reason for who asked.
#[utoipa::path(post, path = "/v1/colleagues/{id}/refuse", tag = "users", params(("id" = ColleagueRequestId, Path)),
    request_body = RefuseColleague,
    responses((status = 200, body = ColleagueRequest), (status = "4XX", body = ErrorReply)))]
async fn refuse(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ColleagueRequestId>,
    key: IdempotencyKey,
    Body(how): Body<RefuseColleague>,
) -> Result<Json<ColleagueRequest>, ApiError> {
    let scope = session.scope;
    scope.require_super_user().map_err(of(id))?;
    let once = key.once(&store, &how)?;
    let id = store.run_once(scope.user, once, Refuse { id, how }).await?;
    let mut conn = store.read().await?;
    Ok(Json(list::get(&mut conn, scope, id).await?))
}
