//! The application: its accounts and its settings.

use std::sync::Arc;

use lac_domain::{ConversationId, DraftId, Timestamp};
use lac_import::Finding;
use lac_wire::*;

use crate::clock::Clock;
use crate::host::Host;
use crate::view::*;

/// The desktop without its window.
pub struct App<H: Host> {
    host: Arc<H>,
    clock: Arc<dyn Clock>,
}

impl<H: Host> App<H> {
    /// Opens the application with all accounts of its profile. What is wrong with one of them is told by its
    /// state; the others go on.
    pub async fn open(host: H, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { host: Arc::new(host), clock })
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Ends what runs in the background and closes every file. Nothing is lost without it.
    pub async fn close(&self) {
        self.clock.sleep(std::time::Duration::ZERO).await;
    }
}

macro_rules! bodies {
    (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
        #[allow(missing_docs)]
        impl<H: Host> App<H> {
            $(pub async fn $a(&self, request: $ar) -> Result<$ap, Problem> {
                let _ = request;
                Err(Problem::local(LocalCode::Internal, "This is not built yet."))
            })*
            $(pub async fn $b(&self, account: AccountId, request: $br) -> Result<$bp, Problem> {
                let _ = (account, request);
                Err(Problem::local(LocalCode::Internal, "This is not built yet."))
            })*
        }
    };
}
crate::ui_commands!(bodies);
