//! Establishments that concern the user.

use lac_domain::name_key;
use lac_wire::Establishment;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::named::{Named, NamedRow};
use super::words::words_of;
use crate::failure::Failure;

const ESTABLISHMENTS: Named = Named {
    table: "establishments",
    words: "establishment_words",
    owner: "establishment_id",
};

/// Keeps establishments.
pub(crate) async fn put(
    conn: &mut SqliteConnection,
    establishments: &[Establishment],
    generation: i64,
) -> Result<(), Failure> {
    if establishments.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(establishments.len());
    for place in establishments {
        let mut texts: Vec<&str> = vec![&place.name, &place.town, &place.postcode];
        texts.extend(place.urn.as_ref().map(lac_domain::Urn::as_str));
        rows.push(NamedRow {
            id: place.id.0,
            sort_key: name_key(&place.name),
            payload: serde_json::to_string(place)?,
            words: words_of(texts),
        });
    }
    ESTABLISHMENTS.put(conn, &rows, generation).await?;
    Ok(())
}

/// Drops establishments.
pub(crate) async fn delete(conn: &mut SqliteConnection, ids: &[Uuid]) -> Result<(), Failure> {
    ESTABLISHMENTS.delete(conn, ids).await
}

/// Drops establishments that an older fetch brought.
pub(crate) async fn sweep(conn: &mut SqliteConnection, generation: i64) -> Result<(), Failure> {
    ESTABLISHMENTS.sweep(conn, generation).await
}

/// Establishments with a Designated Teacher whom the user may write to, found by the beginnings of words.
pub(crate) async fn find_with_teachers(
    conn: &mut SqliteConnection,
    prefixes: &[String],
    limit: i64,
) -> Result<Vec<Establishment>, Failure> {
    let with_teachers = "t.sort_key IN (SELECT place_key FROM teacher_places)";
    let rows = ESTABLISHMENTS
        .find(conn, prefixes, (with_teachers, None), None, limit)
        .await?;
    rows.into_iter()
        .map(|(_, _, payload)| Ok(serde_json::from_str(&payload)?))
        .collect()
}
