//! A real keyring (gnome-keyring), unlocked, as it is after signing in to a computer.

use std::io::{BufRead, BufReader, Write};

use super::machine::Surroundings;
use super::process::{Running, output};
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// A running keyring.
pub struct Keyring {
    _daemon: Running,
}

impl Keyring {
    /// Starts the daemon with a fresh login keyring in the home folder of these surroundings, or unlocks the one
    /// that is there.
    ///
    /// # Errors
    /// When gnome-keyring-daemon or secret-tool is missing, or the keyring stays locked.
    pub async fn start(surroundings: &Surroundings) -> Outcome<Self> {
        let mut command = surroundings.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]);
        let mut daemon = Running::start_piped(&command, &surroundings.log("keyring"))?;
        let (mut input, said) = daemon
            .pipes()
            .ok_or_else(|| Trouble::new("gnome-keyring-daemon has no input"))?;
        input.write_all(b"a password of the test's own")?;
        drop(input);
        // It says where its socket is when it is ready; its output stays open so that it can go on talking.
        std::thread::spawn(move || BufReader::new(said).lines().for_each(drop));
        until("the keyring to take a secret", LONG_ENOUGH, || async {
            probe(surroundings).map(Some)
        })
        .await?;
        Ok(Self { _daemon: daemon })
    }
}

/// Puts a secret in and takes it out again, as an application would.
fn probe(surroundings: &Surroundings) -> Outcome {
    let store = "printf present | secret-tool store --label=probe lac-probe yes";
    output(surroundings.command("timeout").args(["10", "sh", "-c", store]))?;
    let found = output(
        surroundings
            .command("timeout")
            .args(["10", "secret-tool", "lookup", "lac-probe", "yes"]),
    )?;
    output(
        surroundings
            .command("timeout")
            .args(["10", "secret-tool", "clear", "lac-probe", "yes"]),
    )?;
    if found == "present" {
        Ok(())
    } else {
        Err(Trouble(format!("the keyring gave \"{found}\" back")))
    }
}
