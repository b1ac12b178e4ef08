//! What a machine needs before anything here builds or runs.

use std::process::{Command, ExitCode};

use crate::command::{cargo, exists, output, program, quiet, stream};
use crate::ui;

/// Debian's names for what the build and the tests of the real window need.
const PACKAGES: &[&str] = &[
    "build-essential",
    "pkg-config",
    "libssl-dev",
    "libdbus-1-dev",
    "libwebkit2gtk-4.1-dev",
    "libayatana-appindicator3-1",
    "webkit2gtk-driver",
    "xvfb",
    "openbox",
    "xdotool",
    "imagemagick",
    "dunst",
    "dbus",
    "dbus-x11",
    "gnome-keyring",
    "libsecret-tools",
    "postgresql",
];

/// Installs what is missing, quickly where nothing is.
pub fn run() -> Result<ExitCode, String> {
    packages()?;
    let node = ui::check_node()?;
    println!("node: {node}");
    ui::packages()?;
    println!("npm packages: there");
    for tool in ["nextest", "machete", "deny"] {
        if has_subcommand(tool) {
            println!("cargo {tool}: there");
        } else {
            println!("cargo {tool}: not there; optional: cargo install cargo-{tool} --locked");
        }
    }
    println!("\nReady. Next: cargo xtask demo, or cargo xtask test");
    Ok(ExitCode::SUCCESS)
}

/// Installs the system packages that are missing. The error has the command to run by hand.
pub fn packages() -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        println!("system packages: only Linux needs any");
        return Ok(());
    }
    if !exists("dpkg-query") {
        println!(
            "system packages: not a Debian; what its packages are called there: {}",
            PACKAGES.join(" ")
        );
        return Ok(());
    }
    let missing: Vec<&str> = PACKAGES
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect();
    if missing.is_empty() {
        println!("system packages: all {} there", PACKAGES.len());
        return Ok(());
    }
    println!("system packages: installing {}", missing.join(" "));
    let install = ["install", "-y", "--no-install-recommends"];
    let by_hand = format!("apt-get {} {}", install.join(" "), missing.join(" "));
    let Some(prefix) = administrator() else {
        return Err(format!("System packages are missing. Install them: sudo {by_hand}"));
    };
    let apt = |arguments: &[&str]| {
        let mut words = prefix
            .iter()
            .copied()
            .chain(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        let mut command = program(words.next().unwrap_or("env"));
        command.args(words).args(arguments);
        stream(&mut command)
    };
    if !apt(&["update"])?.success {
        return Err("apt-get update failed; it says why above".into());
    }
    if !apt(&[&install[..], &missing[..]].concat())?.success {
        return Err(format!("The packages could not be installed. Try: sudo {by_hand}"));
    }
    Ok(())
}

/// Whether `cargo NAME` is there.
pub fn has_subcommand(name: &str) -> bool {
    quiet(cargo().args([name, "--version"]))
}

fn is_installed(package: &str) -> bool {
    output(Command::new("dpkg-query").args(["-W", "-f=${db:Status-Status}", package])).as_deref() == Some("installed")
}

/// What goes before a command so that it may install: nothing for root, sudo where it asks no password.
fn administrator() -> Option<&'static [&'static str]> {
    if output(Command::new("id").arg("-u")).as_deref() == Some("0") {
        return Some(&[]);
    }
    quiet(Command::new("sudo").args(["-n", "true"])).then_some(&["sudo", "-n"])
}
