//! The changes after a cursor.

use lac_wire::{Changes, ChangesQuery, CursorReply, HELD_PAGE_LIMIT};

use super::audiences::changes_between;
use super::counts::counts;
use super::cursor::{Cursor, extent};
use super::entities::build;
use crate::error::Failure;
use crate::keys::Keys;
use crate::scope::Scope;
use crate::storage::Conn;

/// Where the store's changes are now.
pub(super) async fn cursor(conn: &mut Conn) -> Result<CursorReply, Failure> {
    let extent = extent(conn).await?;
    Ok(CursorReply {
        cursor: Cursor {
            epoch: extent.epoch,
            seq: extent.seq,
        }
        .text(),
    })
}

/// The number up to which a device that shows a cursor has applied the changes. The cursor is one of this store's epoch
/// where its page could be given.
pub(super) fn applied(cursor: &str) -> Option<i64> {
    Some(Cursor::parse(cursor)?.seq)
}

/// A page of changes. With nothing that concerns the reader it still moves the cursor on.
pub(super) async fn changes(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    query: &ChangesQuery,
) -> Result<Changes, Failure> {
    let extent = extent(conn).await?;
    let from = Cursor::go_on(&query.cursor, extent)?;
    if from.seq == extent.seq {
        return Ok(Changes {
            entities: Vec::new(),
            cursor: query.cursor.clone(),
            more: false,
            counts: Vec::new(),
        });
    }
    let limit = query.limit.unwrap_or(HELD_PAGE_LIMIT / 2).clamp(1, HELD_PAGE_LIMIT);
    let rows = changes_between(conn, scope, from.seq, extent.seq, limit).await?;
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    let seq = rows.last().filter(|_| full).map_or(extent.seq, |row| row.seq);
    let more = seq < extent.seq;
    let built = build(conn, keys, scope, &rows).await?;
    let counts = if more || rows.is_empty() {
        Vec::new()
    } else {
        counts(conn, scope, built.conversations, seq).await?
    };
    Ok(Changes {
        entities: built.entities,
        cursor: Cursor { seq, ..from }.text(),
        more,
        counts,
    })
}
