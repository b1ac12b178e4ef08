//! Requests as the table's endpoints take them, and what comes back, to the byte.

use axum::body::Body;
use axum::http::{HeaderValue, Method};
use futures_util::StreamExt;
use lac_wire::{ErrorCode, ErrorReply, REQUEST_ID_HEADER};
use serde_json::json;
use tower::ServiceExt;
use uuid::Uuid;

use super::row::Row;
use super::world::{Actor, World};
use crate::test_support::{PASSWORD, TestClient, new_uuid};

/// The id that every request of the matrix bears, so that replies can be compared to the byte.
const REQUEST_ID: &str = "request-of-the-matrix";
/// Two users, one of whom has no e-mail address and is refused.
const FILE: &str = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN),Pupil Reference Number (UPN)\r\n\
                    Fabian,Lightbourne,Mentor,ADDRESS,,,\r\nDorothea,Hawksmoor,Mentor,,,,\r\n";

/// One establishment, as the DfE's file has it.
const GIAS: &str = "URN,EstablishmentName,EstablishmentStatus (name)\r\n900003,Ullathorne School,Open\r\n";

/// An establishment as the form for adding one by hand holds it.
fn setting(name: &str) -> serde_json::Value {
    json!({
        "name": name, "kind": "nursery", "address": ["1 High Street", "Barchester"], "postcode": "BA1 1AA", "phone": "",
        "website": "", "head": "", "ofsted_number": "EY123456", "closed_on": null,
    })
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Ask {
    method: Method,
    path: String,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Every header.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Ask {
    /// Puts another body in its place.
    pub fn body(&mut self, body: &serde_json::Value) {
        self.body = body.to_string().into_bytes();
    }
}

impl Answer {
    /// The code of a refusal.
    pub fn code(&self) -> ErrorCode {
        serde_json::from_str::<ErrorReply>(&self.body).unwrap().error.code
    }
}

/// Sends a request; of a stream only what comes first is awaited.
pub async fn send(world: &World<'_>, client: &TestClient, ask: &Ask) -> Answer {
    let kind = "application/json";
    let mut request = client.request(ask.method.clone(), &ask.path, ask.body.clone(), kind, new_uuid());
    let id = HeaderValue::from_static(REQUEST_ID);
    request.headers_mut().insert(REQUEST_ID_HEADER, id);
    let response = world.router.clone().oneshot(request).await.unwrap();
    let mut headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let status = response.status().as_u16();
    let streams = headers.iter().any(|(_, value)| value == "text/event-stream");
    let body = read(response.into_body(), streams).await;
    Answer { status, headers, body }
}

async fn read(body: Body, first: bool) -> String {
    let bytes = if first {
        body.into_data_stream().next().await.unwrap().unwrap()
    } else {
        axum::body::to_bytes(body, usize::MAX).await.unwrap()
    };
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The request of a row by a user, for the object with an id.
pub fn ask(world: &World<'_>, row: &Row, actor: &Actor, id: Uuid) -> Ask {
    let (method, path) = row.endpoint.split_once(' ').unwrap();
    let (query, body) = content(world, row, actor, id);
    Ask {
        method: method.parse().unwrap(),
        path: path.replace("{id}", &id.to_string()).replace("{row}", "2") + &query,
        body,
    }
}

/// A request's query and body.
fn content(world: &World<'_>, row: &Row, actor: &Actor, id: Uuid) -> (String, Vec<u8>) {
    let bytes = |value: serde_json::Value| (String::new(), value.to_string().into_bytes());
    let device = json!({ "id": new_uuid(), "name": "A laptop" });
    match row.endpoint {
        "POST /v1/invitations/look" => bytes(json!({ "code": actor.code })),
        "POST /v1/invitations/accept" => bytes(json!({ "code": actor.code, "password": PASSWORD, "device": device })),
        "POST /v1/sessions" => bytes(json!({ "email": actor.user.email, "password": PASSWORD, "device": device })),
        "POST /v1/session/confirm" => bytes(json!({ "password": PASSWORD })),
        "POST /v1/me/password" => bytes(json!({ "current": PASSWORD, "password": PASSWORD })),
        "POST /v1/password-codes" => bytes(json!({ "email": actor.user.email })),
        "POST /v1/password-codes/look" => bytes(json!({ "code": "00000-00000-00000-00000" })),
        "POST /v1/password-codes/use" => bytes(json!({ "code": "00000-00000-00000-00000", "password": PASSWORD })),
        "POST /v1/me/second-factor/confirm" => bytes(json!({ "code": "000000" })),
        "PUT /v1/authority/second-factor" => bytes(json!({ "relaxed": false })),
        "POST /v1/commands" => bytes(json!({ "id": new_uuid(), "command": command(world, row, id) })),
        "PUT /v1/me/notifications" => bytes(json!({ "email": "daily", "unwanted": [] })),
        "PUT /v1/me/away" => {
            let cover = (row.way == "covered by").then_some(id);
            bytes(json!({ "until": "2027-01-05", "cover": cover }))
        }
        "PUT /v1/me/lists/{id}" => bytes(json!({ "name": format!("Readers {id}"), "members": [world.xanthippe()] })),
        "POST /v1/recipients/check" if row.way == "about" => bytes(json!({ "pupil_id": id, "recipients": [] })),
        "POST /v1/recipients/check" => bytes(json!({ "pupil_id": null, "recipients": [{ "kind": "user", "id": id }] })),
        "PUT /v1/authority/terms" => bytes(json!({ "terms": [], "unread_after_days": 5 })),
        "POST /v1/users" => bytes(json!({
            "entry": world.entry("Rosalind", "Thackthwaite"), "link_later": false, "invite": true,
        })),
        "PUT /v1/users/{id}" => bytes(json!({
            "revision": 1, "entry": world.entry("Ignatius", "Wetherfold"), "status": "invited",
        })),
        "POST /v1/pupils" => bytes(json!({
            "legal_first_name": "Marmaduke", "legal_last_name": "Applegarth", "known_as": "Marmaduke Applegarth",
            "born": "2014-05-04", "upn": null, "reference": null, "care_periods": [], "enrolments": [],
        })),
        // A return of one child, whom nobody knows, in base64.
        "POST /v1/care-returns" => bytes(json!({
            "as_at": "2026-03-31", "header": "Q0hJTEQsRE9CLFVQTgpSOTksMDQvMDUvMjAxNCwK",
            "episodes": "Q0hJTEQsREVDT00sUk5FLExTLFBMQUNFLERFQyxSRUMKUjk5LDEwLzAxLzIwMjUsUyxDMixVMSwsCg==",
        })),
        "POST /v1/care-proposals/decisions" => bytes(json!({ "ids": null, "take": false })),
        "PUT /v1/pupils/{id}" => bytes(json!({ "revision": 1, "entry": world.record() })),
        "POST /v1/pupils/{id}/care-periods" => {
            let [start, end] = world.month_of(actor.user.role);
            bytes(json!({ "revision": null, "change": { "kind": "add", "entry": { "start": start, "end": end } } }))
        }
        "POST /v1/pupils/{id}/enrolments" => {
            let [start, end] = world.month_of(actor.user.role);
            let entry = json!({
                "establishment_id": world.school(), "kind": "guest", "start": start, "end": end, "visible_from": null,
            });
            bytes(json!({ "revision": null, "change": { "kind": "add", "entry": entry } }))
        }
        "POST /v1/pupils/{id}/history/exports" => bytes(json!({
            "format": "pdf", "reason": "A review", "messages": 1, "filtered": false,
        })),
        "POST /v1/messages/{id}/withdrawal" => bytes(json!({ "reason": "Sent to the wrong person", "subject": false })),
        "POST /v1/pupils/{id}/bars" => bytes(json!({ "user_id": world.stranger(), "barred": true })),
        "PUT /v1/pupils/{id}/restriction" => bytes(json!({ "restricted": false, "named": [] })),
        "POST /v1/pupils/{id}/adoption" => bytes(json!({ "on": "2026-03-02" })),
        "POST /v1/establishments" => {
            bytes(json!({ "entry": setting("Ullathorne Nursery"), "although_similar": false }))
        }
        "PUT /v1/establishments/{id}" => bytes(json!({ "revision": 1, "entry": setting("Skulpit’s Nursery") })),
        "POST /v1/establishments/{id}/join" => bytes(json!({ "urn": "900001" })),
        "POST /v1/establishments/{id}/move" => bytes(json!({
            "to": world.academy, "on": "2026-01-05", "whole": true, "links": [], "enrolments": [],
        })),
        "POST /v1/successions/leave" => bytes(json!({ "from": "900002", "to": "900001" })),
        "PUT /v1/establishment-imports/{id}" => ("?file_name=edubase.csv".to_owned(), GIAS.as_bytes().to_vec()),
        "PUT /v1/imports/{id}" if row.way == "of pupils" => {
            let query = "?kind=pupils&existing=update&file_name=pupils.csv";
            let file = format!(
                "First name,Surname,Date of birth,Reference\nTom,Reed,04/05/2014,{}\n",
                id.simple()
            );
            (query.to_owned(), file.into_bytes())
        }
        "PUT /v1/imports/{id}" => {
            let query = "?kind=users&role=social_worker&existing=refuse&file_name=staff.csv";
            let address = format!("fabian.{}@example.org", id.simple());
            (query.to_owned(), FILE.replace("ADDRESS", &address).into_bytes())
        }
        "POST /v1/imports/{id}/commit" => bytes(json!({ "revision": 1, "all_or_nothing": false, "invite": false })),
        "PATCH /v1/imports/{id}" => bytes(json!({ "revision": 1, "leave_out": [2] })),
        "POST /v1/imports/mapping" => bytes(json!({ "kind": "users", "headings": ["Given", "Family"] })),
        "PUT /v1/attachments/{id}" => bytes(json!({ "name": "Notes.txt", "size": 4, "sha256": "a".repeat(64) })),
        "PUT /v1/attachments/{id}/pieces" => ("?offset=0".to_owned(), b"Of no weight".to_vec()),
        "GET /v1/changes" => (format!("?cursor={}&limit=1000", world.beginning), Vec::new()),
        "GET /v1/held" => (format!("?part={}", row.way), Vec::new()),
        "POST /v1/assignments" => bytes(match row.way {
            "of a user" => json!({ "add": [{ "user_id": id, "pupil_id": world.tom, "reads_all": true }] }),
            "to a pupil" => {
                let day = world.fresh_day();
                let add =
                    json!({ "user_id": world.invited(), "pupil_id": id, "start": day, "end": day, "reads_all": false });
                json!({ "add": [add] })
            }
            _ => json!({ "change": [{ "id": id, "start": "2026-11-01", "end": null, "reads_all": true }] }),
        }),
        "POST /v1/users/actions" => {
            let (user, school) = if row.way == "of users" {
                (id, world.school().0)
            } else {
                (world.stranger(), id)
            };
            let act = json!({
                "kind": "link", "establishment_id": school, "capacity": "cover", "start": null, "end": null,
            });
            bytes(json!({ "id": new_uuid(), "which": { "kind": "these", "ids": [user] }, "act": act }))
        }
        "POST /v1/colleagues" => bytes(world.colleague(id)),
        "POST /v1/colleagues/{id}/approve" => bytes(json!({ "capacity": "deputy", "start": null, "end": null })),
        "POST /v1/colleagues/{id}/refuse" => bytes(json!({ "reason": "There is one already." })),
        "POST /v1/links" => {
            let (user, school, day) = match row.way {
                "of a user" => (id, world.school().0, None),
                _ => (world.stranger(), id, Some(world.fresh_day())),
            };
            bytes(json!({
                "user_id": user, "establishment_id": school, "capacity": "cover", "start": day, "end": day,
            }))
        }
        "PUT /v1/links/{id}" => bytes(json!({ "capacity": "deputy", "start": "2020-09-01", "end": null })),
        "POST /v1/users/{id}/sign-out" => bytes(json!({ "session_id": null })),
        "POST /v1/users/{id}/hand-over" => bytes(json!({ "to": world.xanthippe(), "reads_all": true })),
        "GET /v1/users/lookup" => ("?email=septimus".to_owned(), Vec::new()),
        "GET /v1/pupils" if row.way == "establishment_id" => (format!("?establishment_id={id}"), Vec::new()),
        _ => (String::new(), Vec::new()),
    }
}

fn command(world: &World<'_>, row: &Row, id: Uuid) -> serde_json::Value {
    let message = json!({ "id": new_uuid(), "body": "A sentence of no weight", "written_at": world.store.store.now() });
    let begin = |pupil: Option<Uuid>, recipient: serde_json::Value| {
        json!({
            "kind": "start_conversation", "conversation_id": new_uuid(), "subject": "A matter of no weight",
            "pupil_id": pupil, "confidential": false, "recipients": [recipient], "message": message,
        })
    };
    match row.way {
        "start_conversation" => begin(None, json!({ "kind": "virtual_school" })),
        "start_conversation about" => begin(Some(id), json!({ "kind": "virtual_school" })),
        "start_conversation around" => begin(Some(id), json!({ "kind": "around_pupil", "pupil_id": id })),
        "start_conversation with" => begin(None, json!({ "kind": "user", "id": id })),
        "start_conversation about a pupil with" => begin(Some(world.tom), json!({ "kind": "user", "id": id })),
        "start_conversation with teachers" => {
            begin(None, json!({ "kind": "designated_teachers", "establishment_id": id }))
        }
        "start_conversation with a list" => begin(None, json!({ "kind": "own_list", "id": id })),
        "add_participants" => {
            json!({ "kind": row.way, "conversation_id": id, "users": [world.xanthippe()] })
        }
        "add_participants who" => {
            json!({ "kind": "add_participants", "conversation_id": world.shared(), "users": [id] })
        }
        "mute" => json!({ "kind": row.way, "conversation_id": id, "muted": true }),
        "leave" => json!({ "kind": row.way, "conversation_id": id }),
        "send_message" => json!({ "kind": row.way, "conversation_id": id, "message": message }),
        "mark_read" => json!({ "kind": row.way, "conversation_id": id, "up_to": 1 }),
        "mark_unread" => json!({ "kind": row.way, "conversation_id": id }),
        "note_read" => json!({ "kind": row.way, "pupil_id": id, "at": world.store.store.now() }),
        "note_opened" => json!({ "kind": row.way, "attachment_id": id, "at": world.store.store.now() }),
        "save_reminder" | "save_reminder about" => {
            let pupil = (row.way != "save_reminder").then_some(id);
            let reminder = json!({
                "id": new_uuid(), "text": "A matter of no weight", "pupil_id": pupil, "conversation_id": null,
                "due_at": world.store.store.now(), "repeat": null,
            });
            json!({ "kind": "save_reminder", "reminder": reminder })
        }
        "finish_reminder" => {
            json!({ "kind": row.way, "id": id, "due_at": world.store.store.now(), "next_due": null })
        }
        "snooze_reminder" => json!({ "kind": row.way, "id": id, "until": world.store.store.now() }),
        other => panic!("the matrix has no request for the command {other}"),
    }
}
