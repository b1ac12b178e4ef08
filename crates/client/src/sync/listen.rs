//! Listening to the store's pokes. Without a stream, pulls come more often.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;

use crate::account::OpenAccount;
use crate::api::ApiError;
use crate::pace::{backoff, between};

/// A stream that ends sooner was closed by something on the way that does not like streams.
const QUICK: Duration = Duration::from_secs(10);
/// After so many quick ends in a row, listening is left for a while.
const QUICK_ENDS: u32 = 3;
/// For how long.
const LEFT_FOR: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(600));

/// Listens for as long as the account is open.
pub(crate) async fn listen(account: Arc<OpenAccount>) {
    let (mut failures, mut quick_ends) = (0, 0);
    loop {
        if !account.api.has_token() {
            account.listen.notified().await;
            continue;
        }
        match account.api.pokes().await {
            Ok(mut pokes) => {
                failures = 0;
                let began = account.computer.clock.monotonic();
                account.listening.store(true, Ordering::SeqCst);
                // Something may have come before the stream stood.
                account.pull.notify_one();
                while pokes.next().await.is_some() {
                    account.pull.notify_one();
                }
                account.listening.store(false, Ordering::SeqCst);
                // The pull tells whether the store is still there.
                account.pull.notify_one();
                let stood = account.computer.clock.monotonic().saturating_sub(began);
                quick_ends = if stood < QUICK { quick_ends + 1 } else { 0 };
            }
            Err(error) => {
                failures += 1;
                if matches!(error, ApiError::SignedOut(_)) {
                    account.heard::<()>(&Err(error)).await;
                } else if account.is_online() {
                    // Something on the way may forbid streams alone: the pull tells whether the store is still there.
                    account.pull.notify_one();
                }
            }
        }
        let wait = if quick_ends >= QUICK_ENDS {
            between(LEFT_FOR.0, LEFT_FOR.1)
        } else {
            backoff(failures.max(quick_ends))
        };
        tokio::select! {
            () = account.listen.notified() => {}
            () = account.computer.clock.sleep(wait) => {}
        }
    }
}
