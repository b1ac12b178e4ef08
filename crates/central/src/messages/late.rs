//! Words outlive entitlement: what was written about a pupil by someone who could see the pupil then still reaches
//! the Virtual School.

use lac_domain::{PupilId, UserId};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::hex_ids;
use crate::writer::Tx;

/// What a writer is, or was, to a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// They may see the pupil.
    Now,
    /// They could once, and can no longer.
    Before {
        /// They could read everything then.
        read_all: bool,
    },
    /// They never could.
    Never,
}

impl Tx {
    pub(crate) async fn standing(&mut self, scope: Scope, pupil: PupilId) -> Result<Standing, StoreError> {
        if scope.may_see_pupil(self.conn(), pupil).await? {
            return Ok(Standing::Now);
        }
        let sql = "SELECT reads_all FROM pupil_access_ended WHERE user_id = $1 AND pupil_id = $2";
        let before: Option<bool> = both!(self.conn(), c => sqlx::query_scalar(sql)
            .bind(scope.user).bind(pupil).fetch_optional(c).await)?;
        Ok(before.map_or(Standing::Never, |read_all| Standing::Before { read_all }))
    }

    /// Of some people, those whose names someone who could once see a pupil may be told: they too can see the pupil, or
    /// could.
    pub(super) async fn once_around(&mut self, pupil: PupilId, people: &[UserId]) -> Result<Vec<UserId>, StoreError> {
        let sql = format!(
            "SELECT id FROM users u WHERE u.id IN {}
               AND (u.role IN ('la_user', 'la_super_user')
                 OR EXISTS (SELECT 1 FROM pupil_access a WHERE a.user_id = u.id AND a.pupil_id = $1)
                 OR EXISTS (SELECT 1 FROM pupil_access_ended a WHERE a.user_id = u.id AND a.pupil_id = $1))
             ORDER BY u.id",
            self.engine().ids("$2")
        );
        let ids = hex_ids(people.iter().copied());
        Ok(both!(self.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(pupil).bind(ids).fetch_all(c).await)?)
    }
}
