//! What the store knows of what a file names: a few queries for any number of rows.

use std::collections::HashMap;

use lac_domain::{EstablishmentId, EstablishmentStatus, PupilId, Role, Upn, Urn, UserId};
use lac_import::{Known, KnownEstablishment, Wanted};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::Conn;

/// E-mail addresses that are asked for together: the engine holds them several times over.
const TOGETHER: usize = 20_000;

/// What was found, with the ids that a commit needs.
pub(super) struct Found {
    /// For the judging.
    pub known: Known,
    /// Users by the key of their e-mail address.
    pub users: HashMap<String, UserId>,
    /// Establishments by URN.
    pub establishments: HashMap<Urn, EstablishmentId>,
    /// Pupils by UPN.
    pub pupils: HashMap<Upn, PupilId>,
}

/// Looks up what a file names. Pupils are those whom the user may see; no UPN leads to a record that was closed by
/// an adoption.
pub(super) async fn look_up(conn: &mut Conn, scope: Scope, wanted: &Wanted) -> Result<Found, StoreError> {
    let mut found = Found {
        known: Known::default(),
        users: HashMap::new(),
        establishments: HashMap::new(),
        pupils: HashMap::new(),
    };
    users(conn, scope, wanted, &mut found).await?;
    establishments(conn, wanted, &mut found).await?;
    pupils(conn, scope, wanted, &mut found).await?;
    Ok(found)
}

async fn users(conn: &mut Conn, scope: Scope, wanted: &Wanted, found: &mut Found) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT email_key, id, role FROM users WHERE email_key IN {}",
        conn.engine().texts("$1")
    );
    for emails in wanted.emails.chunks(TOGETHER) {
        let (sql, keys) = (sql.as_str(), serde_json::to_string(emails)?);
        let rows: Vec<(String, UserId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(keys).fetch_all(c).await)?;
        for (key, id, role) in rows {
            let role = Role::parse(&role).map_err(|_| StoreError::Inconsistent("a stored role is not one"))?;
            found.known.users.insert(key.clone(), role);
            found.users.insert(key, id);
        }
    }
    fixed_roles(conn, scope, found).await
}

/// Whose role a file may not change, by the same rules as an edit by hand: one's own, and those of the last LA Super
/// Users who can sign in.
async fn fixed_roles(conn: &mut Conn, scope: Scope, found: &mut Found) -> Result<(), StoreError> {
    let sql = "SELECT email_key, id FROM users WHERE role = 'la_super_user' AND status = 'active'";
    let rows: Vec<(String, UserId)> = both!(conn, c => sqlx::query_as(sql).fetch_all(c).await)?;
    let left = rows
        .iter()
        .any(|(key, id)| *id == scope.user || !found.users.contains_key(key));
    for (key, id) in rows {
        if id == scope.user {
            let message =
                "This is you. You cannot take your own role away: ask another LA Super User, or take the row out.";
            found.known.fixed_roles.insert(key, message.to_owned());
        } else if !left && found.users.contains_key(&key) {
            let message = "No LA Super User who can sign in would be left. Take the row out, or make someone else an LA Super User first.";
            found.known.fixed_roles.insert(key, message.to_owned());
        }
    }
    Ok(())
}

async fn establishments(conn: &mut Conn, wanted: &Wanted, found: &mut Found) -> Result<(), StoreError> {
    if wanted.urns.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT urn, id, name, status FROM establishments WHERE urn IN {}",
        conn.engine().texts("$1")
    );
    let urns = serde_json::to_string(&wanted.urns)?;
    let rows: Vec<(String, EstablishmentId, String, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(urns).fetch_all(c).await)?;
    for (urn, id, name, status) in rows {
        let urn = Urn::parse(&urn).map_err(|_| StoreError::Inconsistent("a stored URN is not of the form of one"))?;
        let status = EstablishmentStatus::parse(&status)
            .map_err(|_| StoreError::Inconsistent("a stored status of an establishment is not one"))?;
        found
            .known
            .establishments
            .insert(urn.clone(), KnownEstablishment { name, status });
        found.establishments.insert(urn, id);
    }
    Ok(())
}

async fn pupils(conn: &mut Conn, scope: Scope, wanted: &Wanted, found: &mut Found) -> Result<(), StoreError> {
    if wanted.upns.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT p.upn, p.id FROM pupils p WHERE p.upn IN {} AND NOT p.adopted AND {}",
        conn.engine().texts("$2"),
        scope.sees_pupil("p.id"),
    );
    let upns = serde_json::to_string(&wanted.upns)?;
    let rows: Vec<(String, PupilId)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(upns).fetch_all(c).await)?;
    for (upn, id) in rows {
        let upn = Upn::parse(&upn).map_err(|_| StoreError::Inconsistent("a stored UPN is not of the form of one"))?;
        found.known.upns.insert(upn.clone());
        found.pupils.insert(upn, id);
    }
    Ok(())
}
