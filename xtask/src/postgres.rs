//! A PostgreSQL of the tests' own: a fresh cluster in a temporary folder, on a free loopback port.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::command::{exists, output, quiet, terminate};
use crate::interrupt;

/// The variable by which tests are told the address: a database and a user that may create others.
pub const VARIABLE: &str = "LAC_TEST_POSTGRES";

/// How long a server may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It does, as in real use: for measuring.
    Real,
    /// It does not: for tests, which are several times quicker so.
    None,
}

/// A running server; dropping it stops it and deletes its folder.
pub struct Postgres {
    server: Child,
    port: u16,
    folder: TempDir,
}

impl Postgres {
    /// Makes a cluster and starts it. The error says what is missing, or what the server wrote.
    pub fn start(durability: Durability) -> Result<Self, String> {
        let programs = programs()?;
        let folder = tempfile::Builder::new()
            .prefix("lac-postgres-")
            .tempdir()
            .map_err(|error| format!("no temporary folder for PostgreSQL: {error}"))?;
        let account = Account::choose()?;
        account.give(folder.path())?;
        let data = folder.path().join("data");
        let mut initdb = account.command(&programs.join("initdb"));
        initdb
            .arg("--pgdata")
            .arg(&data)
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"]);
        initdb.args(["--no-sync", "--locale=C.UTF-8"]);
        if version(&programs) >= 15 {
            // Sorted as English is, like a real server, so that a query that forgets COLLATE "C" is noticed.
            initdb.args(["--locale-provider=icu", "--icu-locale=en-GB"]);
        }
        let made = initdb
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut problem = String::new();
        for _ in 0..3 {
            // Another program may take the free port before the server does: then another is tried.
            let port = free_port()?;
            let log = folder.path().join("log");
            let mut server = account.serve(&programs, &data, &log, port, durability)?;
            match wait_until_ready(&mut server, &programs, port) {
                Ok(()) => return Ok(Self { server, port, folder }),
                Err(error) => {
                    stop(&mut server);
                    problem = format!("{error}\n{}", std::fs::read_to_string(&log).unwrap_or_default());
                }
            }
            if interrupt::heard() {
                break;
            }
        }
        Err(format!("PostgreSQL did not start: {problem}"))
    }

    /// The address of its maintenance database, as a superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        stop(&mut self.server);
        // Whatever it could not remove by now is in the system's own temporary folder.
        let _ = std::fs::remove_dir_all(self.folder.path());
    }
}

/// `cargo xtask postgres`.
pub fn serve() -> Result<ExitCode, String> {
    let postgres = Postgres::start(Durability::None)?;
    println!("export {VARIABLE}={}", postgres.url());
    println!("# PostgreSQL runs until Ctrl+C.");
    interrupt::wait();
    Ok(ExitCode::SUCCESS)
}

/// The folder of the newest installed server.
fn programs() -> Result<PathBuf, String> {
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed
        .map(|entry| entry.path().join("bin"))
        .filter(|bin| bin.join("initdb").is_file())
        .max_by_key(|bin| version(bin));
    if let Some(bin) = newest {
        return Ok(bin);
    }
    if let Some(bin) = output(Command::new("pg_config").arg("--bindir")) {
        let bin = PathBuf::from(bin);
        if bin.join("initdb").is_file() {
            return Ok(bin);
        }
    }
    Err("PostgreSQL's server is missing. Install it: apt-get install --no-install-recommends postgresql".into())
}

/// The major version, from `initdb (PostgreSQL) 15.14 (…)`.
fn version(bin: &Path) -> u32 {
    let said = output(Command::new(bin.join("initdb")).arg("--version")).unwrap_or_default();
    let number = said
        .split_whitespace()
        .nth(2)
        .and_then(|version| version.split('.').next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn free_port() -> Result<u16, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

fn wait_until_ready(server: &mut Child, programs: &Path, port: u16) -> Result<(), String> {
    let since = Instant::now();
    let port = port.to_string();
    while since.elapsed() < PATIENCE {
        if let Ok(Some(status)) = server.try_wait() {
            return Err(format!("the server ended at once ({status})"));
        }
        if quiet(Command::new(programs.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port])) {
            return Ok(());
        }
        if interrupt::pause(Duration::from_millis(50)) {
            return Err("stopped".into());
        }
    }
    Err(format!("no answer after {} s", PATIENCE.as_secs()))
}

fn stop(server: &mut Child) {
    // PostgreSQL's "fast" shutdown is SIGINT; plain SIGTERM waits for its clients to go.
    if !quiet(Command::new("kill").args(["-INT", &server.id().to_string()])) {
        terminate(server);
    }
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        if matches!(server.try_wait(), Ok(Some(_)) | Err(_)) {
            return;
        }
        interrupt::brief_rest();
    }
    let _ = server.kill();
    let _ = server.wait();
}

/// Who runs the server: PostgreSQL refuses root.
struct Account {
    /// User and group, when it is not whoever runs this.
    other: Option<(u32, u32)>,
}

impl Account {
    fn choose() -> Result<Self, String> {
        let id = |arguments: &[&str]| output(Command::new("id").args(arguments)).and_then(|id| id.parse::<u32>().ok());
        if id(&["-u"]) != Some(0) {
            return Ok(Self { other: None });
        }
        if !exists("setpriv") {
            return Err("setpriv is missing. Install it: apt-get install util-linux".into());
        }
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)))
            .map(|other| Self { other: Some(other) })
            .ok_or_else(|| "PostgreSQL refuses root, and there is no user postgres or nobody to run it as".into())
    }

    #[cfg(unix)]
    fn give(&self, folder: &Path) -> Result<(), String> {
        let Some((user, group)) = self.other else { return Ok(()) };
        std::os::unix::fs::chown(folder, Some(user), Some(group)).map_err(|error| format!("chown: {error}"))
    }

    #[cfg(not(unix))]
    fn give(&self, _folder: &Path) -> Result<(), String> {
        Ok(())
    }

    /// A program run as that user, which ends when this program does, however it ends.
    fn command(&self, program: &Path) -> Command {
        if !exists("setpriv") {
            return Command::new(program);
        }
        let mut command = Command::new("setpriv");
        if let Some((user, group)) = self.other {
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={group}"))
                .arg("--clear-groups");
        }
        command.args(["--pdeathsig=INT", "--"]).arg(program);
        command.current_dir("/");
        command
    }

    fn serve(
        &self,
        programs: &Path,
        data: &Path,
        log: &Path,
        port: u16,
        durability: Durability,
    ) -> Result<Child, String> {
        let log = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut server = self.command(&programs.join("postgres"));
        server.arg("-D").arg(data).arg("-p").arg(port.to_string());
        let mut settings = vec![
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=500",
            "timezone=UTC",
        ];
        if durability == Durability::None {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
        }
        for setting in settings {
            server.args(["-c", setting]);
        }
        server
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn()
            .map_err(|error| format!("PostgreSQL could not be started: {error}"))
    }
}
