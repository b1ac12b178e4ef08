//! The endpoints of the whole trail, for LA Super Users.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use lac_domain::{PupilId, UserId};
use lac_wire::{ErrorReply, Page, TrailAction, TrailFilter, TrailRow};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::actions::ACTIONS;
use super::list::{self, Exported};
use crate::error::Refusal;
use crate::http::{ApiError, Params, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(trail))
        .routes(routes!(trail_file))
        .routes(routes!(trail_actions))
}

fn require(session: &Session, asked: &'static str) -> Result<(), Refusal> {
    session
        .scope
        .require_super_user()
        .map_err(|refusal| refusal.denied(asked, "store", None))
}

/// The audit trail of the authority in words, the newest first.
#[utoipa::path(get, path = "/v1/trail", tag = "trail",
    params(
        ("by" = Option<UserId>, Query, description = "Only what this user did"),
        ("action" = Option<String>, Query, description = "Only one action"),
        ("user_id" = Option<UserId>, Query, description = "Only what was done to this user"),
        ("pupil_id" = Option<PupilId>, Query, description = "Only what concerns this pupil"),
        ("from" = Option<NaiveDate>, Query, description = "From this London day on"),
        ("to" = Option<NaiveDate>, Query, description = "Up to the end of this London day"),
        ("after" = Option<String>, Query, description = "Where to go on, from the page before"),
        ("limit" = Option<u32>, Query, description = "How many rows, at most 200"),
    ),
    responses((status = 200, body = Page<TrailRow>), (status = "4XX", body = ErrorReply)))]
async fn trail(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<TrailFilter>,
) -> Result<Json<Page<TrailRow>>, ApiError> {
    require(&session, "trail.read")?;
    let mut conn = store.read().await?;
    Ok(Json(list::list(&mut conn, session.scope, &filter).await?))
}

/// The same as a CSV file, which the trail notes.
#[utoipa::path(get, path = "/v1/trail.csv", tag = "trail",
    params(
        ("by" = Option<UserId>, Query, description = "Only what this user did"),
        ("action" = Option<String>, Query, description = "Only one action"),
        ("user_id" = Option<UserId>, Query, description = "Only what was done to this user"),
        ("pupil_id" = Option<PupilId>, Query, description = "Only what concerns this pupil"),
        ("from" = Option<NaiveDate>, Query, description = "From this London day on"),
        ("to" = Option<NaiveDate>, Query, description = "Up to the end of this London day"),
    ),
    responses((status = 200, body = String, content_type = "text/csv"), (status = "4XX", body = ErrorReply)))]
async fn trail_file(
    State(store): State<Store>,
    session: Session,
    Params(filter): Params<TrailFilter>,
) -> Result<impl IntoResponse, ApiError> {
    require(&session, "trail.export")?;
    session.require_recent_password(&store)?;
    let (rows, csv) = {
        let mut conn = store.read().await?;
        list::file(&mut conn, session.scope, &filter).await?
    };
    store.run(Some(session.scope.user), Exported { filter, rows }).await?;
    let headers: [(HeaderName, &str); 2] = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"trail.csv\""),
    ];
    Ok((headers, csv))
}

/// Every action that the trail knows, by its words.
#[utoipa::path(get, path = "/v1/trail/actions", tag = "trail",
    responses((status = 200, body = Vec<TrailAction>), (status = "4XX", body = ErrorReply)))]
async fn trail_actions(session: Session) -> Result<Json<Vec<TrailAction>>, ApiError> {
    require(&session, "trail.read")?;
    let mut actions: Vec<TrailAction> = ACTIONS
        .iter()
        .map(|(action, words)| TrailAction {
            action: (*action).to_owned(),
            words: (*words).to_owned(),
        })
        .collect();
    actions.sort_by(|a, b| a.words.cmp(&b.words));
    Ok(Json(actions))
}
