//! What a new day changes on pupils' rows: devices hold whether a pupil is looked after, their year group, who is theirs.

use chrono::{Datelike, NaiveDate};
use lac_domain::access::CARE_ENDS_AT_AGE;
use lac_domain::{PupilId, born_by};

use crate::both;
use crate::error::StoreError;
use crate::writer::{Audience, Changed, Tx};

/// Tells the devices of the pupils whose row reads otherwise since the calendar turned from one day to another.
///
/// # Errors
/// When the database fails.
pub(crate) async fn tell_of_turns(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<(), StoreError> {
    let autumn = |year: i32| NaiveDate::from_ymd_opt(year, 9, 1);
    let year_turned = [from.year(), to.year()]
        .into_iter()
        .filter_map(autumn)
        .any(|day| from < day && day <= to);
    let pupils: Vec<PupilId> = if year_turned || (to - from).num_days() > 366 {
        both!(tx.conn(), c => sqlx::query_scalar("SELECT id FROM pupils").fetch_all(c).await)?
    } else {
        // An end is the last day of an enrolment or assignment: the row reads otherwise on the day after it.
        let sql = "SELECT pupil_id FROM care_periods WHERE start_on > $1 AND start_on <= $2
                   UNION SELECT pupil_id FROM care_periods WHERE end_on > $1 AND end_on <= $2
                   UNION SELECT pupil_id FROM enrolments WHERE start_on > $1 AND start_on <= $2
                   UNION SELECT pupil_id FROM enrolments WHERE end_on >= $1 AND end_on < $2
                   UNION SELECT pupil_id FROM assignments WHERE start_on > $1 AND start_on <= $2
                   UNION SELECT pupil_id FROM assignments WHERE end_on >= $1 AND end_on < $2
                   UNION SELECT id FROM pupils WHERE born > $3 AND born <= $4";
        let (before, by) = (born_by(from, CARE_ENDS_AT_AGE), born_by(to, CARE_ENDS_AT_AGE));
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(from).bind(to).bind(before).bind(by).fetch_all(c).await)?
    };
    for pupil in pupils {
        tx.change(Audience::LaRoles, Changed::Pupil(pupil));
        tx.change(Audience::Pupil(pupil), Changed::Pupil(pupil));
    }
    Ok(())
}
