//! What the measurements share: a desktop with 100,000 messages, and a file with the same rows put in by bare inserts.
#![allow(dead_code, unused_imports, reason = "each measurement uses its own part")]

mod bare;
mod computer;
mod messages;
mod store;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

pub use bare::{bare_inserts, open_bare, open_with_key};
pub use computer::Computer;
use lac_client::App;
use lac_client::view::*;
pub use messages::{conversation_of, conversations, id, messages};
pub use store::Store;
use tokio::sync::Notify;

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

pub const MESSAGES: i64 = 100_000;
pub const IN_CONVERSATION: i64 = 50;
pub const ROUNDS: usize = 3;
/// How long nothing may happen before a measurement gives up.
const PATIENCE: Duration = Duration::from_secs(60);
pub const ME: u128 = 1;
pub const OTHER: u128 = 2;

/// An application on a computer of the bench's own.
pub struct Desk {
    pub app: Arc<App<Computer>>,
    pub account: AccountId,
}

pub async fn first_fetch(folder: &Path, store: &Store) -> Outcome<(Desk, Duration)> {
    let computer = Computer {
        folder: folder.to_owned(),
        secrets: Mutex::default(),
        told: Notify::new(),
    };
    let app = App::open(computer, lac_client::clock::system()).await;
    let request = SignInHere {
        address: store.url.clone(),
        email: "helen.okafor@example.org".to_owned(),
        password: "x".into(),
        second_factor: None,
    };
    let account = app.sign_in(request).await?;
    // From the first request for the held set to the page being told of its end.
    let began = Instant::now();
    loop {
        let told = app.host().told.notified();
        let state = app.app_state(()).await?;
        let sync = &state.accounts[0].sync;
        if sync.online && sync.first_fetch.is_none() && !sync.busy {
            break;
        }
        let waited = tokio::time::timeout(PATIENCE, told).await;
        waited.map_err(|_| format!("nothing more came of the first fetch: {sync:?}"))?;
    }
    let took = began.elapsed();
    Ok((Desk { app, account }, took))
}

pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
