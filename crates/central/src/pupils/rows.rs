//! Rows of pupils: read as a reader may see them, for lists, pages and devices.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::{CareFacts, PupilFacts};
use lac_domain::calendar::year_group;
use lac_domain::{EnrolmentId, EnrolmentKind, EstablishmentId, PupilId, Upn};
use lac_wire::{Enrolment, Pupil};
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
        "SELECT p.id, p.known_as, p.legal_first_name, p.legal_last_name, p.born, p.upn, p.reference, p.adopted
         FROM pupils p WHERE p.id IN {} AND {} ORDER BY p.known_as_key, p.id",
        conn.engine().ids("$2"),
        scope.sees_pupil("p.id"),
    );
    let ids = hex_ids(ids);
    let rows: Vec<Row> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
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
    let upn = row.upn.map(|upn| Upn::parse(&upn)).transpose();
    let la_only = |text: String| scope.is_la().then(|| text.into());
    Ok(Pupil {
        id: row.id,
        known_as: row.known_as.into(),
        legal_first_name: la_only(row.legal_first_name),
        legal_last_name: la_only(row.legal_last_name),
        born: row.born,
        year_group: year_group(row.born, scope.today),
        upn: upn.map_err(|_| StoreError::Inconsistent("a stored UPN is not of the form of one"))?,
        reference: row.reference.filter(|_| scope.is_la()),
        looked_after: facts.looked_after(scope.today),
        enrolments,
    })
}
