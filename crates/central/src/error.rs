//! What can go wrong inside the store. A [`Refusal`] is for the person who asked; a [`StoreError`] goes to
//! the log, and its text to nobody.

use lac_wire::ErrorCode;
use uuid::Uuid;

/// Something failed that is not the fault of the one who asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The system gave no random bytes.
    #[error("no random bytes: {0}")]
    Random(String),
    /// A sealed value did not open: it was altered, moved, or sealed with a key that the key file lacks.
    #[error("sealed value of {table}.{field} does not open: {why}")]
    Seal {
        /// The table.
        table: &'static str,
        /// The column.
        field: &'static str,
        /// Why, without content.
        why: &'static str,
    },
    /// Stored JSON is not of the form expected.
    #[error("stored JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The store is closing and takes nothing more.
    #[error("the store is closing")]
    Closing,
    /// Password hashing failed.
    #[error("password hashing: {0}")]
    Hashing(String),
    /// A file could not be read or written.
    #[error("file: {0}")]
    File(#[from] std::io::Error),
    /// The rows are not as the code expects.
    #[error("inconsistent data: {0}")]
    Inconsistent(&'static str),
}

impl StoreError {
    /// Whether the same work may well succeed when done again: a deadlock or serialization failure on
    /// PostgreSQL, a busy database on SQLite.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else {
            return false;
        };
        // 40001 and 40P01 are PostgreSQL's; 5 and 517 SQLite's SQLITE_BUSY and SQLITE_BUSY_SNAPSHOT.
        matches!(error.code().as_deref(), Some("40001" | "40P01" | "5" | "517"))
    }

    /// The name of the unique index that a write ran against, where that is what happened.
    #[must_use]
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Self::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// A request that is refused, with the reason in plain English.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Refusal {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what happened, and what to do.
    pub message: String,
    /// The field that it is about.
    pub field: Option<String>,
    /// After how many seconds trying again may help.
    pub retry_after: Option<u64>,
    /// What was changed since, where that is why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<lac_wire::ChangedSince>,
    /// What the trail notes of it: a denied request, though nothing else of it is kept.
    #[serde(skip)]
    pub denied: Option<Denied>,
    /// Whether the trail has noted it already.
    #[serde(skip)]
    pub noted: bool,
}

/// What was asked for and denied, for the audit trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Denied {
    /// What kind of thing.
    pub object_kind: &'static str,
    /// Which one.
    pub object_id: Option<Uuid>,
    /// What was asked, as a fixed word such as `conversation.read`.
    pub asked: &'static str,
}

impl Refusal {
    /// A refusal with a sentence.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            field: None,
            retry_after: None,
            changed: None,
            denied: None,
            noted: false,
        }
    }

    /// The answer for what does not exist or may not be seen.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(
            ErrorCode::NotFound,
            "This could not be found. It may have been removed, or you may no longer be able to see it.",
        )
    }

    /// The answer for an action that the role lacks altogether.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(
            ErrorCode::Forbidden,
            "Your role does not allow this. If you need it, ask an LA Super User of your authority.",
        )
    }

    /// Whether the same request may well be taken later, so that the refusal is not remembered for good: who asks
    /// is signed out, asks too often, or the store cannot do it now.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self.code.status(), 401 | 429 | 500..)
    }

    /// A field that is missing or wrong.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..Self::new(ErrorCode::FieldInvalid, message)
        }
    }

    /// Names the field that the refusal is about.
    #[must_use]
    pub fn about(self, field: &str) -> Self {
        Self {
            field: Some(field.to_owned()),
            ..self
        }
    }

    /// Has the audit trail note that this was denied.
    #[must_use]
    pub fn denied(self, asked: &'static str, object_kind: &'static str, object_id: impl Into<Option<Uuid>>) -> Self {
        Self {
            denied: Some(Denied {
                object_kind,
                object_id: object_id.into(),
                asked,
            }),
            ..self
        }
    }
}

/// Why something did not happen.
#[derive(Debug)]
pub enum Failure {
    /// It was refused.
    Refused(Refusal),
    /// It failed.
    Store(StoreError),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Store(error.into())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(&refusal.message),
            Self::Store(error) => error.fmt(f),
        }
    }
}
