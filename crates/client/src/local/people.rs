//! People whom the user may see.

use std::collections::{BTreeSet, HashMap};

use lac_domain::{Role, UserId, name_key};
use lac_wire::Person;
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::lists::hex_list;
use super::named::{Named, NamedRow};
use super::words::words_of;
use crate::failure::Failure;

const PEOPLE: Named = Named {
    table: "people",
    words: "person_words",
    owner: "person_id",
};

/// Keeps people.
pub(crate) async fn put(conn: &mut SqliteConnection, people: &[Person], generation: i64) -> Result<(), Failure> {
    if people.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(people.len());
    for person in people {
        let mut texts: Vec<&str> = vec![
            &person.first_name,
            &person.last_name,
            &person.job_title,
            person.role.display_name(),
        ];
        texts.extend(person.establishments.iter().map(String::as_str));
        rows.push(NamedRow {
            id: person.id.0,
            sort_key: name_key(&format!("{} {}", person.last_name, person.first_name)),
            payload: serde_json::to_string(person)?,
            words: words_of(texts),
        });
    }
    let changed = PEOPLE.put(conn, &rows, generation).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let sql = "DELETE FROM teacher_places WHERE person_id IN (SELECT unhex(value) FROM json_each($1))";
    sqlx::query(sql)
        .bind(hex_list(changed.iter().copied()))
        .execute(&mut *conn)
        .await?;
    let by_id: HashMap<Uuid, &Person> = people.iter().map(|person| (person.id.0, person)).collect();
    let places: Vec<(String, String)> = changed
        .iter()
        .filter_map(|id| by_id.get(id))
        .filter(|person| person.role == Role::DesignatedTeacher && person.may_write)
        .flat_map(|person| {
            let id = hex::encode(person.id.as_bytes());
            person
                .establishments
                .iter()
                .map(move |place| (name_key(place), id.clone()))
        })
        .collect();
    let sql = "INSERT INTO teacher_places (place_key, person_id)
               SELECT value ->> 0, unhex(value ->> 1) FROM json_each($1) WHERE true ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(serde_json::to_string(&places)?)
        .execute(conn)
        .await?;
    Ok(())
}

/// Drops people.
pub(crate) async fn delete(conn: &mut SqliteConnection, ids: &[Uuid]) -> Result<(), Failure> {
    PEOPLE.delete(conn, ids).await
}

/// Drops people whom an older fetch brought.
pub(crate) async fn sweep(conn: &mut SqliteConnection, generation: i64) -> Result<(), Failure> {
    PEOPLE.sweep(conn, generation).await
}

/// One person.
pub(crate) async fn get(conn: &mut SqliteConnection, id: UserId) -> Result<Option<Person>, Failure> {
    Ok(match PEOPLE.get(conn, id.0).await? {
        Some(payload) => Some(serde_json::from_str(&payload)?),
        None => None,
    })
}

/// Some people, by id; those who are not held are left out.
pub(crate) async fn get_all(
    conn: &mut SqliteConnection,
    ids: impl IntoIterator<Item = UserId>,
) -> Result<HashMap<UserId, Person>, Failure> {
    let sql = "SELECT payload FROM people WHERE id IN (SELECT unhex(value) FROM json_each($1))";
    let payloads: Vec<String> = sqlx::query_scalar(sql).bind(hex_list(ids)).fetch_all(conn).await?;
    let mut people = HashMap::with_capacity(payloads.len());
    for payload in payloads {
        let person: Person = serde_json::from_str(&payload)?;
        people.insert(person.id, person);
    }
    Ok(people)
}

/// People whom the user may write to, found by the beginnings of words, in order of name.
pub(crate) async fn find_reachable(
    conn: &mut SqliteConnection,
    prefixes: &[String],
    limit: i64,
) -> Result<Vec<Person>, Failure> {
    let rows = PEOPLE
        .find(conn, prefixes, ("t.reachable = 1", None), None, limit)
        .await?;
    rows.into_iter()
        .map(|(_, _, payload)| Ok(serde_json::from_str(&payload)?))
        .collect()
}

/// People whose names the user may see, found by the beginnings of words, in order of name.
pub(crate) async fn find(conn: &mut SqliteConnection, prefixes: &[String], limit: i64) -> Result<Vec<Person>, Failure> {
    let rows = PEOPLE.find(conn, prefixes, ("true", None), None, limit).await?;
    rows.into_iter()
        .map(|(_, _, payload)| Ok(serde_json::from_str(&payload)?))
        .collect()
}

/// People found by the beginnings of words of their names alone, whether or not they may be written to.
pub(crate) async fn find_by_name(
    conn: &mut SqliteConnection,
    prefixes: &[String],
) -> Result<BTreeSet<UserId>, Failure> {
    let rows = PEOPLE.find(conn, prefixes, ("true", None), None, i64::MAX).await?;
    let mut found = BTreeSet::new();
    for (_, _, payload) in rows {
        let person: Person = serde_json::from_str(&payload)?;
        // The words that people are found by elsewhere are also those of their roles and places.
        let names = words_of([person.first_name.as_str(), person.last_name.as_str()]);
        let has = |prefix: &String| names.iter().any(|name| name.starts_with(prefix));
        if prefixes.iter().all(has) {
            found.insert(person.id);
        }
    }
    Ok(found)
}

/// How many people of the Virtual School the user may write to, besides themselves.
pub(crate) async fn count_virtual_school(conn: &mut SqliteConnection, me: UserId) -> Result<u32, Failure> {
    let sql = "SELECT COUNT(*) FROM people WHERE role IN ('la_user', 'la_super_user') AND reachable = 1 AND id <> $1";
    let count: i64 = sqlx::query_scalar(sql).bind(me).fetch_one(conn).await?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The Designated Teachers whom the user may write to at an establishment, by the key of its name.
pub(crate) async fn teachers_at(conn: &mut SqliteConnection, place: &str, me: UserId) -> Result<Vec<UserId>, Failure> {
    let sql = "SELECT p.id FROM teacher_places t JOIN people p ON p.id = t.person_id
               WHERE t.place_key = $1 AND p.reachable = 1 AND p.id <> $2";
    Ok(sqlx::query_scalar(sql)
        .bind(name_key(place))
        .bind(me)
        .fetch_all(conn)
        .await?)
}

/// People with whom the user's newest conversations are, the newest first.
pub(crate) async fn recent(conn: &mut SqliteConnection, me: UserId, limit: i64) -> Result<Vec<Person>, Failure> {
    let sql = "SELECT p.payload, MAX(c.sort_key) AS newest
               FROM (SELECT id, sort_key FROM conversations WHERE mine = 1 ORDER BY sort_key DESC LIMIT 20) c
               JOIN participants q ON q.conversation_id = c.id
               JOIN people p ON p.id = q.user_id
               WHERE q.user_id <> $1 AND p.reachable = 1
               GROUP BY p.id ORDER BY newest DESC, p.sort_key LIMIT $2";
    let rows: Vec<(String, i64)> = sqlx::query_as(sql).bind(me).bind(limit).fetch_all(conn).await?;
    rows.into_iter()
        .map(|(payload, _)| Ok(serde_json::from_str(&payload)?))
        .collect()
}
