//! The endpoints of establishments. Everyone reads those that concern them; LA Super Users add, edit and move.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lac_domain::EstablishmentId;
use lac_wire::{
    AddEstablishment, EditEstablishment, ErrorReply, Establishment, EstablishmentChoices, EstablishmentFilter,
    EstablishmentPage, EstablishmentSort, HistoryEntry, HistoryFilter, JoinEstablishment, LeaveSuccession, Movable,
    MoveEstablishment, Moved, Page, Succession, SuccessionFilter,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::by_hand::{Add, Edit};
use super::join::Join;
use super::moving::{Move, movable};
use super::successions::{self, Leave};
use super::{history, list, page};
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::scope::Scope;
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(establishments, add_establishment))
        .routes(routes!(establishment_choices))
        .routes(routes!(establishment, edit_establishment))
        .routes(routes!(establishment_history))
        .routes(routes!(join_establishment))
        .routes(routes!(movable_from))
        .routes(routes!(move_establishment))
        .routes(routes!(list_successions))
        .routes(routes!(leave_succession))
}

/// Establishments: for LA roles all, for others those that concern them.
#[utoipa::path(get, path = "/v1/establishments", tag = "establishments",
    params(
        ("search" = Option<String>, Query, description = "Beginnings of words of the name, a URN or a postcode; all must fit"),
        ("in_use" = Option<bool>, Query, description = "Only those with a linked user or an enrolled pupil, today or later"),
        ("closed" = Option<bool>, Query, description = "Also closed ones"),
        ("only_closed" = Option<bool>, Query, description = "Only closed ones"),
        ("by_hand" = Option<bool>, Query, description = "Only those added by hand"),
        ("attention" = Option<bool>, Query, description = "Only those that need attention: closed and in use, or a pupil and nobody to read"),
        ("phase" = Option<String>, Query, description = "Only those of one phase, as GIAS names it"),
        ("la_name" = Option<String>, Query, description = "Only those of one local authority"),
        ("sort" = Option<EstablishmentSort>, Query, description = "In what order; by name when nobody says"),
        ("in_use_first" = Option<bool>, Query, description = "For choosing one: those in use first, in one page alone"),
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

/// What the list can be narrowed to: phases and local authorities.
#[utoipa::path(get, path = "/v1/establishments/choices", tag = "establishments",
    responses((status = 200, body = EstablishmentChoices), (status = "4XX", body = ErrorReply)))]
async fn establishment_choices(
    State(store): State<Store>,
    session: Session,
) -> Result<Json<EstablishmentChoices>, ApiError> {
    require_la(session.scope, "establishment.list_choices", None)?;
    let mut conn = store.read().await?;
    Ok(Json(list::choices(&mut conn).await?))
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
    Ok(Json(page::page(&mut conn, session.scope, id).await?))
}

/// Adds an establishment that GIAS does not know.
#[utoipa::path(post, path = "/v1/establishments", tag = "establishments", request_body = AddEstablishment,
    responses((status = 201, body = Establishment), (status = "4XX", body = ErrorReply)))]
async fn add_establishment(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(asked): Body<AddEstablishment>,
) -> Result<(StatusCode, Json<Establishment>), ApiError> {
    require_super_user(session.scope, "establishment.add", None)?;
    let once = key.once(&store, &asked)?;
    let id = store.run_once(session.scope.user, once, Add(asked)).await?;
    Ok((StatusCode::CREATED, Json(find(&store, session.scope, id).await?)))
}

/// Edits an establishment that was added by hand.
#[utoipa::path(put, path = "/v1/establishments/{id}", tag = "establishments", params(("id" = EstablishmentId, Path)),
    request_body = EditEstablishment,
    responses((status = 200, body = Establishment), (status = "4XX", body = ErrorReply)))]
async fn edit_establishment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
    key: IdempotencyKey,
    Body(edit): Body<EditEstablishment>,
) -> Result<Json<Establishment>, ApiError> {
    require_super_user(session.scope, "establishment.edit", Some(id))?;
    let once = key.once(&store, &edit)?;
    let id = store.run_once(session.scope.user, once, Edit { id, edit }).await?;
    Ok(Json(find(&store, session.scope, id).await?))
}

/// What was done to an establishment, in words, the newest first.
#[utoipa::path(get, path = "/v1/establishments/{id}/history", tag = "establishments",
    params(
        ("id" = EstablishmentId, Path),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<HistoryEntry>), (status = "4XX", body = ErrorReply)))]
