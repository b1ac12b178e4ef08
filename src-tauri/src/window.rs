//! The one window.

use std::sync::Arc;

use lac_client::App;
use lac_client::view::UiEvent;
use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};
use tauri::{
    AppHandle, DragDropEvent, Emitter, Manager, Runtime, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

use crate::host::Shell;

/// The window's label, which its capability names.
const LABEL: &str = "main";
/// The button that closes all the same.
const CLOSE: &str = "Close";

/// Opens the window, or puts it away at once.
///
/// # Errors
/// When the system has no webview, or no screen.
pub fn open<R: Runtime>(app: &AppHandle<R>, profile: &str, minimised: bool) -> tauri::Result<()> {
    let title = crate::app_name(profile);
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        // Nothing but the application's own pages is ever shown here.
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
        .build()?;
    if minimised {
        window.minimize()?;
    }
    let app = app.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::DragDrop(drag) => dragged(&app, drag),
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            tauri::async_runtime::spawn(close(app.clone()));
        }
        _ => {}
    });
    Ok(())
}

/// Ends the application as closing the window does.
pub fn quit<R: Runtime>(app: &AppHandle<R>) {
    tauri::async_runtime::spawn(close(app.clone()));
}

/// Has the page begun anew, so that nothing which it showed is left in it.
pub fn begin_anew<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    if let Err(error) = window.reload() {
        tracing::error!(%error, "the page could not be begun anew");
    }
}

/// The window itself.
pub fn get<R: Runtime>(app: &AppHandle<R>) -> Option<WebviewWindow<R>> {
    app.get_webview_window(LABEL)
}

/// Closes the window; asks first while something waits to be sent.
async fn close<R: Runtime>(app: AppHandle<R>) {
    let waiting = waiting(&app).await;
    if waiting > 0 {
        let what = if waiting == 1 {
            "1 message waits".to_owned()
        } else {
            format!("{waiting} messages wait")
        };
        let answer = AsyncMessageDialog::new()
            .set_level(MessageLevel::Warning)
            .set_title("Close Looked After Call?")
            .set_description(format!(
                "{what} to be sent. Nothing is lost: it leaves when Looked After Call is open again and online."
            ))
            .set_buttons(MessageButtons::OkCancelCustom(CLOSE.to_owned(), "Keep open".to_owned()))
            .show()
            .await;
        if !matches!(&answer, MessageDialogResult::Ok) && answer != MessageDialogResult::Custom(CLOSE.to_owned()) {
            return;
        }
    }
    if let Some(window) = app.get_webview_window(LABEL)
        && let Err(error) = window.destroy()
    {
        tracing::warn!(%error, "the window could not be closed");
    }
}

async fn waiting<R: Runtime>(app: &AppHandle<R>) -> u32 {
    let client = Arc::clone(&app.state::<Arc<App<Shell>>>());
    let state = client.app_state(()).await;
    state.map_or(0, |state| {
        state.accounts.iter().map(|account| account.sync.waiting).sum()
    })
}

fn dragged<R: Runtime>(app: &AppHandle<R>, drag: &DragDropEvent) {
    match drag {
        DragDropEvent::Enter { .. } => tell(app, &UiEvent::FileHover { over: true }),
        DragDropEvent::Leave => tell(app, &UiEvent::FileHover { over: false }),
        DragDropEvent::Drop { paths, .. } => {
            tell(app, &UiEvent::FileHover { over: false });
            let paths = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
            tell(app, &UiEvent::FilesDropped { paths });
        }
        _ => {}
    }
}

/// Brings the window before the others, from wherever it is.
pub fn show<R: Runtime>(app: &AppHandle<R>) {
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    if let Err(error) = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus())
    {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// Tells the page something.
pub fn tell<R: Runtime>(app: &AppHandle<R>, event: &UiEvent) {
    if let Err(error) = app.emit_to(LABEL, "lac", event) {
        tracing::warn!(%error, "the page was not told");
    }
}
