//! The central store: HTTP API, storage, mails, audit trail. One per authority.
//!
//! # How to add something
//!
//! **A table.** Write it in `migrations/central/postgres/` and, under the same file name, in `…/sqlite/`: the same
//! columns; `uuid`/`bytea` are `BLOB`, `text`/`date`/`timestamptz` `TEXT`, `bigint`/`boolean` `INTEGER`, tables
//! `STRICT` (and `WITHOUT ROWID` where the key is of several columns). Key columns are `COLLATE "C"` on
//! PostgreSQL, words have a `CHECK`, and each query has its index. Its row type, reads and writes stand in one
//! file of the folder of its subject.
//!
//! **A read.** A function over `&mut storage::Conn` (from [`Store::read`], or `tx.conn()` in a job) that takes a
//! [`Scope`]. Use [`both!`]; SQL is common to both engines. What a user may see is a condition from [`Scope`]
//! (`sees_pupil`, `reads_conversation`, `sees_person`), in which `$1` is always the user. Words are read with
//! `#[sqlx(try_from = "String")]` and bound with `.as_str()`; ids and instants bind as they are. A list is one
//! JSON parameter: [`storage::hex_ids`] with `engine.ids("$2")`, or [`storage::JsonRows`] with `engine.rows(…)`
//! for many rows in one statement.
//!
//! **A command.** A struct that implements [`Job`] (`run(&self, tx)`), given to [`Store::run`], or to
//! [`Store::run_once`] with `IdempotencyKey::once` when it comes over HTTP: then its output is remembered as JSON,
//! so let it be ids, and build the reply from the rows afterwards. It notes what changed with `tx.change(…)` and what
//! was done with `tx.audit(…)`, and writes neither table itself; it calls `tx.refresh_access(…)` after writing
//! anything that decides who sees whom. Refuse with [`Refusal`], `.denied(…)` where somebody reached for what
//! they may not. `exclusive` is true unless the job is sure to decide nothing about who sees what.
//!
//! **An endpoint.** A handler with `#[utoipa::path(…)]` in the `routes` file of its subject, taking
//! `State<Store>`, `Session` (for who is asking; `session.scope.require_la()?`), `IdempotencyKey` where it
//! changes something, and `Body`, `Params`, `PathOf`; its `router()` is merged in `http/router.rs`.
//!
//! **A test.** `both_engines! { async fn name(store: TestStore) { … } }` runs on SQLite and PostgreSQL; see
//! [`test_support`].

mod access;
mod accounts;
mod assignments;
mod attachments;
mod audit;
mod care_returns;
mod clock;
mod config;
mod error;
mod establishments;
mod home;
mod http;
mod imports;
mod incidents;
mod keys;
mod keyset;
mod later;
mod lists;
mod mail;
mod messages;
mod notices;
mod pupils;
mod random;
mod reminders;
mod scope;
mod seal;
mod search;
mod settings;
mod store;
mod sync;
mod upkeep;
mod users;
mod writer;

pub mod storage;
#[cfg(any(test, feature = "test-support"))]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "it is for tests, which fail so"
)]
pub mod test_support;

pub use access::Affected;
pub use accounts::{FirstUser, InviteByEmail, ResetByEmail, Setup};
pub use attachments::{AttachmentKinds, TakeAttachmentKinds};
pub use audit::Trail;
pub use care_returns::CareReturnCommand;
pub use clock::{Clock, SetClock, SystemClock};
pub use config::{Config, ConfigError, Database, Flags, LogFormat, Smtp, SmtpTls};
pub use error::{Denied, Failure, Refusal, StoreError};
pub use establishments::{EstablishmentCounts, GiasFileRead, LinksFileRead, read_gias, read_links};
pub use http::{openapi, serve};
pub use imports::{ImportCommand, Invite, PupilFileCommand, PupilFolderCommand};
pub use keys::{KeyFileError, Keys, Secret};
pub use mail::MailQueue;
pub use scope::Scope;
pub use storage::OpenError;
pub use store::Store;
pub use writer::{Audience, Changed, Job, Once, Tx};
