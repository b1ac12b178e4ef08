//! Establishments that concern the user.

use lac_domain::{EstablishmentId, name_key};
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

/// Which establishments a list on this device shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Only {
    /// Closed ones alone.
    pub(crate) closed: bool,
    /// Ones that are not closed alone.
    pub(crate) open: bool,
    /// Ones added by hand alone.
    pub(crate) by_hand: bool,
    /// Those of one phase.
    pub(crate) phase: Option<String>,
    /// Those of one local authority.
    pub(crate) la_name: Option<String>,
}

/// The condition of a list; its value is `[closed, open, by hand, phase, local authority]`.
const ONLY: &str =
    "(NOT $4 ->> 0 OR t.payload ->> 'status' = 'closed') AND (NOT $4 ->> 1 OR t.payload ->> 'status' <> 'closed')
    AND (NOT $4 ->> 2 OR t.payload ->> 'urn' IS NULL) AND ($4 ->> 3 IS NULL OR t.payload ->> 'phase' = $4 ->> 3)
    AND ($4 ->> 4 IS NULL OR t.payload ->> 'la_name' = $4 ->> 4)";

/// One establishment.
pub(crate) async fn get(conn: &mut SqliteConnection, id: EstablishmentId) -> Result<Option<Establishment>, Failure> {
    Ok(match ESTABLISHMENTS.get(conn, id.0).await? {
        Some(payload) => Some(serde_json::from_str(&payload)?),
        None => None,
    })
}

/// Establishments found by the beginnings of words, in order of name, with the key of each one's place in that order.
pub(crate) async fn find(
    conn: &mut SqliteConnection,
    prefixes: &[String],
    only: &Only,
    after: Option<(&str, Uuid)>,
    limit: i64,
) -> Result<Vec<(String, Establishment)>, Failure> {
    let value = serde_json::to_string(&(only.closed, only.open, only.by_hand, &only.phase, &only.la_name))?;
    let rows = ESTABLISHMENTS
        .find(conn, prefixes, (ONLY, Some(value)), after, limit)
        .await?;
    rows.into_iter()
        .map(|(_, sort_key, payload)| Ok((sort_key, serde_json::from_str(&payload)?)))
        .collect()
}
