//! The endpoints for getting in and out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::{SessionId, Timestamp, UserId};
use lac_wire::{
    About, AcceptInvitation, ConfirmPassword, ErrorReply, Invitation, LookAtInvitation, Me, OwnSession, Private,
    SignIn, SignedIn,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::invitations::look;
use super::me::me;
use super::session_rows::{EndSession, own_sessions};
use crate::error::Failure;
use crate::http::{ApiError, BeforeSecondFactor, Body, ClientAddress, PathOf, Session};
use crate::settings;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(about))
        .routes(routes!(look_at_invitation))
        .routes(routes!(accept_invitation))
        .routes(routes!(sign_in, sessions))
        .routes(routes!(confirm_password))
        .routes(routes!(sign_out))
        .routes(routes!(end_session))
        .routes(routes!(get_me))
        .merge(super::security_routes::router())
}

/// What the store says of itself to anyone.
#[utoipa::path(get, path = "/v1/about", tag = "accounts", responses((status = 200, body = About)))]
async fn about(State(store): State<Store>) -> Result<Json<About>, ApiError> {
    let mut conn = store.read().await?;
    let row = settings::load(&mut conn).await?;
    Ok(Json(About {
        version: lac_wire::VERSION,
        capabilities: Vec::new(),
        authority_name: row.authority_name,
    }))
}

/// Whom a one-time code is for.
#[utoipa::path(post, path = "/v1/invitations/look", tag = "accounts", request_body = LookAtInvitation,
    responses((status = 200, body = Invitation), (status = "4XX", body = ErrorReply)))]
async fn look_at_invitation(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<LookAtInvitation>,
) -> Result<Json<Invitation>, ApiError> {
    let mut conn = store.read().await?;
    let found = look(&mut conn, &asked.code, store.now()).await;
    if matches!(found, Err(Failure::Refused(_))) {
        store.failures().count(store.now(), address, "invitation.refused");
    }
    Ok(Json(found?.into()))
}

/// Takes up an invitation, and signs in.
#[utoipa::path(post, path = "/v1/invitations/accept", tag = "accounts", request_body = AcceptInvitation,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorReply)))]
async fn accept_invitation(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<AcceptInvitation>,
) -> Result<Json<SignedIn>, ApiError> {
    let done = store.accept_invitation(asked, address).await?;
    signed_in(&store, done).await
}

/// Signs in.
#[utoipa::path(post, path = "/v1/sessions", tag = "accounts", request_body = SignIn,
    responses((status = 200, body = SignedIn), (status = "4XX", body = ErrorReply)))]
async fn sign_in(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<SignIn>,
) -> Result<Json<SignedIn>, ApiError> {
    let done = store.sign_in(asked, address).await?;
    signed_in(&store, done).await
}

async fn signed_in(
    store: &Store,
    (token, user, session_id, expires_at): (Private, UserId, SessionId, Timestamp),
) -> Result<Json<SignedIn>, ApiError> {
    store.ensure_access_is_of_today().await?;
    let mut conn = store.read().await?;
    let me = me(&mut conn, store.keys(), user, store.today()).await?;
    Ok(Json(SignedIn {
        token,
        session_id,
        expires_at,
        me,
    }))
}

/// The signed-in user's own sessions, the one used last first.
#[utoipa::path(get, path = "/v1/sessions", tag = "accounts",
    responses((status = 200, body = Vec<OwnSession>), (status = "4XX", body = ErrorReply)))]
async fn sessions(State(store): State<Store>, session: Session) -> Result<Json<Vec<OwnSession>>, ApiError> {
    let mut conn = store.read().await?;
    let now = (store.now(), store.config().session_idle_days);
    Ok(Json(
        own_sessions(&mut conn, session.scope.user, session.id, now).await?,
    ))
}

/// Ends one of the signed-in user's own sessions.
#[utoipa::path(delete, path = "/v1/sessions/{id}", tag = "accounts", params(("id" = SessionId, Path)),
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn end_session(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<SessionId>,
) -> Result<StatusCode, ApiError> {
    store.run(Some(session.scope.user), EndSession(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs out: ends this session.
#[utoipa::path(delete, path = "/v1/session", tag = "accounts",
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn sign_out(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
) -> Result<StatusCode, ApiError> {
    store.run(Some(session.scope.user), EndSession(session.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes the password again, before something that asks for it.
#[utoipa::path(post, path = "/v1/session/confirm", tag = "accounts", request_body = ConfirmPassword,
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn confirm_password(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
    Body(asked): Body<ConfirmPassword>,
) -> Result<StatusCode, ApiError> {
    store.confirm_password(&session, &asked.password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The signed-in user, as they see themselves.
#[utoipa::path(get, path = "/v1/me", tag = "accounts",
    responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn get_me(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
) -> Result<Json<Me>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(
        me(&mut conn, store.keys(), session.scope.user, session.scope.today).await?,
    ))
}
