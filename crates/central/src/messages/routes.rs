//! The endpoints of conversations and messages.

use async_trait::async_trait;
use axum::Json;
use axum::extract::State;
use lac_domain::{ConversationId, PupilId};
use lac_wire::{
    CheckRecipients, CommandEnvelope, CommandReply, ErrorReply, ExportNoted, HistoryQuery, MaybeEntity, NoteExport,
    Page, RecipientsChecked,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::check::check;
use super::exports;
use super::history::{self, held_page_size};
use crate::error::Failure;
use crate::http::{ApiError, Body, IdempotencyKey, Params, PathOf, Session};
use crate::store::Store;
use crate::writer::{Job, Tx};

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new()
        .routes(routes!(command))
        .routes(routes!(check_recipients))
        .routes(routes!(pupil_history))
        .routes(routes!(note_export))
        .routes(routes!(conversation))
}

/// Takes a command of a device, at most once.
#[utoipa::path(post, path = "/v1/commands", tag = "messages", request_body = CommandEnvelope,
    responses((status = 200, body = CommandReply), (status = "4XX", body = ErrorReply)))]
async fn command(
    State(store): State<Store>,
    session: Session,
    Body(envelope): Body<CommandEnvelope>,
) -> Result<Json<CommandReply>, ApiError> {
    Ok(Json(store.take_command(session.scope, envelope).await?))
}

/// Says whom a message would reach, while it is written; nothing is changed by it.
#[utoipa::path(post, path = "/v1/recipients/check", tag = "messages", request_body = CheckRecipients,
    responses((status = 200, body = RecipientsChecked), (status = "4XX", body = ErrorReply)))]
async fn check_recipients(
    State(store): State<Store>,
    session: Session,
    Body(request): Body<CheckRecipients>,
) -> Result<Json<RecipientsChecked>, ApiError> {
    let mut conn = store.read().await?;
    Ok(Json(check(&mut conn, session.scope, &request).await?))
}

/// All that the reader may read about a pupil, a page at a time; the first page is put into the audit trail.
#[utoipa::path(get, path = "/v1/pupils/{id}/history", tag = "messages",
    params(("id" = PupilId, Path), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<MaybeEntity>), (status = "4XX", body = ErrorReply)))]
async fn pupil_history(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<Page<MaybeEntity>>, ApiError> {
    let (page, first) = {
        let mut conn = store.read().await?;
        let limit = held_page_size(query.limit);
        history::history(
            &mut conn,
            store.keys(),
            session.scope,
            id,
            query.after.as_deref(),
            limit,
        )
        .await?
    };
    if first {
        store
            .run(Some(session.scope.user), NoteFetched("history.fetched", "pupil", id.0))
            .await?;
    }
    Ok(Json(page))
}

/// Notes who takes a pupil's history out of the product, and why, before they do. It asks for the password again.
#[utoipa::path(post, path = "/v1/pupils/{id}/history/exports", tag = "messages", params(("id" = PupilId, Path)),
    request_body = NoteExport,
    responses((status = 200, body = ExportNoted), (status = "4XX", body = ErrorReply)))]
async fn note_export(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<PupilId>,
    key: IdempotencyKey,
    Body(export): Body<NoteExport>,
) -> Result<Json<ExportNoted>, ApiError> {
    session.require_recent_password(&store)?;
    let once = key.once(&store, &export)?;
    let scope = session.scope;
    let note = exports::Note {
        scope,
        pupil: id,
        export,
    };
    let at = store.run_once(scope.user, once, note).await?;
    Ok(Json(ExportNoted { at }))
}

/// A conversation and its messages, a page at a time; the first page is put into the audit trail.
#[utoipa::path(get, path = "/v1/conversations/{id}", tag = "messages",
    params(("id" = ConversationId, Path), ("after" = Option<String>, Query), ("limit" = Option<u32>, Query)),
    responses((status = 200, body = Page<MaybeEntity>), (status = "4XX", body = ErrorReply)))]
async fn conversation(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<ConversationId>,
    Params(query): Params<HistoryQuery>,
) -> Result<Json<Page<MaybeEntity>>, ApiError> {
    let (page, first) = {
        let mut conn = store.read().await?;
        let limit = held_page_size(query.limit);
        history::conversation(
            &mut conn,
            store.keys(),
            session.scope,
            id,
            query.after.as_deref(),
            limit,
        )
        .await?
    };
    if first {
        store
            .run(
                Some(session.scope.user),
                NoteFetched("conversation.fetched", "conversation", id.0),
            )
            .await?;
    }
    Ok(Json(page))
}

/// Notes that a history or a file was fetched, before it is given out.
pub(crate) struct NoteFetched(pub &'static str, pub &'static str, pub Uuid);

#[async_trait]
impl Job for NoteFetched {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit(self.0, self.1, Some(self.2), &serde_json::json!({}));
        Ok(())
    }
}
