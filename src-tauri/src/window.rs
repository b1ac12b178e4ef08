//! The one window.

use lac_client::view::UiEvent;
use tauri::{AppHandle, DragDropEvent, Emitter, Manager, Runtime, WebviewUrl, WebviewWindowBuilder, WindowEvent};

/// The window's label, which its capability names.
const LABEL: &str = "main";

/// Opens the window.
///
/// # Errors
/// When the system has no webview, or no screen.
pub fn open<R: Runtime>(app: &AppHandle<R>, profile: &str) -> tauri::Result<()> {
    let title = if profile.is_empty() { "Looked After Call".to_owned() } else { format!("Looked After Call ({profile})") };
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title(title)
        .inner_size(1280.0, 800.0)
        .min_inner_size(640.0, 480.0)
        // Nothing but the application's own pages is ever shown here.
        .on_navigation(|url| matches!(url.scheme(), "tauri") || url.host_str() == Some("tauri.localhost"))
        .build()?;
    let app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(drag) = event {
            dragged(&app, drag);
        }
    });
    Ok(())
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
    let Some(window) = app.get_webview_window(LABEL) else { return };
    if let Err(error) = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus()) {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// Tells the page something.
pub fn tell<R: Runtime>(app: &AppHandle<R>, event: &UiEvent) {
    if let Err(error) = app.emit_to(LABEL, "lac", event) {
        tracing::warn!(%error, "the page was not told");
    }
}
