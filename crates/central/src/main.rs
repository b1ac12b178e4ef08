//! `lac-central`: sets a store up, runs it, and looks after it.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::run()
}
