//! Whether the system's own screen was locked: then the application locks too. On Linux the desktop says so on its bus
//! (GNOME, KDE and others), and systemd asks each session to lock; where nobody says anything, nothing is lost but that.

use std::sync::Arc;

use lac_client::App;
use zbus::blocking::{Connection, MessageIterator};
use zbus::{MatchRule, Message};

use crate::host::Shell;

/// How many signals may wait to be looked at.
const WAITING: usize = 8;

/// Who says that the screen is locked: the interface, and its signal.
const SAYS_SO: [(&str, &str); 2] = [
    ("org.gnome.ScreenSaver", "ActiveChanged"),
    ("org.freedesktop.ScreenSaver", "ActiveChanged"),
];

/// Listens for as long as the application runs, on threads of its own.
pub fn listen(client: &Arc<App<Shell>>) {
    for (interface, signal) in SAYS_SO {
        let client = Arc::clone(client);
        in_background(move || {
            let connection = Connection::session()?;
            // The signal says whether the screen is locked, or open again.
            hear(&connection, interface, signal, |message| {
                if message.body().deserialize().unwrap_or(false) {
                    lock(&client);
                }
            })
        });
    }
    let client = Arc::clone(client);
    in_background(move || {
        let connection = Connection::system()?;
        hear(&connection, "org.freedesktop.login1.Session", "Lock", |_| lock(&client))
    });
}

fn in_background(work: impl FnOnce() -> zbus::Result<()> + Send + 'static) {
    let thread = std::thread::Builder::new().name("system-lock".to_owned());
    let spawned = thread.spawn(move || {
        if let Err(error) = work() {
            tracing::info!(%error, "it is not heard when the system locks");
        }
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "no thread to hear when the system locks");
    }
}

fn hear(connection: &Connection, interface: &str, signal: &str, mut then: impl FnMut(&Message)) -> zbus::Result<()> {
    let rule = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .interface(interface)?
        .member(signal)?
        .build();
    for message in MessageIterator::for_match_rule(rule, connection, Some(WAITING))? {
        then(&message?);
    }
    Ok(())
}

fn lock(client: &Arc<App<Shell>>) {
    tracing::info!("the system locked its screen: the application locks");
    let client = Arc::clone(client);
    tauri::async_runtime::spawn(async move { client.lock_soon().await });
}
