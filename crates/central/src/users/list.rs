//! The list of users.

use lac_domain::{EstablishmentId, UserId};
use lac_wire::{Page, User, UserFilter};
use sqlx::AssertSqlSafe;

use super::load::load_users;
use crate::both;
use crate::error::Failure;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::Conn;

type Key = (String, UserId);

/// SQL that is true for a user who needs attention: a Designated Teacher with no link today or later, or someone
/// whose invitation was not sent, could not be delivered or has run out. `$1` is the day, `$2` the instant.
const NEEDS_ATTENTION: &str = "(u.status <> 'inactive' AND (
    (u.role = 'designated_teacher' AND NOT EXISTS (SELECT 1 FROM establishment_links tie
       WHERE tie.user_id = u.id AND (tie.end_on IS NULL OR tie.end_on >= $1)))
    OR (u.status = 'invited' AND NOT EXISTS (SELECT 1 FROM invitations i
       WHERE i.user_id = u.id AND NOT i.replaced AND i.used_at IS NULL AND i.expires_at > $2
         AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.user_id = u.id AND m.kind = 'invitation' AND m.state = 'failed'
           AND m.created_at >= i.created_at)))))";

/// A page of the users that a filter asks for, in order of name; for LA roles alone.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    now: lac_domain::Timestamp,
    filter: &UserFilter,
) -> Result<Page<User>, Failure> {
    scope.require_la()?;
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let words = prefixes(filter.search.as_deref());
    let size = page_size(filter.limit);
    let mut conditions = vec!["TRUE"];
    if filter.role.is_some() {
        conditions.push("u.role = $4");
    }
    if filter.status.is_some() {
        conditions.push("u.status = $5");
    }
    if filter.establishment_id.is_some() {
        conditions.push(
            "u.id IN (SELECT tie.user_id FROM establishment_links tie WHERE tie.establishment_id = $6
               AND tie.start_on <= $1 AND (tie.end_on IS NULL OR tie.end_on >= $1))",
        );
    }
    if filter.needs_attention {
        conditions.push(NEEDS_ATTENTION);
    }
    if after.is_some() {
        conditions.push("(u.name_key, u.id) > ($7, $8)");
    }
    let found: Vec<String> = (0..words.len()).map(|at| found_by(9 + 2 * at, 10 + 2 * at)).collect();
    conditions.extend(found.iter().map(String::as_str));
    let sql = format!(
        "SELECT u.name_key, u.id FROM users u WHERE {} ORDER BY u.name_key, u.id LIMIT $3",
        conditions.join(" AND ")
    );
    // What no condition looks at is bound all the same.
    let (name_key, id) = after.unwrap_or_else(|| (String::new(), UserId(uuid::Uuid::nil())));
    let establishment = filter.establishment_id.unwrap_or(EstablishmentId(uuid::Uuid::nil()));
    let role = filter.role.map(lac_domain::Role::as_str);
    let status = filter.status.map(lac_domain::UserStatus::as_str);
    let keys: Vec<Key> = both!(conn, c => {
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.today).bind(now).bind(rows_to_read(size)).bind(role).bind(status).bind(establishment)
            .bind(name_key).bind(id);
        for word in words {
            query = query.bind(word.from).bind(word.to);
        }
        query.fetch_all(c).await
    })?;
    let page = page_of(keys, size, Key::clone)?;
    let rows = load_users(conn, scope, page.rows.into_iter().map(|(_, id)| id)).await?;
    Ok(Page {
        rows,
        after: page.after,
    })
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
