//! Who is entitled to a pupil today, and why, for LA roles.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::{Days, PupilFacts, UserFacts, entitled_until};
use lac_domain::{EstablishmentId, PupilId, Role, Timestamp, UserId};
use lac_wire::{EntitledUser, Page};
use sqlx::AssertSqlSafe;

use super::sentences::shown;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::{Scope, user_sees_pupil};
use crate::storage::{Conn, hex_ids};

/// Who is not of the authority's own staff comes first.
type Key = (i64, String, UserId);

#[derive(sqlx::FromRow)]
struct Row {
    la: i64,
    name_key: String,
    id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    job_title: String,
    reason: String,
    establishment_id: Option<EstablishmentId>,
    reads_all: bool,
    since: Option<Timestamp>,
}

/// SQL of everyone who is entitled to the pupil `$1`: through a row of access, or by an LA role.
fn rows_sql() -> String {
    format!(
        "SELECT la, name_key, id, first_name, last_name, role, job_title, reason, establishment_id, reads_all, since FROM (
           SELECT CAST(0 AS BIGINT) AS la, u.name_key, u.id, u.first_name, u.last_name, u.role, u.job_title, a.reason, a.establishment_id,
             a.reads_all, a.since
           FROM pupil_access a JOIN users u ON u.id = a.user_id WHERE a.pupil_id = $1
           UNION ALL
           SELECT CAST(1 AS BIGINT) AS la, u.name_key, u.id, u.first_name, u.last_name, u.role, u.job_title, 'authority' AS reason,
             NULL AS establishment_id, TRUE AS reads_all, NULL AS since
           FROM users u WHERE u.role IN ('la_user', 'la_super_user') AND u.status <> 'inactive' AND {}
         ) AS entitled WHERE (la, name_key, id) > ($2, $3, $4) ORDER BY la, name_key, id LIMIT $5",
        user_sees_pupil("u", "$1")
    )
}

/// A page of those who are entitled to a pupil.
///
/// # Errors
/// The refusal for a pupil who does not exist or may not be seen.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    pupil: PupilId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<EntitledUser>, Failure> {
    scope.require_la()?;
    if !scope.may_see_pupil(conn, pupil).await? {
        return Err(Refusal::not_found().denied("pupil.read", "pupil", pupil.0).into());
    }
    let nobody = || (-1, String::new(), UserId(uuid::Uuid::nil()));
    let (la, name_key, id): Key = read_after(after)?.unwrap_or_else(nobody);
    let size = page_size(limit);
    let sql = rows_sql();
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(pupil).bind(la).bind(name_key).bind(id).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| (row.la, row.name_key.clone(), row.id))?;
    let why = Why::load(conn, scope, pupil, &page.rows).await?;
    Ok(Page {
        rows: page.rows.into_iter().map(|row| why.of(row)).collect(),
        after: page.after,
    })
}

/// What the sentences need to know.
struct Why {
    today: NaiveDate,
    pupil: Option<PupilFacts>,
    users: HashMap<UserId, UserFacts>,
    places: HashMap<EstablishmentId, String>,
    calendar: lac_domain::calendar::SchoolCalendar,
}

impl Why {
    async fn load(conn: &mut Conn, scope: Scope, pupil: PupilId, rows: &[Row]) -> Result<Self, Failure> {
        let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
        let users = crate::access::user_facts(conn, ids).await?;
        let sql = format!(
            "SELECT id, name FROM establishments WHERE id IN {}",
            conn.engine().ids("$1")
        );
        let places = hex_ids(rows.iter().filter_map(|row| row.establishment_id));
        let places: Vec<(EstablishmentId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(places).fetch_all(c).await)?;
        Ok(Self {
            today: scope.today,
            pupil: crate::access::pupil_facts(conn, pupil).await?,
            users: users.into_iter().map(|user| (user.id, user)).collect(),
            places: places.into_iter().collect(),
            calendar: crate::settings::load(conn).await?.calendar,
        })
    }

    fn of(&self, row: Row) -> EntitledUser {
        let user = self.users.get(&row.id);
        let facts = user.zip(self.pupil.as_ref());
        let until = facts.and_then(|(user, pupil)| entitled_until(user, pupil, self.today, &self.calendar));
        let name = row.establishment_id.and_then(|id| self.places.get(&id));
        let place = name.map_or("an establishment", String::as_str);
        let holds = |days: &Days| days.holds(self.today);
        let why = match row.reason.as_str() {
            "enrolment" => {
                let link = user.and_then(|user| {
                    let at = |link: &&(EstablishmentId, Days)| Some(link.0) == row.establishment_id && holds(&link.1);
                    user.links.iter().find(at)
                });
                let coming = facts.is_some_and(|(_, pupil)| {
                    !pupil
                        .enrolments
                        .iter()
                        .any(|one| Some(one.establishment) == row.establishment_id && holds(&one.days))
                });
                let linked = link.map_or(String::new(), |(_, days)| {
                    format!(", linked there since {}", shown(days.start))
                });
                if coming {
                    format!("The pupil is about to start at {place}{linked}.")
                } else {
                    format!("The pupil is at {place}{linked}.")
                }
            }
            "handover" => match until {
                Some(until) => format!(
                    "{place} can still see the pupil until {}: the next school has not begun.",
                    shown(until)
                ),
                None => format!("{place} can still see the pupil: the next school has not begun."),
            },
            "assignment" => {
                let pupil = self.pupil.as_ref().map(|pupil| pupil.id);
                let assigned = user.and_then(|user| {
                    let mut own = user
                        .assignments
                        .iter()
                        .filter(|one| Some(one.pupil) == pupil && holds(&one.days));
                    own.next()
                });
                assigned.map_or("Assigned to the pupil.".to_owned(), |one| {
                    format!("Assigned to the pupil since {}.", shown(one.days.start))
                })
            }
            _ if self.pupil.as_ref().is_some_and(|pupil| pupil.restricted) => {
                "Works for the Virtual School, and is named on this restricted pupil.".to_owned()
            }
            _ => "Works for the Virtual School.".to_owned(),
        };
        EntitledUser {
            id: row.id,
            name: format!("{} {}", row.first_name, row.last_name),
            role: row.role,
            job_title: row.job_title,
            why: why.into(),
            since: row.since,
            until,
            reads_all: row.reads_all,
        }
    }
}
