//! Users as LA roles manage them: loaded whole, with their links and newest invitation.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, LinkId, Role, Timestamp, UserId, UserStatus};
use lac_wire::{InvitationState, Link, User};
use sqlx::AssertSqlSafe;

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
    ids: impl IntoIterator<Item = UserId>,
) -> Result<Vec<User>, StoreError> {
    if !scope.is_la() {
        return Ok(Vec::new());
    }
    let ids = hex_ids(ids);
    let sql = format!(
        "SELECT id, revision, role, status, first_name, last_name, job_title, email, phone, last_signed_in
         FROM users WHERE id IN {} ORDER BY name_key, id",
        conn.engine().ids("$1")
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    let mut links = links(conn, &ids).await?;
    let mut invitations = invitations(conn, &ids).await?;
    let user = |row: Row| {
        let links = links.remove(&row.id).unwrap_or_default();
        let to_come = links.iter().any(|link| link.end.is_none_or(|end| scope.today <= end));
        User {
            id: row.id,
            revision: row.revision,
            role: row.role,
            status: row.status,
            first_name: row.first_name,
            last_name: row.last_name,
            job_title: row.job_title,
            email: row.email,
            phone: row.phone,
            not_linked: row.role.is_linked() && !to_come,
            links,
            invitation: invitations
                .remove(&row.id)
                .filter(|_| row.status == UserStatus::Invited),
            last_signed_in: row.last_signed_in,
        }
    };
    Ok(rows.into_iter().map(user).collect())
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
