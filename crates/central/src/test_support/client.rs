//! A client that speaks to the store's router without a socket.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use lac_domain::DeviceId;
use lac_wire::{ErrorBody, ErrorCode, ErrorReply};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt;
use uuid::Uuid;

use crate::Store;

/// A device, perhaps signed in.
#[derive(Clone)]
pub struct TestClient {
    store: Store,
    /// The device.
    pub device: DeviceId,
    /// The session's token.
    pub token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The body of a reply that went well.
    #[track_caller]
    #[must_use]
    pub fn json<T: DeserializeOwned>(&self) -> T {
        assert!(
            self.status.is_success(),
            "{}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The error of a reply that did not.
    #[track_caller]
    #[must_use]
    pub fn error(&self) -> ErrorBody {
        assert!(
            !self.status.is_success(),
            "{}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        serde_json::from_slice::<ErrorReply>(&self.body).unwrap().error
    }

    /// The error's code.
    #[track_caller]
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.error().code
    }
}

impl TestClient {
    /// A new device that nobody has signed in on.
    #[must_use]
    pub fn new(store: &Store) -> Self {
        Self {
            store: store.clone(),
            device: new_uuid().into(),
            token: None,
        }
    }

    /// The same device, signed in.
    #[must_use]
    pub fn with_token(self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self
        }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None::<&()>, new_uuid()).await
    }

    /// Sends, with a new idempotency key.
    pub async fn post<T: Serialize>(&self, path: &str, body: &T) -> Reply {
        self.send(Method::POST, path, Some(body), new_uuid()).await
    }

    /// Puts, with a new idempotency key.
    pub async fn put<T: Serialize>(&self, path: &str, body: &T) -> Reply {
        self.send(Method::PUT, path, Some(body), new_uuid()).await
    }

    /// Deletes, with a new idempotency key.
    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, None::<&()>, new_uuid()).await
    }

    /// Sends anything with an idempotency key of one's own.
    pub async fn send<T: Serialize>(&self, method: Method, path: &str, body: Option<&T>, key: Uuid) -> Reply {
        let content = body.map(|body| serde_json::to_vec(body).unwrap()).unwrap_or_default();
        self.send_bytes(method, path, content, "application/json", key).await
    }

    /// Sends bytes.
    pub async fn send_bytes(&self, method: Method, path: &str, body: Vec<u8>, kind: &str, key: Uuid) -> Reply {
        let response = self
            .store
            .router()
            .oneshot(self.request(method, path, body, kind, key))
            .await
            .unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Reply { status, body }
    }

    /// A request as this client sends it.
    #[must_use]
    pub fn request(&self, method: Method, path: &str, body: Vec<u8>, kind: &str, key: Uuid) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header(lac_wire::IDEMPOTENCY_KEY_HEADER, key.to_string());
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.body(Body::from(body)).unwrap()
    }
}

/// A random id; tests need no order in theirs.
#[must_use]
pub fn new_uuid() -> Uuid {
    Uuid::from_bytes(crate::random::random().unwrap())
}
