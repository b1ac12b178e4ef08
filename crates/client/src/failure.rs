//! What can fail on this device, and what a person is told of it. The text of a failure is for the log and holds
//! nothing personal.

use tokio::sync::Notify;

use crate::view::{LocalCode, Problem};

/// Something failed on this device.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The local store failed.
    #[error("local store: {0}")]
    Database(#[source] sqlx::Error),
    /// JSON that this device wrote itself cannot be read. The text says where, never what.
    #[error("stored JSON: {0}")]
    Json(String),
    /// The operating system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(String),
    /// A key could not be sealed.
    #[error("sealing: {0}")]
    Seal(&'static str),
    /// A file beside the local store could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// What the person is to be told is known already.
    #[error("{0}")]
    Told(Problem),
}

/// Wakes those who watch over a file when SQLite reports damage in any.
pub(crate) fn damage() -> &'static Notify {
    static DAMAGE: Notify = Notify::const_new();
    &DAMAGE
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        if sqlite_trouble(&error) == SqliteTrouble::Damaged {
            damage().notify_waiters();
        }
        Self::Database(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        // Its Display may quote the text that was read.
        Self::Json(format!(
            "{:?} at line {} column {}",
            error.classify(),
            error.line(),
            error.column()
        ))
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Told(problem)
    }
}

/// SQLite's primary result codes that mean something to a person.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum SqliteTrouble {
    /// The disk is full.
    Full,
    /// The file is damaged, or the key does not fit.
    Damaged,
    /// Anything else.
    Other,
}

/// What kind of trouble SQLite reports.
pub(crate) fn sqlite_trouble(error: &sqlx::Error) -> SqliteTrouble {
    let sqlx::Error::Database(inner) = error else {
        return SqliteTrouble::Other;
    };
    // An extended code has the primary one in its lowest byte.
    match inner
        .code()
        .and_then(|code| code.parse::<u32>().ok())
        .map(|code| code & 0xff)
    {
        Some(13) => SqliteTrouble::Full,
        Some(11 | 26) => SqliteTrouble::Damaged,
        _ => SqliteTrouble::Other,
    }
}

/// What a person is told when this device's disk is full.
pub(crate) fn disk_full() -> Problem {
    Problem::local(
        LocalCode::DiskFull,
        "This computer's disk is full, so nothing could be saved. Make some room, then try again.",
    )
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match &failure {
            Failure::Told(problem) => return problem.clone(),
            Failure::Database(error) if sqlite_trouble(error) == SqliteTrouble::Full => {
                tracing::error!(%failure, "the disk is full");
                return disk_full();
            }
            Failure::Database(error) if sqlite_trouble(error) == SqliteTrouble::Damaged => {
                tracing::error!(%failure, "a local store is damaged");
                return Self::local(
                    LocalCode::File,
                    "The file with your messages on this computer is damaged. It is being set aside: sign in again, and \
                     all that the store has comes back.",
                );
            }
            Failure::File(error) if error.kind() == std::io::ErrorKind::StorageFull => {
                tracing::error!(%failure, "the disk is full");
                return disk_full();
            }
            _ => {}
        }
        tracing::error!(%failure, "a request of the page failed");
        Self::local(
            LocalCode::Internal,
            "Something went wrong on this computer, and it was not done. Close the application and open it again. If \
             it happens again, ask your IT support.",
        )
    }
}

/// What a person is told of something that is no longer there.
pub(crate) fn gone(what: &str) -> Problem {
    Problem::local(
        LocalCode::Gone,
        format!("{what} is no longer there. It may have been removed, or you may no longer be able to see it."),
    )
}

/// What a person is told of a field that is missing or wrong.
pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Problem {
    Problem {
        field: Some(field.to_owned()),
        ..Problem::local(LocalCode::Invalid, message)
    }
}
