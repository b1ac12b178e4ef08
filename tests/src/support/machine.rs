//! One person's computer: a screen, a bus, an unlocked keyring, a notification daemon and a home folder.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;

use super::Outcome;
use super::bus::Bus;
use super::display::Display;
use super::keyring::Keyring;
use super::notifications::Notifications;
use super::store::forget_our_variables;

/// How large a screen a computer of a test has, in pixels: a common laptop's.
pub const SCREEN: (u32, u32) = (1366, 850);

/// An address where no bus is. (With none given, programs start a bus of their own.)
const NO_BUS: &str = "unix:path=/nonexistent/bus";

/// The variables and folders that programs on one computer share.
#[derive(Clone)]
pub struct Surroundings {
    folder: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Surroundings {
    fn new(folder: &Path, display: &Display, bus: &str) -> Outcome<Self> {
        let mut variables = vec![
            ("DISPLAY", display.name().to_owned()),
            ("DBUS_SESSION_BUS_ADDRESS", bus.to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("GSETTINGS_BACKEND", "memory".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
        ];
        let folders = [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_STATE_HOME", "home/.local/state"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_CACHE_HOME", "home/.cache"),
        ];
        for (name, place) in folders {
            let place = folder.join(place);
            std::fs::create_dir_all(&place)?;
            variables.push((name, place.to_string_lossy().into_owned()));
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(folder.join("run"), std::fs::Permissions::from_mode(0o700))?;
        }
        if let Some(authority) = display.authority() {
            variables.push(("XAUTHORITY", authority.to_owned()));
        }
        Ok(Self {
            folder: folder.to_owned(),
            variables,
        })
    }

    /// A program that will run on this computer.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        forget_our_variables(&mut command);
        for name in ["WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "XAUTHORITY"] {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (*name, value)));
        command
    }

    /// The folder that goes away with the computer.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The home folder of the person whose computer it is.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    /// Where a program of this name writes its log.
    #[must_use]
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.log"))
    }
}

/// A computer that is switched on; dropping it switches it off and deletes its folder.
pub struct Machine {
    // Dropped in this order: what speaks on the bus before the bus, everything before the folder.
    notifications: Notifications,
    _keyring: Keyring,
    _bus: Bus,
    display: Arc<Display>,
    surroundings: Surroundings,
    _folder: TempDir,
}

impl Machine {
    /// Starts a computer with a screen of its own.
    ///
    /// # Errors
    /// When a program that makes it up is missing or does not start; the sentence names it.
    pub async fn start() -> Outcome<Self> {
        Self::start_on(Arc::new(Display::start(SCREEN.0, SCREEN.1)?)).await
    }

    /// Starts a computer on a screen that others may share; only one of them can show notifications there at a
    /// time, in the same corner.
    ///
    /// # Errors
    /// When a program that makes it up is missing or does not start; the sentence names it.
    pub async fn start_on(display: Arc<Display>) -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("lac-machine-").tempdir()?;
        let bus = Bus::start(folder.path())?;
        let surroundings = Surroundings::new(folder.path(), &display, bus.address())?;
        let keyring = Keyring::start(&surroundings).await?;
        let notifications = Notifications::start(&surroundings).await?;
        Ok(Self {
            notifications,
            _keyring: keyring,
            _bus: bus,
            display,
            surroundings,
            _folder: folder,
        })
    }

    /// What programs on it share.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Its screen.
    #[must_use]
    pub fn display(&self) -> &Display {
        &self.display
    }

    /// What its notification daemon has shown.
    #[must_use]
    pub fn notifications(&self) -> &Notifications {
        &self.notifications
    }
}

/// A computer on which nobody has a keyring, a notification daemon or even a bus: what the application must
/// bear on a bare machine.
pub struct BareMachine {
    surroundings: Surroundings,
    display: Display,
    _folder: TempDir,
}

impl BareMachine {
    /// Starts it with a screen of its own.
    ///
    /// # Errors
    /// When the screen does not start.
    pub fn start() -> Outcome<Self> {
        let folder = tempfile::Builder::new().prefix("lac-machine-").tempdir()?;
        let display = Display::start(SCREEN.0, SCREEN.1)?;
        let surroundings = Surroundings::new(folder.path(), &display, NO_BUS)?;
        Ok(Self {
            surroundings,
            display,
            _folder: folder,
        })
    }

    /// What programs on it share.
    #[must_use]
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Its screen.
    #[must_use]
    pub fn display(&self) -> &Display {
        &self.display
    }
}
