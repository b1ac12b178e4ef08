//! A file of users, prepared: read, its columns recognised, its rows judged as far as goes without the store.
//! All of this computes for up to a second or two, so that it runs on a thread of its own.

use lac_domain::Role;
use lac_import::{Columns, FileError, Mapping, Recognised, Shape, Table};
use lac_wire::ErrorCode;

use crate::error::{Failure, Refusal, StoreError};

/// A file as it was read.
pub(super) struct Prepared {
    pub recognised: Recognised,
    pub shape: Shape,
}

/// Reads a file and judges what needs no store.
pub(super) fn prepare(file: &[u8], role: Role) -> Result<Prepared, Failure> {
    let (table, columns) = read(file)?;
    Ok(Prepared {
        recognised: Recognised::of(&table, &columns),
        shape: Shape::of(&table, &columns, role),
    })
}

/// Reads a file as a table.
pub(super) fn read(file: &[u8]) -> Result<(Table, Columns), Failure> {
    let table = Table::parse(file).map_err(|error| refusal(&error))?;
    let columns = Columns::recognise(&table, &Mapping::new());
    Ok((table, columns))
}

/// Why a file cannot be taken, as it is answered.
pub(super) fn refusal(error: &FileError) -> Refusal {
    let code = if matches!(error, FileError::TooBig { .. }) {
        ErrorCode::TooLarge
    } else {
        ErrorCode::FileUnreadable
    };
    Refusal::new(code, error.to_string()).about("file")
}

/// Runs what computes for long on a thread of its own.
pub(super) async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))?
}
