//! Notifications of the operating system.

use lac_client::host::Notification as Told;
use lac_client::view::UiEvent;
use notify_rust::{Notification, NotificationHandle, NotificationResponse};
use tauri::{AppHandle, Runtime};

use crate::window;

/// Shows a notification and waits, on a thread of its own, until it is opened or gone. A machine that shows
/// none loses nothing but the notification.
pub fn show<R: Runtime>(app: &AppHandle<R>, told: Told) {
    let app = app.clone();
    let thread = std::thread::Builder::new().name("notification".to_owned());
    let spawned = thread.spawn(move || {
        let mut notification = Notification::new();
        notification.appname(&told.title).summary(&told.title).body(&told.body);
        notification.icon("mail-unread").action("default", "Open");
        match notification.show() {
            Ok(handle) => {
                let account = told.account;
                let opens = if told.reminders {
                    UiEvent::OpenReminders { account }
                } else {
                    let conversation_id = told.conversation;
                    UiEvent::OpenConversation {
                        account,
                        conversation_id,
                    }
                };
                wait(handle, &app, &opens);
            }
            Err(error) => tracing::warn!(%error, "no notification could be shown"),
        }
    });
    if let Err(error) = spawned {
        tracing::warn!(%error, "no thread for a notification");
    }
}

fn wait<R: Runtime>(handle: NotificationHandle, app: &AppHandle<R>, opens: &UiEvent) {
    let waited = handle.wait_for_response(|response: &NotificationResponse| {
        if matches!(
            response,
            NotificationResponse::Default | NotificationResponse::Action(_)
        ) {
            window::show(app);
            window::tell(app, opens);
        }
    });
    if let Err(error) = waited {
        tracing::debug!(%error, "no answer to a notification");
    }
}
