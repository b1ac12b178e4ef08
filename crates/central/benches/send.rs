//! The store takes messages from 64 senders at once, each durable before it is answered, beside single-row commits of
//! the same kind of row by one connection to the same engine on the same disk. Both sides run in turn, and the ratio of
//! each round is printed. Run by `cargo xtask bench send`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use lac_central::storage::Db;
use lac_central::{Config, Database, FirstUser, ImportCommand, Keys, Scope, Setup, Store, SystemClock};
use lac_domain::{CommandId, ConversationId, DeviceId, MessageId, Role, UserId};
use lac_import::ExistingUsers;
use lac_wire::{AcceptInvitation, Command, CommandEnvelope, Device, NewMessage, Recipient, SignedIn};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tower::ServiceExt;
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const SENDERS: usize = 64;
const EACH: usize = 50;
const SINGLE: usize = 400;
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut engines = vec![None];
    engines.extend(std::env::var("LAC_TEST_POSTGRES").ok().map(Some));
    for postgres in engines {
        let name = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
        let folder = tempfile::tempdir()?;
        let store = prepare(&folder.path().join("store"), postgres.as_deref()).await?;
        let bare = Bare::open(&folder.path().join("bare"), postgres.as_deref()).await?;
        for round in 1..=ROUNDS {
            let per_commit = bare.commits(SINGLE).await? / u32::try_from(SINGLE)?;
            let per_message = send(&store).await? / u32::try_from(SENDERS * EACH)?;
            println!(
                "{name}, round {round}: {:.0} messages a second from {SENDERS} senders, {:.0} single-row commits a second \
                 ({per_commit:.2?} each): {:.2} x (goal: never below 1 x; at least 5 x where a commit costs over 2 ms)",
                1.0 / per_message.as_secs_f64(),
                1.0 / per_commit.as_secs_f64(),
                per_commit.as_secs_f64() / per_message.as_secs_f64()
            );
        }
        store.store.close().await;
    }
    Ok(())
}

struct Prepared {
    store: Store,
    scope: Scope,
    conversations: Vec<ConversationId>,
}

async fn database(folder: &Path, postgres: Option<&str>) -> Outcome<Config> {
    let mut config = Config::in_folder(folder);
    if let Some(url) = postgres {
        let name = format!("bench_{}", new_uuid().simple());
        let mut maintenance = PgConnection::connect(url).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut maintenance)
            .await?;
        let options: PgConnectOptions = url.parse()?;
        config.database = Database::Postgres(sqlx::ConnectOptions::to_url_lossy(&options.database(&name)).to_string());
    }
    Ok(config)
}

/// A store with one user and a conversation per sender: what is measured is the store, not who may see what.
async fn prepare(folder: &Path, postgres: Option<&str>) -> Outcome<Prepared> {
    let config = database(folder, postgres).await?;
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
    let (store, code) = Store::init(config, Arc::new(SystemClock), setup).await?;
    let user = accept(&store, &code).await?;
    let scope = Scope {
        user,
        role: Role::LaSuperUser,
        today: store.today(),
    };
    let file = folder.join("staff.csv");
    std::fs::write(
        &file,
        "User First Name,User Last Name,Email\r\nObadiah,Slope,obadiah.slope@example.org\r\n",
    )?;
    let add = ImportCommand::Users {
        file,
        role: Role::LaUser,
        dry_run: false,
        existing: ExistingUsers::Refuse,
        all_or_nothing: true,
        invite: lac_central::Invite::Later,
        map: Vec::new(),
    };
    add.run(&store, &mut Vec::new())
        .await
        .map_err(|error| error.to_string())?;
    let mut conversations = Vec::new();
    for _ in 0..SENDERS {
        let id = ConversationId(new_uuid());
        let begin = Command::StartConversation {
            conversation_id: id,
            subject: "Reading books".into(),
            pupil_id: None,
            confidential: false,
            recipients: vec![Recipient::VirtualSchool],
            message: message(&store),
        };
        let envelope = CommandEnvelope {
            id: CommandId(new_uuid()),
            command: begin,
        };
        store
            .take_command(scope, envelope)
            .await
            .map_err(|error| error.to_string())?;
        conversations.push(id);
    }
    Ok(Prepared {
        store,
        scope,
        conversations,
    })
}

