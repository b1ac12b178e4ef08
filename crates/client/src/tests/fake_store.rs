//! A store that answers what a test wants it to: over real HTTP, with nothing behind it.

mod requests;

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::Response;
use lac_domain::{ConversationId, SessionId};
use lac_wire::{
    About, Changes, Command, CommandEnvelope, CommandReply, Conversation, ConversationCount, CursorReply, ErrorBody,
    ErrorCode, ErrorReply, HeldPart, MaybeEntity, Message, NewAttachment, Page, Participant, Private, SignedIn,
};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::samples::*;
use requests::do_it;

/// What the store does with the next request of a path.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status with an error of the contract.
    Refuse(ErrorCode),
    /// A status with a body of another kind, and perhaps when to come again.
    Raw(u16, &'static str, Option<u64>),
    /// It does what it is asked, but its answer is cut off.
    Lose,
    /// It is asked, and never answers.
    Hang,
}

/// What a test may look at and change.
#[derive(Default)]
pub(crate) struct Inside {
    /// Answers to the next requests whose path begins so.
    pub(crate) next: Vec<(&'static str, Answer)>,
    /// Every request: method, path with query, and its idempotency key.
    pub(crate) asked: Vec<(String, String, String)>,
    /// The session's token of every request.
    pub(crate) tokens: Vec<String>,
    /// The body of every file that was sent.
    pub(crate) files: Vec<Vec<u8>>,
    /// What was said before of files with other headings than the known ones.
    pub(crate) remembered: Vec<lac_import::ColumnChoice>,
    /// Every command taken, once for each attempt.
    pub(crate) commands: Vec<CommandEnvelope>,
    pub(crate) held: Vec<(HeldPart, Vec<MaybeEntity>)>,
    pub(crate) history: Vec<MaybeEntity>,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) messages: Vec<Message>,
    /// Pages of changes that have not been asked for.
    pub(crate) changes: VecDeque<Vec<MaybeEntity>>,
    pub(crate) counts: Vec<ConversationCount>,
    /// Files that were announced, with what has arrived of them.
    pub(crate) uploads: HashMap<String, (NewAttachment, Vec<u8>)>,
    /// Exports that were noted.
    pub(crate) exports: Vec<lac_wire::NoteExport>,
    pub(crate) cursor: u64,
    /// The password that it takes; any where none is set.
    pub(crate) password: Option<&'static str>,
    /// How many messages it counts as unread.
    pub(crate) unread: i64,
    /// The user's role; a Designated Teacher where none is set.
    pub(crate) role: Option<lac_domain::Role>,
    /// Reminders are taken and not shown: what they are about may no longer be seen.
    pub(crate) hides_reminders: bool,
    /// What is said of those whom a message would reach.
    pub(crate) checked: Option<lac_wire::RecipientsChecked>,
    /// Whether the user is away, and their own lists.
    pub(crate) away: Option<lac_wire::Away>,
    pub(crate) lists: Vec<lac_wire::OwnList>,
    /// Open streams end, and connections that are still open are cut.
    pub(crate) stopped: bool,
}

impl Inside {
    fn takes(&self, body: &[u8]) -> bool {
        let given: lac_wire::SignIn = serde_json::from_slice(body).unwrap();
        self.password.is_none_or(|right| given.password.reveal() == right)
    }

    fn me(&self) -> lac_wire::Me {
        let me = me();
        lac_wire::Me {
            role: self.role.unwrap_or(me.role),
            away: self.away,
            lists: self.lists.clone(),
            ..me
        }
    }
}

pub(crate) struct FakeStore {
    pub(crate) address: SocketAddr,
    inside: Arc<Mutex<Inside>>,
    pokes: watch::Sender<u64>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Clone)]
struct Served {
    inside: Arc<Mutex<Inside>>,
    pokes: watch::Receiver<u64>,
}

