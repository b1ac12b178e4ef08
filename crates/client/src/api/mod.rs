//! Talking with a store over HTTP.

mod address;
mod answer;
mod attachments;
mod big_file;
mod error;
mod events;
mod upload;

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use std::time::Duration;

pub(crate) use address::Address;
pub(crate) use error::{ApiError, signed_out};
use lac_wire::{About, IDEMPOTENCY_KEY_HEADER, Private};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::clock::Clock;
use crate::computer::{Computer, random};
use crate::failure::Failure;
use crate::view::{LocalCode, Problem};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How long an ordinary request may take.
const ORDINARY: Duration = Duration::from_secs(30);
/// How long a file may take to be sent and judged, or an import to be committed.
const LONG: Duration = Duration::from_secs(20 * 60);
/// The waits before a request is repeated whose answer was lost.
const REPEATS: [Duration; 3] = [
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// A store, and this account's session there.
pub(crate) struct Api {
    address: Address,
    client: Client,
    clock: Arc<dyn Clock>,
    token: RwLock<Option<Private>>,
    /// The keys of requests whose answer never came, by what was asked: whoever asks the same again, asks once.
    unanswered: Mutex<HashMap<u64, Uuid>>,
}

/// HTTP clients: one for stores elsewhere, one for those on this computer, where no proxy stands between. Each is made
/// when it is first needed.
#[derive(Default)]
pub(crate) struct Clients([OnceLock<Client>; 2]);

impl Clients {
    fn get(&self, loopback: bool) -> Result<Client, Problem> {
        let slot = &self.0[usize::from(loopback)];
        if let Some(client) = slot.get() {
            return Ok(client.clone());
        }
        let mut builder = Client::builder()
            .user_agent(concat!("looked-after-call/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .tcp_keepalive(Duration::from_secs(30))
            // A token is never carried to another place.
            .redirect(reqwest::redirect::Policy::none());
        if loopback {
            builder = builder.no_proxy();
        }
        let built = builder.build().map_err(|error| {
            tracing::error!(%error, "no HTTP client");
            Problem::local(
                LocalCode::Internal,
                "This computer's list of trusted certificates could not be read, so no safe connection is possible. Ask your IT support.",
            )
        })?;
        Ok(slot.get_or_init(|| built).clone())
    }
}

impl Api {
    /// The store at an address, with no session yet.
    pub(crate) fn new(address: Address, computer: &Computer) -> Result<Self, Problem> {
        let client = computer.clients.get(address.is_loopback())?;
        let clock = Arc::clone(&computer.clock);
        Ok(Self {
            address,
            client,
            clock,
            token: RwLock::new(None),
            unanswered: Mutex::default(),
        })
    }

    /// The store's address.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Sets or takes away the session's token.
    pub(crate) fn set_token(&self, token: Option<Private>) {
        *self.token.write().unwrap_or_else(PoisonError::into_inner) = token;
    }

    /// The session's token.
    pub(crate) fn token(&self) -> Option<Private> {
        self.token.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts a token in another's place, where the session has that still.
    pub(crate) fn replace_token(&self, before: &Private, next: Private) {
        let mut token = self.token.write().unwrap_or_else(PoisonError::into_inner);
        if token.as_ref() == Some(before) {
            *token = Some(next);
        }
    }

    /// Whether there is a session.
    pub(crate) fn has_token(&self) -> bool {
        self.token.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// What the store says of itself, once it is certain that it is one which this application can talk to.
    pub(crate) async fn about(&self) -> Result<About, ApiError> {
        let about: About = self.get("/v1/about", &()).await.map_err(|error| match error {
            // A web server that knows nothing of this route.
            ApiError::Refused(_) => ApiError::not_a_store(&self.address),
            other => other,
        })?;
        if about.version < lac_wire::VERSION {
            return Err(Failure::Told(too_old(&about.authority_name)).into());
        }
        Ok(about)
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.address.route(path));
        match self.token.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            Some(token) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ApiError> {
        let response = request
            .send()
            .await
            .map_err(|error| ApiError::of_transport(&error, &self.address))?;
        answer::checked(response, &self.address).await
    }

    /// Reads something.
    pub(crate) async fn get<Q: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Q,
    ) -> Result<T, ApiError> {
        let response = self
            .send(self.request(Method::GET, path).query(query).timeout(ORDINARY))
            .await?;
        answer::json(response, &self.address).await
    }

    /// Reads something that is not JSON.
    pub(crate) async fn get_bytes<Q: Serialize + Sync>(&self, path: &str, query: &Q) -> Result<Vec<u8>, ApiError> {
        let request = self.request(Method::GET, path).query(query).timeout(LONG);
        let response = self.send(request).await?;
        answer::bytes(response, &self.address).await
    }

    /// Asks for something that changes the store, once: repeated under the same key when its answer is lost.
    pub(crate) async fn change<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, ApiError> {
        self.change_within(ORDINARY, method, path, body).await
    }

    /// The same, for what may take long.
    pub(crate) async fn change_slowly<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, ApiError> {
        self.change_within(LONG, method, path, body).await
    }

    async fn change_within<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        timeout: Duration,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<T, ApiError> {
        let body = serde_json::to_vec(body).map_err(Failure::from)?;
        let asked = {
            let mut hasher = DefaultHasher::new();
            (method.as_str(), path, &body).hash(&mut hasher);
            hasher.finish()
        };
        let key = self.key_of(asked)?;
        let mut repeats = REPEATS.iter();
        let answer = loop {
            let request = self
                .request(method.clone(), path)
                .header(IDEMPOTENCY_KEY_HEADER, key.to_string())
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .timeout(timeout)
                .body(body.clone());
            let answer = match self.send(request).await {
                Ok(response) => answer::json(response, &self.address).await,
                Err(error) => Err(error),
            };
            match repeats.next() {
                Some(wait) if is_lost(&answer) => self.clock.sleep(*wait).await,
                _ => break answer,
            }
        };
        let unanswered = matches!(
            answer,
            Err(ApiError::Unreachable { .. } | ApiError::Later { not_taken: false, .. })
        );
        if !unanswered {
            self.unanswered
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&asked);
        }
        answer
    }

    /// Posts a command, once: it carries its own id, and the outbox repeats it.
    pub(crate) async fn post_command(
        &self,
        envelope: &lac_wire::CommandEnvelope,
    ) -> Result<lac_wire::CommandReply, ApiError> {
        let request = self
            .request(Method::POST, "/v1/commands")
            .timeout(ORDINARY)
            .json(envelope);
        let request = request.header(IDEMPOTENCY_KEY_HEADER, envelope.id.to_string());
        answer::json(self.send(request).await?, &self.address).await
    }

    /// Ends the session, with little patience.
    pub(crate) async fn end_session(&self) -> Result<(), ApiError> {
        let key = self.new_key()?;
        let request = self
            .request(Method::DELETE, "/v1/session")
            .timeout(Duration::from_secs(5));
        self.send(request.header(IDEMPOTENCY_KEY_HEADER, key.to_string()))
            .await?;
        Ok(())
    }

    fn new_key(&self) -> Result<Uuid, Failure> {
        Ok(uuid::Builder::from_unix_timestamp_millis(self.clock.now().unix_millis(), &random()?).into_uuid())
    }

    fn key_of(&self, asked: u64) -> Result<Uuid, Failure> {
        let fresh = self.new_key()?;
        Ok(*self
            .unanswered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(asked)
            .or_insert(fresh))
    }
}

/// Whether an answer was lost on the way, so that nobody knows what became of the request.
fn is_lost<T>(answer: &Result<T, ApiError>) -> bool {
    matches!(answer, Err(ApiError::Unreachable { not_sent: false, problem }) if problem.is_local(LocalCode::Offline))
}

fn too_old(authority: &str) -> Problem {
    Problem::local(
        LocalCode::VersionMismatch,
        format!(
            "The store of {authority} is too old for this version of the application. Ask the authority's IT to update it."
        ),
    )
}
