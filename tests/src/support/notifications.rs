//! A real notification daemon (dunst), and what it has shown.

use std::path::PathBuf;
use std::time::Duration;

use super::machine::Surroundings;
use super::process::{Running, output};
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// Between the fields of a notification in the daemon's record: no text holds these.
const FIELD: char = '\u{1f}';
const RECORD: char = '\u{1e}';

/// A notification as the daemon received and showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The name of the application that the system shows.
    pub application: String,
    /// The first line.
    pub summary: String,
    /// The text under it; may be empty.
    pub body: String,
}

/// A running daemon, which keeps a record of each notification from the moment that it shows it.
pub struct Notifications {
    record: PathBuf,
    _daemon: Running,
}

impl Notifications {
    /// Starts the daemon on the bus and the display of these surroundings.
    ///
    /// # Errors
    /// When dunst is missing or does not take its place on the bus.
    pub async fn start(surroundings: &Surroundings) -> Outcome<Self> {
        let record = surroundings.folder().join("notifications");
        let script = surroundings.folder().join("record-notification");
        std::fs::write(&record, "")?;
        // The daemon runs this for each notification; `printf` writes it with one call, so that two never mix.
        let text = format!(
            "#!/bin/sh\nprintf '%s\\037%s\\037%s\\036' \"$DUNST_APP_NAME\" \"$DUNST_SUMMARY\" \"$DUNST_BODY\" >> '{}'\n",
            record.display()
        );
        std::fs::write(&script, text)?;
        output(surroundings.command("chmod").arg("700").arg(&script))?;
        let configuration = surroundings.folder().join("dunstrc");
        std::fs::write(&configuration, configuration_text(&script.to_string_lossy()))?;
        let mut command = surroundings.command("dunst");
        command.arg("-conf").arg(&configuration);
        let daemon = Running::start(&command, &surroundings.log("dunst"))?;
        until("dunst to answer", LONG_ENOUGH, || async {
            output(surroundings.command("gdbus").args(GREET)).map(Some)
        })
        .await
        .map_err(|trouble| Trouble(format!("{trouble}. dunst wrote:\n{}", daemon.log())))?;
        Ok(Self {
            record,
            _daemon: daemon,
        })
    }

    /// All that were shown so far, in order.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn shown(&self) -> Outcome<Vec<Shown>> {
        let text = std::fs::read_to_string(&self.record)?;
        Ok(text
            .split_terminator(RECORD)
            .map(|record| {
                let mut fields = record.split(FIELD).map(str::to_owned);
                let mut field = || fields.next().unwrap_or_default();
                Shown {
                    application: field(),
                    summary: field(),
                    body: field(),
                }
            })
            .collect())
    }

    /// Waits until there are so many, and gives them all.
    ///
    /// # Errors
    /// When there are still fewer at the end.
    pub async fn wait_for(&self, how_many: usize, patience: Duration) -> Outcome<Vec<Shown>> {
        until(&format!("notification number {how_many}"), patience, || async {
            let shown = self.shown()?;
            Ok((shown.len() >= how_many).then_some(shown))
        })
        .await
    }
}

/// The words by which `gdbus` asks the daemon who it is.
const GREET: [&str; 6] = [
    "call",
    "--session",
    "--dest=org.freedesktop.Notifications",
    "--object-path=/org/freedesktop/Notifications",
    "--timeout=5",
    "--method=org.freedesktop.Notifications.GetServerInformation",
];

fn configuration_text(script: &str) -> String {
    format!(
        "[global]\nmonitor = 0\nfollow = none\norigin = top-right\noffset = 16x16\nwidth = 360\nfont = Sans 11\n\
         frame_width = 1\nframe_color = \"#11436b\"\nseparator_color = frame\nhistory_length = 100\nmarkup = no\n\
         idle_threshold = 0\n\n\
         [urgency_low]\nbackground = \"#ffffff\"\nforeground = \"#0b0c0c\"\ntimeout = 20\n\n\
         [urgency_normal]\nbackground = \"#ffffff\"\nforeground = \"#0b0c0c\"\ntimeout = 20\n\n\
         [urgency_critical]\nbackground = \"#ffffff\"\nforeground = \"#0b0c0c\"\ntimeout = 0\n\n\
         [recorded]\nsummary = \"*\"\nscript = \"{script}\"\n"
    )
}