impl FakeStore {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut store = Self {
            address,
            inside: Arc::default(),
            pokes: watch::channel(0).0,
            serving: None,
        };
        store.serve(listener);
        store
    }

    fn serve(&mut self, listener: tokio::net::TcpListener) {
        let served = Served {
            inside: Arc::clone(&self.inside),
            pokes: self.pokes.subscribe(),
        };
        let app = Router::new().fallback(answer).with_state(served);
        self.serving = Some(tokio::spawn(async move { axum::serve(listener, app).await.unwrap() }));
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn inside<T>(&self, look: impl FnOnce(&mut Inside) -> T) -> T {
        look(&mut self.inside.lock().unwrap())
    }

    /// Has the next request whose path begins so answered otherwise.
    pub(crate) fn next(&self, path: &'static str, answer: Answer) {
        self.inside(|inside| inside.next.push((path, answer)));
    }

    /// Stops answering: connections are refused and open ones end.
    pub(crate) async fn stop(&mut self) {
        if let Some(serving) = self.serving.take() {
            serving.abort();
            let _ = serving.await;
        }
        self.inside(|inside| inside.stopped = true);
        self.pokes.send_modify(|count| *count += 1);
    }

    /// Answers again, at the same address.
    pub(crate) async fn start_again(&mut self) {
        self.inside(|inside| inside.stopped = false);
        let listener = tokio::net::TcpListener::bind(self.address).await.unwrap();
        self.serve(listener);
    }

    pub(crate) fn poke(&self) {
        self.pokes.send_modify(|count| *count += 1);
    }

    /// Brings a page of changes, and pokes.
    pub(crate) fn change(&self, entities: impl IntoIterator<Item = lac_wire::Entity>) {
        self.inside(|inside| {
            inside
                .changes
                .push_back(entities.into_iter().map(MaybeEntity::from).collect())
        });
        self.poke();
    }
}

impl Drop for FakeStore {
    fn drop(&mut self) {
        if let Some(serving) = &self.serving {
            serving.abort();
        }
    }
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Response {
    let body = Body::from(serde_json::to_vec(value).unwrap());
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(body)
        .unwrap()
}

fn refusal(code: ErrorCode) -> Response {
    let error = ErrorBody {
        code,
        message: "The store says no, in a sentence.".to_owned(),
        field: None,
        request_id: Some("r-1".to_owned()),
        changed: None,
    };
    json(StatusCode::from_u16(code.status()).unwrap(), &ErrorReply { error })
}

async fn answer(State(served): State<Served>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().to_owned();
    let stopped = served.inside.lock().unwrap().stopped;
    if stopped {
        // axum's tasks of open connections live on when the listener is gone.
        let cut = futures_util::stream::iter([Err::<Bytes, _>(std::io::Error::other("cut"))]);
        return Response::new(Body::from_stream(cut));
    }
    let planned = {
        let mut inside = served.inside.lock().unwrap();
        let key = headers
            .get("idempotency-key")
            .map_or("", |key| key.to_str().unwrap())
            .to_owned();
        let token = headers.get("authorization").map_or("", |token| token.to_str().unwrap());
        inside.tokens.push(token.trim_start_matches("Bearer ").to_owned());
        inside.asked.push((method.to_string(), uri.to_string(), key));
        let place = inside.next.iter().position(|(begins, _)| path.starts_with(begins));
        place.map(|place| inside.next.remove(place).1)
    };
    match planned {
        Some(Answer::Refuse(code)) => return refusal(code),
        Some(Answer::Raw(status, text, retry_after)) => {
            let mut response = Response::builder().status(status).header("content-type", "text/html");
            if let Some(seconds) = retry_after {
                response = response.header("retry-after", seconds);
            }
            return response.body(Body::from(text)).unwrap();
        }
        Some(Answer::Lose) => {
            do_it(&served, &method, &path, uri.query().unwrap_or_default(), &body);
            // More is announced than comes: the connection breaks in the middle of the answer.
            let cut =
                futures_util::stream::iter([Ok(Bytes::from_static(b"{\"conv")), Err(std::io::Error::other("cut"))]);
            return Response::builder()
                .header("content-type", "application/json")
                .body(Body::from_stream(cut))
                .unwrap();
        }
        Some(Answer::Hang) => std::future::pending().await,
        None => {}
    }
    if path == "/v1/events" {
        return events(served);
    }
    do_it(&served, &method, &path, uri.query().unwrap_or_default(), &body)
}

fn events(served: Served) -> Response {
    let stream = futures_util::stream::unfold(served, |mut served| async move {
        served.pokes.changed().await.ok()?;
        if served.inside.lock().unwrap().stopped {
            return None;
        }
        Some((
            Ok::<_, std::io::Error>(Bytes::from_static(b"event: poke\ndata:\n\n")),
            served,
        ))
    });
    Response::builder()
        .header("content-type", "text/event-stream")
        .body(Body::from_stream(stream))
        .unwrap()
}
