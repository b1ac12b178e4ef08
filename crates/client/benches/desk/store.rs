//! A store that has its answers ready, over real HTTP.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use lac_domain::{EpochId, Role, SessionId, UserStatus};
use lac_wire::*;
use serde::Serialize;

use super::messages::at;
use super::{ME, OTHER, Outcome, conversations, id};

/// How many entities a page holds.
const PAGE: usize = HELD_PAGE_LIMIT as usize;

/// A store that has its answers ready.
pub struct Store {
    pub url: String,
}

/// Pages by what is asked for.
type Pages = Arc<HashMap<String, Vec<u8>>>;

impl Store {
    pub async fn start(messages: &[Message]) -> Outcome<Self> {
        let mut pages = HashMap::new();
        let rows = conversations().into_iter().map(Entity::Conversation).collect();
        put(&mut pages, "conversations", rows)?;
        put(
            &mut pages,
            "messages",
            messages.iter().cloned().map(Entity::Message).collect(),
        )?;
        let person = Person {
            id: id(OTHER),
            first_name: "Priya".to_owned(),
            last_name: "Shah".to_owned(),
            role: Role::LaSuperUser,
            job_title: String::new(),
            establishments: Vec::new(),
            may_write: true,
            status: UserStatus::Active,
            email: None,
            phone: None,
            away: None,
        };
        put(&mut pages, "people", vec![Entity::Person(person)])?;
        put(&mut pages, "establishments", Vec::new())?;
        put(&mut pages, "pupils", Vec::new())?;
        put(&mut pages, "reminders", Vec::new())?;
        let authority = Authority {
            name: "Barsetshire Virtual School".to_owned(),
            danger_phone: String::new(),
            notification_sender: "Secure Messages".to_owned(),
            offline_days: 14,
            attachment_kinds: Vec::new(),
            term_dates: lac_wire::TermDates::default(),
            second_factor_relaxed: false,
        };
        let me = Me {
            id: id(ME),
            role: Role::DesignatedTeacher,
            first_name: "Helen".to_owned(),
            last_name: "Okafor".to_owned(),
            email: "helen.okafor@example.org".to_owned(),
            job_title: String::new(),
            establishments: Vec::new(),
            authority: authority.clone(),
            epoch: id::<EpochId>(3),
            today: at(0).london_date(),
            notifications: lac_wire::NotificationChoices::default(),
            away: None,
            lists: Vec::new(),
            second_factor: lac_wire::OwnSecondFactor::default(),
        };
        let about = About {
            version: VERSION,
            capabilities: Vec::new(),
            authority_name: authority.name,
        };
        let signed_in = SignedIn {
            token: "t".into(),
            session_id: id::<SessionId>(4),
            expires_at: at(1 << 32),
            me: me.clone(),
        };
        let changes = Changes {
            entities: Vec::new(),
            cursor: "1".to_owned(),
            more: false,
            counts: Vec::new(),
        };
        pages.insert("/v1/about".to_owned(), serde_json::to_vec(&about)?);
        pages.insert("/v1/sessions".to_owned(), serde_json::to_vec(&signed_in)?);
        pages.insert("/v1/me".to_owned(), serde_json::to_vec(&me)?);
        pages.insert(
            "/v1/cursor".to_owned(),
            serde_json::to_vec(&CursorReply { cursor: "1".to_owned() })?,
        );
        pages.insert("/v1/changes".to_owned(), serde_json::to_vec(&changes)?);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let app = Router::new().fallback(answer).with_state(Pages::new(pages));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { url })
    }
}

fn put(pages: &mut HashMap<String, Vec<u8>>, part: &str, entities: Vec<Entity>) -> Outcome<()> {
    #[derive(Serialize)]
    struct Rows<'a> {
        rows: &'a [Entity],
        after: Option<String>,
    }
    let size = PAGE;
    let count = entities.len().div_ceil(size).max(1);
    for place in 0..count {
        let rows = entities
            .get(place * size..entities.len().min((place + 1) * size))
            .unwrap_or_default();
        let after = (place + 1 < count).then(|| (place + 1).to_string());
        pages.insert(format!("{part}/{place}"), serde_json::to_vec(&Rows { rows, after })?);
    }
    Ok(())
}

async fn answer(State(pages): State<Pages>, uri: Uri, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    let value = |name: &str| {
        query
            .split('&')
            .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    };
    if uri.path() == "/v1/events" {
        // A stream on which nothing is ever said.
        let silent = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let mut response = Response::new(Body::from_stream(silent));
        let kind = axum::http::HeaderValue::from_static("text/event-stream");
        response.headers_mut().insert("content-type", kind);
        return response;
    }
    let key = match uri.path() {
        "/v1/held" => format!(
            "{}/{}",
            value("part").unwrap_or_default(),
            value("after").unwrap_or("0")
        ),
        path => path.to_owned(),
    };
    let (status, body) = match pages.get(&key) {
        Some(page) => (StatusCode::OK, page.clone()),
        None => (StatusCode::NOT_FOUND, Vec::new()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    response
}
