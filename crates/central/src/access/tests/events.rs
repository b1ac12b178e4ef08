//! What decides who sees whom, as a random history makes it happen.

use async_trait::async_trait;
use chrono::{Days, TimeDelta};
use lac_domain::{
    AssignmentId, CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, LinkId, PupilId, Role, UserId, UserStatus,
};
use proptest::prelude::*;

use super::super::Affected;
use crate::both;
use crate::error::Failure;
use crate::writer::{Job, Tx};

/// Something that decides who sees whom; days are counted from the day the test begins, people by their place.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Link {
        user: usize,
        school: usize,
        start: i8,
        length: Option<u8>,
    },
    EndLinks {
        user: usize,
    },
    Assign {
        user: usize,
        pupil: usize,
        start: i8,
        length: Option<u8>,
        reads_all: bool,
    },
    Enrol {
        pupil: usize,
        school: usize,
        kind: usize,
        start: i8,
        length: Option<u8>,
        handover_ended: bool,
    },
    /// Enrolments that have not begun come to nothing.
    CancelMoves {
        pupil: usize,
    },
    LeaveSchool {
        pupil: usize,
    },
    Care {
        pupil: usize,
        start: i8,
        length: Option<u8>,
    },
    EndCare {
        pupil: usize,
    },
    Bar {
        user: usize,
        pupil: usize,
    },
    LiftBars {
        pupil: usize,
    },
    Restrict {
        pupil: usize,
        named: usize,
    },
    LiftRestriction {
        pupil: usize,
    },
    Hold {
        pupil: usize,
        until: i8,
    },
    Adopt {
        pupil: usize,
    },
    Role {
        user: usize,
        role: usize,
    },
    Status {
        user: usize,
        active: bool,
    },
    /// Days pass, and each time somebody asks for something first.
    Days(u8),
    /// Days pass while nobody asks: the next thing that happens finds rights of an earlier day.
    Sleep(u8),
}

/// One event, whichever.
pub(super) fn events() -> impl Strategy<Value = Event> {
    let (user, pupil, school, length) = (0..4_usize, 0..3_usize, 0..2_usize, proptest::option::of(0..60_u8));
    prop_oneof![
        4 => (user.clone(), school.clone(), -40..40_i8, length.clone())
            .prop_map(|(user, school, start, length)| Event::Link { user, school, start, length }),
        1 => user.clone().prop_map(|user| Event::EndLinks { user }),
        3 => (user.clone(), pupil.clone(), -40..40_i8, length.clone(), any::<bool>())
            .prop_map(|(user, pupil, start, length, reads_all)| Event::Assign { user, pupil, start, length, reads_all }),
        4 => (pupil.clone(), school, 0..10_usize, -60..40_i8, length.clone(), any::<bool>()).prop_map(
            |(pupil, school, kind, start, length, handover_ended)| {
                Event::Enrol { pupil, school, kind, start, length, handover_ended }
            }
        ),
        1 => pupil.clone().prop_map(|pupil| Event::CancelMoves { pupil }),
        1 => pupil.clone().prop_map(|pupil| Event::LeaveSchool { pupil }),
        1 => pupil.clone().prop_map(|pupil| Event::LiftBars { pupil }),
        1 => pupil.clone().prop_map(|pupil| Event::LiftRestriction { pupil }),
        2 => (pupil.clone(), -40..20_i8, length).prop_map(|(pupil, start, length)| Event::Care { pupil, start, length }),
        1 => pupil.clone().prop_map(|pupil| Event::EndCare { pupil }),
        1 => (user.clone(), pupil.clone()).prop_map(|(user, pupil)| Event::Bar { user, pupil }),
        1 => (pupil.clone(), user.clone()).prop_map(|(pupil, named)| Event::Restrict { pupil, named }),
        1 => (pupil.clone(), -20..20_i8).prop_map(|(pupil, until)| Event::Hold { pupil, until }),
        1 => pupil.prop_map(|pupil| Event::Adopt { pupil }),
        2 => (user.clone(), 0..Role::ALL.len()).prop_map(|(user, role)| Event::Role { user, role }),
        1 => (user, any::<bool>()).prop_map(|(user, active)| Event::Status { user, active }),
        2 => (1..30_u8).prop_map(Event::Days),
        1 => (1..30_u8).prop_map(Event::Sleep),
    ]
}

/// Whom it happens to, and the day on which it began.
#[derive(Clone)]
pub(super) struct World {
    pub users: Vec<UserId>,
    pub pupils: Vec<PupilId>,
    pub schools: Vec<EstablishmentId>,
    pub first: chrono::NaiveDate,
}

