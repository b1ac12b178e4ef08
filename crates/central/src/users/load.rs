//! Users as LA roles manage them: loaded whole, with their links and newest invitation.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, LinkId, Role, Timestamp, UserId, UserStatus};
use lac_wire::{Attention, InvitationState, Link, User, UserAway};
use sqlx::AssertSqlSafe;

use super::attention::{REASONS, long_ago, needs};
use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    id: UserId,
    revision: i64,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
    job_title: String,
    email: String,
    phone: String,
    last_signed_in: Option<Timestamp>,
    not_linked: bool,
    not_invited: bool,
    undelivered: bool,
    invitation_expired: bool,
    not_taken_up: bool,
    away_until: Option<NaiveDate>,
    cover_name: Option<String>,
}

impl Row {
    fn needs(&self) -> Vec<Attention> {
        let flags = [
            self.not_linked,
            self.not_invited,
            self.undelivered,
            self.invitation_expired,
            self.not_taken_up,
        ];
        REASONS
            .into_iter()
            .zip(flags)
            .filter(|(_, needed)| *needed)
            .map(|(reason, _)| reason)
            .collect()
    }
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    user_id: UserId,
    id: LinkId,
    establishment_id: EstablishmentId,
    name: String,
    urn: Option<String>,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
}

/// Loads users by their ids, in order of name; for LA roles alone.
///
/// # Errors
/// When the database fails.
pub(super) async fn load_users(
    conn: &mut Conn,
    scope: Scope,
    now: Timestamp,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<Vec<User>, StoreError> {
    if !scope.is_la() {
        return Ok(Vec::new());
    }
    let ids = hex_ids(ids);
    let [not_linked, not_invited, undelivered, expired, not_taken_up] = REASONS.map(needs);
    let sql = format!(
        "SELECT u.id, u.revision, u.role, u.status, u.first_name, u.last_name, u.job_title, u.email, u.phone,
           u.last_signed_in, {not_linked} AS not_linked, {not_invited} AS not_invited, {undelivered} AS undelivered,
           {expired} AS invitation_expired, {not_taken_up} AS not_taken_up, a.until_on AS away_until,
           cover.first_name || ' ' || cover.last_name AS cover_name
         FROM users u LEFT JOIN away a ON a.user_id = u.id AND a.until_on > $1
           LEFT JOIN users cover ON cover.id = a.cover_id
         WHERE u.id IN {} ORDER BY u.name_key, u.id",
        conn.engine().ids("$4")
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.today).bind(now).bind(long_ago(now)).bind(&ids).fetch_all(c).await)?;
    let (mut assigned, mut seen) = (assigned(conn, scope, &ids).await?, seen(conn, scope, &ids).await?);
    let mut links = links(conn, &ids).await?;
    let mut invitations = invitations(conn, &ids).await?;
    let user = |row: Row| {
        let links = links.remove(&row.id).unwrap_or_default();
        User {
            needs: row.needs(),
            pupils_assigned: assigned.remove(&row.id).unwrap_or(0),
            pupils_seen: (!row.role.is_la()).then(|| seen.remove(&row.id).unwrap_or(0)),
            id: row.id,
            revision: row.revision,
            role: row.role,
            status: row.status,
            first_name: row.first_name,
            last_name: row.last_name,
            job_title: row.job_title,
            email: row.email,
            phone: row.phone,
            // Said of an inactive one too, whose needs are none.
            not_linked: row.role.is_linked() && !links.iter().any(|link| link.end.is_none_or(|end| scope.today <= end)),
            links,
            invitation: invitations
                .remove(&row.id)
                .filter(|_| row.status == UserStatus::Invited),
            last_signed_in: row.last_signed_in,
            away: row.away_until.map(|until| UserAway {
                until,
                cover_name: row.cover_name,
            }),
        }
    };
    Ok(rows.into_iter().map(user).collect())
}

/// How many pupils are assigned to each user today, of those whom the reader may see.
async fn assigned(conn: &mut Conn, scope: Scope, ids: &str) -> Result<HashMap<UserId, u32>, StoreError> {
    let sql = format!(
        "SELECT a.user_id, COUNT(DISTINCT a.pupil_id) FROM assignments a
         WHERE a.user_id IN {} AND a.start_on <= $3 AND (a.end_on IS NULL OR a.end_on >= $3) AND {}
         GROUP BY a.user_id",
        conn.engine().ids("$2"),
        scope.sees_pupil("a.pupil_id")
    );
    counted(conn, scope, ids, sql).await
}

/// How many pupils each user can see today, of those whom the reader may see.
async fn seen(conn: &mut Conn, scope: Scope, ids: &str) -> Result<HashMap<UserId, u32>, StoreError> {
    let sql = format!(
        "SELECT a.user_id, COUNT(*) FROM pupil_access a WHERE a.user_id IN {} AND {} GROUP BY a.user_id",
        conn.engine().ids("$2"),
        scope.sees_pupil("a.pupil_id")
    );
    counted(conn, scope, ids, sql).await
}

async fn counted(conn: &mut Conn, scope: Scope, ids: &str, sql: String) -> Result<HashMap<UserId, u32>, StoreError> {
    let rows: Vec<(UserId, i64)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(ids).bind(scope.today).fetch_all(c).await)?;
    let rows = rows.into_iter();
    Ok(rows
        .map(|(user, count)| (user, u32::try_from(count).unwrap_or(u32::MAX)))
        .collect())
}

async fn links(conn: &mut Conn, ids: &str) -> Result<HashMap<UserId, Vec<Link>>, StoreError> {
    let sql = format!(
        "SELECT l.user_id, l.id, l.establishment_id, e.name, e.urn, l.capacity, l.start_on, l.end_on
         FROM establishment_links l JOIN establishments e ON e.id = l.establishment_id
         WHERE l.user_id IN {} ORDER BY l.start_on DESC, l.id DESC",
        conn.engine().ids("$1")
    );
    let rows: Vec<LinkRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut links: HashMap<UserId, Vec<Link>> = HashMap::new();
    for row in rows {
        links.entry(row.user_id).or_default().push(Link {
            id: row.id,
            establishment_id: row.establishment_id,
            establishment_name: row.name,
            urn: row.urn,
            capacity: row.capacity,
            start: row.start_on,
            end: row.end_on,
        });
    }
    Ok(links)
}

async fn invitations(conn: &mut Conn, ids: &str) -> Result<HashMap<UserId, InvitationState>, StoreError> {
    let sql = format!(
        "SELECT i.user_id, i.created_at, i.expires_at,
           (SELECT m.problem FROM mails m WHERE m.user_id = i.user_id AND m.kind = 'invitation' AND m.state = 'failed'
              AND m.created_at >= i.created_at ORDER BY m.id DESC LIMIT 1)
         FROM invitations i WHERE i.user_id IN {} AND NOT i.replaced AND i.used_at IS NULL",
        conn.engine().ids("$1")
    );
    let rows: Vec<(UserId, Timestamp, Timestamp, Option<String>)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let state = |(user, sent_at, expires_at, undelivered)| {
        (
            user,
            InvitationState {
                sent_at,
                expires_at,
                undelivered,
            },
        )
    };
    Ok(rows.into_iter().map(state).collect())
}
