//! What a user can see today, and why: the rule's own reasons, with the names and dates behind them.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::{AccessReason, CARE_ENDS_AT_AGE, Days, Entitlement, PupilFacts, UserFacts};
use lac_domain::{Capacity, EstablishmentId, PupilId, Role, Timestamp, UserId, UserStatus, birthday};
use lac_wire::{PupilBrief, Sight, UserSight};
use sqlx::AssertSqlSafe;

use crate::access::{Explained, explain};
use crate::assignments::load_pupil_briefs;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Whose {
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
}

/// A link of the user's that holds today.
#[derive(sqlx::FromRow)]
struct Tie {
    establishment_id: EstablishmentId,
    name: String,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
}

/// A page of what a user can see, of pupils whom the reader may see; for LA roles alone.
///
/// # Errors
/// A refusal for other roles, and where there is no such user.
pub(super) async fn sight(
    conn: &mut Conn,
    scope: Scope,
    user: UserId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<UserSight, Failure> {
    scope.require_la()?;
    let sql = "SELECT role, status, first_name, last_name FROM users WHERE id = $1";
    let whose: Option<Whose> = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let whose = whose.ok_or_else(|| Refusal::not_found().denied("user.read_sight", "user", user.0))?;
    let ties = ties(conn, user, scope.today).await?;
    let summary = summary(&whose, ties.len());
    let sees_all = whose.role.is_la() && whose.status != UserStatus::Inactive;
    if whose.role.is_la() {
        return Ok(UserSight {
            summary,
            sees_all,
            rows: Vec::new(),
            after: None,
        });
    }
    let after: Option<(String, PupilId)> = read_after(after)?;
    let size = page_size(limit);
    let (key, id) = after.unwrap_or_else(|| (String::new(), PupilId(uuid::Uuid::nil())));
    let sql = format!(
        "SELECT p.known_as_key, p.id, a.since FROM pupil_access a JOIN pupils p ON p.id = a.pupil_id
         WHERE a.user_id = $2 AND {} AND (p.known_as_key, p.id) > ($3, $4) ORDER BY p.known_as_key, p.id LIMIT $5",
        scope.sees_pupil("p.id")
    );
    let rows: Vec<(String, PupilId, Timestamp)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(user).bind(key).bind(id).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |(key, id, _)| (key.clone(), *id))?;
    let ids: Vec<PupilId> = page.rows.iter().map(|(_, id, _)| *id).collect();
    let mut briefs = load_pupil_briefs(conn, scope, ids.iter().copied()).await?;
    let Some(explained) = explain(conn, user, &ids, scope.today).await? else {
        return Err(Refusal::not_found().denied("user.read_sight", "user", user.0).into());
    };
    let names = names(conn, &explained).await?;
    let told = Told {
        whose: &whose,
        user: &explained.user,
        ties: &ties,
        names: &names,
        today: scope.today,
    };
    let mut sights = Vec::with_capacity(page.rows.len());
    for (_, id, since) in page.rows {
        let found = explained.pupils.iter().find(|(facts, _, _)| facts.id == id);
        if let (Some(brief), Some((facts, entitlement, handover))) = (briefs.remove(&id), found) {
            sights.push(told.sight(brief, facts, *entitlement, *handover, since));
        }
    }
    Ok(UserSight {
        summary,
        sees_all,
        rows: sights,
        after: page.after,
    })
}

async fn ties(conn: &mut Conn, user: UserId, today: NaiveDate) -> Result<Vec<Tie>, StoreError> {
    let sql = "SELECT l.establishment_id, e.name, l.capacity, l.start_on, l.end_on
               FROM establishment_links l JOIN establishments e ON e.id = l.establishment_id
               WHERE l.user_id = $1 AND l.start_on <= $2 AND (l.end_on IS NULL OR l.end_on >= $2)
               ORDER BY l.start_on, l.id";
    Ok(both!(conn, c => sqlx::query_as(sql).bind(user).bind(today).fetch_all(c).await)?)
}

