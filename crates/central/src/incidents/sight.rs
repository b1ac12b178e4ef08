//! Who could see whom through a link or an enrolment, and who did: for when it turns out to have been wrong.

use std::collections::HashMap;

use chrono::{Days, NaiveDate, NaiveTime};
use lac_domain::{EnrolmentId, EstablishmentId, LinkId, PupilId, Timestamp, UserId};
use lac_wire::{SightReport, SightRow};
use sqlx::AssertSqlSafe;

use super::acts::{Act, devices, in_contact_since, names, on};
use super::times::{self, Time};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};
use crate::store::Store;

/// For so many days after the last one at an establishment it may still have seen the pupil: a handover of ten school
/// weeks, with the holidays that may lie in them.
const HANDOVER: u64 = 18 * 7;

/// Somebody who could see a pupil, and on which days at most.
#[derive(Debug, Clone, Copy)]
struct Pair {
    user: UserId,
    pupil: PupilId,
    from: NaiveDate,
    /// The last day.
    until: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    user_id: UserId,
    establishment_id: EstablishmentId,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    pupil_id: PupilId,
    establishment_id: EstablishmentId,
    visible_from: NaiveDate,
    end_on: Option<NaiveDate>,
}

/// Days on which both hold.
fn both_days(
    one: (NaiveDate, Option<NaiveDate>),
    other: (NaiveDate, Option<NaiveDate>),
) -> Option<(NaiveDate, Option<NaiveDate>)> {
    let from = one.0.max(other.0);
    let until = match (one.1, other.1) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    until.is_none_or(|until| from <= until).then_some((from, until))
}

/// Until when an establishment may have seen a pupil whose last day there is this.
fn with_handover(end: Option<NaiveDate>) -> Option<NaiveDate> {
    end.map(|end| end.checked_add_days(Days::new(HANDOVER)).unwrap_or(end))
}

/// The report on a link; for LA Super Users. Pupils whom the reader may not see are left out.
///
/// # Errors
/// A refusal, or what failed.
pub(super) async fn of_link(store: &Store, scope: Scope, id: LinkId) -> Result<SightReport, Failure> {
    scope.require_super_user()?;
    let mut guard = store.read().await?;
    let conn = &mut guard;
    let sql = "SELECT user_id, establishment_id, start_on, end_on FROM establishment_links WHERE id = $1";
    let link: Option<LinkRow> = both!(conn, c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    let link = link.ok_or_else(|| Refusal::not_found().denied("link.report", "link", id.0))?;
    let sql = format!(
        "SELECT e.pupil_id, e.establishment_id, e.visible_from, e.end_on FROM enrolments e
         WHERE e.establishment_id = $2 AND {}",
        scope.sees_pupil("e.pupil_id")
    );
    let enrolments: Vec<EnrolmentRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(link.establishment_id).fetch_all(c).await)?;
    let pairs = enrolments.iter().filter_map(|enrolment| {
        let at_school = (enrolment.visible_from, with_handover(enrolment.end_on));
        let (from, until) = both_days((link.start_on, link.end_on), at_school)?;
        Some(Pair {
            user: link.user_id,
            pupil: enrolment.pupil_id,
            from,
            until,
        })
    });
    let pairs = pairs.collect();
    let place = place_name(conn, link.establishment_id).await?;
    let who = names(conn, [link.user_id]).await?.remove(&link.user_id);
    let who = who.map(|name| name.name).unwrap_or_default();
    let about = format!(
        "Whom {who} could see through the link to {place}, {}",
        days(link.start_on, link.end_on)
    );
    report(store, conn, scope, about, pairs, Some(link.establishment_id)).await
}

