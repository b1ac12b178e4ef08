//! Telling users in time that their access to a pupil ends.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use lac_domain::access::{PupilFacts, UserFacts, entitled_until, entitlement};
use lac_domain::calendar::SchoolCalendar;
use lac_domain::notices::ACCESS_ENDS_WITHIN_DAYS;
use lac_domain::{PupilId, UserId, UserStatus};
use sqlx::AssertSqlSafe;

use super::facts::AccessRow;
use crate::both;
use crate::error::Failure;
use crate::notices::Cause;
use crate::storage::{Column, JsonRows};
use crate::writer::Tx;

/// Of those who see pupils now, tells whose access ends within some days and who was not told of that day yet.
pub(super) async fn tell<'a>(
    tx: &mut Tx,
    users: &[UserFacts],
    pupils: &[PupilFacts],
    pairs: impl Iterator<Item = &'a (UserId, PupilId)>,
    before: &[AccessRow],
    calendar: &SchoolCalendar,
) -> Result<(), Failure> {
    let today = tx.today();
    let Some(horizon) = today.checked_add_days(Days::new(ACCESS_ENDS_WITHIN_DAYS)) else {
        return Ok(());
    };
    let users: HashMap<UserId, &UserFacts> = users.iter().map(|user| (user.id, user)).collect();
    let pupils: HashMap<PupilId, &PupilFacts> = pupils.iter().map(|pupil| (pupil.id, pupil)).collect();
    let told: HashMap<(UserId, PupilId), NaiveDate> = before
        .iter()
        .filter_map(|row| Some(((row.user_id, row.pupil_id), row.ends_told?)))
        .collect();
    let mut rows = JsonRows::new();
    for pair in pairs {
        let (Some(user), Some(pupil)) = (users.get(&pair.0), pupils.get(&pair.1)) else {
            continue;
        };
        // Most see the pupil beyond the horizon: one question to the rule is enough for them.
        let ends = if user.status == UserStatus::Active && entitlement(user, pupil, horizon, calendar).is_none() {
            entitled_until(user, pupil, today, calendar)
        } else {
            None
        };
        let before = told.get(pair).copied();
        if ends == before {
            continue;
        }
        if let Some(last) = ends {
            tx.notice(Cause::AccessEnds {
                user: pair.0,
                pupil: pair.1,
                last,
            });
        }
        rows.push(&[&pair.0, &pair.1, &ends]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let columns = [Column::Id("user_id"), Column::Id("pupil_id"), Column::Day("ends")];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "UPDATE pupil_access SET ends_told = r.ends FROM {source} AS r
         WHERE pupil_access.user_id = r.user_id AND pupil_access.pupil_id = r.pupil_id"
    );
    let json = rows.into_json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}
