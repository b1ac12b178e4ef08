//! `cargo xtask`: the commands that people who work on the project run, and that CI runs.

mod bench;
mod command;
mod demo;
mod fuzz;
mod interrupt;
mod package;
mod postgres;
mod report;
mod setup;
mod tally;
mod test;
mod ui;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Looked After Call: set up, test, demonstrate and measure"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing to build and test: system packages, the UI's npm packages
    Setup,
    /// Run every check, or those that match: cargo xtask test [fmt|ui|clippy|…] [part of a test's name]
    Test {
        /// Names of steps, parts of tests' names, or both
        filters: Vec<String>,
    },
    /// Start a store with a fictional authority and open two desktops on it
    Demo {
        /// Walk the story by driving the windows on a screen of their own; leaves screenshots in target/demo
        #[arg(long)]
        tour: bool,
    },
    /// Measure, in release; with no name, list what can be measured
    Bench {
        /// One of the names that the list shows, or `all`: each in turn, and its figures into docs/BENCHMARKS.md
        name: Option<String>,
    },
    /// Give the readers of other people's files random ones, and fail at the first that they stumble over
    Fuzz {
        /// For how long
        #[arg(default_value_t = 60)]
        seconds: u64,
    },
    /// Run the random tests and the faults with very many cases (`LAC_CASES`): hours
    Soak,
    /// Make what people install: a .deb here, NSIS and MSI on Windows, a DMG on macOS; into target/package
    Package {
        /// Package the unoptimised build that tests use, to try the packaging itself
        #[arg(long)]
        debug: bool,
    },
    /// Start a PostgreSQL for `cargo test`, print its address, and keep it until Ctrl+C
    Postgres,
}

fn main() -> ExitCode {
    if let Err(error) = interrupt::listen() {
        eprintln!("Ctrl+C cannot be heard: {error}");
        return ExitCode::FAILURE;
    }
    let outcome = match Arguments::parse().task {
        Task::Setup => setup::run(),
        Task::Test { filters } => test::run(&filters),
        Task::Demo { tour } => demo::run(tour),
        Task::Bench { name } => bench::run(name.as_deref()),
        Task::Fuzz { seconds } => fuzz::fuzz(seconds),
        Task::Soak => fuzz::soak(),
        Task::Package { debug } => package::run(debug),
        Task::Postgres => postgres::serve(),
    };
    match outcome {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("\n{problem}");
            ExitCode::FAILURE
        }
    }
}
