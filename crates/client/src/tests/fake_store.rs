//! A store that answers what a test wants it to: over real HTTP, with nothing behind it.

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
    pub(crate) cursor: u64,
    /// The user's role; a Designated Teacher where none is set.
    pub(crate) role: Option<lac_domain::Role>,
    /// Open streams end, and connections that are still open are cut.
    pub(crate) stopped: bool,
}

impl Inside {
    fn me(&self) -> lac_wire::Me {
        let me = me();
        lac_wire::Me {
            role: self.role.unwrap_or(me.role),
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

fn do_it(served: &Served, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
    let mut inside = served.inside.lock().unwrap();
    let none: Page<MaybeEntity> = Page {
        rows: Vec::new(),
        after: None,
    };
    match (method.as_str(), path) {
        ("GET", "/v1/about") => {
            let about = About {
                version: 1,
                capabilities: Vec::new(),
                authority_name: me().authority.name,
            };
            json(StatusCode::OK, &about)
        }
        ("POST", "/v1/sessions" | "/v1/invitations/accept") => {
            let token = Private::from("a-token");
            json(
                StatusCode::OK,
                &SignedIn {
                    token,
                    session_id: id::<SessionId>(8),
                    expires_at: at(1_000_000),
                    me: inside.me(),
                },
            )
        }
        ("DELETE", "/v1/session") => Response::builder()
            .status(StatusCode::NO_CONTENT)
            .body(Body::empty())
            .unwrap(),
        ("GET", "/v1/me") => json(StatusCode::OK, &inside.me()),
        ("GET", "/v1/cursor") => json(
            StatusCode::OK,
            &CursorReply {
                cursor: inside.cursor.to_string(),
            },
        ),
        ("GET", "/v1/held") => {
            let rows = inside.held.iter().filter(|(part, _)| {
                query.contains(&format!(
                    "part={}",
                    serde_json::to_value(part).unwrap().as_str().unwrap()
                ))
            });
            let rows: Vec<MaybeEntity> = rows.flat_map(|(_, rows)| rows.clone()).collect();
            json(StatusCode::OK, &Page { rows, after: None })
        }
        ("GET", "/v1/changes") => {
            let entities = inside.changes.pop_front().unwrap_or_default();
            inside.cursor += u64::from(!entities.is_empty());
            let more = !inside.changes.is_empty();
            let counts = if more { Vec::new() } else { inside.counts.clone() };
            json(
                StatusCode::OK,
                &Changes {
                    entities,
                    cursor: inside.cursor.to_string(),
                    more,
                    counts,
                },
            )
        }
        ("POST", "/v1/commands") => {
            let envelope: CommandEnvelope = serde_json::from_slice(body).unwrap();
            let reply = take(&mut inside, &envelope.command);
            inside.commands.push(envelope);
            json(StatusCode::OK, &reply)
        }
        (_, file) if file.starts_with("/v1/attachments/") => file_request(&mut inside, method, file, query, body),
        ("GET", history) if history.ends_with("/history") => json(
            StatusCode::OK,
            &Page {
                rows: inside.history.clone(),
                after: None,
            },
        ),
        ("GET", one) if one.starts_with("/v1/conversations/") => {
            let asked = |id: ConversationId| one.ends_with(&id.to_string());
            let Some(conversation) = inside.conversations.iter().find(|held| asked(held.id)) else {
                return refusal(ErrorCode::NotFound);
            };
            let messages = inside.messages.iter().filter(|message| asked(message.conversation_id));
            let rows: Vec<MaybeEntity> = std::iter::once(lac_wire::Entity::Conversation(conversation.clone()))
                .chain(messages.cloned().map(lac_wire::Entity::Message))
                .map(MaybeEntity::from)
                .collect();
            json(StatusCode::OK, &Page { rows, after: None })
        }
        ("POST", "/v1/imports/mapping") => {
            let columns = inside.remembered.clone();
            json(StatusCode::OK, &lac_wire::RememberedMapping { columns })
        }
        ("PUT", one) if one.starts_with("/v1/imports/") => {
            inside.files.push(body.to_vec());
            refusal(ErrorCode::NotFound)
        }
        ("GET", "/v1/users" | "/v1/imports" | "/v1/establishments") => json(StatusCode::OK, &none),
        _ => refusal(ErrorCode::NotFound),
    }
}

/// Takes and gives files as the store does, but judges nothing.
fn file_request(inside: &mut Inside, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
    let mut parts = path.trim_start_matches("/v1/attachments/").split('/');
    let (id, piece) = (parts.next().unwrap().to_owned(), parts.next().is_some());
    let offset: usize = query.strip_prefix("offset=").map_or(0, |text| text.parse().unwrap());
    if method == Method::GET {
        let Some((_, bytes)) = inside.uploads.get(&id) else {
            return refusal(ErrorCode::NotFound);
        };
        let end = (offset + 256 * 1024).min(bytes.len());
        let body = Body::from(bytes[offset.min(end)..end].to_vec());
        let kind = "application/octet-stream";
        return Response::builder().header("content-type", kind).body(body).unwrap();
    }
    if !piece && !inside.uploads.contains_key(&id) {
        let new: NewAttachment = serde_json::from_slice(body).unwrap();
        inside.uploads.insert(id.clone(), (new, Vec::new()));
    }
    let Some((new, bytes)) = inside.uploads.get_mut(&id) else {
        return refusal(ErrorCode::NotFound);
    };
    if piece && offset == bytes.len() {
        bytes.extend_from_slice(body);
    }
    let received = i64::try_from(bytes.len()).unwrap();
    let complete = received == new.size;
    json(StatusCode::OK, &lac_wire::AttachmentProgress { received, complete })
}

/// The files that a message names.
fn arrived(inside: &Inside, ids: &[lac_domain::AttachmentId]) -> Vec<lac_wire::Attachment> {
    ids.iter()
        .map(|id| {
            let (new, bytes) = &inside.uploads[&id.to_string()];
            assert_eq!(
                i64::try_from(bytes.len()).unwrap(),
                new.size,
                "a message came before its files"
            );
            let kind = lac_import::judge_attachment(new.name.reveal(), bytes).kind;
            lac_wire::Attachment {
                id: *id,
                name: new.name.clone(),
                kind,
                size: new.size,
            }
        })
        .collect()
}

/// Takes a command as the store would, each message once.
fn take(inside: &mut Inside, command: &Command) -> CommandReply {
    let number = 1000 + i64::try_from(inside.messages.len()).unwrap();
    let (conversation_id, new) = match command {
        Command::StartConversation {
            conversation_id,
            subject,
            pupil_id,
            confidential,
            message,
            ..
        } => {
            if !inside.conversations.iter().any(|held| held.id == *conversation_id) {
                let participants = [ME, PRIYA]
                    .map(|user| Participant {
                        user_id: id(user),
                        read_up_to: 0,
                        read_at: None,
                    })
                    .to_vec();
                inside.conversations.push(Conversation {
                    id: *conversation_id,
                    subject: subject.clone(),
                    pupil_id: *pupil_id,
                    confidential: *confidential,
                    notice: None,
                    participants,
                    started_at: at(1),
                    message_count: 0,
                    last_number: 0,
                });
            }
            (*conversation_id, Some(message))
        }
        Command::SendMessage {
            conversation_id,
            message,
        } => (*conversation_id, Some(message)),
        Command::MarkRead { conversation_id, up_to } => {
            let held = inside.conversations.iter_mut().find(|held| held.id == *conversation_id);
            held.into_iter()
                .for_each(|held| held.participants[0].read_up_to = *up_to);
            (*conversation_id, None)
        }
        Command::MarkUnread { conversation_id } => (*conversation_id, None),
        Command::NoteRead { .. }
        | Command::NoteOpened { .. }
        | Command::SaveReminder { .. }
        | Command::FinishReminder { .. }
        | Command::SnoozeReminder { .. }
        | Command::Unknown => {
            return CommandReply {
                conversation: None,
                message: None,
                reminder: None,
                left_out: Vec::new(),
            };
        }
    };
    let message = new.map(|new| {
        let arrived = arrived(inside, &new.attachments);
        let held = inside.messages.iter().find(|held| held.id == new.id).cloned();
        held.unwrap_or_else(|| {
            let message = Message {
                id: new.id,
                conversation_id,
                number,
                author_id: Some(id(ME)),
                body: new.body.clone(),
                sent_at: at(number),
                written_at: new.written_at,
                attachments: arrived,
            };
            inside.messages.push(message.clone());
            message
        })
    });
    let count = i64::try_from(
        inside
            .messages
            .iter()
            .filter(|held| held.conversation_id == conversation_id)
            .count(),
    )
    .unwrap();
    let conversation = inside
        .conversations
        .iter_mut()
        .find(|held| held.id == conversation_id)
        .map(|held| {
            held.message_count = count;
            held.last_number = held
                .last_number
                .max(message.as_ref().map_or(0, |message| message.number));
            held.clone()
        });
    CommandReply {
        conversation,
        message,
        reminder: None,
        left_out: Vec::new(),
    }
}
