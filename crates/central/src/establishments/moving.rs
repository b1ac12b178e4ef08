//! Moving users and enrolments from an establishment to the one that came after: everything in one step where one
//! became the other, and what a person picks where several merged or one was split.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lac_domain::{Capacity, EnrolmentId, EnrolmentKind, EstablishmentId, LinkId, PupilId, UserId};
use lac_wire::{Movable, MovableEnrolment, MovableLink, MoveEstablishment, Moved, SuccessionKind};
use sqlx::AssertSqlSafe;

use super::carry::{self, Way};
use super::{page, successions, write};
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};
use crate::writer::{Job, Tx};

#[derive(sqlx::FromRow)]
struct LinkRow {
    id: LinkId,
    user_id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: chrono::NaiveDate,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    id: EnrolmentId,
    pupil_id: PupilId,
    known_as: String,
    #[sqlx(try_from = "String")]
    kind: EnrolmentKind,
    start_on: chrono::NaiveDate,
}

/// What is at an establishment today or later and could move; pupils as far as the reader may see them.
pub(super) async fn movable(conn: &mut Conn, scope: Scope, id: EstablishmentId) -> Result<Movable, Failure> {
    page::find(conn, scope, id, "establishment.read").await?;
    let sql = "SELECT l.id, l.user_id, u.first_name, u.last_name, l.capacity, l.start_on
               FROM establishment_links l JOIN users u ON u.id = l.user_id
               WHERE l.establishment_id = $1 AND (l.end_on IS NULL OR l.end_on >= $2) ORDER BY u.name_key, u.id, l.start_on";
    let links: Vec<LinkRow> = both!(conn, c => sqlx::query_as(sql).bind(id).bind(scope.today).fetch_all(c).await)?;
    let sql = format!(
        "SELECT n.id, n.pupil_id, p.known_as, n.kind, n.start_on FROM enrolments n JOIN pupils p ON p.id = n.pupil_id
         WHERE n.establishment_id = $2 AND (n.end_on IS NULL OR n.end_on >= $3) AND {} ORDER BY p.known_as_key, p.id, n.start_on",
        scope.sees_pupil("n.pupil_id")
    );
    let enrolments: Vec<EnrolmentRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(id).bind(scope.today).fetch_all(c).await)?;
    Ok(Movable {
        links: links
            .into_iter()
            .map(|row| MovableLink {
                id: row.id,
                user_id: row.user_id,
                name: format!("{} {}", row.first_name, row.last_name),
                capacity: row.capacity,
                start: row.start_on,
            })
            .collect(),
        enrolments: enrolments
            .into_iter()
            .map(|row| MovableEnrolment {
                id: row.id,
                pupil_id: row.pupil_id,
                known_as: row.known_as.into(),
                kind: row.kind,
                start: row.start_on,
            })
            .collect(),
    })
}

/// Moves links and enrolments.
pub(super) struct Move {
    pub from: EstablishmentId,
    pub scope: Scope,
    pub asked: MoveEstablishment,
}

/// What a move answers: remembered, so that the same move asked twice answers the same.
#[derive(Debug, Clone, Copy, serde::Serialize, serde::Deserialize)]
pub(super) struct Done(pub Moved);

