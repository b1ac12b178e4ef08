//! A store inside the test, served over real HTTP.

use std::net::SocketAddr;

use lac_central::test_support::TestStore;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A store that is served.
pub struct Served {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Served {
    pub async fn start(store: &TestStore) -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(lac_central::serve(listener, store.store.clone(), async {
            let _ = stopped.await;
        }));
        Self { address, stop, serving }
    }

    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.serving.await.unwrap().unwrap();
    }
}
