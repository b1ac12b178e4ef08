//! Looked After Call on the desktop: the shell around `lac-client`. It holds no rule and no SQL.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod arguments;
mod commands;
mod host;
mod keyring;
mod notifications;
#[cfg(target_os = "linux")]
mod system_lock;
mod tray;
mod unread;
mod window;

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use lac_client::App;
use tauri::{Manager, RunEvent};
use tauri_plugin_window_state::StateFlags;
use tracing_subscriber::EnvFilter;

use crate::arguments::Arguments;
use crate::host::Shell;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = EnvFilter::try_from_env("LAC_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the application could not run");
            rfd::MessageDialog::new()
                .set_level(rfd::MessageLevel::Error)
                .set_title("Looked After Call")
                .set_description(
                    "Looked After Call could not be opened. Restart the computer and try again. If it happens again, \
                     ask your IT support to look at the application's log.",
                )
                .show();
            ExitCode::FAILURE
        }
    }
}

/// What the application is called on this computer.
pub(crate) fn app_name(profile: &str) -> String {
    if profile.is_empty() {
        "Looked After Call".to_owned()
    } else {
        format!("Looked After Call ({profile})")
    }
}

fn run(arguments: Arguments) -> tauri::Result<()> {
    let Arguments { profile, minimised } = arguments;
    let folder = if profile.is_empty() {
        "default".to_owned()
    } else {
        profile.clone()
    };
    let bus_name = format!("org.lookedaftercall.desktop.{}", folder.replace('-', "_"));
    let alone = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _arguments, _folder| window::show(app))
        .dbus_id(bus_name)
        .build();
    #[allow(
        clippy::disallowed_methods,
        reason = "what the macro makes ends the process when its own check fails"
    )]
    let mut context = tauri::generate_context!();
    if !profile.is_empty() {
        // On Windows one instance is told from another by the identifier.
        context.config_mut().identifier.push_str(&format!(".{profile}"));
    }
    let mut again = vec!["--minimised".to_owned()];
    if !profile.is_empty() {
        again.extend(["--profile".to_owned(), profile.clone()]);
    }
    let starts = tauri_plugin_autostart::Builder::new()
        .args(again)
        .app_name(app_name(&profile));
    let place = tauri_plugin_window_state::Builder::default()
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED);
    tauri::Builder::default()
        .plugin(alone)
        .plugin(starts.build())
        .plugin(place.build())
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let handle = app.handle().clone();
            // Local, never roaming: SQLite's WAL does not survive a redirected folder.
            let data_dir = app.path().local_data_dir()?.join("Looked After Call").join(&folder);
            let shell = Shell::new(handle.clone(), profile.clone(), data_dir);
            let client = tauri::async_runtime::block_on(App::open(shell, lac_client::clock::system()));
            tauri::async_runtime::spawn(Arc::clone(&client).lock_when_idle());
            #[cfg(target_os = "linux")]
            system_lock::listen(&client);
            app.manage(client);
            window::open(&handle, &profile, minimised)?;
            tray::make(&handle);
            unread::look(&handle);
            Ok(())
        })
        .build(context)?
        .run(|app, event| {
            if let RunEvent::Exit = event {
                tauri::async_runtime::block_on(app.state::<Arc<App<Shell>>>().close());
            }
        });
    Ok(())
}
