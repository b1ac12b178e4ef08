//! The list of users: filtered, sorted, counted.

use std::collections::HashMap;

use lac_domain::{EstablishmentId, Role, Timestamp, UserId, UserStatus};
use lac_wire::{ErrorCode, Page, User, UserCounts, UserFilter, UserSort};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::attention::{REASONS, long_ago, needs, needs_any};
use super::load::load_users;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::{Prefix, prefixes};
use crate::storage::Conn;

/// Where a page goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Key {
    lead: Lead,
    name_key: String,
    id: UserId,
}

/// What the list is sorted by first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Lead {
    Name,
    Word(String),
    /// None for those who never signed in.
    At(Option<Timestamp>),
}

#[derive(sqlx::FromRow)]
struct Listed {
    id: UserId,
    name_key: String,
    role: String,
    status: String,
    last_signed_in: Option<Timestamp>,
}

/// The instant that stands for "never", as the index has it.
const NEVER: &str = "COALESCE(u.last_signed_in, '1970-01-01T00:00:00+00:00')";

/// A filter's conditions: `$1` is the day, `$2` the instant, `$3` a week before it, `$4` the role, `$5` the status,
/// `$6` the establishment, `$7` and `$8` what the caller adds, and from `$9` on the words looked for.
struct Conditions {
    sql: Vec<String>,
    role: Option<&'static str>,
    status: Option<&'static str>,
    establishment: EstablishmentId,
    words: Vec<Prefix>,
    now: Timestamp,
}

impl Conditions {
    fn of(filter: &UserFilter, now: Timestamp) -> Self {
        let mut sql = vec!["TRUE".to_owned()];
        if filter.role.is_some() {
            sql.push("u.role = $4".to_owned());
        }
        if filter.status.is_some() {
            sql.push("u.status = $5".to_owned());
        }
        if filter.establishment_id.is_some() {
            sql.push(
                "u.id IN (SELECT tie.user_id FROM establishment_links tie WHERE tie.establishment_id = $6
                   AND tie.start_on <= $1 AND (tie.end_on IS NULL OR tie.end_on >= $1))"
                    .to_owned(),
            );
        }
        if filter.needs_attention {
            sql.push(needs_any());
        }
        sql.extend(filter.attention.map(needs));
        let words = prefixes(filter.search.as_deref());
        sql.extend((0..words.len()).map(|at| found_by(9 + 2 * at, 10 + 2 * at)));
        Self {
            sql,
            role: filter.role.map(Role::as_str),
            status: filter.status.map(UserStatus::as_str),
            establishment: filter.establishment_id.unwrap_or(EstablishmentId(Uuid::nil())),
            words,
            now,
        }
    }

    fn all(&self) -> String {
        self.sql.join(" AND ")
    }
}

/// Binds the parameters of [`Conditions`] with two of the caller's own. What no condition looks at is bound all the same.
macro_rules! bind {
    ($query:expr, $scope:expr, $conditions:expr, $seventh:expr, $eighth:expr) => {{
        let (conditions, now) = ($conditions, $conditions.now);
        let mut query = $query
            .bind($scope.today)
            .bind(now)
            .bind(long_ago(now))
            .bind(conditions.role)
            .bind(conditions.status)
            .bind(conditions.establishment)
            .bind($seventh)
            .bind($eighth);
        for word in &conditions.words {
            query = query.bind(word.from.clone()).bind(word.to.clone());
        }
        query
    }};
}

