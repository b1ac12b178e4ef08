//! The tray: how many are unread, and what is wanted without looking for the window. Where the system has no tray,
//! nothing is lost: all of it is in the window too.

use std::sync::Arc;
use std::time::Duration;

use lac_client::App;
use lac_client::view::UiEvent;
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager};

use crate::host::Shell;
use crate::window;

/// The tray's name within the application.
const ID: &str = "tray";
const OPEN: &str = "open";
const COMPOSE: &str = "compose";
const PAUSE: &str = "pause";
const LOCK: &str = "lock";
const QUIT: &str = "quit";
/// For so long notifications are paused.
const PAUSED: Duration = Duration::from_secs(60 * 60);
/// The mark over the taskbar's icon: its width and height.
#[cfg(any(windows, test))]
const MARK: u32 = 16;
/// The mark's colour.
const RED: [u8; 4] = [0xca, 0x35, 0x35, 0xff];

/// Makes the tray, where the system has one.
pub fn make(app: &AppHandle) {
    // On Linux the library that draws it is looked for when it is needed, and its absence is a panic.
    let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| build(app)));
    match made {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "there is no tray"),
        Err(_) => tracing::warn!("there is no tray: install libayatana-appindicator3-1 for one"),
    }
}

fn build(app: &AppHandle) -> tauri::Result<()> {
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let pause = CheckMenuItem::with_id(app, PAUSE, "Pause notifications for an hour", true, false, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(
        app,
        &[
            &item(OPEN, "Open")?,
            &item(COMPOSE, "New message")?,
            &pause,
            &line,
            &item(LOCK, "Lock")?,
            &item(QUIT, "Quit")?,
        ],
    )?;
    let mut tray = TrayIconBuilder::with_id(ID)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .tooltip("Secure Messages")
        .on_menu_event(move |app, event| chosen(app, &event, &pause))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(tray.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        tray = tray.icon(icon.clone());
    }
    tray.build(app)?;
    Ok(())
}

fn chosen(app: &AppHandle, event: &MenuEvent, pause: &CheckMenuItem<tauri::Wry>) {
    let client = Arc::clone(&app.state::<Arc<App<Shell>>>());
    match event.id().as_ref() {
        OPEN => window::show(app),
        COMPOSE => {
            window::show(app);
            window::tell(app, &UiEvent::Compose {});
        }
        PAUSE => {
            let paused = !client.is_paused();
            client.pause_notifications(paused.then_some(PAUSED));
            if let Err(error) = pause.set_checked(paused) {
                tracing::warn!(%error, "the tray's menu could not be changed");
            }
            if paused {
                let pause = pause.clone();
                tauri::async_runtime::spawn(async move {
                    client.pause_over().await;
                    // What it shows is a convenience: the pause itself is over.
                    let _ = pause.set_checked(false);
                });
            }
        }
        LOCK => {
            tauri::async_runtime::spawn(async move { client.lock_soon().await });
        }
        QUIT => window::quit(app),
        _ => {}
    }
}

/// Shows how many are unread.
pub fn show(app: &AppHandle, name: &str, unread: u32) {
    let Some(tray) = app.tray_by_id(ID) else {
        return;
    };
    let icon = app.default_window_icon().map(|icon| {
        if unread > 0 {
            marked(icon)
        } else {
            icon.clone().to_owned()
        }
    });
    let tooltip = match unread {
        0 => name.to_owned(),
        1 => format!("{name}: 1 unread"),
        more => format!("{name}: {more} unread"),
    };
    let label = (unread > 0).then(|| unread.min(999).to_string());
    let shown = tray
        .set_icon(icon)
        .and_then(|()| tray.set_tooltip(Some(tooltip)))
        .and_then(|()| tray.set_title(label));
    if let Err(error) = shown {
        tracing::warn!(%error, "the tray could not be changed");
    }
}

/// A round mark by itself, to be laid over the taskbar's icon.
#[cfg(any(windows, test))]
pub fn mark() -> Image<'static> {
    let mut pixels = vec![0; (MARK * MARK * 4) as usize];
    draw(&mut pixels, MARK, MARK);
    Image::new_owned(pixels, MARK, MARK)
}

/// An icon with a round mark in its corner.
fn marked(icon: &Image<'_>) -> Image<'static> {
    let (width, height) = (icon.width(), icon.height());
    let mut pixels = icon.rgba().to_vec();
    draw(&mut pixels, width, (width / 2).max(1));
    Image::new_owned(pixels, width, height)
}

/// Draws a filled circle of a diameter into the upper right corner.
fn draw(pixels: &mut [u8], width: u32, diameter: u32) {
    let radius = f64::from(diameter) / 2.0;
    let left = width.saturating_sub(diameter);
    for (at, pixel) in pixels.chunks_exact_mut(4).enumerate() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let (x, y) = (at % width, at / width);
        if x < left || y >= diameter {
            continue;
        }
        let (dx, dy) = (f64::from(x - left) + 0.5 - radius, f64::from(y) + 0.5 - radius);
        if dx.hypot(dy) <= radius {
            pixel.copy_from_slice(&RED);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_lies_in_the_corner_and_is_round() {
        let grey = Image::new_owned(vec![9; 32 * 32 * 4], 32, 32);
        let with = marked(&grey);
        let pixel = |x: usize, y: usize| <[u8; 4]>::try_from(&with.rgba()[(y * 32 + x) * 4..][..4]).unwrap();
        assert_eq!(pixel(24, 8), RED);
        assert_eq!(pixel(31, 0), [9; 4], "the corner of the circle's square stays");
        assert_eq!(pixel(4, 28), [9; 4]);
        assert_eq!(mark().rgba().len(), 16 * 16 * 4);
    }
}
