//! Who may see which pupil, kept in `pupil_access`. One function refreshes it, in the same transaction as
//! whatever changed it: a link, assignment, enrolment, care period, bar, restriction, role or status.

mod ends;
mod facts;
mod refresh;
#[cfg(test)]
mod tests;
mod why;

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::access::{AccessReason, PupilFacts, UserFacts};
use lac_domain::{EstablishmentId, PupilId, UserId};

use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::Conn;
use crate::writer::{Job, Tx};

pub(crate) use why::{Explained, explain};

/// Whose access may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Affected {
    /// These users', to whichever pupils.
    Users(Vec<UserId>),
    /// Whoever's, to these pupils.
    Pupils(Vec<PupilId>),
    /// Anyone's: a new day has begun, or a setting changed.
    Everyone,
}

impl Tx {
    /// Works out who may see whom again, for those affected, and writes down what came and what went, with
    /// the changes that tell the devices. Call it after the rows that decide it were written, in the same job.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh_access(&mut self, affected: &Affected) -> Result<(), Failure> {
        refresh::refresh(self, affected).await
    }
}

/// What the rules need to know of a pupil.
///
/// # Errors
/// When the database fails.
pub(crate) async fn pupil_facts(conn: &mut Conn, pupil: PupilId) -> Result<Option<PupilFacts>, StoreError> {
    let found = facts::pupils(conn, &facts::Which::These(vec![pupil])).await?;
    Ok(found.into_iter().next())
}

/// What the rules need to know of users, those with LA roles left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn user_facts(conn: &mut Conn, users: Vec<UserId>) -> Result<Vec<UserFacts>, StoreError> {
    facts::users(conn, &facts::Which::These(users)).await
}

/// The handover of a pupil that lasts on a day: the old establishment, and the day from which it no longer sees them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn handover(
    conn: &mut Conn,
    pupil: PupilId,
    day: NaiveDate,
) -> Result<Option<(EstablishmentId, NaiveDate)>, StoreError> {
    let Some(facts) = pupil_facts(conn, pupil).await? else {
        return Ok(None);
    };
    let calendar = crate::settings::load(conn).await?.calendar;
    let lasts = facts
        .sighted(day, &calendar)
        .iter()
        .any(|reason| matches!(reason, AccessReason::Handover(_)));
    Ok(facts.handover(day, &calendar).filter(|_| lasts))
}

/// Brings `pupil_access` to a later day, once; a job on a day that is not later does nothing.
pub(crate) struct NewDay;

#[async_trait]
impl Job for NewDay {
    type Output = chrono::NaiveDate;

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure> {
        let as_of: chrono::NaiveDate = both!(tx.conn(), c => sqlx::query_scalar("SELECT access_as_of FROM store WHERE id = 1").fetch_one(c).await)?;
        let today = tx.today();
        if today <= as_of {
            return Ok(as_of);
        }
        both!(tx.conn(), c => sqlx::query("UPDATE store SET access_as_of = $1 WHERE id = 1")
            .bind(today).execute(c).await.map(|_| ()))?;
        tx.refresh_access(&Affected::Everyone).await?;
        crate::pupils::tell_of_turns(tx, as_of, today).await?;
        tx.audit("day.begun", "store", None, &serde_json::json!({ "day": today }));
        Ok(today)
    }
}