/// Names of the establishments where the pupils are or were.
async fn names(conn: &mut Conn, explained: &Explained) -> Result<HashMap<EstablishmentId, String>, StoreError> {
    let at = explained.pupils.iter().flat_map(|(facts, ..)| &facts.enrolments);
    let ids = hex_ids(at.map(|enrolment| enrolment.establishment));
    let sql = format!(
        "SELECT id, name FROM establishments WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let rows: Vec<(EstablishmentId, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

fn summary(whose: &Whose, ties: usize) -> String {
    let name = format!("{} {}", whose.first_name, whose.last_name);
    if whose.status == UserStatus::Inactive {
        return format!("{name} is inactive, cannot sign in and sees no pupil.");
    }
    match (whose.role, ties) {
        (Role::LaSuperUser, _) => format!(
            "{name} works for the authority and sees every pupil, but for those with a bar and restricted pupils who do not name them."
        ),
        (Role::LaUser, _) => format!(
            "{name} works for the authority and sees every pupil, but for those with a bar, closed records, and restricted pupils who do not name them."
        ),
        (Role::DesignatedTeacher, 0) => {
            format!("{name} is linked to no establishment today, and sees no pupil until there is a link.")
        }
        (Role::DesignatedTeacher, 1) => {
            format!("{name} is linked to 1 establishment today, and sees its looked-after pupils.")
        }
        (Role::DesignatedTeacher, many) => {
            format!("{name} is linked to {many} establishments today, and sees their looked-after pupils.")
        }
        (Role::SocialWorker | Role::OtherProfessional, _) => {
            format!("{name} sees the pupils who are assigned to them by hand.")
        }
    }
}

/// A day as people read it: `4 March 2026`.
fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// What a sentence is made of.
struct Told<'a> {
    whose: &'a Whose,
    user: &'a UserFacts,
    ties: &'a [Tie],
    names: &'a HashMap<EstablishmentId, String>,
    today: NaiveDate,
}

impl Told<'_> {
    fn sight(
        &self,
        pupil: PupilBrief,
        facts: &PupilFacts,
        entitlement: Entitlement,
        handover: Option<NaiveDate>,
        since: Timestamp,
    ) -> Sight {
        let last_day_a_child = birthday(facts.born, CARE_ENDS_AT_AGE).pred_opt();
        let earliest = |ends: [Option<NaiveDate>; 2]| ends.into_iter().chain([last_day_a_child]).flatten().min();
        let who = &self.whose.first_name;
        let child = pupil.known_as.reveal().to_owned();
        let (why, at, from, until) = match entitlement.reason {
            AccessReason::Enrolment(at) => {
                let tie = self.tie(at);
                let enrolment = facts
                    .enrolments
                    .iter()
                    .filter(|one| one.establishment == at && one.visible_from <= self.today)
                    .find(|one| one.days.end.is_none_or(|end| self.today <= end));
                let school = self.name(at);
                let roll = enrolment.map_or_else(String::new, |one| roll(&child, &school, one.days, self.today));
                let until = earliest([tie.and_then(|tie| tie.end_on), enrolment.and_then(|one| one.days.end)]);
                (
                    format!("{}{roll}", linked(who, tie, &school)),
                    Some(at),
                    tie.map(|tie| tie.start_on),
                    until,
                )
            }
            AccessReason::Handover(at) => {
                let (tie, school) = (self.tie(at), self.name(at));
                let last = handover.and_then(|until| until.pred_opt());
                let ends = last.map_or_else(String::new, |last| format!(" until {}", day(last)));
                let why = format!(
                    "{} {child} has left {school}, which can still see them{ends}, while the next school has not begun.",
                    linked(who, tie, &school)
                );
                let until = earliest([tie.and_then(|tie| tie.end_on), last]);
                (why, Some(at), tie.map(|tie| tie.start_on), until)
            }
            AccessReason::Assignment => {
                let held = self.user.assignments.iter().filter(|one| one.pupil == facts.id);
                let days = held
                    .filter(|one| one.days.holds(self.today))
                    .max_by_key(|one| one.reads_all)
                    .map(|one| one.days);
                let since = days.map_or_else(String::new, |days| format!(" since {}", day(days.start)));
                let reads = if entitlement.reads_all {
                    "reads all that was written about them"
                } else {
                    "reads only conversations that they are part of"
                };
                let until = days.and_then(|days| days.end);
                let why = format!("{who} is assigned to {child}{since}, and {reads}.");
                (why, None, days.map(|days| days.start), until)
            }
            AccessReason::Authority => (format!("{who} works for the authority."), None, None, None),
        };
        Sight {
            pupil,
            reason: entitlement.reason,
            why,
            establishment_name: at.map(|at| self.name(at)),
            capacity: at.and_then(|at| self.tie(at)).map(|tie| tie.capacity),
            from,
            until,
            reads_all: entitlement.reads_all,
            since,
        }
    }

    fn tie(&self, at: EstablishmentId) -> Option<&Tie> {
        self.ties.iter().find(|tie| tie.establishment_id == at)
    }

    fn name(&self, at: EstablishmentId) -> String {
        let tie = self.tie(at).map(|tie| &tie.name);
        self.names
            .get(&at)
            .or(tie)
            .map_or_else(|| "the establishment".to_owned(), Clone::clone)
    }
}

fn linked(who: &str, tie: Option<&Tie>, school: &str) -> String {
    match tie {
        Some(tie) => format!(
            "{who} is linked to {school} as {} since {}.",
            tie.capacity.display_name(),
            day(tie.start_on)
        ),
        None => format!("{who} is linked to {school}."),
    }
}

fn roll(child: &str, school: &str, days: Days, today: NaiveDate) -> String {
    if today < days.start {
        format!(
            " {child} starts at {school} on {}, and may be seen before.",
            day(days.start)
        )
    } else {
        format!(" {child} is on roll there since {}.", day(days.start))
    }
}
