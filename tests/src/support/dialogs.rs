//! The system's own file dialogs (GTK's), worked with the keyboard.

use std::path::Path;
use std::time::Duration;

use super::machine::Surroundings;
use super::process::output;
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// How long a dialog may take to close before Return is pressed again.
const A_MOMENT: Duration = Duration::from_secs(1);

/// Waits for the dialog with this title and opens a file with it.
///
/// # Errors
/// When no such dialog comes, or it does not close on the file.
pub async fn open_file(surroundings: &Surroundings, title: &str, file: &Path) -> Outcome {
    // Ctrl+L brings the line for a path, which a dialog for opening does not show by itself.
    answer(surroundings, title, "ctrl+l", file).await
}

/// Waits for the dialog with this title and saves under a name with it.
///
/// # Errors
/// When no such dialog comes, or it does not close on the name.
pub async fn save_file(surroundings: &Surroundings, title: &str, file: &Path) -> Outcome {
    answer(surroundings, title, "ctrl+a", file).await
}

/// Waits for the dialog with this title and cancels it.
///
/// # Errors
/// When no such dialog comes, or it stays.
pub async fn cancel(surroundings: &Surroundings, title: &str) -> Outcome {
    let window = wait_for(surroundings, title).await?;
    xdotool(surroundings, &["windowactivate", "--sync", &window, "key", "Escape"])?;
    gone(surroundings, title, LONG_ENOUGH).await
}

async fn answer(surroundings: &Surroundings, title: &str, keys: &str, file: &Path) -> Outcome {
    let text = file
        .to_str()
        .ok_or_else(|| Trouble::new("the file's name is not text"))?;
    let window = wait_for(surroundings, title).await?;
    xdotool(
        surroundings,
        &["windowactivate", "--sync", &window, "windowfocus", "--sync", &window],
    )?;
    xdotool(surroundings, &["key", "--clearmodifiers", keys])?;
    xdotool(surroundings, &["type", "--clearmodifiers", "--delay", "8", text])?;
    // The dialog completes the path while it is typed, and swallows a Return that comes in the middle of that.
    for _ in 0..5 {
        xdotool(surroundings, &["key", "--clearmodifiers", "Return"])?;
        if gone(surroundings, title, A_MOMENT).await.is_ok() {
            return Ok(());
        }
    }
    gone(surroundings, title, LONG_ENOUGH).await
}

async fn wait_for(surroundings: &Surroundings, title: &str) -> Outcome<String> {
    until(&format!("the dialog \"{title}\""), LONG_ENOUGH, || async {
        let found = search(surroundings, title);
        Ok(found.lines().last().map(str::to_owned))
    })
    .await
}

async fn gone(surroundings: &Surroundings, title: &str, patience: Duration) -> Outcome {
    until(&format!("the dialog \"{title}\" to close"), patience, || async {
        Ok(search(surroundings, title).is_empty().then_some(()))
    })
    .await
}

/// The ids of visible windows with exactly this title; none is how `xdotool search` fails.
fn search(surroundings: &Surroundings, title: &str) -> String {
    let pattern = format!("^{}$", title.replace(['(', ')', '.', '?', '*', '+', '[', ']'], "."));
    xdotool(surroundings, &["search", "--onlyvisible", "--name", &pattern]).unwrap_or_default()
}

fn xdotool(surroundings: &Surroundings, arguments: &[&str]) -> Outcome<String> {
    output(surroundings.command("timeout").args(["30", "xdotool"]).args(arguments))
}
