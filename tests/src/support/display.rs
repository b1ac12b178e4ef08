//! A screen that nobody sees (Xvfb), with a window manager (openbox), or the screen that is there.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::{Running, output};
use super::{Outcome, Trouble};

/// An X display and, if it is our own, the programs that make it.
pub struct Display {
    name: String,
    authority: Option<String>,
    // Dropped in this order: the window manager before the screen that it manages.
    _manager: Option<Running>,
    _server: Option<Running>,
    _folder: Option<TempDir>,
}

impl Display {
    /// Starts a screen of its own, so many pixels wide and high, on a display number that the server chooses.
    ///
    /// # Errors
    /// When Xvfb or openbox is missing or does not start.
    pub fn start(width: u32, height: u32) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("lac-display-").tempdir()?;
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24")]);
        command.args(["-nolisten", "tcp", "-noreset", "-ac"]);
        let mut server = Running::start_piped(&command, &folder.path().join("xvfb.log"))?;
        let (_, said) = server.pipes().ok_or_else(|| Trouble::new("Xvfb has no output"))?;
        let mut number = String::new();
        BufReader::new(said).read_line(&mut number)?;
        if number.trim().parse::<u32>().is_err() {
            return Err(server.complain("named no display"));
        }
        let name = format!(":{}", number.trim());
        let mut command = Command::new("openbox");
        command
            .args(["--sm-disable"])
            .env("DISPLAY", &name)
            .env("HOME", folder.path());
        command
            .env("XDG_CONFIG_HOME", folder.path())
            .env("XDG_CACHE_HOME", folder.path());
        command.env_remove("WAYLAND_DISPLAY");
        let manager = Running::start(&command, &folder.path().join("openbox.log"))?;
        let display = Self {
            name,
            authority: None,
            _manager: Some(manager),
            _server: Some(server),
            _folder: Some(folder),
        };
        display.wait_for_manager()?;
        Ok(display)
    }

    /// The screen that this program was started on, if there is one.
    #[must_use]
    pub fn present() -> Option<Self> {
        let name = std::env::var("DISPLAY").ok().filter(|name| !name.is_empty())?;
        let in_home = || Some(format!("{}/.Xauthority", std::env::var("HOME").ok()?));
        let authority = std::env::var("XAUTHORITY").ok().or_else(in_home);
        Some(Self {
            name,
            authority,
            _manager: None,
            _server: None,
            _folder: None,
        })
    }

    /// Its name, for the variable `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file that proves the right to use it, for the variable `XAUTHORITY`, where it asks for one.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    /// A picture of the whole screen, as a PNG file.
    ///
    /// # Errors
    /// When ImageMagick is missing or cannot write there.
    pub fn screenshot(&self, to: &Path) -> Outcome {
        output(
            Command::new("import")
                .env("DISPLAY", &self.name)
                .args(["-window", "root"])
                .arg(to),
        )
        .map(drop)
    }

    fn wait_for_manager(&self) -> Outcome {
        // Blocks in xdotool itself, which the X server answers at once.
        let end = std::time::Instant::now() + super::wait::LONG_ENOUGH;
        loop {
            let asked = output(Command::new("xdotool").env("DISPLAY", &self.name).args(["get_desktop"]));
            match asked {
                Ok(_) => return Ok(()),
                Err(trouble) if std::time::Instant::now() > end => return Err(trouble),
                Err(_) => std::thread::yield_now(),
            }
        }
    }
}
