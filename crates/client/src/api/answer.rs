//! Reading what came back: the store's answer, the store's refusal, or somebody else's page.

use std::time::Duration;

use lac_wire::{ErrorCode, ErrorReply};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde::de::DeserializeOwned;

use super::error::cannot_now;
use super::{Address, ApiError, signed_out};
use crate::view::Problem;

/// A response with which the store did as it was asked; otherwise the reason.
pub(super) async fn checked(response: Response, address: &Address) -> Result<Response, ApiError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let retry_after = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok())
        .map(Duration::from_secs);
    let body = response
        .bytes()
        .await
        .map_err(|error| ApiError::of_transport(&error, address))?;
    let said = serde_json::from_slice::<ErrorReply>(&body)
        .ok()
        .map(|reply| reply.error);
    tracing::info!(
        status = status.as_u16(),
        code = said.as_ref().map(|said| said.code.as_str()),
        request_id = said.as_ref().and_then(|said| said.request_id.as_deref()),
        "the store did not do it"
    );
    let whole_store = matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    );
    match said {
        Some(said) if said.code == ErrorCode::SignedOut => Err(ApiError::SignedOut(Problem {
            request_id: said.request_id,
            ..signed_out()
        })),
        // It is asked for first; what was asked is neither done nor refused.
        Some(said) if said.code == ErrorCode::SecondFactorNeeded => Err(ApiError::Later {
            retry_after: None,
            not_taken: true,
            whole_store: false,
            problem: said.into(),
        }),
        Some(said) if whole_store || status.is_server_error() => Err(ApiError::Later {
            retry_after,
            // After an accident inside the store nobody knows.
            not_taken: whole_store,
            whole_store,
            problem: said.into(),
        }),
        Some(said) => Err(ApiError::Refused(said)),
        None if whole_store || status.is_server_error() => Err(ApiError::Later {
            problem: cannot_now(retry_after),
            retry_after,
            not_taken: false,
            whole_store,
        }),
        // A page of something that stands between, or of another program.
        None => Err(ApiError::not_a_store(address)),
    }
}

/// A response's JSON. An answer without content is read as nothing.
pub(super) async fn json<T: DeserializeOwned>(response: Response, address: &Address) -> Result<T, ApiError> {
    let empty = response.status() == StatusCode::NO_CONTENT;
    if !empty && !is_json(&response) {
        return Err(ApiError::not_a_store(address));
    }
    let bytes = response
        .bytes()
        .await
        .map_err(|error| ApiError::of_transport(&error, address))?;
    let text: &[u8] = if empty || bytes.is_empty() { b"null" } else { &bytes };
    serde_json::from_slice(text).map_err(|error| {
        // The error's own words may quote what was sent.
        tracing::warn!(kind = ?error.classify(), column = error.column(), "an answer of the store cannot be read");
        ApiError::not_a_store(address)
    })
}

/// A response's bytes, where it is no page of something that stands between.
pub(super) async fn bytes(response: Response, address: &Address) -> Result<Vec<u8>, ApiError> {
    if content_type(&response).starts_with("text/html") {
        return Err(ApiError::not_a_store(address));
    }
    let bytes = response
        .bytes()
        .await
        .map_err(|error| ApiError::of_transport(&error, address))?;
    Ok(bytes.into())
}

fn is_json(response: &Response) -> bool {
    content_type(response).starts_with("application/json")
}

pub(super) fn content_type(response: &Response) -> &str {
    response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
