//! The endpoints of the SSDA903 return, for LA roles.

use axum::Json;
use axum::extract::{DefaultBodyLimit, State};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lac_wire::{
    CareDecision, CareProposal, CareReturn, DecideCareProposals, ErrorReply, Page, PageQuery, PastCareReturn,
    ReadCareReturn,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::decide::Decide;
use super::read::{Propose, parse};
use super::{list, past};
use crate::error::{Failure, Refusal};
use crate::http::{ApiError, Body, IdempotencyKey, Params, Session};
use crate::store::Store;

/// The largest return, both files in base64: some ten times that of the largest authority.
const RETURN_LIMIT: usize = 64 * 1024 * 1024;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(read_care_return))
        .layer(DefaultBodyLimit::max(RETURN_LIMIT))
        .routes(routes!(care_returns))
        .routes(routes!(care_proposals))
        .routes(routes!(decide_care_proposals))
}

/// Reads an SSDA903 return as it stood on a day. It changes no pupil: its proposals wait for a person, in place of those
/// that waited before.
#[utoipa::path(post, path = "/v1/care-returns", tag = "care returns", request_body = ReadCareReturn,
    responses((status = 200, body = CareReturn), (status = "4XX", body = ErrorReply)))]
async fn read_care_return(
    State(store): State<Store>,
    session: Session,
    // Reading a return again makes the same proposals, so its long answer is not kept.
    _: IdempotencyKey,
    Body(asked): Body<ReadCareReturn>,
) -> Result<Json<CareReturn>, ApiError> {
    let scope = session.scope;
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("care_return.read", "care_return", None))?;
    let as_at = asked.as_at;
    if as_at > scope.today {
        let message =
            "This day is still to come. Enter the last day of the year that the return is about, such as 31 March.";
        return Err(Refusal::field("as_at", message).into());
    }
    let read = tokio::task::spawn_blocking(move || {
        let bytes = |text: &str, field: &str| {
            STANDARD
                .decode(text)
                .map_err(|_| Refusal::field(field, "This file did not arrive whole. Choose it again."))
        };
        let header = bytes(asked.header.reveal(), "header")?;
        parse(&header, &bytes(asked.episodes.reveal(), "episodes")?, asked.as_at)
    });
    let read = read
        .await
        .map_err(|_| Failure::Store(crate::error::StoreError::Inconsistent("reading a return was cut short")))??;
    let job = Propose {
        scope: Some(scope),
        read,
        as_at,
    };
    Ok(Json(store.run(Some(scope.user), job).await?))
}

/// The returns that were read, the newest first, and what became of their proposals.
#[utoipa::path(get, path = "/v1/care-returns", tag = "care returns",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<PastCareReturn>), (status = "4XX", body = ErrorReply)))]
async fn care_returns(
    State(store): State<Store>,
    session: Session,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<PastCareReturn>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("care_return.list", "care_return", None))?;
    let mut conn = store.read().await?;
    let rows = past::list(&mut conn, session.scope, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}

/// The proposals that wait for a person.
#[utoipa::path(get, path = "/v1/care-proposals", tag = "care returns",
    params(
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<CareProposal>), (status = "4XX", body = ErrorReply)))]
async fn care_proposals(
    State(store): State<Store>,
    session: Session,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<CareProposal>>, ApiError> {
    session
        .scope
        .require_la()
        .map_err(|refusal| refusal.denied("care_return.list", "care_return", None))?;
    let mut conn = store.read().await?;
    let rows = list::list(&mut conn, session.scope, page.after.as_deref(), page.limit).await?;
    Ok(Json(rows))
}

/// Takes or leaves proposals: each by itself, or all.
#[utoipa::path(post, path = "/v1/care-proposals/decisions", tag = "care returns", request_body = DecideCareProposals,
    responses((status = 200, body = CareDecision), (status = "4XX", body = ErrorReply)))]
async fn decide_care_proposals(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(decision): Body<DecideCareProposals>,
) -> Result<Json<CareDecision>, ApiError> {
    let scope = session.scope;
    scope
        .require_la()
        .map_err(|refusal| refusal.denied("care_return.decide", "care_return", None))?;
    let once = key.once(&store, &decision)?;
    Ok(Json(
        store.run_once(scope.user, once, Decide { scope, decision }).await?,
    ))
}
