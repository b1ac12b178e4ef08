//! A program that runs beside the test and ends with it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use super::{Outcome, Trouble};

/// How long a program may take to end after it was told to.
const PATIENCE: Duration = Duration::from_secs(5);

/// A running program. Dropping it ends it: politely, and after five seconds by force.
pub struct Running {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts a program, its output going to a log file. It ends too when the thread that started it ends, however
    /// that comes about, so that a killed test leaves nothing behind.
    ///
    /// # Errors
    /// When the program cannot be started, with its name.
    pub fn start(command: &Command, log: &Path) -> Outcome<Self> {
        let mut bound = bound(command);
        let file = File::create(log)?;
        bound.stdin(Stdio::null()).stderr(file.try_clone()?).stdout(file);
        Self::spawn(bound, command, log)
    }

    /// Starts a program whose input and output are the caller's affair; only its errors go to the log file.
    ///
    /// # Errors
    /// When the program cannot be started, with its name.
    pub fn start_piped(command: &Command, log: &Path) -> Outcome<Self> {
        let mut bound = bound(command);
        bound
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?);
        Self::spawn(bound, command, log)
    }

    fn spawn(mut bound: Command, asked: &Command, log: &Path) -> Outcome<Self> {
        let name = asked.get_program().to_string_lossy().into_owned();
        if !exists(&name) {
            return Err(Trouble::new(format!(
                "{name} is missing. Install it: cargo xtask setup"
            )));
        }
        let child = bound
            .spawn()
            .map_err(Trouble::during(format!("{name} could not be started")))?;
        Ok(Self {
            name,
            child,
            log: log.to_owned(),
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its input and output, once, when it was started with them.
    pub fn pipes(&mut self) -> Option<(std::process::ChildStdin, std::process::ChildStdout)> {
        Some((self.child.stdin.take()?, self.child.stdout.take()?))
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// What it has written to its log file so far.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// A sentence that says what was expected of it, and its log.
    #[must_use]
    pub fn complain(&self, what: &str) -> Trouble {
        Trouble(format!("{} {what}. It wrote:\n{}", self.name, self.log()))
    }

    /// Ends it at once, without asking: what a power cut or `kill -9` does.
    pub fn kill(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Tells it to end, and waits until it has; after five seconds, by force.
    pub fn stop(&mut self) {
        if self.ended().is_some() {
            return;
        }
        signal(self.child.id(), "TERM");
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if self.ended().is_some() {
                return;
            }
            rest();
        }
        self.kill();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Sends a signal by name (`TERM`, `KILL`, `INT`); one process, by its id. Nothing happens if it has ended.
pub fn signal(id: u32, name: &str) {
    let _ = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(id.to_string())
        .stderr(Stdio::null())
        .status();
}

/// The ids of the processes that a process has started and that still run.
#[must_use]
pub fn children(of: u32) -> Vec<u32> {
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let ids = processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| parent(*id) == Some(of)).collect()
}

/// A process and all that it has started, and they have, that still run.
#[must_use]
pub fn family(id: u32) -> Vec<u32> {
    let mut family = vec![id];
    let mut next = 0;
    while let Some(member) = family.get(next) {
        family.extend(children(*member));
        next += 1;
    }
    family
}

/// Ends a process and all that it started, at once, and waits until they are gone (five seconds at most).
pub fn kill_all(id: u32) {
    let family = family(id);
    for member in &family {
        signal(*member, "KILL");
    }
    let since = Instant::now();
    while family.iter().any(|member| is_alive(*member)) && since.elapsed() < PATIENCE {
        rest();
    }
}

/// Whether a process still runs (one that has ended and waits to be noticed does not).
#[must_use]
pub fn is_alive(id: u32) -> bool {
    status(id).is_some_and(|(state, _)| state != "Z" && state != "X")
}

fn parent(id: u32) -> Option<u32> {
    status(id)?.1.parse().ok()
}

/// State and parent: the words after the name, which stands in parentheses and may hold anything.
fn status(id: u32) -> Option<(String, String)> {
    let line = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut words = line.rsplit_once(')')?.1.split_whitespace().map(str::to_owned);
    Some((words.next()?, words.next()?))
}

/// Runs a program to its end; what it printed, trimmed.
///
/// # Errors
/// When it cannot be started, or does not end well: with what it said.
pub fn output(command: &mut Command) -> Outcome<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| {
        Trouble::new(format!(
            "{name} could not be started ({error}). Install it: cargo xtask setup"
        ))
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    Err(Trouble(format!(
        "{name} failed: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}

/// The same command, run by `setpriv` so that the kernel ends it with the thread that started it.
fn bound(command: &Command) -> Command {
    let mut bound = Command::new("setpriv");
    bound
        .args(["--pdeathsig=TERM", "--"])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => bound.env(name, value),
            None => bound.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        bound.current_dir(folder);
    }
    bound
}

fn exists(program: &str) -> bool {
    if program.contains('/') {
        return Path::new(program).is_file();
    }
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

#[expect(
    clippy::disallowed_methods,
    reason = "used when dropping, where nothing can be awaited"
)]
fn rest() {
    std::thread::sleep(Duration::from_millis(10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_ends_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let sleeper = Running::start(Command::new("sleep").arg("600"), &folder.path().join("log")).unwrap();
        let id = sleeper.id();
        assert!(is_alive(id));
        assert!(children(std::process::id()).contains(&id));
        drop(sleeper);
        assert!(!is_alive(id));
    }

    #[test]
    fn a_process_is_killed_with_all_that_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let script = "sleep 600 & echo $!; wait";
        let shell = Running::start(Command::new("sh").args(["-c", script]), &folder.path().join("log")).unwrap();
        while shell.log().is_empty() {
            rest();
        }
        let sleeper = shell.log().trim().parse().unwrap();
        assert!(is_alive(sleeper));
        kill_all(shell.id());
        assert!(!is_alive(sleeper) && !is_alive(shell.id()));
    }

    #[test]
    fn a_program_that_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let trouble = Running::start(&Command::new("no-such-program"), &folder.path().join("log"))
            .err()
            .unwrap();
        assert_eq!(trouble.0, "no-such-program is missing. Install it: cargo xtask setup");
    }

    #[test]
    fn what_a_program_wrote_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Running::start(
            Command::new("sh").args(["-c", "echo out; echo err >&2"]),
            &folder.path().join("log"),
        )
        .unwrap();
        while shell.ended().is_none() {
            rest();
        }
        assert_eq!(shell.log(), "out\nerr\n");
    }
}
