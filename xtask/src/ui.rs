//! The web UI: its packages and its build, done again only when what they are made from has changed.

use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::command::{exists, npm, output, root, stream, target};

/// The oldest Node that the UI's tools run on.
const NODE: u32 = 20;

/// Checks that Node is there and new enough. The error says what to install.
pub fn check_node() -> Result<String, String> {
    let how = format!("Install Node {NODE} or newer with npm: https://nodejs.org/en/download");
    let version = output(Command::new("node").arg("--version")).ok_or(format!("Node is missing. {how}"))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE) {
        return Err(format!("Node {version} is too old. {how}"));
    }
    if !exists("npm") && !exists("npm.cmd") {
        return Err(format!("npm is missing. {how}"));
    }
    Ok(version)
}

/// Installs the packages that `ui/package-lock.json` names, if they are not there already.
pub fn packages() -> Result<(), String> {
    check_node()?;
    let stamp = target().join("npm-packages");
    let lock = root().join("ui/package-lock.json");
    let wanted = std::fs::read(&lock).map_err(|error| format!("ui/package-lock.json: {error}"))?;
    let installed = root().join("ui/node_modules").is_dir();
    if installed && std::fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("npm ci");
    if !stream(npm().args(["ci", "--no-audit", "--no-fund"]))?.success {
        return Err("npm ci failed; it says why above".into());
    }
    std::fs::create_dir_all(target())
        .and_then(|()| std::fs::write(&stamp, wanted))
        .map_err(|error| format!("{}: {error}", stamp.display()))
}

/// Builds `ui/dist`, which the desktop is compiled with, if anything that it is made from is newer.
pub fn build() -> Result<(), String> {
    packages()?;
    let ui = root().join("ui");
    let built = newest(&ui.join("dist"));
    let made_from = [
        "src",
        "public",
        "index.html",
        "package-lock.json",
        "vite.config.ts",
        "svelte.config.js",
    ];
    if built.is_some() && made_from.iter().filter_map(|name| newest(&ui.join(name))).max() < built {
        return Ok(());
    }
    println!("npm run build");
    if stream(npm().args(["run", "build"]))?.success {
        return Ok(());
    }
    Err("the UI did not build; npm says why above".into())
}

/// When the newest file in a folder (or the file itself) was written.
fn newest(path: &Path) -> Option<SystemTime> {
    if !path.is_dir() {
        return path.metadata().ok()?.modified().ok();
    }
    std::fs::read_dir(path)
        .ok()?
        .flatten()
        .filter_map(|entry| newest(&entry.path()))
        .max()
}
