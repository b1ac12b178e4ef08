//! Restricted pupils: only the users whom the pupil names see them.

use async_trait::async_trait;
use lac_domain::{PupilId, Role, Timestamp, UserId};
use lac_wire::{ChangeRestriction, Page, RecordPerson, RestrictedPupil};
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::head::{Head, bring_back_conversations, closed, finish, require_users};
use super::record::people_of;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Column, Conn, JsonRows};
use crate::writer::{Job, Tx};

/// The most users whom a pupil may name.
const MOST_NAMED: usize = 200;

/// Sets whether a pupil is restricted, and whom they name; answers the pupil's id.
pub(super) struct Restrict {
    pub scope: Scope,
    pub pupil: PupilId,
    pub change: ChangeRestriction,
}

#[async_trait]
impl Job for Restrict {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (pupil, wanted) = (self.pupil, &self.change);
        let (restricted, sees) = self.standing(tx).await?;
        if restricted && !sees && !wanted.restricted {
            let message = "Only somebody whom this restricted pupil names can lift the restriction. Name yourself first, if you need to; it is noted in the audit trail.";
            return Err(Refusal::field("restricted", message).into());
        }
        let named = self.judge(tx).await?;
        let before = named_users(tx, pupil).await?;
        if restricted == wanted.restricted && before == named {
            return Ok(pupil);
        }
        let sql = "UPDATE pupils SET restricted = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(pupil).bind(wanted.restricted).execute(c).await.map(|_| ()))?;
        let sql = "DELETE FROM pupil_names WHERE pupil_id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(pupil).execute(c).await.map(|_| ()))?;
        let mut rows = JsonRows::new();
        for user in &named {
            rows.push(&[&pupil, user]);
        }
        let source = tx.engine().rows("$1", &[Column::Id("pupil_id"), Column::Id("user_id")]);
        let sql = format!("INSERT INTO pupil_names (pupil_id, user_id) SELECT pupil_id, user_id FROM {source} AS r");
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        let action = match (restricted, wanted.restricted) {
            (false, true) => "pupil.restricted",
            (true, false) => "pupil.restriction_lifted",
            _ => "pupil.restriction_changed",
        };
        finish(tx, pupil, action, json!({ "named": named })).await?;
        bring_back_conversations(tx, pupil).await?;
        Ok(pupil)
    }
}

impl Restrict {
    /// Whether the pupil is restricted, and whether the one who asks sees them. An LA Super User may ask about any
    /// restricted pupil who does not bar them.
    async fn standing(&self, tx: &mut Tx) -> Result<(bool, bool), Failure> {
        let (pupil, scope) = (self.pupil, self.scope);
        let sql = "SELECT p.adopted FROM pupils p WHERE p.id = $2 AND p.restricted
                   AND NOT EXISTS (SELECT 1 FROM bars barred WHERE barred.user_id = $1 AND barred.pupil_id = p.id)";
        let adopted: Option<bool> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(scope.user).bind(pupil).fetch_optional(c).await)?;
        let sees = scope.may_see_pupil(tx.conn(), pupil).await?;
        if let Some(adopted) = adopted.filter(|_| scope.role == Role::LaSuperUser && !sees) {
            return if adopted {
                Err(closed().into())
            } else {
                Ok((true, false))
            };
        }
        let head = Head::of(tx, scope, pupil, "pupil.restrict").await?;
        head.require_open(tx, pupil, None).await?;
        Ok((head.restricted, true))
    }

    async fn judge(&self, tx: &mut Tx) -> Result<Vec<UserId>, Failure> {
        if !self.change.restricted {
            return Ok(Vec::new());
        }
        let mut named = self.change.named.clone();
        named.sort_unstable();
        named.dedup();
        if named.len() > MOST_NAMED {
            let message = format!("A restricted pupil names at most {MOST_NAMED} users. Name fewer.");
            return Err(Refusal::field("named", message).into());
        }
        let found = require_users(tx, "named", &named).await?;
        if !found.iter().any(|(_, role)| role.is_la()) {
            let message = "Name at least one LA User or LA Super User: otherwise nobody of the Virtual School could see this pupil.";
            return Err(Refusal::field("named", message).into());
        }
        Ok(named)
    }
}

async fn named_users(tx: &mut Tx, pupil: PupilId) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT user_id FROM pupil_names WHERE pupil_id = $1 ORDER BY user_id";
    let mut named: Vec<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(pupil).fetch_all(c).await)?;
    named.sort_unstable();
    Ok(named)
}

/// A page of the restricted pupils, for LA Super Users: that they exist and whom they name, not who they are.
///
/// # Errors
/// When the database fails, or the page is not known.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<RestrictedPupil>, Failure> {
    scope.require_super_user()?;
    let after: PupilId = read_after(after)?.unwrap_or(PupilId(uuid::Uuid::nil()));
    let size = page_size(limit);
    let sql = "SELECT p.id, p.created_at FROM pupils p WHERE p.restricted AND p.id > $2
                 AND NOT EXISTS (SELECT 1 FROM bars barred WHERE barred.user_id = $1 AND barred.pupil_id = p.id)
               ORDER BY p.id LIMIT $3";
    let rows: Vec<(PupilId, Timestamp)> = both!(conn, c => sqlx::query_as(sql)
        .bind(scope.user).bind(after).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |(id, _)| *id)?;
    let mut named = people_of(conn, "pupil_names", page.rows.iter().map(|(id, _)| *id)).await?;
    let rows = page.rows.into_iter().map(|(id, created_at)| {
        let named: Vec<RecordPerson> = named.remove(&id).unwrap_or_default();
        RestrictedPupil {
            id,
            created_at,
            names_reader: named.iter().any(|person| person.id == scope.user),
            named,
        }
    });
    Ok(Page {
        rows: rows.collect(),
        after: page.after,
    })
}
