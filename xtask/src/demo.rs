//! `cargo xtask demo`: everything built, then two desktops on a store with a fictional authority.

use std::process::{Command, ExitCode};

use crate::command::{cargo, stream, target};
use crate::interrupt;
use crate::setup;
use crate::ui;

/// Builds, then hands over to the program that drives the windows (`tour`, in the package of the tests).
pub fn run(tour: bool) -> Result<ExitCode, String> {
    println!("[1/4] system packages and npm packages");
    setup::packages()?;
    ui::packages()?;
    println!("[2/4] the UI");
    ui::build()?;
    println!("[3/4] the store and the desktop");
    if !stream(cargo().args(["build", "--workspace", "--bins"]))?.success {
        return Err("The build failed; cargo says why above.".into());
    }
    let has_display = cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    // Started as it was built, with the whole workspace: asking cargo for this one program would build it anew.
    let mut windows = Command::new(target().join("debug").join("tour"));
    if tour || !has_display {
        println!("[4/4] the tour, on a screen of its own");
        windows.arg("--out").arg(target().join("demo"));
    } else {
        println!("[4/4] two desktops; Ctrl+C ends them");
        windows.arg("--stay");
    }
    match stream(&mut windows) {
        Ok(finished) if finished.success => Ok(ExitCode::SUCCESS),
        // Ctrl+C is how the desktops that stay are ended.
        Err(_) if interrupt::heard() && !tour => Ok(ExitCode::SUCCESS),
        Ok(_) => Err("A step of the demo failed; it says which above.".into()),
        Err(problem) => Err(problem),
    }
}
