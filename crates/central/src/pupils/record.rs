//! The whole record of a pupil, as LA roles keep it.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::CARE_ENDS_AT_AGE;
use lac_domain::{PupilId, Role, UserId, birthday};
use lac_wire::{Handover, Pupil, PupilRecord, RecordPerson};
use sqlx::AssertSqlSafe;

use super::sentences::shown;
use super::{care, dates};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    revision: i64,
    former_names: String,
    reception_year: Option<i64>,
    caseworker_id: Option<UserId>,
    out_of_authority: bool,
    no_school_since: Option<NaiveDate>,
    no_school_reason: String,
    held_from_schools_until: Option<NaiveDate>,
}

/// Loads a pupil's record, for an LA role that sees the pupil.
///
/// # Errors
/// The refusal for what does not exist or may not be seen.
pub(super) async fn load(conn: &mut Conn, scope: Scope, id: PupilId) -> Result<PupilRecord, Failure> {
    scope.require_la()?;
    let pupil = super::load_pupils(conn, scope, [id]).await?.into_iter().next();
    let pupil = pupil.ok_or_else(|| Refusal::not_found().denied("pupil.read", "pupil", id.0))?;
    let sql = "SELECT revision, former_names, reception_year, caseworker_id, out_of_authority, no_school_since,
                 no_school_reason, held_from_schools_until
               FROM pupils WHERE id = $1";
    let row: Row = both!(conn, c => sqlx::query_as(sql).bind(id).fetch_one(c).await)?;
    let caseworker = match row.caseworker_id {
        Some(user) => person(conn, user).await?,
        None => None,
    };
    let mut warnings: Vec<String> = pupil
        .upn
        .as_ref()
        .and_then(lac_domain::Upn::warning)
        .into_iter()
        .collect();
    warnings.extend(dates::overlaps(scope.today, &pupil.enrolments));
    Ok(PupilRecord {
        revision: row.revision,
        former_names: row.former_names.into(),
        year_group_by_hand: row.reception_year.is_some(),
        care_periods: care::load(conn, id).await?,
        caseworker,
        out_of_authority: row.out_of_authority,
        no_school_since: row.no_school_since,
        no_school_reason: row.no_school_reason.into(),
        held_from_schools_until: row.held_from_schools_until,
        eighteen_on: birthday(pupil.born, CARE_ENDS_AT_AGE),
        named: people_of(conn, "pupil_names", [id])
            .await?
            .remove(&id)
            .unwrap_or_default(),
        barred: people_of(conn, "bars", [id]).await?.remove(&id).unwrap_or_default(),
        handover: handover(conn, scope, &pupil).await?,
        warnings,
        pupil,
    })
}

async fn handover(conn: &mut Conn, scope: Scope, pupil: &Pupil) -> Result<Option<Handover>, StoreError> {
    let Some((establishment_id, until)) = crate::access::handover(conn, pupil.id, scope.today).await? else {
        return Ok(None);
    };
    let sql = "SELECT name FROM establishments WHERE id = $1";
    let name: String = both!(conn, c => sqlx::query_scalar(sql).bind(establishment_id).fetch_one(c).await)?;
    let until = until.pred_opt().unwrap_or(until);
    let sentence = format!(
        "{name} can still see {} until {}.",
        pupil.known_as.reveal(),
        shown(until)
    );
    Ok(Some(Handover {
        establishment_id,
        establishment_name: name,
        until,
        sentence: sentence.into(),
    }))
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    pupil_id: PupilId,
    id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
}

impl PersonRow {
    fn person(self) -> RecordPerson {
        RecordPerson {
            id: self.id,
            name: format!("{} {}", self.first_name, self.last_name),
            role: self.role,
        }
    }
}

/// The users of pupils that a table of (pupil, user) holds, in order of name: `bars` or `pupil_names`.
///
/// # Errors
/// When the database fails.
pub(super) async fn people_of(
    conn: &mut Conn,
    table: &'static str,
    pupils: impl IntoIterator<Item = PupilId>,
) -> Result<HashMap<PupilId, Vec<RecordPerson>>, StoreError> {
    let sql = format!(
        "SELECT t.pupil_id, u.id, u.first_name, u.last_name, u.role FROM {table} t JOIN users u ON u.id = t.user_id
         WHERE t.pupil_id IN {} ORDER BY u.name_key, u.id",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(pupils);
    let rows: Vec<PersonRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut people: HashMap<PupilId, Vec<RecordPerson>> = HashMap::new();
    for row in rows {
        people.entry(row.pupil_id).or_default().push(row.person());
    }
    Ok(people)
}

async fn person(conn: &mut Conn, user: UserId) -> Result<Option<RecordPerson>, StoreError> {
    let sql = "SELECT u.id AS pupil_id, u.id, u.first_name, u.last_name, u.role FROM users u WHERE u.id = $1";
    let row: Option<PersonRow> = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    Ok(row.map(PersonRow::person))
}
