//! Pupils whom the user may see.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use lac_domain::{PupilId, name_key};
use lac_wire::Pupil;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::lists::hex_list;
use super::named::{Named, NamedRow};
use super::words::words_of;
use crate::failure::Failure;

const PUPILS: Named = Named {
    table: "pupils",
    words: "pupil_words",
    owner: "pupil_id",
};

/// What a pupil is known by.
fn names_of(pupil: &Pupil) -> Vec<&str> {
    let mut texts: Vec<&str> = vec![pupil.known_as.reveal()];
    texts.extend(pupil.legal_first_name.as_ref().map(lac_wire::Private::reveal));
    texts.extend(pupil.legal_last_name.as_ref().map(lac_wire::Private::reveal));
    texts.extend(pupil.upn.as_ref().map(lac_domain::Upn::as_str));
    texts.extend(pupil.reference.as_deref());
    texts
}

/// Keeps pupils.
pub(crate) async fn put(conn: &mut SqliteConnection, pupils: &[Pupil], generation: i64) -> Result<(), Failure> {
    if pupils.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(pupils.len());
    for pupil in pupils {
        let mut texts = names_of(pupil);
        texts.extend(
            pupil
                .enrolments
                .iter()
                .map(|enrolment| enrolment.establishment_name.as_str()),
        );
        rows.push(NamedRow {
            id: pupil.id.0,
            sort_key: name_key(pupil.known_as.reveal()),
            payload: serde_json::to_string(pupil)?,
            words: words_of(texts),
        });
    }
    PUPILS.put(conn, &rows, generation).await?;
    Ok(())
}

/// Drops pupils.
pub(crate) async fn delete(conn: &mut SqliteConnection, ids: &[Uuid]) -> Result<(), Failure> {
    PUPILS.delete(conn, ids).await
}

/// Pupils whom an older fetch brought.
pub(super) async fn older_than(conn: &mut SqliteConnection, generation: i64) -> Result<Vec<PupilId>, Failure> {
    Ok(sqlx::query_scalar("SELECT id FROM pupils WHERE generation < $1")
        .bind(generation)
        .fetch_all(conn)
        .await?)
}

/// Whether a pupil is on the user's own focus list.
pub(crate) async fn in_focus(conn: &mut SqliteConnection, id: PupilId) -> Result<bool, Failure> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM pupils WHERE id = $1 AND mine = 1)")
            .bind(id)
            .fetch_one(conn)
            .await?,
    )
}

/// Pupils who came onto the user's own focus list, and who left it.
#[derive(Debug, Default)]
pub(super) struct FocusTurns {
    pub(super) begun: Vec<PupilId>,
    pub(super) ended: Vec<PupilId>,
}

/// What these rows would change of the focus list as it is held; ask before they are kept.
pub(super) async fn focus_turns(conn: &mut SqliteConnection, pupils: &[Pupil]) -> Result<FocusTurns, Failure> {
    let mut turns = FocusTurns::default();
    if pupils.is_empty() {
        return Ok(turns);
    }
    let sql = "SELECT id FROM pupils WHERE mine = 1 AND id IN (SELECT unhex(value) FROM json_each($1))";
    let before: HashSet<PupilId> = sqlx::query_scalar(sql)
        .bind(hex_list(pupils.iter().map(|pupil| pupil.id)))
        .fetch_all(conn)
        .await?
        .into_iter()
        .collect();
    for pupil in pupils {
        match (before.contains(&pupil.id), pupil.mine) {
            (false, true) => turns.begun.push(pupil.id),
            (true, false) => turns.ended.push(pupil.id),
            _ => {}
        }
    }
    Ok(turns)
}

/// One pupil.
pub(crate) async fn get(conn: &mut SqliteConnection, id: PupilId) -> Result<Option<Pupil>, Failure> {
    Ok(match PUPILS.get(conn, id.0).await? {
        Some(payload) => Some(serde_json::from_str(&payload)?),
        None => None,
    })
}

/// The names that schools see of some pupils, by id; those who are not held are left out.
pub(crate) async fn names(
    conn: &mut SqliteConnection,
    ids: impl IntoIterator<Item = PupilId>,
) -> Result<HashMap<PupilId, String>, Failure> {
    let ids = hex_list(ids);
    if ids == "[]" {
        return Ok(HashMap::new());
    }
    let sql = "SELECT id, payload ->> 'known_as' FROM pupils WHERE id IN (SELECT unhex(value) FROM json_each($1))";
    let rows: Vec<(PupilId, String)> = sqlx::query_as(sql).bind(ids).fetch_all(conn).await?;
    Ok(rows.into_iter().collect())
}

/// Pupils found by the beginnings of words of their names, UPN or reference: not by those of their schools.
pub(crate) async fn find_by_name(conn: &mut SqliteConnection, prefixes: &[String]) -> Result<Vec<Pupil>, Failure> {
    if prefixes.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for (_, _, payload) in PUPILS.find(conn, prefixes, ("true", None), None, i64::MAX).await? {
        let pupil: Pupil = serde_json::from_str(&payload)?;
        let names = words_of(names_of(&pupil));
        let has = |prefix: &String| names.iter().any(|name| name.starts_with(prefix));
        if prefixes.iter().all(has) {
            found.push(pupil);
        }
    }
    Ok(found)
}

/// How many of the pupils held are looked after, and on roll at an establishment on a day.
pub(crate) async fn count_at(
    conn: &mut SqliteConnection,
    establishment: lac_domain::EstablishmentId,
    today: chrono::NaiveDate,
) -> Result<i64, Failure> {
    let sql = "SELECT COUNT(*) FROM pupils t WHERE t.payload ->> 'looked_after'
               AND EXISTS (SELECT 1 FROM json_each(t.payload, '$.enrolments') e
                 WHERE e.value ->> 'establishment_id' = $1 AND e.value ->> 'start' <= $2
                   AND (e.value ->> 'end' IS NULL OR e.value ->> 'end' >= $2))";
    Ok(sqlx::query_scalar(sql)
        .bind(establishment.to_string())
        .bind(today.to_string())
        .fetch_one(conn)
        .await?)
}

/// How many looked-after pupils have no social worker who is known.
pub(crate) async fn count_without_social_worker(conn: &mut SqliteConnection) -> Result<u32, Failure> {
    super::count(
        conn,
        "SELECT COUNT(*) FROM pupils WHERE payload ->> 'looked_after' = 1 AND payload ->> 'social_worker' IS NULL",
    )
    .await
}

/// How many looked-after pupils are enrolled nowhere on a day.
pub(crate) async fn count_without_school(conn: &mut SqliteConnection, today: NaiveDate) -> Result<u32, Failure> {
    let sql = "SELECT COUNT(*) FROM pupils t WHERE payload ->> 'looked_after' = 1 AND NOT EXISTS (
                 SELECT 1 FROM json_each(t.payload, '$.enrolments') e WHERE e.value ->> 'start' <= $1
                   AND (e.value ->> 'end' IS NULL OR e.value ->> 'end' >= $1))";
    let count: i64 = sqlx::query_scalar(sql).bind(today.to_string()).fetch_one(conn).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}
