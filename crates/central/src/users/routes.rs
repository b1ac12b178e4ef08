//! The endpoints of users. LA roles read; LA Super Users edit.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::{EstablishmentId, Role, UserId, UserStatus};
use lac_wire::{AddUser, Attention, EditUser, ErrorReply, LookUpEmail, Page, User, UserCounts, UserFilter, UserSort};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::add::Add;
use super::edit::Edit;
use super::invite::Invite;
use super::list;
use super::load::load_users;
use crate::both;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(users, add_user))
        .routes(routes!(user_counts))
        .routes(routes!(look_up_email))
        .routes(routes!(user, edit_user))
        .routes(routes!(invite_user))
        .merge(super::link_routes::router())
        .merge(super::actions::router())
        .merge(super::colleagues::router())
        .merge(super::page_routes::router())
}

/// Users, in order of name or as is asked.
#[utoipa::path(get, path = "/v1/users", tag = "users",
    params(
        ("search" = Option<String>, Query, description = "Words that names, e-mail, job title or establishments begin with; all must fit"),
        ("role" = Option<Role>, Query, description = "Of one role"),
        ("status" = Option<UserStatus>, Query, description = "Of one status"),
        ("establishment_id" = Option<EstablishmentId>, Query, description = "Linked there today"),
        ("needs_attention" = Option<bool>, Query, description = "For whatever reason"),
        ("attention" = Option<Attention>, Query, description = "For one reason"),
        ("sort" = Option<UserSort>, Query, description = "By what; by name when nothing is said"),
        ("descending" = Option<bool>, Query, description = "Backwards"),
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

/// How many users a filter finds, and how many of them need attention; filters as for the list.
#[utoipa::path(get, path = "/v1/users/counts", tag = "users",
    params(
        ("search" = Option<String>, Query, description = "As for the list"),
        ("role" = Option<Role>, Query, description = "As for the list"),
        ("status" = Option<UserStatus>, Query, description = "As for the list"),
        ("establishment_id" = Option<EstablishmentId>, Query, description = "As for the list"),
        ("needs_attention" = Option<bool>, Query, description = "As for the list; for the total alone"),
        ("attention" = Option<Attention>, Query, description = "As for the list; for the total alone"),
    ),
    responses((status = 200, body = UserCounts), (status = "4XX", body = ErrorReply)))]
async fn user_counts(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<UserFilter>,
) -> Result<Json<UserCounts>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("user.list", "user", None))?;
    let mut conn = store.read().await?;
    Ok(Json(
        list::counts(&mut conn, session.scope, store.now(), &filter).await?,
    ))
}

/// Users whose e-mail address begins with what was typed so far: five at most, an exact one first.
#[utoipa::path(get, path = "/v1/users/lookup", tag = "users",
    params(("email" = String, Query, description = "Three characters at least")),
    responses((status = 200, body = Vec<User>), (status = "4XX", body = ErrorReply)))]
async fn look_up_email(
    State(store): State<Store>,
    session: Session,
    Params(typed): Params<LookUpEmail>,
) -> Result<Json<Vec<User>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("user.list", "user", None))?;
    let mut conn = store.read().await?;
    Ok(Json(
        list::look_up(&mut conn, session.scope, store.now(), &typed.email).await?,
    ))
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
    let scope = session.scope;
    if changes_sign_in(&store, id, &edit).await? {
        session.require_recent_password(&store)?;
    }
    let once = key.once(&store, &edit)?;
    let job = Edit { scope, user: id, edit };
    let id = store.run_once(scope.user, once, job).await?;
    Ok(Json(find(&store, session.scope, id).await?))
}

/// Whether an edit changes the e-mail address, and with it the sign-in.
async fn changes_sign_in(store: &Store, id: UserId, edit: &EditUser) -> Result<bool, ApiError> {
    let mut conn = store.read().await?;
    let sql = "SELECT email_key FROM users WHERE id = $1";
    let before: Option<String> = both!(&mut conn, c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    Ok(before.is_some_and(|before| before != lac_domain::email_key(&edit.entry.email)))
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

pub(super) async fn find(store: &Store, scope: Scope, id: UserId) -> Result<User, ApiError> {
    let mut conn = store.read().await?;
    let found = load_users(&mut conn, scope, store.now(), [id])
        .await?
        .into_iter()
        .next();
    Ok(found.ok_or_else(|| Refusal::not_found().denied("user.read", "user", id.0))?)
}
