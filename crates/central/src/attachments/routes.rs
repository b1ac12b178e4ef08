//! The endpoints of attachments.

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::StreamExt;
use lac_domain::AttachmentId;
use lac_wire::{AttachmentProgress, ErrorCode, ErrorReply, NewAttachment, PIECE_LIMIT, PieceQuery};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::rows::{self, key_place, piece_place};
use super::upload;
use crate::error::Refusal;
use crate::http::{ApiError, Body, Params, PathOf, Session};
use crate::messages::{NoteFetched, conversation_key_place};
use crate::store::Store;

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(attachment, announce_attachment))
}

/// What may take longer than an ordinary request on a slow line.
pub(crate) fn files_router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(send_piece))
}

/// Announces a file that is to be sent, under an id made by the device. The same again says how much of it has arrived,
/// so that sending goes on from there.
#[utoipa::path(put, path = "/v1/attachments/{id}", tag = "messages", params(("id" = AttachmentId, Path)),
    request_body = NewAttachment,
    responses((status = 200, body = AttachmentProgress), (status = "4XX", body = ErrorReply)))]
async fn announce_attachment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<AttachmentId>,
    Body(new): Body<NewAttachment>,
) -> Result<Json<AttachmentProgress>, ApiError> {
    Ok(Json(upload::announce(&store, session.scope, id, &new).await?))
}

/// Sends a piece of an announced file. A piece that does not begin where the last one ended is not taken; the answer says
/// where the next one begins. With the last piece the file is judged.
#[utoipa::path(put, path = "/v1/attachments/{id}/pieces", tag = "messages",
    params(
        ("id" = AttachmentId, Path),
        ("offset" = i64, Query, description = "How many bytes come before the piece"),
    ),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 200, body = AttachmentProgress), (status = "4XX", body = ErrorReply)))]
async fn send_piece(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<AttachmentId>,
    Params(query): Params<PieceQuery>,
    body: RawBody,
) -> Result<Json<AttachmentProgress>, ApiError> {
    let upload = upload::own_upload(&store, session.scope, id).await?;
    let bytes = read_piece(body).await?;
    Ok(Json(upload::take_piece(&store, upload, query.offset, &bytes).await?))
}

async fn read_piece(body: RawBody) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            Refusal::new(
                ErrorCode::Malformed,
                "This part of the file did not arrive whole. Send it again.",
            )
        })?;
        if bytes.len() + chunk.len() > PIECE_LIMIT {
            return Err(Refusal::new(ErrorCode::TooLarge, "This is too large to be sent."));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The content of an attachment from a byte on: as much as one piece holds. The first is put into the audit trail.
#[utoipa::path(get, path = "/v1/attachments/{id}", tag = "messages",
    params(
        ("id" = AttachmentId, Path),
        ("offset" = Option<i64>, Query, description = "How many bytes come before what is asked for"),
    ),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
        (status = "4XX", body = ErrorReply),
    ))]
async fn attachment(
    State(store): State<Store>,
    session: Session,
    PathOf(id): PathOf<AttachmentId>,
    Params(query): Params<PieceQuery>,
) -> Result<impl IntoResponse, ApiError> {
    let (found, piece) = {
        let mut conn = store.read().await?;
        let found = rows::readable(&mut conn, session.scope, id).await?;
        let found = found.ok_or_else(|| Refusal::not_found().denied("attachment.read", "attachment", id.0))?;
        (found, rows::piece_at(&mut conn, id, query.offset).await?)
    };
    let (mut bytes, mut is_beginning) = (Vec::new(), false);
    if let Some((start, sealed)) = piece {
        is_beginning = start == 0;
        let place = conversation_key_place(found.conversation_id);
        let conversation = store.keys().own_key(place, &found.conversation_key)?;
        let own = conversation.own_key(key_place(id), &found.sealed_key)?;
        bytes = own.open(piece_place(id, start), &sealed)?;
        let passed = usize::try_from(query.offset - start)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        bytes.drain(..passed);
    }
    if is_beginning {
        store
            .run(
                Some(session.scope.user),
                NoteFetched("attachment.fetched", "attachment", id.0),
            )
            .await?;
    }
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes))
}
