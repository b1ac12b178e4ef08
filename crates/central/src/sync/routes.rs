//! The endpoints that keep a device up to date.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use lac_wire::{Changes, ChangesQuery, CursorReply, ErrorReply, HeldPart, HeldQuery, MaybeEntity, Page};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{changes, held};
use crate::error::Failure;
use crate::http::{ApiError, Params, Session};
use crate::incidents::Confirm;
use crate::store::Store;
use crate::writer::{Job, Tx};

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(get_cursor))
        .routes(routes!(get_changes))
        .routes(routes!(get_held))
}

/// Where the store's changes are now: taken before the held set is fetched, and followed from there.
#[utoipa::path(get, path = "/v1/cursor", tag = "sync",
    responses((status = 200, body = CursorReply), (status = "4XX", body = ErrorReply)))]
async fn get_cursor(State(store): State<Store>, _: Session) -> Result<Json<CursorReply>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(changes::cursor(&mut conn).await?))
}

/// The changes after a cursor, as they are now, a page at a time.
#[utoipa::path(get, path = "/v1/changes", tag = "sync",
    params(("cursor" = String, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Changes), (status = "4XX", body = ErrorReply)))]
async fn get_changes(
    State(store): State<Store>,
    session: Session,
    Params(query): Params<ChangesQuery>,
) -> Result<Json<Changes>, ApiError> {
    let page = {
        let mut conn = store.read().await?;
        changes::changes(&mut conn, store.keys(), session.scope, &query).await?
    };
    if session.unconfirmed
        && let Some(seq) = changes::applied(&query.cursor)
    {
        // A device shows a place only once it has applied what lies before.
        let confirm = Confirm {
            user: session.scope.user,
            device: session.device,
            seq,
        };
        store.run(Some(session.scope.user), confirm).await?;
    }
    Ok(Json(page))
}

/// A page of a part of what a device holds.
#[utoipa::path(get, path = "/v1/held", tag = "sync",
    params(("part" = HeldPart, Query), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<MaybeEntity>), (status = "4XX", body = ErrorReply)))]
async fn get_held(
    State(store): State<Store>,
    session: Session,
    Params(query): Params<HeldQuery>,
) -> Result<Json<Page<MaybeEntity>>, ApiError> {
    let page = {
        let mut conn = store.read().await?;
        held::held(&mut conn, store.keys(), session.scope, &query).await?
    };
    if query.part == HeldPart::Messages && query.after.is_none() {
        store.run(Some(session.scope.user), NoteHeld).await?;
    }
    Ok(Json(page))
}

/// Notes that a device fetched its whole held set: one row, before the first messages are given out.
struct NoteHeld;

#[async_trait]
impl Job for NoteHeld {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let actor = tx.actor().map(Into::into);
        tx.audit("held_set.fetched", "user", actor, &serde_json::json!({}));
        Ok(())
    }
}
