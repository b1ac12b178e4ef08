//! A file dragged from another program's window and let go over the application's, as a person does: WebKit's small
//! browser shows a link to the file, and xdotool moves the mouse.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::desktop::Desktop;
use super::machine::Surroundings;
use super::process::{Running, output};
use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

/// The title of the window that the file is dragged from.
const TITLE: &str = "Files of this test";
/// How long the mouse rests at each place: toolkits begin a drag only when it moves in steps.
const STEP: Duration = Duration::from_millis(120);

/// WebKit's own small browser, which comes with its library.
///
/// # Errors
/// When it is not installed.
pub fn small_browser() -> Outcome<PathBuf> {
    let places = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let found = places
        .map(|place| place.path().join("webkit2gtk-4.1/MiniBrowser"))
        .find(|program| program.is_file());
    found.ok_or_else(|| Trouble::new("MiniBrowser is missing: apt-get install libwebkit2gtk-4.1-0"))
}

/// Drags a file over a window, calls `over` while it hovers there, and lets it go.
///
/// # Errors
/// When the browser or xdotool is missing, or `over` fails.
pub async fn drop_file(
    surroundings: &Surroundings,
    desktop: &Desktop,
    file: &Path,
    over: impl Future<Output = Outcome>,
) -> Outcome {
    let page = surroundings.folder().join("files.html");
    let html = format!(
        "<!doctype html><title>{TITLE}</title><a href=\"file://{}\" style=\"position:fixed;inset:0\">A file</a>",
        file.display()
    );
    std::fs::write(&page, html)?;
    let mut command = surroundings.command(small_browser()?);
    command.arg(format!("file://{}", page.display()));
    let mut browser = Running::start(&command, &surroundings.log("files"))?;
    let dragged = drag(surroundings, desktop, over).await;
    browser.stop();
    dragged
}

async fn drag(surroundings: &Surroundings, desktop: &Desktop, over: impl Future<Output = Outcome>) -> Outcome {
    let mouse = |arguments: &[&str]| output(surroundings.command("timeout").args(["10", "xdotool"]).args(arguments));
    let window = until("the window with the file", LONG_ENOUGH, || async {
        let found = mouse(&["search", "--onlyvisible", "--name", TITLE]).unwrap_or_default();
        Ok(found.lines().last().map(str::to_owned))
    })
    .await?;
    // Beside each other: the file at the left edge, the application under the rest of the screen.
    desktop.place(300, 20, 1040, 780).await?;
    mouse(&[
        "windowsize",
        "--sync",
        &window,
        "280",
        "400",
        "windowmove",
        &window,
        "0",
        "0",
    ])?;
    mouse(&["windowactivate", "--sync", &window])?;
    tokio::time::sleep(STEP * 5).await;
    mouse(&["mousemove", "120", "240"])?;
    tokio::time::sleep(STEP).await;
    mouse(&["mousedown", "1"])?;
    for (x, y) in [
        (124, 242),
        (140, 250),
        (220, 300),
        (400, 380),
        (600, 420),
        (760, 440),
        (764, 442),
    ] {
        tokio::time::sleep(STEP).await;
        mouse(&["mousemove", &x.to_string(), &y.to_string()])?;
    }
    let looked = over.await;
    mouse(&["mouseup", "1"])?;
    looked
}