/// Takes up the first user's invitation, as anyone does.
async fn accept(store: &Store, code: &str) -> Outcome<UserId> {
    let device = Device {
        id: DeviceId(new_uuid()),
        name: "A computer".to_owned(),
    };
    let body = AcceptInvitation {
        code: code.into(),
        password: "walnut ferry quilted".into(),
        device,
        second_factor: None,
    };
    let request = Request::post("/v1/invitations/accept")
        .header("content-type", "application/json")
        .body(Body::from(serde_json::to_vec(&body)?))?;
    let response = store.router().oneshot(request).await?;
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    Ok(serde_json::from_slice::<SignedIn>(&bytes)?.me.id)
}

fn new_uuid() -> Uuid {
    let mut bytes = [0; 16];
    if let Err(error) = getrandom::fill(&mut bytes) {
        println!("no random bytes: {error}");
    }
    Uuid::from_bytes(bytes)
}

fn message(store: &Store) -> NewMessage {
    let body = "Tom has settled in well and has asked for more books about the sea. ".repeat(4);
    NewMessage {
        id: MessageId(new_uuid()),
        body: body.into(),
        written_at: store.now(),
        attachments: Vec::new(),
    }
}

/// All senders at once, each waiting for its answer before it sends again.
async fn send(prepared: &Prepared) -> Outcome<Duration> {
    let begun = Instant::now();
    let mut senders = Vec::new();
    for conversation in prepared.conversations.iter().copied() {
        let (store, scope) = (prepared.store.clone(), prepared.scope);
        senders.push(tokio::spawn(async move {
            for _ in 0..EACH {
                let command = Command::SendMessage {
                    conversation_id: conversation,
                    message: message(&store),
                };
                let envelope = CommandEnvelope {
                    id: CommandId(new_uuid()),
                    command,
                };
                store
                    .take_command(scope, envelope)
                    .await
                    .map_err(|error| error.to_string())?;
            }
            Ok::<(), String>(())
        }));
    }
    for sender in senders {
        sender.await??;
    }
    Ok(begun.elapsed())
}

/// A database of its own with the same tables, and nobody before it.
struct Bare(Db);

impl Bare {
    async fn open(folder: &Path, postgres: Option<&str>) -> Outcome<Self> {
        std::fs::create_dir_all(folder)?;
        let config = database(folder, postgres).await?;
        let db = Db::open(&config.database, &Keys::generate()?.database, true).await?;
        Ok(Self(db))
    }

    /// Commits rows one by one, each durable before the next.
    async fn commits(&self, count: usize) -> Outcome<Duration> {
        let sql = "INSERT INTO commands (user_id, command_id, fingerprint, answer, at) VALUES ($1, $2, $3, $4, $5)";
        let (sealed, answer) = (vec![7_u8; 320], "{}");
        let at = lac_central::Clock::now(&SystemClock);
        let begun = Instant::now();
        for _ in 0..count {
            let (user, id) = (new_uuid(), new_uuid());
            match &self.0 {
                Db::Sqlite { write, .. } => {
                    sqlx::query(sql)
                        .bind(user)
                        .bind(id)
                        .bind(&sealed)
                        .bind(answer)
                        .bind(at)
                        .execute(write)
                        .await?;
                }
                Db::Postgres(pool) => {
                    sqlx::query(sql)
                        .bind(user)
                        .bind(id)
                        .bind(&sealed)
                        .bind(answer)
                        .bind(at)
                        .execute(pool)
                        .await?;
                }
            }
        }
        Ok(begun.elapsed())
    }
}
