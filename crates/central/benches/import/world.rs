//! Stores to measure on: each with its establishments, a Super User who is signed in, and somebody to write to.

use std::path::Path;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request};
use lac_central::storage::Db;
use lac_central::{Config, Database, FirstUser, Keys, Setup, Store, SystemClock, read_gias};
use lac_domain::{CommandId, ConversationId, DeviceId, MessageId};
use lac_wire::{
    AcceptInvitation, Command, CommandEnvelope, Device, IDEMPOTENCY_KEY_HEADER, NewMessage, Recipient, SignedIn,
};
use serde_json::Value;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{Outcome, files};

/// A store, and a Super User of it.
pub struct World {
    pub config: Config,
    pub store: Store,
    token: String,
}

impl World {
    pub async fn make(folder: &Path, postgres: Option<&str>) -> Outcome<Self> {
        let config = configuration(folder, postgres).await?;
        let first_user = FirstUser {
            first_name: "Septimus".to_owned(),
            last_name: "Harding".to_owned(),
            email: "septimus.harding@example.org".to_owned(),
        };
        let setup = Setup {
            authority_name: "Barsetshire Virtual School".to_owned(),
            danger_phone: String::new(),
            first_user,
        };
        let (store, code) = Store::init(config.clone(), Arc::new(SystemClock), setup).await?;
        let gias = read_gias(files::establishments()?.as_bytes())?;
        store
            .import_establishments(&gias)
            .await
            .map_err(|error| error.to_string())?;
        let accept = AcceptInvitation {
            code: code.as_str().into(),
            password: "walnut ferry quilted".into(),
            device: Device {
                id: DeviceId(new_uuid()?),
                name: "A computer".to_owned(),
            },
            second_factor: None,
        };
        let mut world = Self {
            config,
            store,
            token: String::new(),
        };
        let accept = serde_json::to_vec(&accept)?;
        let signed_in = world.ask(Method::POST, "/v1/invitations/accept", accept).await?;
        world.token = serde_json::from_value::<SignedIn>(signed_in)?.token.into_inner();
        Ok(world)
    }

    /// Asks the store as a desktop does, but for the socket.
    pub async fn ask(&self, method: Method, path: &str, body: Vec<u8>) -> Outcome<Value> {
        let kind = if method == Method::PUT {
            "application/octet-stream"
        } else {
            "application/json"
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", kind)
            .header("authorization", format!("Bearer {}", self.token))
            .header(IDEMPOTENCY_KEY_HEADER, new_uuid()?.to_string())
            .body(Body::from(body))?;
        let response = self.store.router().oneshot(request).await?;
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&bytes)).into());
        }
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// Begins a conversation that messages can be sent to while something else goes on.
    pub async fn begin_conversation(&self) -> Outcome<ConversationId> {
        let colleague = b"User First Name,User Last Name,Email\nObadiah,Slope,obadiah.slope@example.org\n";
        let id = new_uuid()?;
        self.judge(id, "la_user", colleague.to_vec()).await?;
        self.commit(id, false).await?;
        let conversation_id = ConversationId(new_uuid()?);
        self.send(Command::StartConversation {
            conversation_id,
            subject: "Reading books".into(),
            pupil_id: None,
            confidential: false,
            recipients: vec![Recipient::VirtualSchool],
            message: self.message()?,
        })
        .await?;
        Ok(conversation_id)
    }

    pub fn message(&self) -> Outcome<NewMessage> {
        Ok(NewMessage {
            id: MessageId(new_uuid()?),
            body: "Tom has settled in well and has asked for more books about the sea.".into(),
            written_at: self.store.now(),
            attachments: Vec::new(),
        })
    }

    pub async fn send(&self, command: Command) -> Outcome<()> {
        let envelope = CommandEnvelope {
            id: CommandId(new_uuid()?),
            command,
        };
        self.ask(Method::POST, "/v1/commands", serde_json::to_vec(&envelope)?)
            .await?;
        Ok(())
    }

    pub async fn judge(&self, id: Uuid, role: &str, file: Vec<u8>) -> Outcome<Value> {
        let path = format!("/v1/imports/{id}?kind=users&role={role}&existing=refuse&file_name=staff.csv");
        self.ask(Method::PUT, &path, file).await
    }

    pub async fn commit(&self, id: Uuid, invite: bool) -> Outcome<Value> {
        let commit = serde_json::json!({ "revision": 1, "all_or_nothing": true, "invite": invite });
        let path = format!("/v1/imports/{id}/commit");
        self.ask(Method::POST, &path, serde_json::to_vec(&commit)?).await
    }
}

/// Where a store of an engine may lie: in a folder, or in a database of its own on the server.
async fn configuration(folder: &Path, postgres: Option<&str>) -> Outcome<Config> {
    let mut config = Config::in_folder(folder);
    if let Some(url) = postgres {
        let options: PgConnectOptions = url.parse()?;
        let name = format!("lac_bench_{}", new_uuid()?.simple());
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        config.database = Database::Postgres(sqlx::ConnectOptions::to_url_lossy(&options.database(&name)).to_string());
    }
    Ok(config)
}

/// Drops the database of a store on PostgreSQL.
pub async fn remove(config: &Config, postgres: Option<&str>) -> Outcome<()> {
    let (Database::Postgres(url), Some(server)) = (&config.database, postgres) else {
        return Ok(());
    };
    let options: PgConnectOptions = url.parse()?;
    let name = options.get_database().unwrap_or_default().to_owned();
    let mut connection = PgConnection::connect(server).await?;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
        .execute(&mut connection)
        .await?;
    Ok(())
}

pub async fn open(config: &Config) -> Outcome<Db> {
    let keys = Keys::read(&config.key_file)?;
    Ok(Db::open(&config.database, &keys.database, false).await?)
}

pub fn new_uuid() -> Outcome<Uuid> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(Uuid::from_bytes(bytes))
}
