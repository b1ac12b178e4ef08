//! The real application in a real window, driven through WebKitWebDriver.

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use thirtyfour::prelude::*;

use super::machine::Surroundings;
use super::page::Page;
use super::process::{Running, children, family, is_alive, kill_all, output};
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// What to start, and how.
pub struct Launch {
    /// The program.
    pub application: PathBuf,
    /// Its arguments, such as `--profile teacher`.
    pub arguments: Vec<String>,
    /// Variables beside those of the computer.
    pub variables: Vec<(String, String)>,
}

impl Launch {
    /// The application as cargo built it beside this test, for one profile.
    ///
    /// # Errors
    /// When it has not been built.
    pub fn profile(name: &str) -> Outcome<Self> {
        let application = built("looked-after-call")?;
        Ok(Self {
            application,
            arguments: vec!["--profile".into(), name.into()],
            variables: Vec::new(),
        })
    }

    /// The same with one more variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }
}

/// A program of this workspace, where cargo put it.
///
/// # Errors
/// When it has not been built, with the command that does.
pub fn built(name: &str) -> Outcome<PathBuf> {
    let this = std::env::current_exe()?;
    // Tests run from target/debug/deps, programs from target/debug.
    let found = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file());
    found.ok_or_else(|| Trouble(format!("{name} has not been built: cargo build --workspace --bins")))
}

/// A window of the application. Dropping it ends the application.
pub struct Desktop {
    surroundings: Surroundings,
    page: Page,
    id: u32,
    name: String,
    driver: Running,
}

impl Desktop {
    /// Starts the application on a computer, and waits for its page.
    ///
    /// # Errors
    /// When WebKitWebDriver is missing, or no window comes.
    pub async fn start(surroundings: &Surroundings, launch: &Launch) -> Outcome<Self> {
        let port = free_port()?;
        let mut command = surroundings.command("WebKitWebDriver");
        // Without this variable Tauri does not let itself be driven, and the session waits for ever.
        command
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.envs(launch.variables.iter().map(|(name, value)| (name, value)));
        let mut driver = Running::start(&command, &surroundings.log(&format!("webdriver-{port}")))?;
        until("WebKitWebDriver to listen", LONG_ENOUGH, || async {
            Ok(tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .ok()
                .map(drop))
        })
        .await
        .map_err(|trouble| driver.complain(&trouble.0))?;
        let mut capabilities = Capabilities::new();
        // Through setpriv, so that the application ends with its driver however that ends.
        let arguments: Vec<String> = ["--pdeathsig=TERM", "--"]
            .into_iter()
            .map(str::to_owned)
            .chain([launch.application.to_string_lossy().into_owned()])
            .chain(launch.arguments.clone())
            .collect();
        capabilities.set(
            "webkitgtk:browserOptions",
            json!({ "binary": "/usr/bin/setpriv", "args": arguments }),
        )?;
        let address = format!("http://127.0.0.1:{port}");
        let session = WebDriver::new(&address, capabilities);
        let session = match tokio::time::timeout(LONG_ENOUGH, session).await {
            Ok(Ok(session)) => session,
            Ok(Err(error)) => return Err(driver.complain(&format!("opened no window ({error})"))),
            Err(_) => return Err(driver.complain("opened no window in time")),
        };
        let id = children(driver.id())
            .into_iter()
            .next()
            .ok_or_else(|| driver.complain("started nothing"))?;
        let name = launch
            .application
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if driver.ended().is_some() {
            return Err(driver.complain("ended"));
        }
        session.set_script_timeout(Duration::from_secs(60)).await?;
        Ok(Self {
            surroundings: surroundings.clone(),
            page: Page::new(session),
            id,
            name,
            driver,
        })
    }

    /// What is in the window.
    #[must_use]
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The application's process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What the application has written to its standard output and errors.
    #[must_use]
    pub fn log(&self) -> String {
        self.driver.log()
    }

    /// Puts the window away, as its owner does.
    ///
    /// # Errors
    /// When it has no window.
    pub async fn minimise(&self) -> Outcome {
        let window = self.window().await?;
        self.xdotool(&["windowminimize", "--sync", &window]).map(drop)
    }

    /// Brings the window back to the front.
    ///
    /// # Errors
    /// When it has no window.
    pub async fn restore(&self) -> Outcome {
        let window = self.window().await?;
        // Asked for until it is in front: the window manager may still be busy with putting it away.
        until(
            &format!("the window of {} in front", self.name),
            LONG_ENOUGH,
            || async {
                self.xdotool(&["windowmap", &window, "windowactivate", &window])?;
                let front = self.xdotool(&["getactivewindow"])?;
                Ok((front.trim() == window.trim()).then_some(()))
            },
        )
        .await
    }

    /// Puts the window at a place on the screen, with a size, in pixels.
    ///
    /// # Errors
    /// When it has no window.
    pub async fn place(&self, x: u32, y: u32, width: u32, height: u32) -> Outcome {
        let window = self.window().await?;
        let (x, y, width, height) = (x.to_string(), y.to_string(), width.to_string(), height.to_string());
        self.xdotool(&["windowsize", &window, &width, &height, "windowmove", &window, &x, &y])
            .map(drop)
    }

    /// Asks the window to close, as the cross in its corner does; the application may ask back.
    ///
    /// # Errors
    /// When it has no window.
    pub async fn ask_to_close(&self) -> Outcome {
        let window = self.window().await?;
        // The window manager's own key, which sends the same request as its cross. Under its way to the keyboard,
        // the window must be in front.
        self.xdotool(&["windowactivate", "--sync", &window, "key", "--clearmodifiers", "alt+F4"])
            .map(drop)
    }

    /// Closes the window and waits until the application has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn close(self) -> Outcome {
        let family = family(self.id);
        self.ask_to_close().await?;
        until(&format!("{} to end", self.name), LONG_ENOUGH, || async {
            Ok((!family.iter().any(|member| is_alive(*member))).then_some(()))
        })
        .await
    }

    /// Ends the application at once, as a power cut does.
    pub fn kill(self) {
        drop(self);
    }

    /// The id of its largest window: GTK keeps small ones of its own that are never shown.
    async fn window(&self) -> Outcome<String> {
        until(&format!("a window of {}", self.name), LONG_ENOUGH, || async {
            let found = self.xdotool(&["search", "--pid", &self.id.to_string()])?;
            let mut largest = (0, None);
            for window in found.lines() {
                let Ok(shape) = self.xdotool(&["getwindowgeometry", "--shell", window]) else {
                    continue;
                };
                let size = |name: &str| {
                    shape
                        .lines()
                        .find_map(|line| line.strip_prefix(name)?.parse::<u64>().ok())
                        .unwrap_or(0)
                };
                let area = size("WIDTH=") * size("HEIGHT=");
                if area > largest.0 {
                    largest = (area, Some(window.to_owned()));
                }
            }
            Ok(largest.1)
        })
        .await
    }

    fn xdotool(&self, arguments: &[&str]) -> Outcome<String> {
        output(
            self.surroundings
                .command("timeout")
                .args(["10", "xdotool"])
                .args(arguments),
        )
    }
}

impl Drop for Desktop {
    fn drop(&mut self) {
        // The session ends with the application; told to end it, the driver would be asked in vain.
        let _ = self.page.driver().clone().leak();
        // Its web processes too, at once: they would still be writing into a home folder that is being deleted.
        kill_all(self.id);
        self.driver.stop();
    }
}

/// The file of axe that the UI's packages bring.
#[must_use]
pub fn axe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/node_modules/axe-core/axe.min.js")
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
