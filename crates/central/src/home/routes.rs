//! The endpoints of what needs a user today.

use axum::Json;
use axum::extract::State;
use lac_wire::{ErrorReply, StoreHome, Unread};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::http::{ApiError, Session};
use crate::messages;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(unread)).routes(routes!(home))
}

/// How much the user has not read, in numbers alone.
#[utoipa::path(get, path = "/v1/unread", tag = "messages",
    responses((status = 200, body = Unread), (status = "4XX", body = ErrorReply)))]
async fn unread(State(store): State<Store>, session: Session) -> Result<Json<Unread>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(messages::unread(&mut conn, session.scope.user).await?))
}

/// What needs someone of the authority today, as far as only the store knows it.
#[utoipa::path(get, path = "/v1/home", tag = "home",
    responses((status = 200, body = StoreHome), (status = "4XX", body = ErrorReply)))]
async fn home(State(store): State<Store>, session: Session) -> Result<Json<StoreHome>, ApiError> {
    session.scope.require_la()?;
    let mut conn = store.read().await?;
    Ok(Json(super::home(&mut conn, session.scope, store.now()).await?))
}
