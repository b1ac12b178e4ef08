//! The endpoints of things done to many users. LA Super Users alone.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::UserActionId;
use lac_wire::{ActOnUsers, ActionFailure, ErrorReply, Page, PageQuery, UserAction};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::begin::{Begin, Cancel};
use super::rows;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(in crate::users) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(act_on_users))
        .routes(routes!(user_action))
        .routes(routes!(action_failures))
        .routes(routes!(cancel_action))
}

fn of(id: UserActionId) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.denied("user_action.read", "user_action", id.0)
}

/// Begins something with many users; it goes on by itself, in slices.
#[utoipa::path(post, path = "/v1/users/actions", tag = "users", request_body = ActOnUsers,
    responses((status = 202, body = UserAction), (status = "4XX", body = ErrorReply)))]
async fn act_on_users(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(asked): Body<ActOnUsers>,
) -> Result<(StatusCode, Json<UserAction>), ApiError> {
    let scope = session.scope;
    scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("user.act", "user", None))?;
    let once = key.once(&store, &asked)?;
    let fingerprint = store.keys().fingerprint(&serde_json::to_vec(&asked)?).to_vec();
    let job = Begin {
        scope,
        asked,
        fingerprint,
    };
    let id = store.run_once(scope.user, once, job).await?;
    store.user_action_begun().notify_one();
    Ok((StatusCode::ACCEPTED, Json(find(&store, id).await?)))
}

/// How far something with many users is.
#[utoipa::path(get, path = "/v1/users/actions/{id}", tag = "users", params(("id" = UserActionId, Path)),
    responses((status = 200, body = UserAction), (status = "4XX", body = ErrorReply)))]
async fn user_action(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserActionId>,
) -> Result<Json<UserAction>, ApiError> {
    session.scope.require_super_user().map_err(of(id))?;
    Ok(Json(find(&store, id).await?))
}

/// With whom it went wrong, and why.
#[utoipa::path(get, path = "/v1/users/actions/{id}/failures", tag = "users",
    params(
        ("id" = UserActionId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<ActionFailure>), (status = "4XX", body = ErrorReply)))]
async fn action_failures(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserActionId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<ActionFailure>>, ApiError> {
    session.scope.require_super_user().map_err(of(id))?;
    find(&store, id).await?;
    let mut conn = store.read().await?;
    Ok(Json(
        rows::failures(&mut conn, id, page.after.as_deref(), page.limit).await?,
    ))
}

/// Cancels it: what was done stays, the rest is not done.
#[utoipa::path(post, path = "/v1/users/actions/{id}/cancel", tag = "users", params(("id" = UserActionId, Path)),
    responses((status = 200, body = UserAction), (status = "4XX", body = ErrorReply)))]
async fn cancel_action(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserActionId>,
    key: IdempotencyKey,
) -> Result<Json<UserAction>, ApiError> {
    session.scope.require_super_user().map_err(of(id))?;
    let once = key.once(&store, &())?;
    let id = store.run_once(session.scope.user, once, Cancel(id)).await?;
    Ok(Json(find(&store, id).await?))
}

async fn find(store: &Store, id: UserActionId) -> Result<UserAction, ApiError> {
    let mut conn = store.read().await?;
    let found = rows::load(&mut conn, id).await?;
    Ok(found.ok_or_else(|| Refusal::not_found().denied("user_action.read", "user_action", id.0))?)
}
