//! A D-Bus session bus of the test's own, which knows no service but those that the test starts on it.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use super::process::Running;
use super::{Outcome, Trouble};

// No folder of services: nothing is started behind the test's back because somebody asked for its name.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir=@FOLDER@</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A running bus.
pub struct Bus {
    address: String,
    _daemon: Running,
}

impl Bus {
    /// Starts a bus with its socket and its files in a folder.
    ///
    /// # Errors
    /// When dbus-daemon is missing or does not start.
    pub fn start(folder: &Path) -> Outcome<Self> {
        let configuration = folder.join("bus.conf");
        std::fs::write(
            &configuration,
            CONFIGURATION.replace("@FOLDER@", &folder.to_string_lossy()),
        )?;
        let mut command = Command::new("dbus-daemon");
        command
            .arg(format!("--config-file={}", configuration.display()))
            .args(["--nofork", "--nopidfile"]);
        command.arg("--print-address=1");
        let mut daemon = Running::start_piped(&command, &folder.join("bus.log"))?;
        let (_, said) = daemon
            .pipes()
            .ok_or_else(|| Trouble::new("dbus-daemon has no output"))?;
        let mut address = String::new();
        BufReader::new(said).read_line(&mut address)?;
        if !address.starts_with("unix:") {
            return Err(daemon.complain("gave no address"));
        }
        Ok(Self {
            address: address.trim().to_owned(),
            _daemon: daemon,
        })
    }

    /// Its address, for the variable `DBUS_SESSION_BUS_ADDRESS`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
