//! The changes that may concern a reader: for each audience that they belong to, a range of the audience's index.

use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::Conn;

/// A change's row: content is looked up afterwards.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct ChangeRow {
    pub seq: i64,
    pub entity_kind: String,
    pub entity_id: Uuid,
}

/// Below so many numbers to look through, the range itself is looked through, each row asked whom it concerns;
/// beyond, each audience's index is asked what it has. The answer is the same.
const SHORT: i64 = 500;

/// Changes with numbers in `(from, to]` that may concern the reader, at most `limit`, in order of number.
pub(super) async fn changes_between(
    conn: &mut Conn,
    scope: Scope,
    from: i64,
    to: i64,
    limit: u32,
) -> Result<Vec<ChangeRow>, StoreError> {
    if to - from <= SHORT {
        in_range(conn, scope, from, to, limit).await
    } else {
        by_audience(conn, scope, from, to, limit).await
    }
}

/// What is written about a pupil: all else that concerns the pupil LA roles are told as such.
const WRITTEN: &str = "x.entity_kind IN ('conversation', 'message')";

pub(super) async fn in_range(
    conn: &mut Conn,
    scope: Scope,
    from: i64,
    to: i64,
    limit: u32,
) -> Result<Vec<ChangeRow>, StoreError> {
    let by_role = if scope.is_la() {
        format!(
            "x.audience_kind = 'la_roles'
             OR (x.audience_kind = 'pupil' AND {WRITTEN} AND x.audience_id IN {})",
            scope.focus()
        )
    } else {
        "(x.audience_kind = 'pupil' AND EXISTS (SELECT 1 FROM pupil_access a WHERE a.user_id = $1 AND a.pupil_id = x.audience_id))
         OR (x.audience_kind = 'establishment' AND EXISTS (SELECT 1 FROM establishment_links l
               WHERE l.user_id = $1 AND l.establishment_id = x.audience_id))"
            .to_owned()
    };
    let sql = format!(
        "SELECT x.seq, x.entity_kind, x.entity_id FROM changes x WHERE x.seq > $2 AND x.seq <= $3 AND (
           x.audience_kind = 'everyone'
           OR (x.audience_kind = 'user' AND x.audience_id = $1)
           OR (x.audience_kind = 'conversation' AND EXISTS (SELECT 1 FROM participants p
                 WHERE p.user_id = $1 AND p.conversation_id = x.audience_id))
           OR {by_role})
         ORDER BY x.seq LIMIT $4"
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(from).bind(to).bind(i64::from(limit)).fetch_all(c).await)?)
}

pub(super) async fn by_audience(
    conn: &mut Conn,
    scope: Scope,
    from: i64,
    to: i64,
    limit: u32,
) -> Result<Vec<ChangeRow>, StoreError> {
    let own = |kind: &str, id: &str, from: &str| {
        format!(
            "SELECT * FROM (SELECT x.seq, x.entity_kind, x.entity_id FROM {from}
               WHERE x.audience_kind = '{kind}' AND x.audience_id = {id} AND x.seq > $2 AND x.seq <= $3
               ORDER BY x.seq LIMIT $4) AS of_{kind}"
        )
    };
    // The ids of an audience come from an index of the reader's; joined in this order on purpose.
    let joined = |kind: &str, ids: &str| own(kind, "mine.id", &format!("({ids}) AS mine JOIN changes x ON TRUE"));
    let of = |table: &str, column: &str| format!("SELECT DISTINCT {column} AS id FROM {table} WHERE user_id = $1");
    let nil = "$5";
    let mut parts = vec![
        own("everyone", nil, "changes x"),
        own("user", "$1", "changes x"),
        joined("conversation", &of("participants", "conversation_id")),
    ];
    if scope.is_la() {
        parts.push(own("la_roles", nil, "changes x"));
        let focus = format!("SELECT DISTINCT own.pupil_id AS id FROM {} AS own", scope.focus());
        let written = format!("({focus}) AS mine JOIN changes x ON {WRITTEN}");
        parts.push(own("pupil", "mine.id", &written));
    } else {
        parts.push(joined("pupil", &of("pupil_access", "pupil_id")));
        parts.push(joined("establishment", &of("establishment_links", "establishment_id")));
    }
    let sql = format!(
        "SELECT seq, entity_kind, entity_id FROM ({}) AS every ORDER BY seq LIMIT $4",
        parts.join(" UNION ALL ")
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(from).bind(to).bind(i64::from(limit)).bind(Uuid::nil()).fetch_all(c).await)?)
}
