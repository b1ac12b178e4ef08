//! Files that go with messages, piece by piece. Each request may be repeated: the store says where the next piece
//! begins.

use std::time::Duration;

use lac_domain::AttachmentId;
use lac_wire::{AttachmentProgress, IDEMPOTENCY_KEY_HEADER, NewAttachment, PieceQuery};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;

use super::{Api, ApiError, ORDINARY, answer};

/// How long a piece may take on a slow line.
const PIECE: Duration = Duration::from_secs(120);

impl Api {
    /// Announces a file, or asks how much of it has arrived.
    pub(crate) async fn announce(&self, id: AttachmentId, new: &NewAttachment) -> Result<AttachmentProgress, ApiError> {
        let request = self
            .request(Method::PUT, &format!("/v1/attachments/{id}"))
            .header(IDEMPOTENCY_KEY_HEADER, id.to_string())
            .timeout(ORDINARY)
            .json(new);
        answer::json(self.send(request).await?, &self.address).await
    }

    /// Sends a piece of it.
    pub(crate) async fn put_piece(
        &self,
        id: AttachmentId,
        offset: i64,
        bytes: Vec<u8>,
    ) -> Result<AttachmentProgress, ApiError> {
        let request = self
            .request(Method::PUT, &format!("/v1/attachments/{id}/pieces"))
            .query(&PieceQuery { offset })
            .header(IDEMPOTENCY_KEY_HEADER, id.to_string())
            .header(CONTENT_TYPE, "application/octet-stream")
            .timeout(PIECE)
            .body(bytes);
        answer::json(self.send(request).await?, &self.address).await
    }

    /// Fetches a piece.
    pub(crate) async fn get_piece(&self, id: AttachmentId, offset: i64) -> Result<Vec<u8>, ApiError> {
        let request = self
            .request(Method::GET, &format!("/v1/attachments/{id}"))
            .query(&PieceQuery { offset })
            .timeout(PIECE);
        answer::bytes(self.send(request).await?, &self.address).await
    }
}