impl World {
    fn day(&self, offset: i8) -> chrono::NaiveDate {
        self.first + TimeDelta::days(i64::from(offset))
    }

    fn end(&self, start: i8, length: Option<u8>) -> Option<chrono::NaiveDate> {
        length.map(|length| self.day(start) + Days::new(u64::from(length)))
    }
}

/// An event, as a job.
pub(super) struct Happens(pub World, pub Event);

#[async_trait]
impl Job for Happens {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (w, today) = (&self.0, tx.today());
        let affected = match &self.1 {
            Event::Link {
                user,
                school,
                start,
                length,
            } => {
                let id: LinkId = tx.new_id()?;
                let sql = "INSERT INTO establishment_links (id, user_id, establishment_id, capacity, start_on, end_on)
                           VALUES ($1, $2, $3, 'cover', $4, $5)";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.users[*user]).bind(w.schools[*school])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::EndLinks { user } => {
                let sql = "UPDATE establishment_links SET end_on = $2 WHERE user_id = $1 AND start_on <= $2";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Assign {
                user,
                pupil,
                start,
                length,
                reads_all,
            } => {
                let id: AssignmentId = tx.new_id()?;
                let sql = "INSERT INTO assignments (id, user_id, pupil_id, start_on, end_on, reads_all)
                           VALUES ($1, $2, $3, $4, $5, $6)";
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.users[*user]).bind(w.pupils[*pupil])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).bind(reads_all).execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Enrol {
                pupil,
                school,
                kind,
                start,
                length,
                handover_ended,
            } => {
                let id: EnrolmentId = tx.new_id()?;
                let sql =
                    "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from,
                             handover_ended) VALUES ($1, $2, $3, $8, $4, $5, $6, $7)";
                // Half of them are of the kind that hands over.
                let kind = EnrolmentKind::ALL.get(*kind).copied().unwrap_or(EnrolmentKind::Main);
                let visible = lac_domain::calendar::working_days_before(w.day(*start), 10);
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.pupils[*pupil]).bind(w.schools[*school])
                    .bind(w.day(*start)).bind(w.end(*start, *length)).bind(visible).bind(handover_ended)
                    .bind(kind.as_str()).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Care { pupil, start, length } => {
                let id: CarePeriodId = tx.new_id()?;
                let sql = "INSERT INTO care_periods (id, pupil_id, start_on, end_on) VALUES ($1, $2, $3, $4)";
                let end = length.map(|length| w.day(*start) + Days::new(u64::from(length) + 1));
                both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(w.pupils[*pupil]).bind(w.day(*start)).bind(end)
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::EndCare { pupil } => {
                let sql = "UPDATE care_periods SET end_on = $2 WHERE pupil_id = $1 AND start_on < $2";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Bar { user, pupil } => {
                let sql = "INSERT INTO bars (user_id, pupil_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(w.pupils[*pupil])
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::CancelMoves { pupil } => {
                let sql = "DELETE FROM enrolments WHERE pupil_id = $1 AND start_on > $2";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::LeaveSchool { pupil } => {
                let sql = "UPDATE enrolments SET end_on = $2 WHERE pupil_id = $1 AND start_on <= $2
                             AND (end_on IS NULL OR end_on > $2)";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(today).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::LiftBars { pupil } => {
                let sql = "DELETE FROM bars WHERE pupil_id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::LiftRestriction { pupil } => {
                let sql = "UPDATE pupils SET restricted = FALSE WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Restrict { pupil, named } => {
                let sql = "UPDATE pupils SET restricted = TRUE WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                let sql = "INSERT INTO pupil_names (pupil_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(w.users[*named])
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Hold { pupil, until } => {
                let sql = "UPDATE pupils SET held_from_schools_until = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).bind(w.day(*until))
                    .execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Adopt { pupil } => {
                let sql = "UPDATE pupils SET adopted = TRUE WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.pupils[*pupil]).execute(c).await.map(|_| ()))?;
                Affected::Pupils(vec![w.pupils[*pupil]])
            }
            Event::Role { user, role } => {
                let sql = "UPDATE users SET role = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(Role::ALL[*role].as_str())
                    .execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Status { user, active } => {
                let status = if *active {
                    UserStatus::Active
                } else {
                    UserStatus::Inactive
                };
                let sql = "UPDATE users SET status = $2 WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(w.users[*user]).bind(status.as_str())
                    .execute(c).await.map(|_| ()))?;
                Affected::Users(vec![w.users[*user]])
            }
            Event::Days(_) | Event::Sleep(_) => return Ok(()),
        };
        tx.refresh_access(&affected).await
    }
}
