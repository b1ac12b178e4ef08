//! One establishment's page: its details, who is linked, how many pupils, and what a person should know.

use lac_domain::{Capacity, EstablishmentId, LinkId, Role, UserId, UserStatus};
use lac_wire::{Establishment, EstablishmentPage, LinkedUser, Succession, SuccessionKind};
use sqlx::AssertSqlSafe;

use super::list::here;
use super::rows::load_establishments;
use super::successions;
use super::words::{counted, day};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::Conn;

#[derive(sqlx::FromRow)]
struct LinkedRow {
    link_id: LinkId,
    user_id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: chrono::NaiveDate,
    end_on: Option<chrono::NaiveDate>,
}

/// One establishment.
pub(super) async fn find(
    conn: &mut Conn,
    scope: Scope,
    id: EstablishmentId,
    asked: &'static str,
) -> Result<Establishment, Failure> {
    let found = load_establishments(conn, scope, [id]).await?.into_iter().next();
    Ok(found.ok_or_else(|| Refusal::not_found().denied(asked, "establishment", id.0))?)
}

/// An establishment with the users linked to it today or later whose names the reader may see, and how many
/// looked-after pupils there today the reader may see.
pub(super) async fn page(conn: &mut Conn, scope: Scope, id: EstablishmentId) -> Result<EstablishmentPage, Failure> {
    let mut establishment = find(conn, scope, id, "establishment.read").await?;
    let linked_users = linked(conn, scope, id).await?;
    let here = here(conn, scope, &[id]).await?.remove(&id).unwrap_or_default();
    let (mut warnings, mut successions) = (Vec::new(), Vec::new());
    if scope.is_la() {
        if here.closed_in_use {
            warnings.push(closed(&establishment, here.users, here.pupils));
        }
        if here.nobody_to_read {
            warnings.push(
                "A looked-after pupil is on roll here, and nobody is linked who could read a message about them."
                    .to_owned(),
            );
        }
        if let Some(urn) = &establishment.urn {
            successions = successions::of(conn, scope, urn).await?;
            let before = successions.iter().filter(|one| one.to.urn == *urn && one.pupils > 0);
            warnings.extend(before.map(before_it));
        }
        establishment.here = Some(here);
    }
    Ok(EstablishmentPage {
        establishment,
        linked_users,
        pupils: here.pupils,
        warnings,
        successions,
        as_held: false,
    })
}

async fn linked(conn: &mut Conn, scope: Scope, id: EstablishmentId) -> Result<Vec<LinkedUser>, StoreError> {
    let sql = format!(
        "SELECT l.id AS link_id, l.user_id, u.first_name, u.last_name, u.role, u.status, l.capacity, l.start_on, l.end_on
         FROM establishment_links l JOIN users u ON u.id = l.user_id
         WHERE l.establishment_id = $3 AND (l.end_on IS NULL OR l.end_on >= $2) AND u.status <> 'inactive' AND {}
         ORDER BY u.name_key, u.id, l.start_on",
        scope.sees_person("u")
    );
    let rows: Vec<LinkedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(id).fetch_all(c).await)?;
    let user = |row: LinkedRow| LinkedUser {
        link_id: row.link_id,
        user_id: row.user_id,
        name: format!("{} {}", row.first_name, row.last_name),
        role: row.role,
        status: row.status,
        capacity: row.capacity,
        start: row.start_on,
        end: row.end_on,
    };
    Ok(rows.into_iter().map(user).collect())
}

fn closed(establishment: &Establishment, users: u32, pupils: u32) -> String {
    let when = establishment
        .closed_on
        .map(|on| format!(" on {}", day(on)))
        .unwrap_or_default();
    let users = match users {
        0 => String::new(),
        some => format!("{} still linked", counted(some, "user")),
    };
    let pupils = match pupils {
        0 => String::new(),
        some => format!("{} still on roll", counted(some, "looked-after pupil")),
    };
    let still = [users, pupils].into_iter().filter(|part| !part.is_empty());
    let still = still.collect::<Vec<_>>().join(", ");
    let still = if still.is_empty() {
        "enrolments have not been ended".to_owned()
    } else {
        still
    };
    format!("This establishment closed{when}: {still}.")
}

fn before_it(one: &Succession) -> String {
    let became = match one.kind {
        SuccessionKind::Became => "became this establishment",
        SuccessionKind::Merged => "merged into this establishment",
        SuccessionKind::Split | SuccessionKind::Unknown => "was split, this establishment being a part of it",
    };
    let (verb, them) = if one.pupils == 1 {
        ("is", "this pupil until their enrolment is")
    } else {
        ("are", "these pupils until their enrolments are")
    };
    format!(
        "{} {verb} still enrolled at {} (URN {}), which {became}. A teacher who is linked here does not see {them} moved.",
        counted(one.pupils, "pupil"),
        one.from.name,
        one.from.urn
    )
}
