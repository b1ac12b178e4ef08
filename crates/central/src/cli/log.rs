//! Log lines, to standard error. They hold ids and words of the program's own, and nothing of a person.

use std::io::IsTerminal as _;

use lac_central::LogFormat;
use tracing_subscriber::EnvFilter;

/// The variable that says what is logged, such as `debug`.
const VARIABLE: &str = "LAC_LOG";
/// What is logged when it is not set.
const ORDINARY: &str = "info,sqlx=warn";

pub(super) fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_env(VARIABLE).unwrap_or_else(|_| EnvFilter::new(ORDINARY));
    let colours = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colours)
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => builder.init(),
        LogFormat::Json => builder.json().init(),
    }
}
