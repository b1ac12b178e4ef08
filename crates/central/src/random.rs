//! Random bytes, and ids made from them.

use lac_domain::Timestamp;
use uuid::Uuid;

use crate::error::StoreError;

/// Random bytes from the operating system.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Random(error.to_string()))?;
    Ok(bytes)
}

/// A new id of version 7: `let id: UserId = new_id(now)?`.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_id<T: From<Uuid>>(at: Timestamp) -> Result<T, StoreError> {
    let random = random()?;
    Ok(uuid::Builder::from_unix_timestamp_millis(at.unix_millis(), &random)
        .into_uuid()
        .into())
}
