//! The package that people install: installed into a system of its own, started, used and removed.

use std::path::{Path, PathBuf};
use std::process::Command;

use lac_tests::support::desktop::{Desktop, Launch, axe};
use lac_tests::support::machine::Machine;
use lac_tests::support::process::output;
use lac_tests::support::{Outcome, Trouble};

/// The newest package that `cargo xtask package` left.
fn package() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/package");
    let files = std::fs::read_dir(folder).ok()?;
    files
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .max_by_key(|path| path.metadata().and_then(|metadata| metadata.modified()).ok())
}

/// dpkg on a system that is nothing but a folder. What the package needs is the real system's affair.
fn dpkg(system: &Path) -> Command {
    let mut command = Command::new("dpkg");
    command.arg(format!("--root={}", system.display()));
    command.args(["--force-not-root", "--force-depends", "--force-bad-path"]);
    command
}

fn status(system: &Path, name: &str) -> String {
    let admin = format!("--admindir={}", system.join("var/lib/dpkg").display());
    let asked = Command::new("dpkg-query")
        .args([&admin, "-W", "-f=${db:Status-Status}", name])
        .output();
    asked.map_or_else(
        |_| String::new(),
        |said| String::from_utf8_lossy(&said.stdout).into_owned(),
    )
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "tries what `cargo xtask package` left"]
async fn the_package_is_installed_started_used_and_removed() -> Outcome {
    let package = package().ok_or_else(|| Trouble::new("no package was made: cargo xtask package makes one"))?;
    let name = output(Command::new("dpkg-deb").arg("--field").arg(&package).arg("Package"))?;
    let name = name.trim();
    let machine = Machine::start().await?;
    let system = machine.surroundings().folder().join("system");
    for folder in ["info", "updates"] {
        std::fs::create_dir_all(system.join("var/lib/dpkg").join(folder))?;
    }
    std::fs::write(system.join("var/lib/dpkg/status"), "")?;

    output(dpkg(&system).arg("--install").arg(&package))?;
    assert_eq!(status(&system, name), "installed");
    let program = system.join("usr/bin/looked-after-call");
    let entry = std::fs::read_dir(system.join("usr/share/applications"))?
        .flatten()
        .next()
        .ok_or_else(|| Trouble::new("the package has no entry for the menu"))?;
    let entry = std::fs::read_to_string(entry.path())?;
    assert!(
        entry.contains("Name=Looked After Call") && entry.contains("Exec=looked-after-call"),
        "{entry}"
    );

    let launch = Launch {
        application: program.clone(),
        arguments: Vec::new(),
        variables: Vec::new(),
    };
    let desktop = Desktop::start(machine.surroundings(), &launch).await?;
    desktop.page().find("heading", "Where is your authority").await?;
    desktop
        .page()
        .is_accessible("the first screen of the package", &axe())
        .await?;
    desktop.page().fill("Store’s address", "nowhere.invalid").await?;
    desktop.page().click("button", "Continue").await?;
    desktop.page().see("nowhere.invalid").await?;
    desktop.close().await?;

    output(dpkg(&system).arg("--remove").arg(name))?;
    assert_ne!(status(&system, name), "installed");
    assert!(!program.exists(), "the program is gone");
    Ok(())
}
