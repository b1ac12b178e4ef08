//! Lists that page by key: the opaque `after` of a page, and how many rows it may have.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lac_wire::{ErrorCode, PAGE_LIMIT, Page};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Refusal, StoreError};

/// How many rows a page has when nobody says.
const ORDINARY: u32 = 50;

/// The rows of a page: as many as were asked for, within what is allowed.
pub(crate) fn page_size(asked: Option<u32>) -> usize {
    asked.unwrap_or(ORDINARY).clamp(1, PAGE_LIMIT) as usize
}

/// How many rows to read for a page: one more, which tells whether there is another.
pub(crate) fn rows_to_read(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX).saturating_add(1)
}

/// The key that a page goes on from.
///
/// # Errors
/// A refusal where the text is none that this store gave out.
pub(crate) fn read_after<K: DeserializeOwned>(after: Option<&str>) -> Result<Option<K>, Refusal> {
    let Some(text) = after else { return Ok(None) };
    let key = URL_SAFE_NO_PAD
        .decode(text)
        .ok()
        .and_then(|json| serde_json::from_slice(&json).ok());
    key.map(Some).ok_or_else(|| {
        Refusal::new(
            ErrorCode::Malformed,
            "This page of the list is not known. Go back to the start of the list.",
        )
        .about("after")
    })
}

/// Makes a page of the rows that were read for it: at most one more than its size. `key` tells where the next goes on.
///
/// # Errors
/// When a key cannot be written as JSON.
pub(crate) fn page_of<T, K: Serialize>(
    mut rows: Vec<T>,
    size: usize,
    key: impl Fn(&T) -> K,
) -> Result<Page<T>, StoreError> {
    let more = rows.len() > size;
    rows.truncate(size);
    let last = rows.last().filter(|_| more).map(key);
    let after = last
        .map(|key| serde_json::to_vec(&key))
        .transpose()?
        .map(|json| URL_SAFE_NO_PAD.encode(json));
    Ok(Page { rows, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_where_the_next_goes_on() {
        let page = page_of(vec![1, 2, 3], 2, |row| (*row, "key")).unwrap();
        assert_eq!(page.rows, [1, 2]);
        let after: Option<(i32, String)> = read_after(page.after.as_deref()).unwrap();
        assert_eq!(after, Some((2, "key".to_owned())));
        assert_eq!(page_of(vec![1, 2], 2, |row| *row).unwrap().after, None);
        assert_eq!(read_after::<i32>(None), Ok(None));
        assert_eq!(read_after::<i32>(Some("%")).unwrap_err().code, ErrorCode::Malformed);
        assert_eq!(
            (page_size(None), page_size(Some(0)), page_size(Some(9999))),
            (50, 1, 200)
        );
    }
}
