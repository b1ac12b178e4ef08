//! The held set, in bulk: what a device fetches first.

use lac_domain::{EstablishmentId, PupilId, ReminderId, UserId};
use lac_wire::{Entity, HeldPart, HeldQuery, MaybeEntity, Page};
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::people::people_page;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::establishments::{load_establishments, sees_establishment};
use crate::keys::Keys;
use crate::keyset::read_after;
use crate::messages::{conversations_page, held_page_size, messages_page, write_after};
use crate::pupils::load_pupils;
use crate::reminders::reminders_page;
use crate::scope::Scope;
use crate::storage::Conn;

/// A page of a part of the held set.
pub(super) async fn held(
    conn: &mut Conn,
    keys: &Keys,
    scope: Scope,
    query: &HeldQuery,
) -> Result<Page<MaybeEntity>, Failure> {
    let limit = held_page_size(query.limit);
    let after = query.after.as_deref();
    Ok(match query.part {
        HeldPart::People => {
            let people = people_page(conn, scope, UserId(from(after)?), limit).await?;
            let last = last_of_full(&people, limit, |person| person.id.0);
            page(people.into_iter().map(Entity::Person), last)?
        }
        HeldPart::Establishments => {
            let ids = establishment_ids(conn, scope, EstablishmentId(from(after)?), limit).await?;
            let last = last_of_full(&ids, limit, |id| id.0);
            page(
                load_establishments(conn, scope, ids)
                    .await?
                    .into_iter()
                    .map(Entity::Establishment),
                last,
            )?
        }
        HeldPart::Pupils => {
            let ids = pupil_ids(conn, scope, PupilId(from(after)?), limit).await?;
            let last = last_of_full(&ids, limit, |id| id.0);
            page(
                load_pupils(conn, scope, ids).await?.into_iter().map(Entity::Pupil),
                last,
            )?
        }
        HeldPart::Conversations => {
            let condition = format!("c.id IN {}", scope.conversations());
            let (conversations, next) =
                conversations_page(conn, keys, scope, &condition, None, optional(after)?, limit).await?;
            page(conversations.into_iter().map(Entity::Conversation), next)?
        }
        HeldPart::Messages => {
            let condition = format!("c.id IN {}", scope.conversations());
            let (messages, next) = messages_page(conn, keys, scope, &condition, None, optional(after)?, limit).await?;
            page(messages.into_iter().map(Entity::Message), next)?
        }
        HeldPart::Reminders => {
            let reminders = reminders_page(conn, keys, scope, ReminderId(from(after)?), limit).await?;
            let last = last_of_full(&reminders, limit, |reminder| reminder.id.0);
            page(reminders.into_iter().map(Entity::Reminder), last)?
        }
    })
}

fn optional<K: DeserializeOwned>(after: Option<&str>) -> Result<Option<K>, Failure> {
    Ok(read_after(after)?)
}

fn from(after: Option<&str>) -> Result<Uuid, Failure> {
    Ok(optional(after)?.unwrap_or_default())
}

fn last_of_full<T>(rows: &[T], limit: u32, id: impl Fn(&T) -> Uuid) -> Option<Uuid> {
    let full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
    rows.last().filter(|_| full).map(id)
}

fn page<K: serde::Serialize>(
    rows: impl Iterator<Item = Entity>,
    next: Option<K>,
) -> Result<Page<MaybeEntity>, StoreError> {
    Ok(Page {
        rows: rows.map(MaybeEntity::from).collect(),
        after: next.map(|next| write_after(&next)).transpose()?,
    })
}

/// For LA roles those in use (with a user linked or a pupil enrolled), for others those that they may see.
async fn establishment_ids(
    conn: &mut Conn,
    scope: Scope,
    after: EstablishmentId,
    limit: u32,
) -> Result<Vec<EstablishmentId>, StoreError> {
    let concerns = if scope.is_la() {
        "(EXISTS (SELECT 1 FROM establishment_links l WHERE l.establishment_id = e.id)
          OR EXISTS (SELECT 1 FROM enrolments n WHERE n.establishment_id = e.id))"
            .to_owned()
    } else {
        format!(
            "e.id IN (SELECT establishment_id FROM establishment_links WHERE user_id = $1
               UNION SELECT n.establishment_id FROM pupil_access a JOIN enrolments n ON n.pupil_id = a.pupil_id
                 WHERE a.user_id = $1) AND {}",
            sees_establishment(scope, "e.id")
        )
    };
    let sql = format!(
        "SELECT e.id FROM establishments e WHERE e.id > $3 AND ($2 IS NULL OR TRUE) AND {concerns} ORDER BY e.id LIMIT $4"
    );
    Ok(both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(after).bind(i64::from(limit)).fetch_all(c).await)?)
}

async fn pupil_ids(conn: &mut Conn, scope: Scope, after: PupilId, limit: u32) -> Result<Vec<PupilId>, StoreError> {
    let sql = if scope.is_la() {
        format!(
            "SELECT p.id FROM pupils p WHERE p.id > $2 AND {} ORDER BY p.id LIMIT $3",
            scope.sees_pupil("p.id")
        )
    } else {
        "SELECT pupil_id FROM pupil_access WHERE user_id = $1 AND pupil_id > $2 ORDER BY pupil_id LIMIT $3".to_owned()
    };
    Ok(both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
        .bind(scope.user).bind(after).bind(i64::from(limit)).fetch_all(c).await)?)
}
