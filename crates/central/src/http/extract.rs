//! What is taken out of a request besides its session.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use lac_domain::CommandId;
use lac_wire::{ErrorCode, IDEMPOTENCY_KEY_HEADER};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::error::Refusal;
use crate::store::Store;
use crate::writer::Once;

fn malformed() -> Refusal {
    Refusal::new(
        ErrorCode::Malformed,
        "The store did not understand this request. The application may need an update.",
    )
}

/// The request's JSON body.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Store> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, store: &Store) -> Result<Self, ApiError> {
        match Json::<T>::from_request(request, store).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::new(ErrorCode::TooLarge, "This is too large to be sent.").into())
            }
            // What serde says may quote what was sent, so that it is not logged.
            Err(_) => Err(malformed().into()),
        }
    }
}

/// The request's query.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Store> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, store: &Store) -> Result<Self, ApiError> {
        let Query(query) = Query::from_request_parts(parts, store).await.map_err(|_| malformed())?;
        Ok(Self(query))
    }
}

/// What the path names. A path that is of no known form names nothing that exists.
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Store> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, store: &Store) -> Result<Self, ApiError> {
        let Path(path) = Path::from_request_parts(parts, store)
            .await
            .map_err(|_| Refusal::not_found())?;
        Ok(Self(path))
    }
}

/// Where a request comes from, where that is known.
pub struct ClientAddress(pub Option<IpAddr>);

impl FromRequestParts<Store> for ClientAddress {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, store: &Store) -> Result<Self, ApiError> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        // The last address is the one that our own proxy added; those before it are the caller's word.
        let forwarded = store.config().behind_proxy.then(|| {
            let text = parts.headers.get("x-forwarded-for")?.to_str().ok()?;
            text.rsplit(',').next()?.trim().parse().ok()
        });
        Ok(Self(forwarded.flatten().or(peer)))
    }
}

/// The id that makes a request happen once. It must be sent with every request that changes something, but
/// those for getting in and out.
pub struct IdempotencyKey {
    id: CommandId,
    method: String,
    path: String,
}

impl FromRequestParts<Store> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Store) -> Result<Self, ApiError> {
        let id = parts
            .headers
            .get(IDEMPOTENCY_KEY_HEADER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .ok_or_else(malformed)?;
        Ok(Self {
            id,
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
        })
    }
}

impl IdempotencyKey {
    /// What [`Store::run_once`] needs: the id with a fingerprint of the method, the path and the body.
    ///
    /// # Errors
    /// When the body cannot be written as JSON.
    pub fn once<T: Serialize>(&self, store: &Store, body: &T) -> Result<Once, ApiError> {
        let content = serde_json::to_vec(&(&self.method, &self.path, body))?;
        Ok(Once {
            id: self.id,
            fingerprint: store.keys().fingerprint(&content),
        })
    }

    /// The same for a body of bytes.
    #[must_use]
    pub fn once_bytes(&self, store: &Store, body: &[u8]) -> Once {
        let mut content = format!("{} {}\n", self.method, self.path).into_bytes();
        content.extend_from_slice(body);
        Once {
            id: self.id,
            fingerprint: store.keys().fingerprint(&content),
        }
    }
}
