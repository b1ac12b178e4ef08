//! `cargo xtask bench`: measurements, each a bench target of the package whose work it measures.

use std::path::Path;
use std::process::ExitCode;

use crate::command::{cargo, root, stream};
use crate::postgres::{self, Durability, Postgres};

/// What can be measured: its name, and what it times beside what.
const KNOWN: &[(&str, &str)] = &[
    (
        "bulk_add",
        "100,000 rows judged and committed, beside bare multi-row inserts",
    ),
    ("send", "64 senders at once, beside single-row durable commits"),
    (
        "first_sync",
        "100,000 messages into the local store, beside bare inserts",
    ),
    (
        "notify",
        "from send to the notifier of another desktop, beside three durable commits",
    ),
    ("search", "full text over 100,000 messages, beside the same query bare"),
    ("open", "opening a conversation of 50 messages among 100,000"),
    ("poll", "a poll with nothing new, beside a request that answers 204"),
    ("window", "start and memory of the application, beside an empty window"),
];

/// Packages that may hold a measurement, and the folder of each.
const PACKAGES: &[(&str, &str)] = &[
    ("lac-central", "crates/central"),
    ("lac-client", "crates/client"),
    ("lac-import", "crates/import"),
    ("lac-tests", "tests"),
];

/// Runs one measurement, or lists them. The error names those there are.
pub fn run(name: Option<&str>) -> Result<ExitCode, String> {
    let Some(name) = name else {
        for (name, what) in KNOWN {
            let there = if package(name).is_some() { "" } else { " (not written)" };
            println!("{name:<12} {what}{there}");
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(package) = package(name) else {
        let there: Vec<&str> = KNOWN
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| self::package(name).is_some())
            .collect();
        return Err(format!(
            "There is no measurement \"{name}\" to run. There are: {}",
            there.join(", ")
        ));
    };
    let server = Postgres::start(Durability::Real)?;
    println!("{name}: building in release, then measuring");
    let mut bench = cargo();
    bench
        .env(postgres::VARIABLE, server.url())
        .args(["bench", "--package", package, "--bench", name]);
    Ok(if stream(&mut bench)?.success {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The package with a bench target of this name.
fn package(name: &str) -> Option<&'static str> {
    PACKAGES
        .iter()
        .find(|(_, folder)| holds(&root().join(folder), name))
        .map(|(package, _)| *package)
}

fn holds(folder: &Path, name: &str) -> bool {
    folder.join("benches").join(name).with_extension("rs").is_file()
}
