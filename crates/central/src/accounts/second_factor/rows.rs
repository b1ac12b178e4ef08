//! The rows of second steps.

use lac_domain::{Role, Timestamp, UserId, second_factor};
use lac_wire::OwnSecondFactor;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::seal::Place;
use crate::storage::Conn;
use crate::writer::Tx;

/// Where the secret of a second step is sealed.
pub(super) fn secret_place(id: Uuid) -> Place {
    Place::new("second_factors", id, "sealed_secret")
}

/// Since when a user has a second step.
///
/// # Errors
/// When the database fails.
pub(crate) async fn set_up_at(conn: &mut Conn, user: UserId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT confirmed_at FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL";
    let at: Option<Timestamp> = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_optional(c).await)?;
    Ok(at)
}

/// How it stands with a user's own second step.
///
/// # Errors
/// When the database fails.
pub(crate) async fn own_second_factor(
    conn: &mut Conn,
    user: UserId,
    role: Role,
    relaxed: bool,
) -> Result<OwnSecondFactor, StoreError> {
    let set_up_at = set_up_at(conn, user).await?;
    let required = second_factor::is_required(role, relaxed);
    let sql = "SELECT second_factor_due FROM users WHERE id = $1";
    let due: Option<Timestamp> = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
    let sql = "SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL";
    let left: i64 = both!(conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
    Ok(OwnSecondFactor {
        set_up_at,
        required,
        due_at: due.filter(|_| required && set_up_at.is_none()),
        recovery_codes_left: u32::try_from(left).unwrap_or_default(),
    })
}

/// Takes a user's second step away, with what was begun and the recovery codes; says whether there was one.
///
/// # Errors
/// When the database fails.
pub(crate) async fn remove_second_factor(tx: &mut Tx, user: UserId) -> Result<bool, StoreError> {
    let there = set_up_at(tx.conn(), user).await?.is_some();
    for sql in [
        "DELETE FROM second_factors WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
    ] {
        both!(tx.conn(), c => sqlx::query(sql).bind(user).execute(c).await.map(|_| ()))?;
    }
    Ok(there)
}

/// A user comes back as who is new: without a second step, and with all the days to set one up.
///
/// # Errors
/// When the database fails.
pub(crate) async fn forget_second_factor(tx: &mut Tx, user: UserId) -> Result<(), StoreError> {
    remove_second_factor(tx, user).await?;
    let sql = "UPDATE users SET second_factor_due = NULL WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).execute(c).await.map(|_| ()))?;
    Ok(())
}
