//! Writing establishments and their words, many in one statement, and telling the devices that hold them.

use lac_domain::{EstablishmentId, PupilId, UserId, name_key};
use sqlx::AssertSqlSafe;

use super::gias::{Content, Differs};
use super::in_use::EVER_IN_USE;
use crate::both;
use crate::error::StoreError;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, Tx};

/// Words in one statement.
const BATCH: usize = 20_000;

const COLUMNS: [Column; 15] = [
    Column::Id("id"),
    Column::Text("urn"),
    Column::Text("name"),
    Column::Text("name_key"),
    Column::Text("type_name"),
    Column::Text("phase"),
    Column::Text("status"),
    Column::Text("la_name"),
    Column::Text("town"),
    Column::Text("postcode"),
    Column::Text("address"),
    Column::Text("phone"),
    Column::Text("website"),
    Column::Text("head"),
    Column::Day("closed_on"),
];

fn push(rows: &mut JsonRows, id: EstablishmentId, content: &Content) {
    rows.push(&[
        &id,
        &content.urn,
        &content.name,
        &name_key(&content.name),
        &content.type_name,
        &content.phase,
        &content.status.as_str(),
        &content.la_name,
        &content.town,
        &content.postcode,
        &content.address,
        &content.phone,
        &content.website,
        &content.head,
        &content.closed_on,
    ]);
}

pub(super) async fn insert(tx: &mut Tx, new: &[(EstablishmentId, &Content)]) -> Result<(), StoreError> {
    if new.is_empty() {
        return Ok(());
    }
    let mut rows = JsonRows::new();
    for (id, content) in new {
        push(&mut rows, *id, content);
    }
    let source = tx.engine().rows("$1", &COLUMNS);
    let sql = format!(
        "INSERT INTO establishments (id, urn, name, name_key, type_name, phase, status, la_name, town, postcode, address,
           phone, website, head, closed_on)
         SELECT id, urn, name, name_key, type_name, phase, status, la_name, town, postcode, address,
           phone, website, head, closed_on FROM {source} AS r"
    );
    execute(tx, sql, &rows).await
}

pub(super) async fn update(tx: &mut Tx, changed: &[Differs<'_>]) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let mut rows = JsonRows::new();
    for one in changed {
        push(&mut rows, one.id, one.content);
    }
    let source = tx.engine().rows("$1", &COLUMNS);
    let sql = format!(
        "UPDATE establishments SET name = r.name, name_key = r.name_key, type_name = r.type_name, phase = r.phase,
           status = r.status, la_name = r.la_name, town = r.town, postcode = r.postcode, address = r.address,
           phone = r.phone, website = r.website, head = r.head, closed_on = r.closed_on
         FROM {source} AS r WHERE establishments.id = r.id"
    );
    execute(tx, sql, &rows).await
}

/// Writes words, sorted first, so that the index grows in its own order.
pub(super) async fn insert_words(tx: &mut Tx, words: Vec<(String, EstablishmentId)>) -> Result<(), StoreError> {
    let source = tx
        .engine()
        .rows("$1", &[Column::Text("word"), Column::Id("establishment_id")]);
    let sql = format!(
        "INSERT INTO establishment_words (word, establishment_id) SELECT word, establishment_id FROM {source} AS r"
    );
    in_batches(tx, sql, words).await
}

pub(super) async fn delete_words(tx: &mut Tx, words: Vec<(String, EstablishmentId)>) -> Result<(), StoreError> {
    let source = tx
        .engine()
        .rows("$1", &[Column::Text("word"), Column::Id("establishment_id")]);
    let sql = format!(
        "DELETE FROM establishment_words
         WHERE (word, establishment_id) IN (SELECT word, establishment_id FROM {source} AS r)"
    );
    in_batches(tx, sql, words).await
}

async fn in_batches(tx: &mut Tx, sql: String, mut words: Vec<(String, EstablishmentId)>) -> Result<(), StoreError> {
    words.sort_unstable();
    for batch in words.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (word, id) in batch {
            rows.push(&[word, id]);
        }
        execute(tx, sql.clone(), &rows).await?;
    }
    Ok(())
}

async fn execute(tx: &mut Tx, sql: String, rows: &JsonRows) -> Result<(), StoreError> {
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes what devices must be told: only of establishments that concern somebody.
pub(super) async fn tell(
    tx: &mut Tx,
    changed: &[EstablishmentId],
    renamed: &[EstablishmentId],
) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let ids = hex_ids(changed.iter().copied());
    let sql = format!(
        "SELECT e.id FROM establishments e WHERE e.id IN {} AND {EVER_IN_USE}",
        tx.engine().ids("$1")
    );
    let in_use: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for id in in_use {
        tx.change(Audience::LaRoles, Changed::Establishment(id));
        tx.change(Audience::Establishment(id), Changed::Establishment(id));
    }
    let sql = format!(
        "SELECT DISTINCT establishment_id, pupil_id FROM enrolments WHERE establishment_id IN {}",
        tx.engine().ids("$1")
    );
    let places: Vec<(EstablishmentId, PupilId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    let renamed: std::collections::HashSet<EstablishmentId> = renamed.iter().copied().collect();
    for (establishment, pupil) in places {
        tx.change(Audience::Pupil(pupil), Changed::Establishment(establishment));
        // A pupil's enrolments and a person's links show the name.
        if renamed.contains(&establishment) {
            tx.change(Audience::Pupil(pupil), Changed::Pupil(pupil));
            tx.change(Audience::LaRoles, Changed::Pupil(pupil));
        }
    }
    for establishment in renamed {
        tx.change(Audience::LaRoles, Changed::People);
        tx.change(Audience::Establishment(establishment), Changed::People);
    }
    Ok(())
}

/// Notes what devices must be told when users and pupils went from one establishment to another. Who saw them there is
/// told too, so this comes before access is worked out again.
pub(super) fn tell_of_carrying<'a>(
    tx: &mut Tx,
    places: [EstablishmentId; 2],
    users: impl IntoIterator<Item = &'a UserId>,
    pupils: impl IntoIterator<Item = &'a PupilId>,
) {
    for place in places {
        tx.change(Audience::LaRoles, Changed::Establishment(place));
        tx.change(Audience::Establishment(place), Changed::Establishment(place));
    }
    for user in users {
        tx.change(Audience::LaRoles, Changed::Person(*user));
        tx.change(Audience::User(*user), Changed::Me);
        tx.change(Audience::User(*user), Changed::People);
        for place in places {
            tx.change(Audience::Establishment(place), Changed::Person(*user));
            tx.change(Audience::User(*user), Changed::Establishment(place));
        }
    }
    for pupil in pupils {
        for place in places {
            tx.change(Audience::Pupil(*pupil), Changed::Establishment(place));
        }
    }
}