/// A page of the users that a filter asks for; for LA roles alone.
///
/// # Errors
/// A refusal for other roles, and for a page of another order.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    now: Timestamp,
    filter: &UserFilter,
) -> Result<Page<User>, Failure> {
    scope.require_la()?;
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let order = Order::of(filter);
    let mut conditions = Conditions::of(filter, now);
    if let Some(after) = &after {
        conditions
            .sql
            .push(order.beyond(after, 9 + 2 * conditions.words.len())?);
    }
    let sql = format!(
        "SELECT u.id, u.name_key, u.role, u.status, u.last_signed_in FROM users u WHERE {} ORDER BY {} LIMIT $7",
        conditions.all(),
        order.sql()
    );
    let rows: Vec<Listed> = both!(conn, c => {
        let mut query = bind!(sqlx::query_as(AssertSqlSafe(sql)), scope, &conditions, rows_to_read(size), None::<String>);
        if let Some(after) = after {
            query = match after.lead {
                Lead::Name => query.bind(String::new()),
                Lead::Word(word) => query.bind(word),
                Lead::At(at) => query.bind(at.or_else(|| Timestamp::from_unix_millis(0))),
            };
            query = query.bind(after.name_key).bind(after.id);
        }
        query.fetch_all(c).await
    })?;
    let page = page_of(rows, size, |row| order.key(row))?;
    let ids: Vec<UserId> = page.rows.iter().map(|row| row.id).collect();
    Ok(Page {
        rows: in_order(load_users(conn, scope, now, ids.iter().copied()).await?, &ids),
        after: page.after,
    })
}

/// Puts users that were loaded into the order of their ids.
fn in_order(users: Vec<User>, ids: &[UserId]) -> Vec<User> {
    let mut by_id: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
    ids.iter().filter_map(|id| by_id.remove(id)).collect()
}

/// In which order a list goes: each is an index, read forwards or backwards.
#[derive(Debug, Clone, Copy)]
struct Order {
    by: UserSort,
    descending: bool,
}

