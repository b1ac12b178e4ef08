//! A real central store: the program `lac-central`, with its data in a temporary folder, on a free port.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;

use super::desktop::built;
use super::process::{Running, output};
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// A store's data and, while it serves, its process. Dropping it stops it and deletes the data.
pub struct Store {
    program: PathBuf,
    address: SocketAddr,
    database: Option<String>,
    serving: Option<Running>,
    folder: TempDir,
}

impl Store {
    /// A store with no data yet, on SQLite: run `init` first.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn new() -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("lac-store-").tempdir()?;
        std::fs::create_dir(folder.path().join("mails"))?;
        // Taken once and kept, so that desktops find the store again after it was stopped.
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        Ok(Self {
            program: built("lac-central")?,
            address,
            database: None,
            serving: None,
            folder,
        })
    }

    /// The same on PostgreSQL: the address of an empty database.
    ///
    /// # Errors
    /// When the program has not been built.
    pub fn on_postgres(database: &str) -> Outcome<Self> {
        Ok(Self {
            database: Some(database.to_owned()),
            ..Self::new()?
        })
    }

    /// Runs one of its commands to the end (`init`, `import`, `invite`…); what it printed.
    ///
    /// # Errors
    /// With what it said, when it refuses.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Outcome<String> {
        output(self.command().args(arguments))
    }

    /// Serves, and waits until it is healthy.
    ///
    /// # Errors
    /// With its log, when it ends or does not answer.
    pub async fn serve(&mut self) -> Outcome {
        let mut running = Running::start(self.command().arg("serve"), &self.folder.path().join("serve.log"))?;
        let http = reqwest::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(5))
            .build()
            .map_err(Trouble::during("no HTTP client"))?;
        let url = format!("{}/healthz", self.url());
        let healthy = until("the store to answer", LONG_ENOUGH, || {
            let (asked, ended) = (http.get(&url).send(), running.ended());
            async move {
                if let Some(status) = ended {
                    return Ok(Some(Err(Trouble(format!("ended ({status})")))));
                }
                let answered = asked.await.is_ok_and(|answer| answer.status().is_success());
                Ok(answered.then_some(Ok(())))
            }
        });
        match healthy.await.and_then(|answer| answer) {
            Ok(()) => self.serving = Some(running),
            Err(trouble) => return Err(running.complain(&trouble.0)),
        }
        Ok(())
    }

    /// Stops it, as `systemctl stop` does, and waits until it has ended.
    pub fn stop(&mut self) {
        self.serving = None;
    }

    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.serving.take() {
            running.kill();
        }
    }

    /// Where it listens, or will.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same for people: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The folder with its database and key file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder into which it writes its mails.
    #[must_use]
    pub fn mails(&self) -> PathBuf {
        self.folder.path().join("mails")
    }

    /// What it has logged since it was last started.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("serve.log")).unwrap_or_default()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        forget_our_variables(&mut command);
        command
            .env("LAC_DATA_DIR", self.folder.path())
            .env("LAC_MAIL_DIR", self.mails());
        command.env("LAC_LISTEN", self.address.to_string());
        if let Some(database) = &self.database {
            command.env("LAC_DATABASE", database);
        }
        command
    }
}

/// What a developer's own shell has set for the store or the desktop must not reach those of a test.
pub(super) fn forget_our_variables(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LAC_") {
            command.env_remove(name);
        }
    }
}
