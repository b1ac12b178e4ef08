//! Which establishment came out of which: those that concern somebody here, and what was decided about them.

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{EstablishmentId, Timestamp, Urn};
use lac_wire::{
    LeaveSuccession, Page, Succession, SuccessionDecision, SuccessionEnd, SuccessionFilter, SuccessionKind,
};
use sqlx::AssertSqlSafe;

use super::in_use;
use super::rows::stored_urn;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::Conn;
use crate::writer::{Job, Tx};

/// The most successions of one establishment that its page shows.
const MOST_OF_ONE: i64 = 100;

#[derive(sqlx::FromRow)]
struct Row {
    from_urn: String,
    to_urn: String,
    kind: String,
    start_on: Option<NaiveDate>,
    decision: Option<String>,
    decided_at: Option<Timestamp>,
    from_id: Option<EstablishmentId>,
    from_name: Option<String>,
    from_key: Option<String>,
    from_closed_on: Option<NaiveDate>,
    to_id: Option<EstablishmentId>,
    to_name: Option<String>,
    to_closed_on: Option<NaiveDate>,
    users: i64,
    pupils: i64,
}

/// What stands before `FROM`; the establishment that there was goes by the name `e`.
fn columns(scope: Scope) -> String {
    format!(
        "s.from_urn, s.to_urn, s.kind, s.start_on, s.decision, s.decided_at, e.id AS from_id, e.name AS from_name,
         e.name_key AS from_key, e.closed_on AS from_closed_on, t.id AS to_id, t.name AS to_name, t.closed_on AS to_closed_on,
         (SELECT COUNT(DISTINCT tied.user_id) FROM {}) AS users,
         (SELECT COUNT(DISTINCT placed.pupil_id) FROM {}) AS pupils",
        in_use::LINKS,
        in_use::enrolments(scope)
    )
}

/// A stored word of how one came out of the other.
pub(super) fn kind(word: &str) -> SuccessionKind {
    match word {
        "became" => SuccessionKind::Became,
        "merged" => SuccessionKind::Merged,
        "split" => SuccessionKind::Split,
        _ => SuccessionKind::Unknown,
    }
}

impl TryFrom<Row> for Succession {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let end = |urn: Urn, id, name: Option<String>, closed_on| SuccessionEnd {
            name: name.unwrap_or_else(|| format!("the establishment with URN {urn}")),
            urn,
            id,
            closed_on,
        };
        let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Self {
            from: end(
                stored_urn(&row.from_urn)?,
                row.from_id,
                row.from_name,
                row.from_closed_on,
            ),
            to: end(stored_urn(&row.to_urn)?, row.to_id, row.to_name, row.to_closed_on),
            kind: kind(&row.kind),
            on: row.start_on.or(row.from_closed_on.and_then(|last| last.succ_opt())),
            users: count(row.users),
            pupils: count(row.pupils),
            decision: row.decision.as_deref().map(|word| match word {
                "moved" => SuccessionDecision::Moved,
                "left" => SuccessionDecision::Left,
                _ => SuccessionDecision::Unknown,
            }),
            decided_at: row.decided_at,
        })
    }
}

/// What an establishment came out of, and what came out of it; for LA roles alone.
pub(super) async fn of(conn: &mut Conn, scope: Scope, urn: &Urn) -> Result<Vec<Succession>, StoreError> {
    if !scope.is_la() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {} FROM successions s LEFT JOIN establishments e ON e.urn = s.from_urn
           LEFT JOIN establishments t ON t.urn = s.to_urn
         WHERE s.from_urn = $3 OR s.to_urn = $3 ORDER BY s.from_urn, s.to_urn LIMIT $4",
        columns(scope)
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(urn.as_str()).bind(MOST_OF_ONE).fetch_all(c).await)?;
    rows.into_iter().map(Succession::try_from).collect()
}

/// The statement of the list.
pub(super) fn statement(scope: Scope, goes_on: bool) -> String {
    let goes_on = if goes_on {
        "AND (e.name_key, e.id, s.to_urn) > ($4, $5, $6)"
    } else {
        ""
    };
    format!(
        "SELECT {} FROM establishments e JOIN successions s ON s.from_urn = e.urn
           LEFT JOIN establishments t ON t.urn = s.to_urn
         WHERE s.decision IS NULL AND {} {goes_on} ORDER BY e.name_key, e.id, s.to_urn LIMIT $3",
        columns(scope),
        in_use::in_use(scope)
    )
}

/// Changes of establishments to look at: what there was is still in use here, and nobody has decided; in order of its
/// name.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    filter: &SuccessionFilter,
) -> Result<Page<Succession>, Failure> {
    let after: Option<(String, EstablishmentId, String)> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let sql = statement(scope, after.is_some());
    let (name_key, id, to) =
        after.unwrap_or_else(|| (String::new(), EstablishmentId(uuid::Uuid::nil()), String::new()));
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(rows_to_read(size)).bind(name_key).bind(id).bind(to)
        .fetch_all(c).await)?;
    let page = page_of(rows, size, |row| {
        let id = row.from_id.unwrap_or(EstablishmentId(uuid::Uuid::nil()));
        (row.from_key.clone().unwrap_or_default(), id, row.to_urn.clone())
    })?;
    Ok(Page {
        rows: page
            .rows
            .into_iter()
            .map(Succession::try_from)
            .collect::<Result<_, StoreError>>()?,
        after: page.after,
    })
}

/// How one establishment came out of another; none where the store knows of nothing of the kind.
pub(super) async fn between(conn: &mut Conn, from: &str, to: &str) -> Result<Option<SuccessionKind>, StoreError> {
    let sql = "SELECT kind FROM successions WHERE from_urn = $1 AND to_urn = $2";
    let found: Option<String> = both!(conn, c => sqlx::query_scalar(sql).bind(from).bind(to).fetch_optional(c).await)?;
    Ok(found.as_deref().map(kind))
}

/// Notes what was decided.
pub(super) async fn decide(tx: &mut Tx, from: &str, to: &str, decision: &str) -> Result<(), StoreError> {
    let (now, actor) = (tx.now(), tx.actor());
    let sql = "UPDATE successions SET decision = $3, decided_at = $4, decided_by = $5
               WHERE from_urn = $1 AND to_urn = $2";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(from).bind(to).bind(decision).bind(now).bind(actor).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Leaves users and enrolments where they are.
pub(super) struct Leave(pub LeaveSuccession);

#[async_trait]
impl Job for Leave {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (from, to) = (self.0.from.as_str(), self.0.to.as_str());
        if between(tx.conn(), from, to).await?.is_none() {
            return Err(Refusal::not_found()
                .denied("succession.leave", "establishment", None)
                .into());
        }
        decide(tx, from, to, "left").await?;
        let sql = "SELECT id FROM establishments WHERE urn = $1";
        let id: Option<EstablishmentId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(from).fetch_optional(c).await)?;
        let detail = serde_json::json!({ "to_urn": to });
        tx.audit("establishment.left", "establishment", id.map(Into::into), &detail);
        Ok(())
    }
}
