//! How many conversations are unread, in all accounts: in the window's title, on the tray, and where the system has it
//! (a badge on macOS, a mark over the taskbar's icon on Windows).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use lac_client::App;
use lac_client::view::{AccountId, UiEvent};
use tauri::{AppHandle, Manager};

use crate::host::Shell;
use crate::{app_name, tray, window};

/// The number of each account.
#[derive(Default)]
pub struct Unread(Mutex<HashMap<AccountId, u32>>);

impl Unread {
    /// Hears what the page is told.
    pub fn hear(&self, app: &AppHandle, event: &UiEvent) {
        match event {
            UiEvent::Sync { account, status } => {
                let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if counts.insert(*account, status.unread) != Some(status.unread) {
                    let sum = counts.values().sum();
                    drop(counts);
                    show(app, sum);
                }
            }
            // An account came or went.
            UiEvent::Accounts {} => look(app),
            _ => {}
        }
    }

    fn set(&self, counts: HashMap<AccountId, u32>) -> u32 {
        let sum = counts.values().sum();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = counts;
        sum
    }
}

/// Counts anew, and shows it.
pub fn look(app: &AppHandle) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let Some(client) = app.try_state::<Arc<App<Shell>>>() else {
            return;
        };
        let client = Arc::clone(&client);
        if let Ok(state) = client.app_state(()).await {
            let counts = state.accounts.iter().map(|one| (one.id, one.sync.unread)).collect();
            show(&app, client.host().unread().set(counts));
        }
    });
}

/// The window's title.
fn title(name: &str, unread: u32) -> String {
    match unread {
        0 => name.to_owned(),
        1..=999 => format!("({unread}) {name}"),
        _ => format!("(999+) {name}"),
    }
}

fn show(app: &AppHandle, unread: u32) {
    let Some(client) = app.try_state::<Arc<App<Shell>>>() else {
        return;
    };
    let name = app_name(client.host().profile_name());
    tray::show(app, &name, unread);
    let Some(window) = window::get(app) else {
        return;
    };
    let titled = window.set_title(&title(&name, unread));
    // Only Windows lays a picture over the taskbar's icon; macOS has a badge with the number.
    #[cfg(windows)]
    let titled = titled.and_then(|()| window.set_overlay_icon((unread > 0).then(tray::mark)));
    #[cfg(target_os = "macos")]
    let titled = titled.and_then(|()| window.set_badge_count((unread > 0).then_some(i64::from(unread))));
    if let Err(error) = titled {
        tracing::warn!(%error, "the number of unread messages could not be shown");
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn the_title_begins_with_the_number() {
        assert_eq!(title("Looked After Call", 0), "Looked After Call");
        assert_eq!(title("Looked After Call", 3), "(3) Looked After Call");
        assert_eq!(title("Looked After Call", 4000), "(999+) Looked After Call");
    }
}
