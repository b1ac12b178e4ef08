//! The endpoints of a user's page: what they see and why, their devices, their trail.

use axum::Json;
use axum::extract::State;
use lac_domain::UserId;
use lac_wire::{ErrorReply, Page, PageQuery, SignOutUser, TrailRow, UserDevice, UserSecondFactor, UserSight};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::devices::{self, SignOut, second_factor};
use super::{sight, trail};
use crate::accounts::Reset;
use crate::error::Refusal;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;

pub(super) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(user_sight))
        .routes(routes!(user_devices))
        .routes(routes!(sign_out_user))
        .routes(routes!(user_trail))
        .routes(routes!(user_second_factor))
        .routes(routes!(reset_second_factor))
}

fn of(user: UserId, asked: &'static str) -> impl Fn(Refusal) -> Refusal {
    move |refusal| refusal.denied(asked, "user", user.0)
}

/// What a user can see today, and why: only pupils whom the reader may see.
#[utoipa::path(get, path = "/v1/users/{id}/sight", tag = "users",
    params(
        ("id" = UserId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = UserSight), (status = "4XX", body = ErrorReply)))]
async fn user_sight(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<UserSight>, ApiError> {
    session.scope.require_la().map_err(of(id, "user.read_sight"))?;
    let mut conn = store.read().await?;
    let after = page.after.as_deref();
    Ok(Json(
        sight::sight(&mut conn, session.scope, id, after, page.limit).await?,
    ))
}

/// The devices that a user is signed in on, the one used last first.
#[utoipa::path(get, path = "/v1/users/{id}/devices", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = Vec<UserDevice>), (status = "4XX", body = ErrorReply)))]
async fn user_devices(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
) -> Result<Json<Vec<UserDevice>>, ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(of(id, "user.list_devices"))?;
    devices_of(&store, id).await
}

/// Signs a user out of one device, or of all, at once; answers the devices that are left.
#[utoipa::path(post, path = "/v1/users/{id}/sign-out", tag = "users", params(("id" = UserId, Path)),
    request_body = SignOutUser, responses((status = 200, body = Vec<UserDevice>), (status = "4XX", body = ErrorReply)))]
async fn sign_out_user(
    State(store): State<Store>,
    session: Session,
    PathOf(user): PathOf<UserId>,
    key: IdempotencyKey,
    Body(asked): Body<SignOutUser>,
) -> Result<Json<Vec<UserDevice>>, ApiError> {
    session.scope.require_super_user().map_err(of(user, "session.end"))?;
    let once = key.once(&store, &asked)?;
    let job = SignOut {
        user,
        session: asked.session_id,
    };
    store.run_once(session.scope.user, once, job).await?;
    devices_of(&store, user).await
}

async fn devices_of(store: &Store, user: UserId) -> Result<Json<Vec<UserDevice>>, ApiError> {
    let mut conn = store.read().await?;
    devices::require_user(&mut conn, user, "user.list_devices").await?;
    let idle_days = store.config().session_idle_days;
    Ok(Json(devices::devices(&mut conn, user, store.now(), idle_days).await?))
}

/// What a user did and what was done to them, in words, the newest first.
#[utoipa::path(get, path = "/v1/users/{id}/trail", tag = "users",
    params(
        ("id" = UserId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<TrailRow>), (status = "4XX", body = ErrorReply)))]
async fn user_trail(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<TrailRow>>, ApiError> {
    session.scope.require_super_user().map_err(of(id, "user.read_trail"))?;
    let mut conn = store.read().await?;
    devices::require_user(&mut conn, id, "user.read_trail").await?;
    let after = page.after.as_deref();
    Ok(Json(
        trail::trail(&mut conn, session.scope, id, after, page.limit).await?,
    ))
}

/// Whether a user has a second step of signing in.
#[utoipa::path(get, path = "/v1/users/{id}/second-factor", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = UserSecondFactor), (status = "4XX", body = ErrorReply)))]
async fn user_second_factor(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<UserId>,
) -> Result<Json<UserSecondFactor>, ApiError> {
    session
        .scope
        .require_super_user()
        .map_err(of(id, "second_factor.read"))?;
    second_factor_of(&store, id).await
}

/// Resets a user's second step, because they have lost their phone: they are signed out everywhere, and set it up anew
/// at their next sign-in.
#[utoipa::path(post, path = "/v1/users/{id}/second-factor/reset", tag = "users", params(("id" = UserId, Path)),
    responses((status = 200, body = UserSecondFactor), (status = "4XX", body = ErrorReply)))]
async fn reset_second_factor(
    State(store): State<Store>,
    session: Session,
    PathOf(user): PathOf<UserId>,
    key: IdempotencyKey,
) -> Result<Json<UserSecondFactor>, ApiError> {
    let scope = session.scope;
    scope.require_super_user().map_err(of(user, "second_factor.reset"))?;
    session.require_recent_password(&store)?;
    let once = key.once(&store, &())?;
    store.run_once(scope.user, once, Reset { scope, user }).await?;
    second_factor_of(&store, user).await
}

async fn second_factor_of(store: &Store, user: UserId) -> Result<Json<UserSecondFactor>, ApiError> {
    let mut conn = store.read().await?;
    devices::require_user(&mut conn, user, "second_factor.read").await?;
    Ok(Json(second_factor(&mut conn, user).await?))
}