async fn urn_of(tx: &mut Tx, id: EstablishmentId) -> Result<Option<(String, String)>, StoreError> {
    let sql = "SELECT urn, name FROM establishments WHERE id = $1 AND urn IS NOT NULL";
    Ok(both!(tx.conn(), c => sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

#[async_trait]
impl Job for Move {
    type Output = Done;

    async fn run(&self, tx: &mut Tx) -> Result<Done, Failure> {
        let asked = &self.asked;
        let not_found = |id: EstablishmentId| Refusal::not_found().denied("establishment.move", "establishment", id.0);
        let (from_urn, from_name) = urn_of(tx, self.from).await?.ok_or_else(|| not_found(self.from))?;
        let (to_urn, to_name) = urn_of(tx, asked.to).await?.ok_or_else(|| not_found(asked.to))?;
        let kind = successions::between(tx.conn(), &from_urn, &to_urn).await?;
        let Some(kind) = kind else {
            let message = format!(
                "{to_name} did not come after {from_name}, as far as the store knows. Read the DfE’s links file again."
            );
            return Err(Refusal::field("to", message).into());
        };
        if asked.whole && kind != SuccessionKind::Became {
            let message = format!(
                "{from_name} was merged or split, so it cannot be moved as a whole. Choose the users and pupils who go to {to_name}."
            );
            return Err(Refusal::field("whole", message).into());
        }
        if !asked.whole {
            if asked.links.is_empty() && asked.enrolments.is_empty() {
                return Err(Refusal::field("enrolments", "Choose at least one user or pupil.").into());
            }
            self.require_seen(tx).await?;
        }
        let way = Way {
            from: self.from,
            to: asked.to,
            on: Some(asked.on),
        };
        let only = (!asked.whole).then_some((&*asked.links, &*asked.enrolments));
        let users = carry::links(tx, way, only.map(|(links, _)| links)).await?;
        let pupils = carry::enrolments(tx, way, only.map(|(_, enrolments)| enrolments)).await?;
        if asked.whole {
            successions::decide(tx, &from_urn, &to_urn, "moved").await?;
        }
        let detail = serde_json::json!({ "to": asked.to, "on": asked.on, "whole": asked.whole });
        tx.audit("establishment.moved", "establishment", Some(self.from.0), &detail);
        let detail = serde_json::json!({ "from": self.from, "on": asked.on, "whole": asked.whole });
        tx.audit("establishment.took_over", "establishment", Some(asked.to.0), &detail);
        write::tell_of_carrying(tx, [self.from, asked.to], &users, &pupils);
        refresh(tx, &users, &pupils).await?;
        let seen = self.seen(tx, &pupils).await?;
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(Done(Moved {
            users: count(users.len()),
            pupils: count(seen),
        }))
    }
}

/// Works out again who sees whom.
pub(super) async fn refresh(tx: &mut Tx, users: &BTreeSet<UserId>, pupils: &BTreeSet<PupilId>) -> Result<(), Failure> {
    if !users.is_empty() {
        tx.refresh_access(&Affected::Users(users.iter().copied().collect()))
            .await?;
    }
    if !pupils.is_empty() {
        tx.refresh_access(&Affected::Pupils(pupils.iter().copied().collect()))
            .await?;
    }
    Ok(())
}

impl Move {
    /// Refuses enrolments of pupils whom the person may not see, as if they were not there.
    async fn require_seen(&self, tx: &mut Tx) -> Result<(), Failure> {
        let wanted: BTreeSet<EnrolmentId> = self.asked.enrolments.iter().copied().collect();
        let sql = format!(
            "SELECT COUNT(*) FROM enrolments n WHERE n.establishment_id = $2 AND n.id IN {} AND {}",
            tx.engine().ids("$3"),
            self.scope.sees_pupil("n.pupil_id")
        );
        let ids = hex_ids(wanted.iter().copied());
        let (user, from) = (self.scope.user, self.from);
        let found: i64 = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(user).bind(from).bind(ids).fetch_one(c).await)?;
        if usize::try_from(found) == Ok(wanted.len()) {
            return Ok(());
        }
        Err(Refusal::field(
            "enrolments",
            "One of these pupils is no longer enrolled here. Look at the list again, and choose anew.",
        )
        .into())
    }

    async fn seen(&self, tx: &mut Tx, pupils: &BTreeSet<PupilId>) -> Result<usize, Failure> {
        let sql = format!(
            "SELECT COUNT(*) FROM pupils p WHERE p.id IN {} AND {}",
            tx.engine().ids("$2"),
            self.scope.sees_pupil("p.id")
        );
        let (ids, user) = (hex_ids(pupils.iter().copied()), self.scope.user);
        let seen: i64 =
            both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(user).bind(ids).fetch_one(c).await)?;
        Ok(usize::try_from(seen).unwrap_or_default())
    }
}