/// The report on an enrolment; for LA Super Users who may see the pupil.
///
/// # Errors
/// A refusal, or what failed.
pub(super) async fn of_enrolment(store: &Store, scope: Scope, id: EnrolmentId) -> Result<SightReport, Failure> {
    scope.require_super_user()?;
    let mut guard = store.read().await?;
    let conn = &mut guard;
    let sql = format!(
        "SELECT e.pupil_id, e.establishment_id, e.visible_from, e.end_on FROM enrolments e WHERE e.id = $2 AND {}",
        scope.sees_pupil("e.pupil_id")
    );
    let enrolment: Option<EnrolmentRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(id).fetch_optional(c).await)?;
    let enrolment = enrolment.ok_or_else(|| Refusal::not_found().denied("enrolment.report", "enrolment", id.0))?;
    let sql = "SELECT user_id, establishment_id, start_on, end_on FROM establishment_links WHERE establishment_id = $1";
    let links: Vec<LinkRow> =
        both!(conn, c => sqlx::query_as(sql).bind(enrolment.establishment_id).fetch_all(c).await)?;
    let pairs = links.iter().filter_map(|link| {
        let at_school = (enrolment.visible_from, with_handover(enrolment.end_on));
        let (from, until) = both_days((link.start_on, link.end_on), at_school)?;
        Some(Pair {
            user: link.user_id,
            pupil: enrolment.pupil_id,
            from,
            until,
        })
    });
    let pairs = pairs.collect();
    let place = place_name(conn, enrolment.establishment_id).await?;
    let pupil = pupil_names(conn, [enrolment.pupil_id])
        .await?
        .remove(&enrolment.pupil_id);
    let pupil = pupil.unwrap_or_default();
    let period = days(enrolment.visible_from, enrolment.end_on);
    let about = format!("Who could see {pupil} through the enrolment at {place}, {period}");
    report(store, conn, scope, about, pairs, Some(enrolment.establishment_id)).await
}

/// `from 1 September 2026 until 4 March 2027`
fn days(from: NaiveDate, until: Option<NaiveDate>) -> String {
    let from = from.format("from %-d %B %Y");
    match until {
        Some(until) => format!("{from} until {}", until.format("%-d %B %Y")),
        None => from.to_string(),
    }
}

async fn place_name(conn: &mut Conn, id: EstablishmentId) -> Result<String, StoreError> {
    let sql = "SELECT name FROM establishments WHERE id = $1";
    Ok(both!(conn, c => sqlx::query_scalar(sql).bind(id).fetch_one(c).await)?)
}

