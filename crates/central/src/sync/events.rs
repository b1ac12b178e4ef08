//! The stream of pokes: it says that there is something new, never what. It ends with its session, and when the
//! store closes.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use lac_domain::SessionId;
use lac_wire::ErrorReply;
use tokio::sync::watch;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::pokes::Listening;
use crate::accounts::session_by_id;
use crate::http::{ApiError, Session};
use crate::store::Store;

/// The shortest time between two pokes to a device.
const BETWEEN: Duration = Duration::from_millis(250);
/// How often a quiet stream looks whether its session is still there.
const LOOK: Duration = Duration::from_secs(30);
/// How often a quiet stream sends a comment, so that nothing on the way thinks it dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) fn router() -> OpenApiRouter<Store> {
    OpenApiRouter::new().routes(routes!(events))
}

struct Streaming {
    store: Store,
    // Not its token: that is made anew while the stream goes on.
    session: SessionId,
    listening: Listening,
    closing: watch::Receiver<bool>,
    last: Option<Instant>,
    begun: bool,
}

/// Pokes: an event `poke` whenever there is something new for the user.
#[utoipa::path(get, path = "/v1/events", tag = "sync",
    responses((status = 200, description = "a stream of server-sent events, each named `poke`", content_type = "text/event-stream"),
        (status = "4XX", body = ErrorReply)))]
async fn events(
    State(store): State<Store>,
    session: Session,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let streaming = Streaming {
        listening: store.pokes().listen(session.scope.user, session.scope.role),
        closing: store.closing(),
        session: session.id,
        last: None,
        begun: false,
        store,
    };
    let stream = stream::unfold(streaming, |mut streaming| async move {
        streaming.next().await.map(|event| (Ok(event), streaming))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Streaming {
    /// The next poke; none when the stream is over.
    async fn next(&mut self) -> Option<Event> {
        // The first tells the device to look once: something may have come while it was not listening.
        if !self.begun {
            self.begun = true;
            self.last = Some(Instant::now());
            return Some(poke());
        }
        if let Some(last) = self.last {
            tokio::select! {
                () = tokio::time::sleep_until(last + BETWEEN) => {}
                _ = self.closing.wait_for(|closing| *closing) => return None,
            }
        }
        loop {
            let poked = tokio::select! {
                () = self.listening.poke.notified() => true,
                () = tokio::time::sleep(LOOK) => false,
                _ = self.closing.wait_for(|closing| *closing) => return None,
            };
            if !self.is_live().await {
                return None;
            }
            if poked {
                self.last = Some(Instant::now());
                return Some(poke());
            }
        }
    }

    /// Whether the session may still be used. A database that fails ends the stream; the device polls meanwhile.
    async fn is_live(&self) -> bool {
        let found = async {
            let mut conn = self.store.read().await?;
            session_by_id(&mut conn, self.session).await
        };
        match found.await {
            Ok(session) => {
                session.is_some_and(|row| row.is_live(self.store.now(), self.store.config().session_idle_days))
            }
            Err(error) => {
                tracing::error!(%error, "a stream's session could not be looked up");
                false
            }
        }
    }
}

fn poke() -> Event {
    Event::default().event("poke").data("")
}
