//! `lac-central serve`.

use std::io::Write;

use lac_central::Store;
use tokio::net::TcpListener;

use super::Stop;

pub(super) async fn serve(store: Store, out: &mut impl Write) -> Result<u8, Stop> {
    let listen = store.config().listen;
    let listener = match TcpListener::bind(listen).await {
        Ok(listener) => listener,
        Err(error) => {
            store.close().await;
            return Err(Stop::failed(format!(
                "The store cannot listen on {listen}: {error}. Choose another address with --listen."
            )));
        }
    };
    writeln!(
        out,
        "Listening on http://{}. Press Ctrl+C to stop.",
        listener.local_addr()?
    )?;
    out.flush()?;
    let stop = told_to_stop()?;
    lac_central::serve(listener, store, stop).await?;
    Ok(0)
}

/// Ends when the program is asked to: Ctrl+C, or the signal that service managers send.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            tracing::info!("told to stop");
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::error!(%error, "Ctrl+C cannot be watched for");
                std::future::pending::<()>().await;
            }
            tracing::info!("told to stop");
        })
    }
}
