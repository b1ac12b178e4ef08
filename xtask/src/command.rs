//! Other programs: where they are, and running them with their output shown and kept.

use std::io::{BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::interrupt;

/// How long a program is given to end by itself after Ctrl+C, before it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// The project's top folder.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Cargo's folder of built things.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// The cargo that runs this program.
pub fn cargo() -> Command {
    let mut command = program(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".into()));
    // `cargo run` has told this program about its own package; other programs would take that for theirs.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"]
            .iter()
            .any(|start| name.starts_with(start))
        {
            command.env_remove(&*name);
        }
    }
    // Debian's own OpenSSL saves a minute and a half of building one; elsewhere the vendored one is right.
    if cfg!(target_os = "linux") && quiet(Command::new("pkg-config").args(["--exists", "openssl"])) {
        command.env("OPENSSL_NO_VENDOR", "1");
    }
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// npm, working on the UI.
pub fn npm() -> Command {
    let mut command = program(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(["--prefix", "ui"]);
    command
}

/// A program, to be run from the project's top folder.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Whether a program of this name is on the path.
pub fn exists(name: &str) -> bool {
    let Some(path) = std::env::var_os("PATH") else {
        return false;
    };
    std::env::split_paths(&path)
        .any(|folder| folder.join(name).is_file() || (cfg!(windows) && folder.join(format!("{name}.exe")).is_file()))
}

/// Runs with no output; says whether it ended well.
pub fn quiet(command: &mut Command) -> bool {
    let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs with no output shown; what it printed, trimmed, if it ended well.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// What came of a program.
pub struct Finished {
    /// Whether it ended well.
    pub success: bool,
    /// The lines it printed on both streams, without colour.
    pub lines: Vec<String>,
}

/// Runs, showing its output line by line and keeping it. The error says that it could not be started, or was
/// stopped by Ctrl+C.
pub fn stream(command: &mut Command) -> Result<Finished, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("{name} could not be started: {error}"))?;
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        forward(out, sender.clone(), false);
    }
    if let Some(err) = child.stderr.take() {
        forward(err, sender.clone(), true);
    }
    drop(sender);
    let mut lines = Vec::new();
    let mut told: Option<Instant> = None;
    loop {
        match receiver.recv_timeout(Duration::from_millis(200)) {
            Ok(line) => lines.push(without_colour(&line)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                // A program that ended may leave its streams open to one that it started.
                if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                    break;
                }
            }
        }
        if interrupt::heard() {
            let since = told.get_or_insert_with(Instant::now);
            if since.elapsed() > GRACE {
                terminate(&mut child);
                told = Some(Instant::now());
            }
        }
    }
    let status = child.wait().map_err(|error| format!("{name}: {error}"))?;
    if interrupt::heard() {
        return Err("Stopped.".into());
    }
    Ok(Finished {
        success: status.success(),
        lines,
    })
}

/// Tells a program to end, politely where the system knows how.
pub fn terminate(child: &mut Child) {
    let asked = cfg!(unix) && quiet(Command::new("kill").args(["-TERM", &child.id().to_string()]));
    if !asked {
        // It may have ended in between, which is what was wanted.
        let _ = child.kill();
    }
}

fn forward(from: impl Read + Send + 'static, to: Sender<String>, is_error: bool) {
    thread::spawn(move || {
        let mut reader = BufReader::new(from);
        let mut bytes = Vec::new();
        while let Ok(1..) = reader.read_until(b'\n', &mut bytes) {
            let line = String::from_utf8_lossy(&bytes)
                .trim_end_matches(['\r', '\n'])
                .to_owned();
            bytes.clear();
            if is_error {
                eprintln!("{line}");
            } else {
                println!("{line}");
            }
            if to.send(line).is_err() {
                break;
            }
        }
    });
}

/// The text with the escape sequences that set colours left out.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_left_out() {
        assert_eq!(without_colour("\u{1b}[1;32mok\u{1b}[0m: 3"), "ok: 3");
    }

    #[cfg(unix)]
    #[test]
    fn both_streams_and_the_failure_are_kept() {
        let finished = stream(Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"])).unwrap();
        assert!(!finished.success);
        let mut lines = finished.lines;
        lines.sort();
        assert_eq!(lines, ["one", "two"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let problem = stream(&mut Command::new("no-such-program-here")).err().unwrap();
        assert!(
            problem.starts_with("no-such-program-here could not be started"),
            "{problem}"
        );
    }
}