impl Order {
    fn of(filter: &UserFilter) -> Self {
        Self {
            by: filter.sort.unwrap_or_default(),
            descending: filter.descending,
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self.by {
            UserSort::Name | UserSort::Unknown => &["u.name_key", "u.id"],
            UserSort::Role => &["u.role", "u.name_key", "u.id"],
            UserSort::Status => &["u.status", "u.name_key", "u.id"],
            UserSort::LastSignedIn => &[NEVER, "u.id"],
        }
    }

    fn sql(self) -> String {
        let way = if self.descending { " DESC" } else { "" };
        let columns: Vec<String> = self.columns().iter().map(|column| format!("{column}{way}")).collect();
        columns.join(", ")
    }

    /// SQL that is true for what comes after a key: `$first` is what leads, then the name's key, then the id.
    fn beyond(self, key: &Key, first: usize) -> Result<String, Refusal> {
        let (lead, name, id) = (
            format!("${first}"),
            format!("${}", first + 1),
            format!("${}", first + 2),
        );
        let values = match (self.by, &key.lead) {
            (UserSort::Name | UserSort::Unknown, Lead::Name) => vec![name, id],
            (UserSort::Role | UserSort::Status, Lead::Word(_)) => vec![lead, name, id],
            (UserSort::LastSignedIn, Lead::At(_)) => vec![lead, id],
            _ => {
                let message = "This page belongs to a list in another order. Go back to the start of the list.";
                return Err(Refusal::new(ErrorCode::Malformed, message).about("after"));
            }
        };
        let than = if self.descending { "<" } else { ">" };
        Ok(format!(
            "({}) {than} ({})",
            self.columns().join(", "),
            values.join(", ")
        ))
    }

    fn key(self, row: &Listed) -> Key {
        let lead = match self.by {
            UserSort::Name | UserSort::Unknown => Lead::Name,
            UserSort::Role => Lead::Word(row.role.clone()),
            UserSort::Status => Lead::Word(row.status.clone()),
            UserSort::LastSignedIn => Lead::At(row.last_signed_in),
        };
        Key {
            lead,
            name_key: row.name_key.clone(),
            id: row.id,
        }
    }
}

/// How many users a filter finds, and how many of those that it would find without looking for attention need some;
/// for LA roles alone.
///
/// # Errors
/// A refusal for other roles.
pub(super) async fn counts(
    conn: &mut Conn,
    scope: Scope,
    now: Timestamp,
    filter: &UserFilter,
) -> Result<UserCounts, Failure> {
    scope.require_la()?;
    let found = Conditions::of(filter, now);
    let sql = format!("SELECT COUNT(*) FROM users u WHERE {}", found.all());
    let total: i64 = both!(conn, c => {
        bind!(sqlx::query_scalar(AssertSqlSafe(sql)), scope, &found, None::<i64>, None::<String>).fetch_one(c).await
    })?;
    let any = UserFilter {
        needs_attention: false,
        attention: None,
        ..filter.clone()
    };
    let any = Conditions::of(&any, now);
    let sums = REASONS.map(|reason| format!("COALESCE(SUM(CASE WHEN {} THEN 1 ELSE 0 END), 0)", needs(reason)));
    // Who is active and no Designated Teacher needs none, and is not asked about.
    let sql = format!(
        "SELECT {} FROM users u WHERE (u.status = 'invited' OR u.role = 'designated_teacher') AND {}",
        sums.join(", "),
        any.all()
    );
    let needing: (i64, i64, i64, i64, i64) = both!(conn, c => {
        bind!(sqlx::query_as(AssertSqlSafe(sql)), scope, &any, None::<i64>, None::<String>).fetch_one(c).await
    })?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(UserCounts {
        total: count(total),
        not_linked: count(needing.0),
        not_invited: count(needing.1),
        undelivered: count(needing.2),
        invitation_expired: count(needing.3),
        not_taken_up: count(needing.4),
    })
}

/// The ids of all users that a filter finds, in order of name; for a job that does something with all of them.
///
/// # Errors
/// A refusal for other roles than LA's.
pub(super) async fn ids(
    conn: &mut Conn,
    scope: Scope,
    now: Timestamp,
    filter: &UserFilter,
) -> Result<Vec<UserId>, Failure> {
    scope.require_la()?;
    let found = Conditions::of(filter, now);
    let sql = format!(
        "SELECT u.id FROM users u WHERE {} ORDER BY u.name_key, u.id",
        found.all()
    );
    Ok(both!(conn, c => {
        bind!(sqlx::query_scalar(AssertSqlSafe(sql)), scope, &found, None::<i64>, None::<String>).fetch_all(c).await
    })?)
}

/// How many users are offered while an e-mail address is typed.
const OFFERED: i64 = 5;
/// From so many characters on.
const TYPED: usize = 3;

/// Users whose e-mail address begins with what was typed, the exact one first; for LA roles alone.
///
/// # Errors
/// A refusal for other roles.
pub(super) async fn look_up(conn: &mut Conn, scope: Scope, now: Timestamp, typed: &str) -> Result<Vec<User>, Failure> {
    scope.require_la()?;
    let from = lac_domain::email_key(typed);
    if from.chars().count() < TYPED {
        return Ok(Vec::new());
    }
    let sql = "SELECT id FROM users WHERE email_key >= $1 AND email_key < $2 ORDER BY email_key LIMIT $3";
    let to = format!("{from}\u{10FFFF}");
    let ids: Vec<UserId> =
        both!(conn, c => sqlx::query_scalar(sql).bind(from).bind(to).bind(OFFERED).fetch_all(c).await)?;
    let users = load_users(conn, scope, now, ids.iter().copied()).await?;
    Ok(in_order(users, &ids))
}

/// SQL that is true for a user with a word of the range, of their own or of an establishment linked today.
fn found_by(from: usize, to: usize) -> String {
    format!(
        "u.id IN (SELECT w.user_id FROM user_words w WHERE w.word >= ${from} AND w.word < ${to}
           UNION SELECT tie.user_id FROM establishment_links tie
             JOIN establishment_words w ON w.establishment_id = tie.establishment_id
             WHERE w.word >= ${from} AND w.word < ${to}
               AND tie.start_on <= $1 AND (tie.end_on IS NULL OR tie.end_on >= $1))"
    )
}

/// The SQL of a page and of the counts, for a test that looks at how the engines read it.
#[cfg(test)]
pub(super) fn page_sql(filter: &UserFilter, now: Timestamp) -> String {
    let order = Order::of(filter);
    format!(
        "SELECT u.id, u.name_key, u.role, u.status, u.last_signed_in FROM users u WHERE {} ORDER BY {} LIMIT 51",
        Conditions::of(filter, now).all(),
        order.sql()
    )
}
