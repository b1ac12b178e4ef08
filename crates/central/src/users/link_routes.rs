//! The endpoints of single links. LA Super Users edit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::LinkId;
use lac_wire::{ChangedLink, ErrorReply, NewLink, User};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::link::LinkOne;
use super::routes::find;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, PathOf, Session};
use crate::store::Store;

pub(super) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(new_link))
        .routes(routes!(change_link, remove_link))
}

fn of(id: Option<LinkId>) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.denied("link.change", "link", id.map(|id| id.0))
}

/// Links a user to an establishment; answers the user. An invitation that waited for a link is sent.
#[utoipa::path(post, path = "/v1/links", tag = "users", request_body = NewLink,
    responses((status = 201, body = User), (status = "4XX", body = ErrorReply)))]
async fn new_link(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(new): Body<NewLink>,
) -> Result<(StatusCode, Json<User>), ApiError> {
    session.scope.require_super_user().map_err(of(None))?;
    let once = key.once(&store, &new)?;
    let user = store.run_once(session.scope.user, once, LinkOne::New(new)).await?;
    Ok((StatusCode::CREATED, Json(find(&store, session.scope, user).await?)))
}

/// Gives a link another capacity or other dates; a last day ends it. Answers the user.
#[utoipa::path(put, path = "/v1/links/{id}", tag = "users", params(("id" = LinkId, Path)), request_body = ChangedLink,
    responses((status = 200, body = User), (status = "4XX", body = ErrorReply)))]
async fn change_link(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<LinkId>,
    key: IdempotencyKey,
    Body(changed): Body<ChangedLink>,
) -> Result<Json<User>, ApiError> {
    session.scope.require_super_user().map_err(of(Some(id)))?;
    let once = key.once(&store, &changed)?;
    let job = LinkOne::Change(id, changed);
    let user = store.run_once(session.scope.user, once, job).await?;
    Ok(Json(find(&store, session.scope, user).await?))
}

/// Takes a link away at once: one that has begun ends yesterday and stays in the history, one that has not is deleted.
/// Answers the user.
#[utoipa::path(delete, path = "/v1/links/{id}", tag = "users", params(("id" = LinkId, Path)),
    responses((status = 200, body = User), (status = "4XX", body = ErrorReply)))]
async fn remove_link(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<LinkId>,
    key: IdempotencyKey,
) -> Result<Json<User>, ApiError> {
    session.scope.require_super_user().map_err(of(Some(id)))?;
    let once = key.once(&store, &())?;
    let user = store.run_once(session.scope.user, once, LinkOne::Remove(id)).await?;
    Ok(Json(find(&store, session.scope, user).await?))
}
