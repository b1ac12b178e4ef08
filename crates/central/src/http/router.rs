//! All endpoints, as one router and one OpenAPI document.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router, middleware};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

use super::around::around;
use crate::both;
use crate::store::Store;
use crate::{
    accounts, assignments, attachments, audit, care_returns, establishments, home, imports, incidents, lists, messages,
    notices, pupils, reminders, sync, users,
};

/// The largest ordinary request, in bytes: a message of 20,000 characters and some room.
const BODY_LIMIT: usize = 256 * 1024;
/// How long an ordinary request may take.
const TIMEOUT: Duration = Duration::from_secs(60);

#[derive(OpenApi)]
#[openapi(info(
    title = "Looked After Call: central store",
    description = "The contract between the desktop and the central store. Version 1 only grows."
))]
struct Document;

fn parts() -> (Router<Store>, utoipa::openapi::OpenApi) {
    let ordinary = OpenApiRouter::with_openapi(Document::openapi())
        .merge(accounts::router())
        .merge(messages::router())
        .merge(attachments::router())
        .merge(users::router())
        .merge(users::away_router())
        .merge(lists::router())
        .merge(audit::router())
        .merge(establishments::router())
        .merge(pupils::router())
        .merge(pupils::record_router())
        .merge(assignments::router())
        .merge(care_returns::router())
        .merge(imports::router())
        .merge(incidents::router())
        .merge(notices::router())
        .merge(reminders::router())
        .merge(home::router())
        .merge(sync::router())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    // What takes its time: streams and big files.
    ordinary
        .merge(sync::events_router())
        .merge(attachments::files_router())
        .merge(imports::files_router())
        .merge(establishments::files_router())
        .split_for_parts()
}

/// The OpenAPI document.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    parts().1
}

impl Store {
    /// The HTTP API over this store.
    pub fn router(&self) -> Router {
        let (router, document) = parts();
        router
            .route("/v1/openapi.json", get(move || async move { Json(document) }))
            .route("/healthz", get(|| async { "ok" }))
            .route("/readyz", get(ready))
            .fallback(|| async { StatusCode::NOT_FOUND })
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(CatchPanicLayer::new())
            .layer(middleware::from_fn_with_state(self.clone(), around))
            .with_state(self.clone())
    }
}

/// Whether the database answers.
async fn ready(State(store): State<Store>) -> Result<&'static str, super::ApiError> {
    let mut conn = store.read().await?;
    both!(&mut conn, c => sqlx::query("SELECT seq FROM counter WHERE id = 1").execute(c).await.map(|_| ()))?;
    Ok("ready")
}
