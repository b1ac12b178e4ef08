//! How many messages conversations hold, for a device to compare with what it holds.

use std::collections::HashSet;

use lac_domain::ConversationId;
use lac_wire::ConversationCount;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// So many conversations that a page does not touch are counted with it, others each time.
const OTHERS: i64 = 20;

type Row = (ConversationId, i64, i64);

/// Counts the conversations touched, and some others that the reader holds, in turn.
pub(super) async fn counts(
    conn: &mut Conn,
    scope: Scope,
    touched: HashSet<ConversationId>,
    seq: i64,
) -> Result<Vec<ConversationCount>, StoreError> {
    let (held, reads) = (scope.conversations(), scope.reads_conversation("c"));
    let sql = format!(
        "SELECT c.id, c.message_count, c.last_number FROM conversations c
         WHERE c.id IN {} AND {reads} ORDER BY c.id",
        conn.engine().ids("$2")
    );
    let ids = hex_ids(touched.iter().copied());
    let mut rows: Vec<Row> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    // Ids are ordered by when they were made, so that a turn is a place between the first and now.
    let start = turn(conn, scope, &held, seq).await?;
    let sql = format!(
        "SELECT c.id, c.message_count, c.last_number FROM conversations c
         WHERE c.id IN {held} AND {reads} AND c.id >= $2 ORDER BY c.id LIMIT $3"
    );
    let others: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(start).bind(OTHERS).fetch_all(c).await)?;
    rows.extend(others.into_iter().filter(|row| !touched.contains(&row.0)));
    let count = |(conversation_id, count, last_number)| ConversationCount {
        conversation_id,
        count,
        last_number,
    };
    Ok(rows.into_iter().map(count).collect())
}

/// The id from which others are counted this time: as good as random, and the same for the same page.
async fn turn(conn: &mut Conn, scope: Scope, held: &str, seq: i64) -> Result<Uuid, StoreError> {
    // PostgreSQL 15 has no MIN of uuid: the two ends are looked up one by one.
    let end =
        |order: &str| format!("SELECT c.id FROM conversations c WHERE c.id IN {held} ORDER BY c.id {order} LIMIT 1");
    let (first, last) = (end("ASC"), end("DESC"));
    let first: Option<Uuid> = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(first))
        .bind(scope.user).fetch_optional(c).await)?;
    let last: Option<Uuid> = both!(conn, c => sqlx::query_scalar(AssertSqlSafe(last))
        .bind(scope.user).fetch_optional(c).await)?;
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Uuid::nil());
    };
    let mut hash = Sha256::new();
    hash.update(scope.user.as_bytes());
    hash.update(seq.to_be_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let mut random = [0; 16];
    random.copy_from_slice(&digest[..16]);
    let span = last.as_u128() - first.as_u128();
    let step = if span == 0 {
        0
    } else {
        u128::from_be_bytes(random) % span
    };
    Ok(Uuid::from_u128(first.as_u128() + step))
}
