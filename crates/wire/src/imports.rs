//! Imports: a file judged by the store, then committed, once.

use lac_domain::{ImportId, Role, Timestamp};
use lac_import::{Counts, ExistingUsers, Recognised};

wire_types! {
    /// What an import adds.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportKind {
        /// Users.
        Users,
        /// Establishments, from a GIAS download.
        Establishments,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// Where an import stands.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ImportStatus {
        /// Judged; nothing has been changed.
        Judged,
        /// Committed.
        Committed,
        /// A status that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `PUT /v1/imports/{id}`: sends the raw file; the store judges it and changes nothing.
    pub struct JudgeQuery {
        /// What the file adds.
        pub kind: ImportKind,
        /// The role of users whose row does not name one.
        pub role: Role,
        /// What to do with users who exist.
        pub existing: ExistingUsers,
        /// The file's name, without its folder.
        pub file_name: String,
    }

    /// What a commit did.
    #[derive(Copy, Eq, Default)]
    pub struct ImportResult {
        /// Users created.
        pub created: u32,
        /// Users who existed and were changed.
        pub updated: u32,
        /// Rows left out on purpose.
        pub skipped: u32,
        /// Rows refused.
        pub refused: u32,
        /// Invitations sent.
        pub invited: u32,
    }

    /// An import, as judged and perhaps committed: `GET /v1/imports/{id}`.
    pub struct Import {
        /// Its id, made on the device.
        pub id: ImportId,
        /// One more each time it is judged anew; a commit names it.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// What it adds.
        pub kind: ImportKind,
        /// The role chosen for the file.
        pub role: Role,
        /// The file's name.
        pub file_name: String,
        /// Where it stands.
        pub status: ImportStatus,
        /// Who began it: first and last name.
        pub begun_by: String,
        /// When.
        pub begun_at: Timestamp,
        /// What was recognised; gone with the file after 30 days.
        pub recognised: Option<Recognised>,
        /// What became of the rows.
        pub counts: Counts,
        /// Whether the file as a whole is at fault, so that it can't be committed until it is mended.
        pub blocked: bool,
        /// What the commit did.
        pub result: Option<ImportResult>,
    }

    /// `POST /v1/imports/{id}/commit`.
    pub struct CommitImport {
        /// The revision that the person saw.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub revision: i64,
        /// Take nothing at all when a row was refused.
        pub all_or_nothing: bool,
        /// Send the invitations now.
        pub invite: bool,
    }

    /// Which page of findings is asked for, errors first, then by row.
    #[derive(Default)]
    pub struct FindingFilter {
        /// Only errors, or only warnings.
        pub severity: Option<lac_import::Severity>,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }
}
