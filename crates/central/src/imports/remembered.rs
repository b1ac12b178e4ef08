//! What a person said of a file's columns, remembered for the next file with the same headings. Headings may be
//! anything, even a person's data where a file has none: so only keyed hashes of them are kept.

use std::collections::BTreeMap;

use lac_import::{Column, ColumnChoice, HeadingSet};
use lac_wire::ImportKind;

use super::rows::word;
use crate::both;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::storage::Conn;
use crate::writer::Tx;

/// What each column holds, by a hash of its heading.
type Kept = BTreeMap<String, Column>;

fn whole(keys: &Keys, set: &HeadingSet) -> Vec<u8> {
    keys.fingerprint(format!("headings\n{}", set.whole()).as_bytes())
        .to_vec()
}

fn one(keys: &Keys, name: &str) -> String {
    let hash = keys.fingerprint(format!("heading\n{name}").as_bytes());
    hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
}

/// What was said of files with these headings, by the columns' places in this one.
pub(super) async fn find(
    conn: &mut Conn,
    keys: &Keys,
    kind: ImportKind,
    headings: &[String],
) -> Result<Vec<ColumnChoice>, StoreError> {
    let set = HeadingSet::of(headings);
    let (kind, hash) = (word(kind)?, whole(keys, &set));
    let sql = "SELECT columns FROM import_mappings WHERE kind = $1 AND headings_hash = $2";
    let row: Option<String> =
        both!(conn, c => sqlx::query_scalar(sql).bind(&kind).bind(&hash).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(Vec::new()) };
    let kept: Kept = serde_json::from_str(&row)?;
    let places = (0_u32..).zip(set.names());
    Ok(places
        .filter_map(|(index, name)| {
            kept.get(&one(keys, name))
                .map(|column| ColumnChoice { index, column: *column })
        })
        .collect())
}

/// Remembers what a person said of a file's columns, in place of what was said of such files before.
pub(super) async fn remember(
    tx: &mut Tx,
    kind: ImportKind,
    headings: &[String],
    chosen: &[ColumnChoice],
) -> Result<(), StoreError> {
    if chosen.is_empty() {
        return Ok(());
    }
    let (keys, now, set) = (tx.keys(), tx.now(), HeadingSet::of(headings));
    let kept: Kept = chosen
        .iter()
        .filter(|choice| !matches!(choice.column, Column::Password | Column::Unknown))
        .filter_map(|choice| {
            let name = set.names().get(usize::try_from(choice.index).ok()?)?;
            Some((one(&keys, name), choice.column))
        })
        .collect();
    let (kind, hash, columns) = (word(kind)?, whole(&keys, &set), serde_json::to_string(&kept)?);
    let sql = "INSERT INTO import_mappings (kind, headings_hash, columns, used_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (kind, headings_hash) DO UPDATE SET columns = excluded.columns, used_at = excluded.used_at";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(&kind).bind(&hash).bind(&columns).bind(now).execute(c).await.map(|_| ()))?;
    Ok(())
}
