//! Rows of pupils: read as a reader may see them, for lists, pages and devices.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::{CareFacts, PupilFacts};
use lac_domain::calendar::{academic_year, year_group};
use lac_domain::{EnrolmentId, EnrolmentKind, EstablishmentId, PupilId, Upn, UserId};
use lac_wire::{Enrolment, Pupil, SocialWorker};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    id: PupilId,
    known_as: String,
    legal_first_name: String,
    legal_last_name: String,
    born: NaiveDate,
    upn: Option<String>,
    reference: Option<String>,
    adopted: bool,
    restricted: bool,
    reception_year: Option<i64>,
    ehcp: bool,
    social_worker_id: Option<UserId>,
    social_worker_name: String,
    social_worker_team: String,
    social_worker_phone: String,
    /// Of the social worker's account, where the reader may know them.
    worker_first_name: Option<String>,
    worker_last_name: Option<String>,
    caseworker_first_name: Option<String>,
    caseworker_last_name: Option<String>,
    mine: bool,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    pupil_id: PupilId,
    id: EnrolmentId,
    establishment_id: EstablishmentId,
    name: String,
    #[sqlx(try_from = "String")]
    kind: EnrolmentKind,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
    visible_from: NaiveDate,
}

/// Loads pupils by their ids, in order of the names that schools see; those that the user may not see, or that
/// do not exist, are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_pupils(
    conn: &mut Conn,
    scope: Scope,
    ids: impl IntoIterator<Item = PupilId>,
) -> Result<Vec<Pupil>, StoreError> {
    let sql = format!(
        "SELECT p.id, p.known_as, p.legal_first_name, p.legal_last_name, p.born, p.upn, p.reference, p.adopted,
           p.restricted, p.reception_year, p.ehcp, p.social_worker_id, p.social_worker_name, p.social_worker_team,
           p.social_worker_phone, worker.first_name AS worker_first_name, worker.last_name AS worker_last_name,
           caseworker.first_name AS caseworker_first_name, caseworker.last_name AS caseworker_last_name,
           EXISTS (SELECT 1 FROM assignments own WHERE own.user_id = $1 AND own.pupil_id = p.id
             AND own.start_on <= $2 AND (own.end_on IS NULL OR own.end_on >= $2)) AS mine
         FROM pupils p LEFT JOIN users caseworker ON caseworker.id = p.caseworker_id
         LEFT JOIN users worker ON worker.id = p.social_worker_id AND {}
         WHERE p.id IN {} AND {} ORDER BY p.known_as_key, p.id",
        scope.sees_person("worker"),
        conn.engine().ids("$3"),
        scope.sees_pupil("p.id"),
    );
    let ids = hex_ids(ids);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(scope.today).bind(ids).fetch_all(c).await)?;
    let visible = hex_ids(rows.iter().map(|row| row.id));
    let mut care = care(conn, &visible).await?;
    let mut enrolments = enrolments(conn, scope, &visible).await?;
    rows.into_iter()
        .map(|row| {
            let care = care.remove(&row.id).unwrap_or_default();
            let enrolments = enrolments.remove(&row.id).unwrap_or_default();
            pupil(scope, row, care, enrolments)
        })
        .collect()
}

async fn care(conn: &mut Conn, ids: &str) -> Result<HashMap<PupilId, Vec<CareFacts>>, StoreError> {
    let sql = format!(
        "SELECT pupil_id, start_on, end_on FROM care_periods WHERE pupil_id IN {}",
        conn.engine().ids("$1")
    );
    let rows: Vec<(PupilId, NaiveDate, Option<NaiveDate>)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut care: HashMap<PupilId, Vec<CareFacts>> = HashMap::new();
    for (pupil, start, end) in rows {
        care.entry(pupil).or_default().push(CareFacts { start, end });
    }
    Ok(care)
}

/// Enrolments today and to come, and for LA roles those that ended.
async fn enrolments(conn: &mut Conn, scope: Scope, ids: &str) -> Result<HashMap<PupilId, Vec<Enrolment>>, StoreError> {
    let ended = if scope.is_la() {
        ""
    } else {
        "AND (n.end_on IS NULL OR n.end_on >= $2)"
    };
    let sql = format!(
        "SELECT n.pupil_id, n.id, n.establishment_id, e.name, n.kind, n.start_on, n.end_on, n.visible_from
         FROM enrolments n JOIN establishments e ON e.id = n.establishment_id
         WHERE n.pupil_id IN {} {ended} ORDER BY n.start_on, n.id",
        conn.engine().ids("$1"),
    );
    let rows: Vec<EnrolmentRow> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).bind(scope.today).fetch_all(c).await)?;
    let mut enrolments: HashMap<PupilId, Vec<Enrolment>> = HashMap::new();
    for row in rows {
        enrolments.entry(row.pupil_id).or_default().push(Enrolment {
            id: row.id,
            establishment_id: row.establishment_id,
            establishment_name: row.name,
            kind: row.kind,
            start: row.start_on,
            end: row.end_on,
            visible_from: row.visible_from,
        });
    }
    Ok(enrolments)
}

fn pupil(scope: Scope, row: Row, care: Vec<CareFacts>, enrolments: Vec<Enrolment>) -> Result<Pupil, StoreError> {
    let facts = PupilFacts {
        id: row.id,
        born: row.born,
        adopted: row.adopted,
        restricted: false,
        named: Vec::new(),
        barred: Vec::new(),
        held_from_schools_until: None,
        care,
        enrolments: Vec::new(),
    };
    let upn = row.upn.as_deref().map(Upn::parse).transpose();
    let la_only = |text: &str| scope.is_la().then(|| text.into());
    let year_group = match row.reception_year.map(i32::try_from) {
        Some(Ok(year)) => academic_year(scope.today) - year,
        _ => year_group(row.born, scope.today),
    };
    let name = |first: Option<&String>, last: Option<&String>| Some(format!("{} {}", first?, last?));
    Ok(Pupil {
        id: row.id,
        known_as: row.known_as.as_str().into(),
        legal_first_name: la_only(&row.legal_first_name),
        legal_last_name: la_only(&row.legal_last_name),
        born: row.born,
        year_group,
        upn: upn.map_err(|_| StoreError::Inconsistent("a stored UPN is not of the form of one"))?,
        reference: row.reference.clone().filter(|_| scope.is_la()),
        looked_after: facts.looked_after(scope.today),
        enrolments,
        ehcp: row.ehcp,
        social_worker: social_worker(scope, &row),
        caseworker: name(row.caseworker_first_name.as_ref(), row.caseworker_last_name.as_ref()),
        mine: row.mine && scope.is_la(),
        restricted: row.restricted && scope.is_la(),
        adopted: row.adopted,
    })
}

/// The social worker, as far as the reader may know them: telephone numbers are for LA roles alone.
fn social_worker(scope: Scope, row: &Row) -> Option<SocialWorker> {
    let of_account = row
        .worker_first_name
        .as_ref()
        .zip(row.worker_last_name.as_ref())
        .map(|(first, last)| format!("{first} {last}"));
    let name = match row.social_worker_id {
        Some(_) => of_account?,
        None if row.social_worker_name.is_empty() => return None,
        None => row.social_worker_name.clone(),
    };
    let phone = if scope.is_la() {
        row.social_worker_phone.clone()
    } else {
        String::new()
    };
    Some(SocialWorker {
        user_id: row.social_worker_id,
        name: name.into(),
        team: row.social_worker_team.clone(),
        phone,
    })
}
