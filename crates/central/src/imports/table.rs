//! Files that are tables of rows: read, with what a person mended in place of what the file says.

use lac_import::{Columns, FileError, Table, Vocabulary};
use lac_wire::ErrorCode;

use super::kind::Asked;
use crate::error::{Failure, Refusal, StoreError};

/// Reads a file as a table, with the columns as they were chosen, the mended cells in their places and the rows left out
/// that a person left out.
///
/// # Errors
/// A refusal that says why the file cannot be taken.
pub(crate) fn open(vocabulary: &'static Vocabulary, file: &[u8], asked: &Asked) -> Result<(Table, Columns), Failure> {
    let mut table = Table::parse_as(vocabulary, file).map_err(|error| refusal(&error))?;
    asked.choices.apply(&mut table);
    let columns = Columns::recognise_with(&table, &asked.choices.mapping(), &asked.remembered);
    Ok((table, columns))
}

/// Why a file cannot be taken, as it is answered.
pub(crate) fn refusal(error: &FileError) -> Refusal {
    let code = if matches!(error, FileError::TooBig { .. }) {
        ErrorCode::TooLarge
    } else {
        ErrorCode::FileUnreadable
    };
    Refusal::new(code, error.to_string()).about("file")
}

/// Runs what computes for long on a thread of its own.
pub(crate) async fn on_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| StoreError::File(std::io::Error::other(error)))?
}
