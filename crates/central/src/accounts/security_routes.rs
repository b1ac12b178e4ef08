//! The endpoints of passwords that are changed or forgotten, of the second step, and of tokens made anew.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_wire::{
    AskForPasswordCode, ChangePassword, ConfirmSecondFactor, ErrorReply, Invitation, LookAtInvitation, NewSecondFactor,
    NewToken, OwnSession, RecoveryCodes, SecondFactorRule, UsePasswordCode,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rotation::GiveToken;
use super::second_factor::{Begin, Confirm, MakeRecoveryCodes, Remove, SetRule};
use super::session_rows::{EndOthers, new_token, own_sessions};
use super::tries::{BeginTry, ForgetTries};
use crate::http::{ApiError, BeforeSecondFactor, Body, ClientAddress, IdempotencyKey, Session};
use crate::store::Store;

pub(super) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(change_password))
        .routes(routes!(ask_for_password_code))
        .routes(routes!(look_at_password_code))
        .routes(routes!(use_password_code))
        .routes(routes!(begin_second_factor, remove_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(make_recovery_codes))
        .routes(routes!(set_second_factor_rule))
        .routes(routes!(end_other_sessions))
        .routes(routes!(new_session_token))
}

/// Changes one's password; every other session of the user ends.
#[utoipa::path(post, path = "/v1/me/password", tag = "accounts", request_body = ChangePassword,
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn change_password(
    State(store): State<Store>,
    session: Session,
    Body(asked): Body<ChangePassword>,
) -> Result<StatusCode, ApiError> {
    store.change_password(&session, &asked).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks for a code by e-mail, for a password that was forgotten. The answer is the same for any address.
#[utoipa::path(post, path = "/v1/password-codes", tag = "accounts", request_body = AskForPasswordCode,
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn ask_for_password_code(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<AskForPasswordCode>,
) -> Result<StatusCode, ApiError> {
    store.ask_for_password_code(&asked.email, address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom a code for a forgotten password is for.
#[utoipa::path(post, path = "/v1/password-codes/look", tag = "accounts", request_body = LookAtInvitation,
    responses((status = 200, body = Invitation), (status = "4XX", body = ErrorReply)))]
async fn look_at_password_code(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<LookAtInvitation>,
) -> Result<Json<Invitation>, ApiError> {
    Ok(Json(store.look_at_password_code(&asked.code, address).await?.into()))
}

/// Sets a new password by a code; every session of the user ends.
#[utoipa::path(post, path = "/v1/password-codes/use", tag = "accounts", request_body = UsePasswordCode,
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn use_password_code(
    State(store): State<Store>,
    ClientAddress(address): ClientAddress,
    Body(asked): Body<UsePasswordCode>,
) -> Result<StatusCode, ApiError> {
    store.use_password_code(asked.code, &asked.password, address).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Begins to set up the second step of signing in; it counts once its first code was given.
#[utoipa::path(post, path = "/v1/me/second-factor", tag = "accounts",
    responses((status = 200, body = NewSecondFactor), (status = "4XX", body = ErrorReply)))]
async fn begin_second_factor(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
) -> Result<Json<NewSecondFactor>, ApiError> {
    session.require_recent_password(&store)?;
    let user = session.scope.user;
    Ok(Json(store.run(Some(user), Begin(user)).await?))
}

/// Takes one's own second step away, where the authority lets one do without.
#[utoipa::path(delete, path = "/v1/me/second-factor", tag = "accounts",
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn remove_second_factor(State(store): State<Store>, session: Session) -> Result<StatusCode, ApiError> {
    session.require_recent_password(&store)?;
    store.run(Some(session.scope.user), Remove(session.scope)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the first code of a second step that was begun; answers the recovery codes.
#[utoipa::path(post, path = "/v1/me/second-factor/confirm", tag = "accounts", request_body = ConfirmSecondFactor,
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = ErrorReply)))]
async fn confirm_second_factor(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
    Body(asked): Body<ConfirmSecondFactor>,
) -> Result<Json<RecoveryCodes>, ApiError> {
    session.require_recent_password(&store)?;
    let user = session.scope.user;
    let counter = vec![store.code_counter(user)];
    store.run(Some(user), BeginTry(counter.clone())).await?;
    let code = asked.code;
    let codes = store.run(Some(user), Confirm { user, code }).await?;
    store.run(Some(user), ForgetTries(counter)).await?;
    Ok(Json(codes))
}

/// Makes new recovery codes in place of those before.
#[utoipa::path(post, path = "/v1/me/recovery-codes", tag = "accounts",
    responses((status = 200, body = RecoveryCodes), (status = "4XX", body = ErrorReply)))]
async fn make_recovery_codes(State(store): State<Store>, session: Session) -> Result<Json<RecoveryCodes>, ApiError> {
    session.require_recent_password(&store)?;
    let user = session.scope.user;
    Ok(Json(store.run(Some(user), MakeRecoveryCodes(user)).await?))
}

/// Says for whom the second step is required.
#[utoipa::path(put, path = "/v1/authority/second-factor", tag = "accounts", request_body = SecondFactorRule,
    responses((status = 200, body = SecondFactorRule), (status = "4XX", body = ErrorReply)))]
async fn set_second_factor_rule(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(rule): Body<SecondFactorRule>,
) -> Result<Json<SecondFactorRule>, ApiError> {
    let denied = |refusal: crate::error::Refusal| refusal.denied("authority.set_second_factor_rule", "store", None);
    session.scope.require_super_user().map_err(denied)?;
    session.require_recent_password(&store)?;
    let once = key.once(&store, &rule)?;
    let job = SetRule { relaxed: rule.relaxed };
    store.run_once(session.scope.user, once, job).await?;
    Ok(Json(rule))
}

/// Ends every session of the signed-in user but this one; answers what is left.
#[utoipa::path(post, path = "/v1/sessions/end-others", tag = "accounts",
    responses((status = 200, body = Vec<OwnSession>), (status = "4XX", body = ErrorReply)))]
async fn end_other_sessions(State(store): State<Store>, session: Session) -> Result<Json<Vec<OwnSession>>, ApiError> {
    let user = session.scope.user;
    store.run(Some(user), EndOthers(session.id)).await?;
    let mut conn = store.read().await?;
    let now = (store.now(), store.config().session_idle_days);
    Ok(Json(own_sessions(&mut conn, user, session.id, now).await?))
}

/// Gives this session a new token. The one before holds until the new one is used for the first time.
#[utoipa::path(post, path = "/v1/session/token", tag = "accounts",
    responses((status = 200, body = NewToken), (status = "4XX", body = ErrorReply)))]
async fn new_session_token(
    State(store): State<Store>,
    BeforeSecondFactor(session): BeforeSecondFactor,
) -> Result<Json<NewToken>, ApiError> {
    let (token, hash) = new_token()?;
    let job = GiveToken {
        session: session.id,
        hash,
    };
    store.run(Some(session.scope.user), job).await?;
    Ok(Json(NewToken { token }))
}
