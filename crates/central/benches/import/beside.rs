//! What is measured beside a bulk add: how long others wait meanwhile, how much memory it takes, and how long `sqlite3`
//! needs for the same file.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lac_central::{Config, Database};
use lac_domain::ConversationId;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::Outcome;
use crate::world::World;

/// How often somebody sends a message.
const EVERY: Duration = Duration::from_millis(50);

/// Messages that are sent all the while, one every 50 ms, whether or not those before were answered.
pub struct Senders {
    stop: watch::Sender<bool>,
    sending: JoinHandle<Result<Vec<Duration>, String>>,
}

impl Senders {
    pub fn start(world: Arc<World>, conversation_id: ConversationId) -> Self {
        let (stop, stopped) = watch::channel(false);
        let sending = tokio::spawn(async move {
            let mut waiting = tokio::task::JoinSet::new();
            while !*stopped.borrow() {
                let world = Arc::clone(&world);
                waiting.spawn(async move {
                    let message = world.message().map_err(|error| error.to_string())?;
                    let command = lac_wire::Command::SendMessage {
                        conversation_id,
                        message,
                    };
                    let began = Instant::now();
                    world.send(command).await.map_err(|error| error.to_string())?;
                    Ok::<_, String>(began.elapsed())
                });
                tokio::time::sleep(EVERY).await;
            }
            let mut waits = Vec::new();
            while let Some(wait) = waiting.join_next().await {
                waits.push(wait.map_err(|error| error.to_string())??);
            }
            Ok(waits)
        });
        Self { stop, sending }
    }

    /// Stops, and answers how long each message waited for its answer.
    pub async fn stop(self) -> Outcome<Vec<Duration>> {
        self.stop.send_replace(true);
        Ok(self.sending.await??)
    }
}

/// The most memory that the store's own program held while it added a file, in bytes; none where the system does not
/// tell.
#[allow(
    clippy::disallowed_methods,
    reason = "it watches another program from a thread that has nothing else to do"
)]
pub fn memory_of_the_store(data: &Path, config: &Config, file: &Path) -> Outcome<Option<u64>> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lac-central"));
    if let Database::Postgres(url) = &config.database {
        command.env("LAC_DATABASE", url);
    }
    let mut child = command
        .env("LAC_DATA_DIR", data)
        .args([
            "import",
            "users",
            "--role",
            "Designated Teacher",
            "--invite",
            "--all-or-nothing",
        ])
        .arg(file)
        .stdout(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut most = None;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        let told = std::fs::read_to_string(&status).ok().and_then(|text| high_water(&text));
        most = told.max(most);
        std::thread::sleep(Duration::from_millis(5));
    };
    if !ended.success() {
        return Err(format!("the store's program ended with {ended}").into());
    }
    Ok(most)
}

fn high_water(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// How long `sqlite3` takes to import the file into one table with one unique index; none where it is not there.
pub fn sqlite3(folder: &Path, file: &Path) -> Outcome<Option<Duration>> {
    let table = "CREATE TABLE staff (first TEXT, last TEXT, job TEXT, email TEXT UNIQUE, phone TEXT, urn TEXT);";
    let began = Instant::now();
    let ended = Command::new("sqlite3")
        .arg(folder.join("reference.db"))
        .arg(table)
        .arg(".mode csv")
        .arg(format!(".import --skip 1 {} staff", file.display()))
        .status();
    match ended {
        Ok(ended) if ended.success() => Ok(Some(began.elapsed())),
        Ok(ended) => Err(format!("sqlite3 ended with {ended}").into()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
