//! `cargo xtask fuzz` and `cargo xtask soak`: random files and random tests for as long as they are given.

use std::process::ExitCode;

use crate::command::{cargo, stream};
use crate::postgres::{self, Durability, Postgres};
use crate::setup;

/// Cases of each random test in a soak, where `LAC_CASES` does not say.
const CASES: u32 = 20_000;

/// Fuzzes the readers of other people's files for so many seconds.
pub fn fuzz(seconds: u64) -> Result<ExitCode, String> {
    let mut fuzz = cargo();
    fuzz.args([
        "run",
        "--profile",
        "fuzz",
        "--package",
        "lac-import",
        "--example",
        "fuzz",
        "--",
    ]);
    fuzz.arg(seconds.to_string());
    Ok(code(stream(&mut fuzz)?.success))
}

/// Runs the tests, but for the window's, with very many cases where they choose at random, and the faults for longer.
pub fn soak() -> Result<ExitCode, String> {
    let server = Postgres::start(Durability::None)?;
    let cases = std::env::var("LAC_CASES").unwrap_or_else(|_| CASES.to_string());
    println!("LAC_CASES={cases}");
    let mut build = cargo();
    build.args(["build", "--workspace", "--lib", "--bins", "--tests"]);
    if !stream(&mut build)?.success {
        return Ok(ExitCode::FAILURE);
    }
    let mut tests = cargo();
    tests
        .env(postgres::VARIABLE, server.url())
        .env("LAC_CASES", &cases)
        .env("PROPTEST_CASES", &cases);
    // All of them but the window's: those that choose nothing are soon done.
    if setup::has_subcommand("nextest") {
        let all = "not (package(lac-tests) and binary(~window))";
        tests.args(["nextest", "run", "--workspace", "--profile", "soak", "-E", all]);
    } else {
        tests.args([
            "test",
            "--workspace",
            "--no-fail-fast",
            "--lib",
            "--test",
            "faults",
            "--test",
            "files",
        ]);
    }
    Ok(code(stream(&mut tests)?.success))
}

fn code(success: bool) -> ExitCode {
    if success { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
