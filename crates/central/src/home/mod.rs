//! What needs a user today, as far as only the store knows it; the rest stands on their device.

mod routes;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;
use lac_domain::Timestamp;
use lac_wire::StoreHome;

use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::Conn;
use crate::{establishments, imports};

pub(crate) use routes::router;

/// How many of each are named.
const NAMED: usize = 5;
/// For so long an import that refused rows is brought up.
const IMPORTS: TimeDelta = TimeDelta::days(14);

/// What needs someone of the authority.
async fn home(conn: &mut Conn, scope: Scope, now: Timestamp) -> Result<StoreHome, StoreError> {
    let named = i64::try_from(NAMED).unwrap_or(i64::MAX);
    let (nobody_to_read, without_reader) = establishments::without_reader(conn, scope, named).await?;
    let refused_imports = imports::with_refused_rows(conn, scope.user, now.plus(-IMPORTS), NAMED).await?;
    Ok(StoreHome {
        nobody_to_read: u32::try_from(nobody_to_read).unwrap_or(u32::MAX),
        without_reader,
        refused_imports,
    })
}
