//! `cargo xtask bench`: measurements, each a bench target of the package whose work it measures.

use std::path::Path;
use std::process::ExitCode;

use crate::command::{cargo, output, program, root, stream};
use crate::postgres::{self, Durability, Postgres};

/// What can be measured: its name, and what it times beside what.
const KNOWN: &[(&str, &str)] = &[
    (
        "import",
        "files of 1,000 to 150,000 rows judged and committed, beside bare multi-row inserts",
    ),
    (
        "establishments",
        "the DfE's file of 50,000 establishments, and of half as many",
    ),
    (
        "access",
        "a list of 100,000 pupils beside one of 40, and a link to a school of 2,000 pupils beside one of 40",
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
    (
        "messages",
        "opening, listing and searching among 100,000 messages, beside the raw query on the same file",
    ),
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

/// Where the figures are kept.
const FIGURES: &str = "docs/BENCHMARKS.md";
/// What stands above the figures in that file; what is below is written anew.
const BELOW: &str = "<!-- Below this line: written by `cargo xtask bench all`. -->";

/// Runs one measurement, or all, or lists them. The error names those there are.
pub fn run(name: Option<&str>) -> Result<ExitCode, String> {
    let Some(name) = name else {
        for (name, what) in KNOWN {
            let there = if packages(name).is_empty() {
                " (not written)"
            } else {
                ""
            };
            println!("{name:<14} {what}{there}");
        }
        println!("{:<14} each of these, and the figures into {FIGURES}", "all");
        return Ok(ExitCode::SUCCESS);
    };
    if name == "all" {
        return all();
    }
    if packages(name).is_empty() {
        let there: Vec<&str> = written().map(|(name, _)| name).collect();
        return Err(format!(
            "There is no measurement \"{name}\" to run. There are: all, {}",
            there.join(", ")
        ));
    }
    let server = Postgres::start(Durability::Real)?;
    let (success, _) = measure(name, &server)?;
    Ok(if success { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Those that are written.
fn written() -> impl Iterator<Item = (&'static str, &'static str)> {
    KNOWN.iter().copied().filter(|(name, _)| !packages(name).is_empty())
}

/// Runs one; whether all of it ended well, and the lines that it printed.
fn measure(name: &str, server: &Postgres) -> Result<(bool, Vec<String>), String> {
    let (mut success, mut lines) = (true, Vec::new());
    for package in packages(name) {
        let target = ["bench", "--package", package, "--bench", name];
        println!("{name}, {package}: building in release, then measuring");
        if !stream(cargo().args(target).arg("--no-run"))?.success {
            return Ok((false, lines));
        }
        let finished = stream(
            cargo()
                .env(postgres::VARIABLE, server.url())
                .args(target)
                .arg("--quiet"),
        )?;
        success &= finished.success;
        lines.extend(finished.lines.into_iter().filter(|line| !line.trim().is_empty()));
    }
    Ok((success, lines))
}

/// Runs each in turn and writes down what they printed.
fn all() -> Result<ExitCode, String> {
    let server = Postgres::start(Durability::Real)?;
    let mut figures = format!("{BELOW}\n\n## Figures\n\n{}\n", conditions());
    let mut failed = Vec::new();
    for (name, what) in written() {
        let (success, lines) = measure(name, &server)?;
        if !success {
            failed.push(name);
        }
        figures.push_str(&format!("\n### `{name}`: {what}\n\n"));
        for line in lines {
            figures.push_str(&format!("- {line}\n"));
        }
    }
    let path = root().join(FIGURES);
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{FIGURES}: {error}"))?;
    let above = text.split(BELOW).next().unwrap_or_default();
    std::fs::write(&path, format!("{above}{figures}")).map_err(|error| format!("{FIGURES}: {error}"))?;
    println!("The figures are in {FIGURES}.");
    if failed.is_empty() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(format!("These failed: {}", failed.join(", ")))
    }
}

/// The day, the machine, and how busy it was.
fn conditions() -> String {
    let line = |file: &str, start: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let found = text.lines().find(|line| line.starts_with(start)).unwrap_or_default();
        found
            .split_once(':')
            .map_or(found, |(_, value)| value)
            .trim()
            .to_owned()
    };
    let day = output(program("date").args(["-u", "+%-d %B %Y"])).unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let busy: Vec<String> = line("/proc/loadavg", "")
        .split(' ')
        .take(2)
        .map(str::to_owned)
        .collect();
    format!(
        "Measured on {day}: {cores} cores ({}), {} of memory, {}. Load before it began (1 and 5 minutes): {}.",
        line("/proc/cpuinfo", "model name"),
        line("/proc/meminfo", "MemTotal"),
        output(program("uname").args(["-sr"])).unwrap_or_default(),
        busy.join(", ")
    )
}

/// The packages with a bench target of this name.
fn packages(name: &str) -> Vec<&'static str> {
    let holding = PACKAGES.iter().filter(|(_, folder)| holds(&root().join(folder), name));
    holding.map(|(package, _)| *package).collect()
}

fn holds(folder: &Path, name: &str) -> bool {
    let target = folder.join("benches").join(name);
    target.with_extension("rs").is_file() || target.join("main.rs").is_file()
}
