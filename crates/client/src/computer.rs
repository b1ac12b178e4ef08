//! The computer as the inside of this crate uses it: host, clock, settings, and randomness.

use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use lac_domain::Timestamp;
use uuid::Uuid;

use crate::api::Clients;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::host::{Host, SecretError};
use crate::view::Settings;

/// The host and the clock, shared by all accounts.
pub(crate) struct Computer {
    pub(crate) host: Arc<dyn Host>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) clients: Clients,
    settings: RwLock<Settings>,
    /// Until when no notification is shown, by the monotonic clock.
    paused_until: Mutex<Option<Duration>>,
}

impl Computer {
    pub(crate) fn new(host: Arc<dyn Host>, clock: Arc<dyn Clock>, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            host,
            clock,
            clients: Clients::default(),
            settings: RwLock::new(settings),
            paused_until: Mutex::default(),
        })
    }

    pub(crate) fn settings(&self) -> Settings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_settings(&self, settings: Settings) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
    }

    /// Shows no notifications for so long, or shows them again; what came meanwhile is told afterwards.
    pub(crate) fn pause_notifications(&self, span: Option<Duration>) {
        let until = span.map(|span| self.clock.monotonic() + span);
        *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    /// Whether notifications are paused.
    pub(crate) fn is_paused(&self) -> bool {
        let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until > self.clock.monotonic())
    }

    /// Whether nobody is to be disturbed now: by quiet hours, or for an hour.
    pub(crate) fn is_quiet(&self) -> bool {
        self.is_paused() || self.settings().is_quiet(self.now())
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id of version 7: `let id: DraftId = computer.new_id()?`.
    pub(crate) fn new_id<T: From<Uuid>>(&self) -> Result<T, Failure> {
        let random = random()?;
        Ok(
            uuid::Builder::from_unix_timestamp_millis(self.now().unix_millis(), &random)
                .into_uuid()
                .into(),
        )
    }

    /// Does something with the keyring, which may block, off the async threads.
    pub(crate) async fn keyring<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn Host) -> Result<T, SecretError> + Send + 'static,
    ) -> Result<T, SecretError> {
        let host = Arc::clone(&self.host);
        tokio::task::spawn_blocking(move || work(host.as_ref()))
            .await
            .unwrap_or_else(|error| Err(SecretError::Unavailable(error.to_string())))
    }
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Random(error.to_string()))?;
    Ok(bytes)
}
