//! The command line.

mod init;
mod log;
mod serve;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use lac_central::{
    AttachmentKinds, Config, Failure, Flags, ImportCommand, InviteByEmail, ResetByEmail, Store, SystemClock, Trail,
};

/// Something failed.
const FAILED: u8 = 1;
/// What was asked for cannot be done as it was asked.
const REFUSED: u8 = 2;

/// The central store of Looked After Call: one for each authority.
#[derive(Debug, Parser)]
#[command(name = "lac-central", version)]
struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Asked,
}

#[derive(Debug, Subcommand)]
enum Asked {
    /// Set up a new store: its key file, its database, and its first LA Super User
    Init(init::InitArguments),
    /// Run the store until it is told to stop
    Serve,
    /// Make a new one-time code for a user, and print it
    Invite {
        /// The user's e-mail address
        email: String,
    },
    /// Reset the second step of a user who has lost their phone and their recovery codes
    ResetSecondStep {
        /// The user's e-mail address
        email: String,
    },
    /// Read a file into the store
    #[command(subcommand)]
    Import(ImportCommand),
    /// Show how the queue of mails stands, and which could not be sent
    Mails,
    /// Show which kinds of attachments are taken, or say it anew
    Attachments(AttachmentKinds),
    /// Look after the audit trail
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Print the OpenAPI document of the HTTP API
    Openapi,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Check the whole audit trail, and name the first event that was altered, removed or moved
    Verify,
}

/// Why the program ends without having done what was asked: what to print, and the exit code.
pub struct Stop(u8, String);

impl Stop {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self(FAILED, error.to_string())
    }

    fn refused(error: impl std::fmt::Display) -> Self {
        Self(REFUSED, error.to_string())
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => Self::refused(refusal.message),
            Failure::Store(error) => Self::failed(error),
        }
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::failed(error)
    }
}

/// Reads the arguments and does what they ask.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return stopped(Stop::failed(error)),
    };
    match runtime.block_on(go(arguments)) {
        Ok(code) => ExitCode::from(code),
        Err(stop) => stopped(stop),
    }
}

#[allow(clippy::print_stderr, reason = "a command line speaks to the person before it")]
fn stopped(Stop(code, message): Stop) -> ExitCode {
    eprintln!("{message}");
    ExitCode::from(code)
}

async fn open(config: Config) -> Result<Store, Stop> {
    Store::open(config, Arc::new(SystemClock)).await.map_err(Stop::failed)
}

async fn go(arguments: Arguments) -> Result<u8, Stop> {
    let mut out = std::io::stdout();
    if matches!(arguments.command, Asked::Openapi) {
        let document = lac_central::openapi().to_pretty_json().map_err(Stop::failed)?;
        writeln!(out, "{document}")?;
        return Ok(0);
    }
    let config = Config::resolve(arguments.flags).map_err(Stop::refused)?;
    log::start(config.log_format);
    match arguments.command {
        Asked::Openapi => Ok(0),
        Asked::Init(asked) => init::init(config, asked, &mut out).await,
        Asked::Serve => serve::serve(open(config).await?, &mut out).await,
        Asked::Invite { email } => {
            let store = open(config).await?;
            let invited = store.run(None, InviteByEmail(email)).await;
            store.close().await;
            writeln!(
                out,
                "The one-time code is {}. It can be used once, in the next 24 hours.",
                invited?
            )?;
            Ok(0)
        }
        Asked::ResetSecondStep { email } => {
            let store = open(config).await?;
            let done = store.run(None, ResetByEmail(email)).await;
            store.close().await;
            done?;
            writeln!(
                out,
                "The second step is reset. The user is signed out, is told by e-mail, and sets it up anew when they sign in."
            )?;
            Ok(0)
        }
        Asked::Import(import) => {
            let store = open(config).await?;
            let done = import.run(&store, &mut out).await;
            let rest = store.catch_up().await;
            store.close().await;
            let code = done?;
            rest?;
            Ok(code)
        }
        Asked::Mails => {
            let store = open(config).await?;
            let queue = store.mail_queue().await;
            store.close().await;
            writeln!(out, "{}", queue.map_err(Stop::failed)?)?;
            Ok(0)
        }
        Asked::Attachments(kinds) => {
            let store = open(config).await?;
            let done = kinds.run(&store, &mut out).await;
            store.close().await;
            Ok(done?)
        }
        Asked::Audit(AuditCommand::Verify) => {
            let store = open(config).await?;
            let trail = store.verify_audit().await;
            store.close().await;
            let trail = trail.map_err(Stop::failed)?;
            writeln!(out, "{trail}")?;
            Ok(if matches!(trail, Trail::Intact { .. }) {
                0
            } else {
                FAILED
            })
        }
    }
}
