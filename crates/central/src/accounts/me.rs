//! The signed-in user, as they see themselves.

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, Role, UserId};
use lac_wire::{Authority, Me};

use super::second_factor::own_second_factor;
use crate::both;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::settings;
use crate::storage::Conn;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    role: Role,
    first_name: String,
    last_name: String,
    email: String,
    job_title: String,
}

/// Loads the one who asks.
pub(crate) async fn me(conn: &mut Conn, keys: &Keys, user: UserId, today: NaiveDate) -> Result<Me, StoreError> {
    let store = settings::load(conn).await?;
    let sql = "SELECT role, first_name, last_name, email, job_title FROM users WHERE id = $1";
    let row: Row = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_one(c).await)?;
    let sql = "SELECT DISTINCT establishment_id FROM establishment_links
               WHERE user_id = $1 AND start_on <= $2 AND (end_on IS NULL OR end_on >= $2) ORDER BY establishment_id";
    let establishments: Vec<EstablishmentId> =
        both!(conn, c => sqlx::query_scalar(sql).bind(user).bind(today).fetch_all(c).await)?;
    Ok(Me {
        id: user,
        role: row.role,
        first_name: row.first_name,
        last_name: row.last_name,
        email: row.email,
        job_title: row.job_title,
        establishments,
        authority: Authority {
            name: store.authority_name,
            danger_phone: store.danger_phone,
            notification_sender: store.notification_sender,
            offline_days: u32::try_from(store.offline_days).unwrap_or(14),
            attachment_kinds: store.attachment_kinds,
            term_dates: store.term_dates,
            second_factor_relaxed: store.second_factor_relaxed,
        },
        epoch: store.epoch,
        today,
        notifications: crate::notices::choices(conn, user).await?,
        away: crate::users::own_away(conn, user, today).await?,
        lists: crate::lists::own_lists(conn, keys, user).await?,
        second_factor: own_second_factor(conn, user, row.role, store.second_factor_relaxed).await?,
    })
}
