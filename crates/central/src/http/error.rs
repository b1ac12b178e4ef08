//! How an error is answered. The text of what failed goes to the log, with the request's id, and nowhere else.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use lac_wire::ErrorCode;

use crate::error::{Failure, Refusal, StoreError};

/// What a handler answers when it could not do what was asked.
#[derive(Debug)]
pub struct ApiError(Failure);

impl<T: Into<Failure>> From<T> for ApiError {
    fn from(failure: T) -> Self {
        Self(failure.into())
    }
}

/// The refusal of a response, for the layer that writes it with the request's id.
#[derive(Clone)]
pub(super) struct Refused(pub Refusal);

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let refusal = match self.0 {
            Failure::Refused(refusal) => refusal,
            Failure::Store(error) => failed(&error),
        };
        let status = StatusCode::from_u16(refusal.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = refusal.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(Refused(refusal));
        response
    }
}

fn failed(error: &StoreError) -> Refusal {
    let passing = error.is_passing()
        || matches!(
            error,
            StoreError::Closing
                | StoreError::Database(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_))
        );
    if passing {
        tracing::warn!(%error, "the store could not do this now");
        let busy = Refusal::new(
            ErrorCode::Unavailable,
            "The store could not do this just now. Try again in a minute.",
        );
        Refusal {
            retry_after: Some(5),
            ..busy
        }
    } else {
        tracing::error!(%error, "the store failed");
        Refusal::new(
            ErrorCode::Internal,
            "Something went wrong in the store, and nothing was changed. Try again; if it happens again, give your IT support the number of this request.",
        )
    }
}
