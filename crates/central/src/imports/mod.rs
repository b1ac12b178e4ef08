//! Imports: a file is received, judged and mended, then committed, once; and undone, one by one.
//!
//! # How to add a kind
//!
//! What is common to all kinds (receiving, columns chosen by hand, mending, findings, revisions, progress, the frames of
//! the commit and the undo, the list, forgetting) knows nothing of what a file adds. A kind is a unit struct that
//! implements [`kind::Kind`], named in [`kind::of`], in a folder of its own beside `users`:
//!
//! - `read` makes a [`kind::Prepared`] of a file: what was recognised of it, and its rows judged as far as goes without
//!   the store. A kind whose files are tables of rows begins with [`table::open`], which has applied what was mended.
//! - [`kind::Rows::look_up`] asks the store, in a few queries for any number of rows, and [`kind::Facts::judge`] judges beside
//!   the answers; a commit asks again inside its own transaction.
//! - [`kind::Judged::write`] writes, in the commit's transaction, and keeps with [`objects`] the former values of what it
//!   changed.
//! - `require_may_import`, `rows_are_private`, `invites` and `check` say who may use it, who reads its rows, and what can be
//!   asked of it.
//! - `outcomes`, `look_at_undo` and `undo` read back what the import did, and take it back.
//!
//! Its headings are a [`lac_import::Vocabulary`]; its word stands in [`lac_wire::ImportKind`] and in the `CHECK`s of
//! `imports` and `import_mappings`.

mod allowed;
mod choices;
mod cli;
mod commit;
mod findings;
mod forget;
mod kind;
mod mend;
mod objects;
mod progress;
mod pupils;
mod receive;
mod remembered;
mod routes;
mod row_reads;
mod rows;
mod staying;
mod table;
#[cfg(test)]
mod tests;
mod undo;
mod users;

pub use cli::{ImportCommand, Invite};
pub(crate) use forget::forget_files;
pub(crate) use progress::Running;
pub use pupils::{PupilFileCommand, PupilFolderCommand};
pub(crate) use routes::{files_router, router};
pub(crate) use rows::with_refused_rows;
pub(crate) use table::on_own_thread;