async fn establishment_history(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
    Params(filter): Params<HistoryFilter>,
) -> Result<Json<Page<HistoryEntry>>, ApiError> {
    require_la(session.scope, "establishment.read_history", Some(id))?;
    let mut conn = store.read().await?;
    Ok(Json(history::history(&mut conn, session.scope, id, &filter).await?))
}

/// Joins an establishment that was added by hand to the one of GIAS with a URN; links and enrolments are carried over.
/// Answers that one.
#[utoipa::path(post, path = "/v1/establishments/{id}/join", tag = "establishments",
    params(("id" = EstablishmentId, Path)), request_body = JoinEstablishment,
    responses((status = 200, body = Establishment), (status = "4XX", body = ErrorReply)))]
async fn join_establishment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
    key: IdempotencyKey,
    Body(asked): Body<JoinEstablishment>,
) -> Result<Json<Establishment>, ApiError> {
    require_super_user(session.scope, "establishment.join", Some(id))?;
    let once = key.once(&store, &asked)?;
    let to = store.run_once(session.scope.user, once, Join { id, asked }).await?;
    Ok(Json(find(&store, session.scope, to).await?))
}

/// What is at an establishment and could move to the one that came after.
#[utoipa::path(get, path = "/v1/establishments/{id}/movable", tag = "establishments",
    params(("id" = EstablishmentId, Path)),
    responses((status = 200, body = Movable), (status = "4XX", body = ErrorReply)))]
async fn movable_from(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
) -> Result<Json<Movable>, ApiError> {
    require_la(session.scope, "establishment.read", Some(id))?;
    let mut conn = store.read().await?;
    Ok(Json(movable(&mut conn, session.scope, id).await?))
}

/// Moves links and enrolments to the establishment that came after: all of them where one became the other, otherwise
/// those that are named.
#[utoipa::path(post, path = "/v1/establishments/{id}/move", tag = "establishments",
    params(("id" = EstablishmentId, Path)), request_body = MoveEstablishment,
    responses((status = 200, body = Moved), (status = "4XX", body = ErrorReply)))]
async fn move_establishment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<EstablishmentId>,
    key: IdempotencyKey,
    Body(asked): Body<MoveEstablishment>,
) -> Result<Json<Moved>, ApiError> {
    require_super_user(session.scope, "establishment.move", Some(id))?;
    let once = key.once(&store, &asked)?;
    let job = Move {
        from: id,
        scope: session.scope,
        asked,
    };
    Ok(Json(store.run_once(session.scope.user, once, job).await?.0))
}

/// Changes of establishments to look at: what there was is still in use here, and nobody has decided.
#[utoipa::path(get, path = "/v1/successions", tag = "establishments",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<Succession>), (status = "4XX", body = ErrorReply)))]
async fn list_successions(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<SuccessionFilter>,
) -> Result<Json<Page<Succession>>, ApiError> {
    require_la(session.scope, "succession.list", None)?;
    let mut conn = store.read().await?;
    Ok(Json(successions::list(&mut conn, session.scope, &filter).await?))
}

/// Leaves users and enrolments where they are; the change is not shown again.
#[utoipa::path(post, path = "/v1/successions/leave", tag = "establishments", request_body = LeaveSuccession,
    responses((status = 204), (status = "4XX", body = ErrorReply)))]
async fn leave_succession(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(asked): Body<LeaveSuccession>,
) -> Result<StatusCode, ApiError> {
    require_super_user(session.scope, "succession.leave", None)?;
    let once = key.once(&store, &asked)?;
    store.run_once(session.scope.user, once, Leave(asked)).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn require_la(scope: Scope, asked: &'static str, id: Option<EstablishmentId>) -> Result<(), ApiError> {
    let refused = |refusal: crate::error::Refusal| refusal.denied(asked, "establishment", id.map(Into::into));
    Ok(scope.require_la().map_err(refused)?)
}

fn require_super_user(scope: Scope, asked: &'static str, id: Option<EstablishmentId>) -> Result<(), ApiError> {
    let refused = |refusal: crate::error::Refusal| refusal.denied(asked, "establishment", id.map(Into::into));
    Ok(scope.require_super_user().map_err(refused)?)
}

async fn find(store: &Store, scope: Scope, id: EstablishmentId) -> Result<Establishment, ApiError> {
    let mut conn = store.read().await?;
    Ok(page::find(&mut conn, scope, id, "establishment.read").await?)
}
