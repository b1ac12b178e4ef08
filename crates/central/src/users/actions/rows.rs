//! Rows of actions and of their users.

use lac_domain::{Timestamp, UserActionId, UserId};
use lac_wire::{ActionFailure, ActionState, Page, UserAct, UserAction};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::storage::{Column, Conn, JsonRows};
use crate::writer::Tx;

/// Users in one statement.
const BATCH: usize = 20_000;

/// Who began an action, and the keyed hash of what they asked; none where there is no such action.
pub(super) async fn fingerprint(conn: &mut Conn, id: UserActionId) -> Result<Option<(UserId, Vec<u8>)>, StoreError> {
    let sql = "SELECT begun_by, fingerprint FROM user_actions WHERE id = $1";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// Writes a new action with its users, who all wait.
pub(super) async fn insert(
    tx: &mut Tx,
    id: UserActionId,
    by: UserId,
    act: &UserAct,
    fingerprint: &[u8],
    users: &[UserId],
) -> Result<(), Failure> {
    let (now, act) = (tx.now(), serde_json::to_string(act)?);
    let total = i64::try_from(users.len()).unwrap_or(i64::MAX);
    let sql = "INSERT INTO user_actions (id, begun_by, begun_at, act, fingerprint, state, total, done, failed)
               VALUES ($1, $2, $3, $4, $5, 'running', $6, 0, 0)";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(by).bind(now).bind(act).bind(fingerprint.to_vec()).bind(total).execute(c).await.map(|_| ()))?;
    let mut position = 0_i64;
    for batch in users.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for user in batch {
            rows.push(&[&position, user]);
            position += 1;
        }
        let source = tx
            .engine()
            .rows("$1", &[Column::Number("position"), Column::Id("user_id")]);
        let sql = format!(
            "INSERT INTO user_action_users (action_id, position, user_id, outcome)
             SELECT $2, position, user_id, 'waiting' FROM {source} AS r"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(id).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Ends an action that runs; answers whether it did.
pub(super) async fn end(tx: &mut Tx, id: UserActionId, state: &'static str) -> Result<bool, StoreError> {
    let now = tx.now();
    let sql = "UPDATE user_actions SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'running'";
    let ended = both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(state).bind(now).execute(c).await.map(|done| done.rows_affected()))?;
    Ok(ended > 0)
}

/// An action that runs.
#[derive(sqlx::FromRow)]
pub(super) struct Running {
    pub begun_by: UserId,
    act: String,
}

impl Running {
    /// What is done.
    pub fn act(&self) -> Result<UserAct, Failure> {
        Ok(serde_json::from_str(&self.act)?)
    }
}

/// The action, while it runs.
pub(super) async fn running(conn: &mut Conn, id: UserActionId) -> Result<Option<Running>, StoreError> {
    let sql = "SELECT begun_by, act FROM user_actions WHERE id = $1 AND state = 'running'";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The ids of the actions that run, the oldest first.
pub(super) async fn all_running(conn: &mut Conn) -> Result<Vec<UserActionId>, StoreError> {
    let sql = "SELECT id FROM user_actions WHERE state = 'running' ORDER BY begun_at, id";
    Ok(both!(conn, c => sqlx::query_scalar(sql).fetch_all(c).await)?)
}

/// The next users of an action who wait.
pub(super) async fn waiting(conn: &mut Conn, id: UserActionId, limit: i64) -> Result<Vec<(i64, UserId)>, StoreError> {
    let sql = "SELECT position, user_id FROM user_action_users WHERE action_id = $1 AND outcome = 'waiting'
               ORDER BY position LIMIT $2";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(id).bind(limit).fetch_all(c).await)?)
}

/// What became of a user: the place in the action, and why it went wrong where it did.
pub(super) type Became = (i64, Option<String>);

/// Notes what became of a slice's users.
pub(super) async fn note(tx: &mut Tx, id: UserActionId, slice: &[Became]) -> Result<(), StoreError> {
    let mut rows = JsonRows::new();
    for (position, why) in slice {
        rows.push(&[position, &if why.is_some() { "failed" } else { "done" }, why]);
    }
    let columns = [Column::Number("position"), Column::Text("outcome"), Column::Text("why")];
    let sql = format!(
        "UPDATE user_action_users SET outcome = r.outcome, why = r.why FROM {} AS r
         WHERE user_action_users.action_id = $2 AND user_action_users.position = r.position",
        tx.engine().rows("$1", &columns)
    );
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(rows.json()).bind(id).execute(c).await.map(|_| ()))?;
    let failed = i64::try_from(slice.iter().filter(|(_, why)| why.is_some()).count()).unwrap_or(i64::MAX);
    let done = i64::try_from(slice.len()).unwrap_or(i64::MAX) - failed;
    let sql = "UPDATE user_actions SET done = done + $2, failed = failed + $3 WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(done).bind(failed).execute(c).await.map(|_| ()))?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: UserActionId,
    act: String,
    state: String,
    total: i64,
    done: i64,
    failed: i64,
    first_name: String,
    last_name: String,
    begun_at: Timestamp,
    ended_at: Option<Timestamp>,
}

/// An action as it stands; none where there is none.
pub(super) async fn load(conn: &mut Conn, id: UserActionId) -> Result<Option<UserAction>, Failure> {
    let sql =
        "SELECT a.id, a.act, a.state, a.total, a.done, a.failed, u.first_name, u.last_name, a.begun_at, a.ended_at
               FROM user_actions a JOIN users u ON u.id = a.begun_by WHERE a.id = $1";
    let row: Option<Row> = both!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    let Some(row) = row else { return Ok(None) };
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(Some(UserAction {
        id: row.id,
        act: serde_json::from_str(&row.act)?,
        state: match row.state.as_str() {
            "running" => ActionState::Running,
            "done" => ActionState::Done,
            "cancelled" => ActionState::Cancelled,
            _ => ActionState::Unknown,
        },
        total: count(row.total),
        done: count(row.done),
        failed: count(row.failed),
        begun_by: format!("{} {}", row.first_name, row.last_name),
        begun_at: row.begun_at,
        ended_at: row.ended_at,
    }))
}

/// A page of the users with whom an action went wrong, in the order in which they were taken.
pub(super) async fn failures(
    conn: &mut Conn,
    id: UserActionId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<ActionFailure>, Failure> {
    let after: i64 = read_after(after)?.unwrap_or(-1);
    let size = page_size(limit);
    let sql = "SELECT x.position, x.user_id, u.first_name, u.last_name, x.why
               FROM user_action_users x JOIN users u ON u.id = x.user_id
               WHERE x.action_id = $1 AND x.outcome = 'failed' AND x.position > $2 ORDER BY x.position LIMIT $3";
    type Row = (i64, UserId, String, String, Option<String>);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql)
        .bind(id).bind(after).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.0)?;
    let failure = |(_, user_id, first, last, why): Row| ActionFailure {
        user_id,
        name: format!("{first} {last}"),
        why: why.unwrap_or_default(),
    };
    Ok(Page {
        rows: page.rows.into_iter().map(failure).collect(),
        after: page.after,
    })
}
