//! The endpoints of users. LA roles read; LA Super Users edit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::{EstablishmentId, Role, UserId, UserStatus};
use lac_wire::{AddUser, EditUser, ErrorReply, Page, User, UserFilter};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::add::Add;
use super::edit::Edit;
use super::invite::Invite;
use super::list;
use super::load::load_users;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(users, add_user))
        .routes(routes!(user, edit_user))
        .routes(routes!(invite_user))
}

/// Users in order of name.
#[utoipa::path(get, path = "/v1/users", tag = "users",
    params(
        ("search" = Option<String>, Query, description = "Words that names, e-mail, job title or establishments begin with; all must fit"),
        ("role" = Option<Role>, Query, description = "Of one role"),
        ("status" = Option<UserStatus>, Query, description = "Of one status"),
        ("establishment_id" = Option<EstablishmentId>, Query, description = "Linked there today"),
        ("needs_attention" = Option<bool>, Query, description = "Not linked, or an invitation not taken up"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<User>), (status = "4XX", body = ErrorReply)))]
async fn users(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<UserFilter>,
) -> Result<Json<Page<User>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("user.list", "user", None))?;
    let mut conn = store.read().await?;
    Ok(Json(list::list(&mut conn, session.scope, store.now(), &filter).await?))
}

/// One user.
#[utoipa::path(get, path = "/v1/users/{id}", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = User), (status = "4XX", body = ErrorReply)))]
async fn user(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
) -> Result<Json<User>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("user.read", "user", id.0))?;
    Ok(Json(find(&store, session.scope, id).await?))
}

/// Adds a user, and invites them when that is asked for. A Designated Teacher who is linked to no establishment is
/// invited when a link is made.
#[utoipa::path(post, path = "/v1/users", tag = "users", request_body = AddUser,
    responses((status = 201, body = User), (status = "4XX", body = ErrorReply)))]
async fn add_user(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(entry): Body<AddUser>,
) -> Result<(StatusCode, Json<User>), ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("user.add", "user", None))?;
    let once = key.once(&store, &entry)?;
    let id = store.run_once(session.scope.user, once, Add(entry)).await?;
    Ok((StatusCode::CREATED, Json(find(&store, session.scope, id).await?)))
}

/// Edits a user. One who is made inactive is signed out everywhere at once.
#[utoipa::path(put, path = "/v1/users/{id}", tag = "users", params(("id" = UserId, Path)), request_body = EditUser,
    responses((status = 200, body = User), (status = "4XX", body = ErrorReply)))]
async fn edit_user(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    key: IdempotencyKey,
    Body(edit): Body<EditUser>,
) -> Result<Json<User>, ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("user.edit", "user", id.0))?;
    let once = key.once(&store, &edit)?;
    let id = store
        .run_once(session.scope.user, once, Edit { user: id, edit })
        .await?;
    Ok(Json(find(&store, session.scope, id).await?))
}

/// Sends the invitation of a user again; codes sent before can no longer be used.
#[utoipa::path(post, path = "/v1/users/{id}/invitations", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = User), (status = "4XX", body = ErrorReply)))]
async fn invite_user(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    key: IdempotencyKey,
) -> Result<Json<User>, ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("user.invite", "user", id.0))?;
    let once = key.once(&store, &())?;
    let id = store.run_once(session.scope.user, once, Invite(id)).await?;
    Ok(Json(find(&store, session.scope, id).await?))
}

async fn find(store: &Store, scope: Scope, id: UserId) -> Result<User, ApiError> {
    let mut conn = store.read().await?;
    let found = load_users(&mut conn, scope, [id]).await?.into_iter().next();
    Ok(found.ok_or_else(|| Refusal::not_found().denied("user.read", "user", id.0))?)
}
