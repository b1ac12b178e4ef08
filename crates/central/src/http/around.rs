//! What happens around every request: its id, its line in the log, its error's body, and the trail of what
//! was denied.

use std::time::Instant;

use async_trait::async_trait;
use axum::Json;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use lac_domain::UserId;
use lac_wire::{ErrorBody, ErrorCode, ErrorReply, REQUEST_ID_HEADER};
use tracing::Instrument;
use uuid::Uuid;

use super::error::Refused;
use super::session::Asker;
use crate::error::{Failure, Refusal};
use crate::random::new_id;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// Wraps a request.
pub(super) async fn around(State(store): State<Store>, mut request: Request, next: Next) -> Response {
    let id = request_id(&store, &request);
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("(unknown)", MatchedPath::as_str)
        .to_owned();
    let span = tracing::info_span!("request", id = %id, method = %request.method(), path = %path);
    let asked = format!("{} {path}", request.method());
    let begun = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        let refusal = match response.extensions_mut().remove::<Refused>() {
            Some(Refused(refusal)) => refusal,
            None => from_status(status),
        };
        if let Some(note) = denial(&refusal, asker.0.get().copied(), &asked) {
            let trail = store.run(asker.0.get().copied(), note);
            if let Err(error) = trail.instrument(span.clone()).await {
                span.in_scope(|| tracing::error!(%error, "a denied request could not be put into the audit trail"));
            }
        }
        response = with_body(response, refusal, &id);
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(REQUEST_ID_HEADER), value);
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), millis, "answered"));
    response
}

/// The caller's id where it is a plain short word, otherwise a new one.
fn request_id(store: &Store, request: &Request) -> String {
    let plain =
        |text: &&str| (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let given = request
        .headers()
        .get(REQUEST_ID_HEADER)
        .and_then(|value| value.to_str().ok())
        .filter(plain);
    match given {
        Some(id) => id.to_owned(),
        None => new_id::<Uuid>(store.now()).unwrap_or_default().to_string(),
    }
}

/// The refusal for an error that a layer made, rather than a handler.
fn from_status(status: StatusCode) -> Refusal {
    match status {
        StatusCode::NOT_FOUND => Refusal::not_found(),
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::new(ErrorCode::TooLarge, "This is too large to be sent."),
        StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => Refusal::new(
            ErrorCode::Unavailable,
            "The store took too long. Try again in a minute.",
        ),
        status if status.is_client_error() => Refusal::new(
            ErrorCode::Malformed,
            "The store did not understand this request. The application may need an update.",
        ),
        _ => Refusal::new(
            ErrorCode::Internal,
            "Something went wrong in the store. Try again in a minute.",
        ),
    }
}

fn with_body(response: Response, refusal: Refusal, id: &str) -> Response {
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::CONTENT_TYPE);
    let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(head.status);
    let error = ErrorBody {
        code: refusal.code,
        message: refusal.message,
        field: refusal.field,
        request_id: Some(id.to_owned()),
        changed: refusal.changed,
    };
    let mut response = (status, Json(ErrorReply { error })).into_response();
    response.headers_mut().extend(head.headers);
    response
}

/// What the trail notes of a refusal: what was denied to someone who is signed in, or was marked as denied. Noted
/// with what it was about where the handler said so, otherwise with the endpoint.
fn denial(refusal: &Refusal, asker: Option<UserId>, endpoint: &str) -> Option<NoteDenied> {
    if refusal.noted {
        return None;
    }
    if let Some(denied) = &refusal.denied {
        return Some(NoteDenied {
            asked: denied.asked.to_owned(),
            object_kind: denied.object_kind,
            object_id: denied.object_id,
        });
    }
    let denied = matches!(refusal.code, ErrorCode::NotFound | ErrorCode::Forbidden) && asker.is_some();
    denied.then(|| NoteDenied {
        asked: endpoint.to_owned(),
        object_kind: "endpoint",
        object_id: None,
    })
}

struct NoteDenied {
    asked: String,
    object_kind: &'static str,
    object_id: Option<Uuid>,
}

#[async_trait]
impl Job for NoteDenied {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let detail = serde_json::json!({ "asked": self.asked });
        tx.audit("request.denied", self.object_kind, self.object_id, &detail);
        Ok(())
    }
}
