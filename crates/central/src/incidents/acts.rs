//! What people did, from the trail: what they opened, read, sent and took out.

use std::collections::HashMap;

use lac_domain::{Role, Timestamp, UserId};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::storage::{Conn, hex_ids};

/// One thing that somebody did.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub by: UserId,
    pub at: Timestamp,
    pub action: String,
    pub object: Uuid,
    pub detail: Value,
}

impl Act {
    pub(super) fn is_one_of(&self, actions: &[&str]) -> bool {
        actions.contains(&self.action.as_str())
    }
}

/// What anybody did to some objects from an instant on, in order.
pub(super) async fn on(
    conn: &mut Conn,
    objects: impl IntoIterator<Item = Uuid>,
    from: Timestamp,
) -> Result<Vec<Act>, StoreError> {
    let sql = format!(
        "SELECT actor, at, action, object_id, detail FROM audit_events
         WHERE object_id IN {} AND actor IS NOT NULL AND at >= $2 ORDER BY number",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(objects);
    let rows: Vec<(UserId, Timestamp, String, Uuid, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).bind(from).fetch_all(c).await)?;
    rows.into_iter()
        .map(|(by, at, action, object, detail)| {
            let detail = serde_json::from_str(&detail)?;
            Ok(Act {
                by,
                at,
                action,
                object,
                detail,
            })
        })
        .collect()
}

/// Somebody by name.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub name: String,
    pub name_key: String,
    pub role: Role,
}

/// The names and roles of some users.
pub(super) async fn names(
    conn: &mut Conn,
    users: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Name>, StoreError> {
    let sql = format!(
        "SELECT id, first_name, last_name, name_key, role FROM users WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(users);
    let rows: Vec<(UserId, String, String, String, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    rows.into_iter()
        .map(|(id, first, last, name_key, role)| {
            let role = Role::parse(&role).map_err(|_| StoreError::Inconsistent("a stored role is not one"))?;
            let name = format!("{first} {last}");
            Ok((id, Name { name, name_key, role }))
        })
        .collect()
}

/// A device as its session knows it.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Device {
    pub user_id: UserId,
    pub device_id: Uuid,
    pub device_name: String,
    pub last_used_at: Timestamp,
}

/// The devices on which some users are signed in.
pub(super) async fn devices(
    conn: &mut Conn,
    users: impl IntoIterator<Item = UserId>,
) -> Result<Vec<Device>, StoreError> {
    let sql = format!(
        "SELECT user_id, device_id, device_name, last_used_at FROM sessions WHERE user_id IN {}
         ORDER BY user_id, last_used_at DESC, device_id",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(users);
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?)
}

/// Whether a device was in contact at an instant or later. Contact is noted once a minute at most.
pub(super) fn in_contact_since(device: &Device, at: Timestamp) -> bool {
    device.last_used_at >= at.plus(-chrono::TimeDelta::minutes(1))
}