async fn pupil_names(
    conn: &mut Conn,
    ids: impl IntoIterator<Item = PupilId>,
) -> Result<HashMap<PupilId, String>, StoreError> {
    let sql = format!(
        "SELECT id, known_as FROM pupils WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(ids);
    let rows: Vec<(PupilId, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// What opens a pupil's page or messages.
const READS: &[&str] = &[
    "pupil.read",
    "history.read",
    "history.fetched",
    "conversation.read",
    "conversation.fetched",
];

/// Works out for pairs when each could see the pupil within those days, by the trail, and what they did then.
async fn report(
    store: &Store,
    conn: &mut Conn,
    scope: Scope,
    about: String,
    pairs: Vec<Pair>,
    at: Option<EstablishmentId>,
) -> Result<SightReport, Failure> {
    let mut pupils: Vec<PupilId> = pairs.iter().map(|pair| pair.pupil).collect();
    pupils.sort_unstable();
    pupils.dedup();
    let times = times::of_pupils(conn, &pupils).await?;
    let midnight = |day: NaiveDate| Timestamp::from_london(day.and_time(NaiveTime::MIN));
    let mut found: Vec<(Pair, Time)> = Vec::new();
    for pair in pairs {
        let end = pair.until.and_then(|day| day.succ_opt()).map(midnight);
        let seen = times.get(&(pair.user, pair.pupil)).into_iter().flatten();
        let seen = seen.filter_map(|time| time.within(midnight(pair.from), end));
        // One row for a person and a pupil, from the first time to the last.
        for time in seen {
            let known = found
                .iter_mut()
                .find(|(other, _)| other.user == pair.user && other.pupil == pair.pupil);
            match known {
                Some((_, whole)) => {
                    whole.from = whole.from.min(time.from);
                    whole.until = whole.until.and_then(|one| time.until.map(|other| one.max(other)));
                }
                None => found.push((pair, time)),
            }
        }
    }
    let earliest = found.iter().map(|(_, time)| time.from).min();
    let acts = match earliest {
        Some(earliest) => acts_about(conn, &pupils, earliest).await?,
        None => HashMap::new(),
    };
    let people = names(conn, found.iter().map(|(pair, _)| pair.user)).await?;
    let names_of_pupils = pupil_names(conn, pupils.iter().copied()).await?;
    let all_devices = devices(conn, people.keys().copied()).await?;
    let elsewhere = other_ways(conn, &found, at, scope).await?;
    let mut rows: Vec<SightRow> = Vec::with_capacity(found.len());
    for (pair, time) in found {
        let Some(name) = people.get(&pair.user) else { continue };
        let own: Vec<&Act> = acts
            .get(&pair.pupil)
            .into_iter()
            .flatten()
            .filter(|act| act.by == pair.user && act.at >= time.from && time.until.is_none_or(|until| act.at <= until))
            .collect();
        let count = |actions: &[&str]| {
            i64::try_from(own.iter().filter(|act| act.is_one_of(actions)).count()).unwrap_or(i64::MAX)
        };
        let reads: Vec<Timestamp> = own
            .iter()
            .filter(|act| act.is_one_of(READS))
            .map(|act| act.at)
            .collect();
        let held = all_devices
            .iter()
            .filter(|device| device.user_id == pair.user && in_contact_since(device, time.from));
        rows.push(SightRow {
            user_id: pair.user,
            user_name: name.name.clone(),
            role: name.role,
            pupil_id: pair.pupil,
            pupil_name: names_of_pupils.get(&pair.pupil).cloned().unwrap_or_default().into(),
            from: time.from,
            until: time.until,
            other_ways: elsewhere.contains(&(pair.user, pair.pupil)),
            reads: count(READS),
            first_read_at: reads.first().copied(),
            last_read_at: reads.last().copied(),
            files: count(&["attachment.opened", "attachment.fetched"]),
            sent: count(&["conversation.started", "message.sent"]),
            exports: count(&["history.exported"]),
            devices: held.map(|device| device.device_name.clone()).collect(),
        });
    }
    rows.sort_by_cached_key(|row| {
        let idle = row.reads + row.files + row.sent + row.exports == 0;
        (
            idle,
            row.user_name.clone(),
            row.pupil_name.reveal().to_owned(),
            row.user_id,
            row.pupil_id,
        )
    });
    Ok(SightReport {
        at: store.now(),
        about: about.into(),
        rows,
    })
}

/// What was done about pupils: to them, their conversations, and the messages and files in those.
async fn acts_about(
    conn: &mut Conn,
    pupils: &[PupilId],
    from: Timestamp,
) -> Result<HashMap<PupilId, Vec<Act>>, StoreError> {
    let list = conn.engine().ids("$1");
    let sql = format!(
        "SELECT c.pupil_id, c.id FROM conversations c WHERE c.pupil_id IN {list}
         UNION ALL SELECT c.pupil_id, m.id FROM conversations c JOIN messages m ON m.conversation_id = c.id WHERE c.pupil_id IN {list}
         UNION ALL SELECT c.pupil_id, a.id FROM conversations c JOIN attachments a ON a.conversation_id = c.id WHERE c.pupil_id IN {list}"
    );
    let ids = hex_ids(pupils.iter().copied());
    let objects: Vec<(PupilId, uuid::Uuid)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut pupil_of: HashMap<uuid::Uuid, PupilId> = objects.into_iter().map(|(pupil, id)| (id, pupil)).collect();
    pupil_of.extend(pupils.iter().map(|pupil| (pupil.0, *pupil)));
    let mut acts: HashMap<PupilId, Vec<Act>> = HashMap::new();
    for act in on(conn, pupil_of.keys().copied(), from).await? {
        if let Some(pupil) = pupil_of.get(&act.object) {
            acts.entry(*pupil).or_default().push(act);
        }
    }
    Ok(acts)
}

/// The pairs of which another link, or an assignment, shows the pupil too, whatever its dates.
async fn other_ways(
    conn: &mut Conn,
    found: &[(Pair, Time)],
    at: Option<EstablishmentId>,
    scope: Scope,
) -> Result<std::collections::HashSet<(UserId, PupilId)>, StoreError> {
    let list = conn.engine().ids("$1");
    let pupils = conn.engine().ids("$2");
    let sql = format!(
        "SELECT a.user_id, a.pupil_id FROM assignments a WHERE a.user_id IN {list} AND a.pupil_id IN {pupils} AND a.start_on <= $4
         UNION SELECT l.user_id, e.pupil_id FROM establishment_links l JOIN enrolments e ON e.establishment_id = l.establishment_id
         WHERE l.user_id IN {list} AND e.pupil_id IN {pupils} AND l.establishment_id <> $3"
    );
    let users = hex_ids(found.iter().map(|(pair, _)| pair.user));
    let ids = hex_ids(found.iter().map(|(pair, _)| pair.pupil));
    let rows: Vec<(UserId, PupilId)> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(users).bind(ids).bind(at).bind(scope.today).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}
