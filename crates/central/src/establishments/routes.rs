//! The endpoints of establishments.

use axum::Json;
use axum::extract::State;
use lac_domain::EstablishmentId;
use lac_wire::{ErrorReply, Establishment, EstablishmentFilter, EstablishmentPage, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::list;
use crate::http::{ApiError, Params, PathOf, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(establishments))
        .routes(routes!(establishment))
}

/// Establishments in order of name: for LA roles all, for others those that concern them.
#[utoipa::path(get, path = "/v1/establishments", tag = "establishments",
    params(
        ("search" = Option<String>, Query, description = "Beginnings of words of the name, a URN or a postcode; all must fit"),
        ("in_use" = Option<bool>, Query, description = "Only those with a linked user or an enrolled pupil"),
        ("closed" = Option<bool>, Query, description = "Also closed ones"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Establishment>), (status = "4XX", body = ErrorReply)))]
async fn establishments(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<EstablishmentFilter>,
) -> Result<Json<Page<Establishment>>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(list::list(&mut conn, session.scope, &filter).await?))
}

/// An establishment with the users linked to it today or later.
#[utoipa::path(get, path = "/v1/establishments/{id}", tag = "establishments", params(("id" = EstablishmentId, Path)),
    responses((status = 200, body = EstablishmentPage), (status = "4XX", body = ErrorReply)))]
async fn establishment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
) -> Result<Json<EstablishmentPage>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(list::page(&mut conn, session.scope, id).await?))
}
