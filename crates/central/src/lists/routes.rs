//! The endpoints of one's own lists.

use axum::Json;
use axum::extract::State;
use lac_domain::ListId;
use lac_wire::{ErrorReply, Me, SaveList};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::save::{Delete, Save};
use crate::accounts::me;
use crate::http::{ApiError, Body, IdempotencyKey, PathOf, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(save, delete))
}

/// Makes one's own list of people, or changes it; answers the user as they are then.
#[utoipa::path(put, path = "/v1/me/lists/{id}", tag = "messages", params(("id" = ListId, Path)),
    request_body = SaveList, responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn save(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    PathOf(id): PathOf<ListId>,
    Body(list): Body<SaveList>,
) -> Result<Json<Me>, ApiError> {
    let scope = session.scope;
    let once = key.once(&store, &list)?;
    store.run_once(scope.user, once, Save { scope, id, list }).await?;
    let mut conn = store.read().await?;
    Ok(Json(me(&mut conn, store.keys(), scope.user, scope.today).await?))
}

/// Deletes one's own list; answers the user as they are then.
#[utoipa::path(delete, path = "/v1/me/lists/{id}", tag = "messages", params(("id" = ListId, Path)),
    responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn delete(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    PathOf(id): PathOf<ListId>,
) -> Result<Json<Me>, ApiError> {
    let scope = session.scope;
    let once = key.once(&store, &())?;
    store.run_once(scope.user, once, Delete { scope, id }).await?;
    let mut conn = store.read().await?;
    Ok(Json(me(&mut conn, store.keys(), scope.user, scope.today).await?))
}
