//! Serving the API on a socket, with the work that goes on beside it.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::store::Store;
use crate::{later, mail, upkeep, users};

/// How long requests may go on after the signal to end.
const GRACE: Duration = Duration::from_secs(20);

/// Serves the store until `shutdown`, then lets what was begun end (event streams end at once), and closes
/// the store.
///
/// # Errors
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    store: Store,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let mut beside = JoinSet::new();
    let mut mails = tokio::spawn(mail::send_for_ever(store.clone()));
    beside.spawn(upkeep::run_for_ever(store.clone()));
    beside.spawn(later::catch_up_for_ever(store.clone()));
    beside.spawn(users::act_for_ever(store.clone()));
    let app = store.router().into_make_service_with_connect_info::<SocketAddr>();
    let mut closing = store.closing();
    let signal = {
        let store = store.clone();
        async move {
            shutdown.await;
            store.begin_closing();
        }
    };
    let served = axum::serve(listener, app).with_graceful_shutdown(signal).into_future();
    let overtime = async {
        // The sender lives in the store, which outlives this.
        let _ = closing.wait_for(|closing| *closing).await;
        tokio::time::sleep(GRACE).await;
    };
    let outcome = tokio::select! {
        outcome = served => outcome,
        () = overtime => {
            tracing::warn!("some requests did not end in time and were cut off");
            Ok(())
        }
    };
    beside.shutdown().await;
    // The store closes also when the socket failed. A mail that is being handed over is waited for: whoever leaves in the
    // middle does not know whether it arrived.
    store.begin_closing();
    match tokio::time::timeout(GRACE, &mut mails).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::error!(%error, "sending mails ended badly"),
        Err(_) => {
            tracing::warn!("the mail server did not answer in time; a mail was left in the middle");
            mails.abort();
        }
    }
    store.close().await;
    outcome
}
