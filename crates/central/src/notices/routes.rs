//! The endpoint of what a user chooses.

use axum::Json;
use axum::extract::State;
use lac_wire::{ErrorReply, Me, NotificationChoices};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::choices::Choose;
use crate::accounts::me;
use crate::http::{ApiError, Body, IdempotencyKey, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(choose))
}

/// Chooses how often the user is told by e-mail and, for LA roles, of what; answers the user as they are then.
#[utoipa::path(put, path = "/v1/me/notifications", tag = "accounts", request_body = NotificationChoices,
    responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn choose(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(choices): Body<NotificationChoices>,
) -> Result<Json<Me>, ApiError> {
    let scope = session.scope;
    let once = key.once(&store, &choices)?;
    store.run_once(scope.user, once, Choose { scope, choices }).await?;
    let mut conn = store.read().await?;
    Ok(Json(me(&mut conn, store.keys(), scope.user, scope.today).await?))
}
