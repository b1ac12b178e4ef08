//! The endpoint of the school terms; reminders themselves come as commands, and go as parts of the held set.

use axum::Json;
use axum::extract::State;
use lac_wire::{ErrorReply, Me, TermDates};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::terms::SetTerms;
use crate::accounts::me;
use crate::http::{ApiError, Body, IdempotencyKey, Session};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(set_terms))
}

/// Sets the authority's school terms; answers the user as they are then.
#[utoipa::path(put, path = "/v1/authority/terms", tag = "authority", request_body = TermDates,
    responses((status = 200, body = Me), (status = "4XX", body = ErrorReply)))]
async fn set_terms(
    State(store): State<Store>,
    session: Session,
    key: IdempotencyKey,
    Body(dates): Body<TermDates>,
) -> Result<Json<Me>, ApiError> {
    let scope = session.scope;
    scope
        .require_super_user()
        .map_err(|refusal| refusal.denied("authority.set_terms", "store", None))?;
    let once = key.once(&store, &dates)?;
    store.run_once(scope.user, once, SetTerms(dates)).await?;
    if let Err(error) = store.remind_now().await {
        // They are worked out again within the hour.
        tracing::error!(%error, "the reminders of the new terms could not be worked out");
    }
    let mut conn = store.read().await?;
    Ok(Json(me(&mut conn, store.keys(), scope.user, scope.today).await?))
}
