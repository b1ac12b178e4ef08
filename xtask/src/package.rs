//! `cargo xtask package`: what people install. The `.deb` is made and tried on Linux; the installers of Windows and
//! macOS are made by the same command there, from the configuration in `src-tauri/tauri.conf.json`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::command::{cargo, exists, output, program, stream, target};
use crate::{setup, ui};

/// The largest package that is handed out.
const LARGEST: u64 = 12 * 1024 * 1024;

/// What is made on the system that this runs on.
const fn bundles() -> &'static str {
    if cfg!(windows) {
        "nsis,msi"
    } else if cfg!(target_os = "macos") {
        "app,dmg"
    } else {
        "deb"
    }
}

/// Builds the desktop, makes its packages, and tries the `.deb`. `debug` packages the build that tests use: for trying
/// the packaging itself.
pub fn run(debug: bool) -> Result<ExitCode, String> {
    println!("[1/4] system packages, npm packages, the UI");
    setup::packages()?;
    ui::build()?;
    println!("[2/4] the desktop");
    let mut build = cargo();
    build.args(["build", "--workspace", "--bins"]);
    if !debug {
        build.arg("--release");
    }
    if !stream(&mut build)?.success {
        return Err("The build failed; cargo says why above.".into());
    }
    println!("[3/4] the packages: {}", bundles());
    let profile = if debug { "debug" } else { "release" };
    let made = target().join(profile).join("bundle");
    // What an earlier version left there would be handed out again.
    if made.exists() {
        std::fs::remove_dir_all(&made).map_err(|error| format!("{}: {error}", made.display()))?;
    }
    // By its file, so that it runs from the project's top folder: from there it finds the desktop.
    let mut bundle = program("node");
    bundle.args(["ui/node_modules/@tauri-apps/cli/tauri.js", "bundle", "--ci"]);
    bundle.args(["--bundles", bundles()]);
    if debug {
        bundle.arg("--debug");
    }
    bundle.env("CARGO_TARGET_DIR", target());
    if !stream(&mut bundle)?.success {
        return Err("The packages could not be made; Tauri says why above.".into());
    }
    println!("[4/4] looking at what was made");
    let packages = packages_in(&made);
    if packages.is_empty() {
        return Err(format!("Nothing was made in {}.", made.display()));
    }
    let out = target().join("package");
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    for package in &packages {
        let handed_out = hand_out(package, &out)?;
        let size = handed_out.metadata().map_or(0, |metadata| metadata.len());
        println!("  {} ({:.1} MB)", handed_out.display(), size as f64 / 1_048_576.0);
        if !debug && size > LARGEST {
            return Err(format!(
                "{} is larger than {} MB.",
                handed_out.display(),
                LARGEST / 1_048_576
            ));
        }
        if handed_out.extension().is_some_and(|extension| extension == "deb") {
            check_deb(&handed_out)?;
        }
    }
    println!(
        "\nReady in {}. To try it: cargo test -p lac-tests --test window_package -- --ignored",
        out.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Every installer below a folder.
fn packages_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .flat_map(|path| {
            let kind = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
            if path.is_file() && ["deb", "exe", "msi", "dmg"].contains(&kind) {
                vec![path]
            } else if path.is_dir() && kind != "app" {
                packages_in(&path)
            } else {
                Vec::new()
            }
        })
        .collect();
    found.sort();
    found
}

/// Copies a package to where packages are handed out, under a name without spaces.
fn hand_out(package: &Path, out: &Path) -> Result<PathBuf, String> {
    let name = package
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .replace(' ', "-");
    let place = out.join(name);
    std::fs::copy(package, &place).map_err(|error| format!("{}: {error}", place.display()))?;
    Ok(place)
}

/// Holds that a `.deb` has what it must have, and says what it needs.
fn check_deb(package: &Path) -> Result<(), String> {
    if !exists("dpkg-deb") {
        println!("  dpkg-deb is not there: the package was not looked into");
        return Ok(());
    }
    let listed = output(Command::new("dpkg-deb").arg("--contents").arg(package))
        .ok_or_else(|| format!("{} cannot be read.", package.display()))?;
    for part in [
        "usr/bin/looked-after-call",
        "usr/share/applications/",
        "usr/share/icons/hicolor/128x128/",
    ] {
        if !listed.contains(part) {
            return Err(format!("{} has no {part}.", package.display()));
        }
    }
    let needs = output(Command::new("dpkg-deb").arg("--field").arg(package).arg("Depends")).unwrap_or_default();
    println!("  needs: {needs}");
    if !needs.contains("libwebkit2gtk-4.1-0") {
        return Err(format!(
            "{} does not name the webview that it needs.",
            package.display()
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_found_below_a_folder_and_handed_out_without_spaces() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("deb").join("data");
        std::fs::create_dir_all(&inner).unwrap();
        let package = folder.path().join("deb").join("Looked After Call_0.1.0_amd64.deb");
        std::fs::write(&package, "package").unwrap();
        std::fs::write(inner.join("control"), "no package").unwrap();
        assert_eq!(packages_in(folder.path()), std::slice::from_ref(&package));
        let out = hand_out(&package, folder.path()).unwrap();
        assert_eq!(out.file_name().unwrap(), "Looked-After-Call_0.1.0_amd64.deb");
    }
}
