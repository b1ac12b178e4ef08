//! What went wrong, for the UI: a code to branch on and a sentence to show.

use lac_wire::{ChangedSince, ErrorBody, ErrorCode};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Why something could not be done on this device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LocalCode {
    /// The store cannot be reached; try again when there is a network.
    Offline,
    /// What answers at the address is no store of Looked After Call.
    NotAStore,
    /// The store is newer or older than this application can talk to.
    VersionMismatch,
    /// The account is not signed in on this device.
    SignedOut,
    /// The application is locked: only the password opens it.
    Locked,
    /// The account is not known on this device.
    AccountUnknown,
    /// The operating system's keyring cannot be used.
    KeyringUnavailable,
    /// The local file could not be opened and was set aside.
    FileSetAside,
    /// A file could not be read or written.
    File,
    /// Signing out would lose what waits to be sent.
    UnsentWaiting,
    /// It is no longer there.
    Gone,
    /// Something entered is missing or wrong; `field` names it.
    Invalid,
    /// The device's disk is full.
    DiskFull,
    /// Something went wrong that the person can do nothing about; the log tells more.
    Internal,
}

/// A code of the store's or of this device's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(untagged)]
pub enum ProblemCode {
    /// Of this device.
    Local(LocalCode),
    /// Of the store.
    Store(ErrorCode),
}

/// What a UI command answers when it could not be done.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// For the program.
    pub code: ProblemCode,
    /// For the person: what happened, and what to do.
    pub message: String,
    /// The field that it is about.
    pub field: Option<String>,
    /// The store's request id, for the authority's IT.
    pub request_id: Option<String>,
    /// What was changed since an edit began, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub changed: Option<ChangedSince>,
}

impl Problem {
    /// A problem of this device.
    #[must_use]
    pub fn local(code: LocalCode, message: impl Into<String>) -> Self {
        Self {
            code: ProblemCode::Local(code),
            message: message.into(),
            field: None,
            request_id: None,
            changed: None,
        }
    }

    /// Whether it has a code of this device.
    #[must_use]
    pub fn is_local(&self, code: LocalCode) -> bool {
        self.code == ProblemCode::Local(code)
    }
}

impl From<ErrorBody> for Problem {
    fn from(body: ErrorBody) -> Self {
        Self {
            code: ProblemCode::Store(body.code),
            message: body.message,
            field: body.field,
            request_id: body.request_id,
            changed: body.changed,
        }
    }
}
