//! Undoing what an import changed: former values, kept when they were changed, and given back.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{Capacity, EstablishmentId, ImportId, LinkId, PupilId, Role, UserId};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::plan::{Before, Existing, Plan};
use super::take_back::Done;
use super::telling;
use crate::access::Affected;
use crate::assignments::{Stored, give_back};
use crate::both;
use crate::error::{Failure, StoreError};
use crate::imports::objects::{self, ChangedOne};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::users::{NewLink, insert_links, replace_words, sort_key};
use crate::writer::{Audience, Changed, Tx};

/// Rows in one statement.
const BATCH: usize = 10_000;

/// What a user was before an import changed them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Former {
    role: String,
    first_name: String,
    last_name: String,
    job_title: String,
    email: String,
    phone: String,
    invitation_held: bool,
    /// The names of the fields that the import changed: for the trail.
    fields: Vec<String>,
    /// The links that went with the role.
    links: Vec<FormerLink>,
    /// The focus list that went with the role.
    #[serde(default)]
    focus: Vec<Stored>,
}

/// A link that went with a role which is not linked to establishments.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FormerLink {
    pub id: LinkId,
    pub establishment: EstablishmentId,
    pub capacity: String,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
}

/// What is kept of those whom a plan changes.
pub(super) fn kept(plan: &Plan, before: &Before) -> Vec<ChangedOne<Former>> {
    let changed = plan.updated.iter().filter_map(|updated| {
        let was: &Existing = before.users.get(&updated.after.id)?;
        let links = if updated.unlinked {
            before.links.get(&was.id).cloned().unwrap_or_default()
        } else {
            Vec::new()
        };
        let focus = if updated.unfocused {
            before.assigned.get(&was.id).cloned().unwrap_or_default()
        } else {
            Vec::new()
        };
        Some(ChangedOne {
            id: was.id.into(),
            revision: was.revision + 1,
            before: Former {
                role: was.role.as_str().to_owned(),
                first_name: was.first_name.clone(),
                last_name: was.last_name.clone(),
                job_title: was.job_title.clone(),
                email: was.email.clone(),
                phone: was.phone.clone(),
                invitation_held: was.invitation_held,
                fields: updated.fields.iter().map(|field| (*field).to_owned()).collect(),
                links,
                focus,
            },
        })
    });
    changed.collect()
}

/// Gives those whom an import changed their former values, where nobody changed them since.
pub(super) async fn restore_updated(tx: &mut Tx, import: ImportId, own: &crate::seal::OwnKey) -> Result<Done, Failure> {
    let all: i64 = {
        let sql = "SELECT COUNT(*) FROM import_objects WHERE import_id = $1 AND outcome = 'updated' AND NOT undone";
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(import).fetch_one(c).await)?
    };
    let found: Vec<objects::Restorable<Former>> = objects::restorable(tx, import, own, "users").await?;
    let former: Vec<(UserId, Former)> = found.into_iter().map(|one| (UserId(one.id), one.before)).collect();
    let count = u32::try_from(former.len()).unwrap_or(u32::MAX);
    let stayed = u32::try_from(all).unwrap_or(u32::MAX).saturating_sub(count);
    if former.is_empty() {
        return Ok((0, stayed));
    }
    let ids = hex_ids(former.iter().map(|(user, _)| *user));
    let unlinked = unlink(tx, import, &ids).await?;
    write_former(tx, &former).await?;
    let lost: BTreeSet<UserId> = unlinked.iter().map(|(user, _)| *user).collect();
    let noted = former.iter().map(|(user, before)| {
        let links = (lost.contains(user) || !before.links.is_empty()).then_some("links");
        (*user, before.fields.iter().map(String::as_str).chain(links).collect())
    });
    tx.note_user_changes(&noted.collect::<Vec<_>>()).await?;
    hold_again(tx, &former).await?;
    let mut again = Vec::new();
    for (user, before) in &former {
        for link in &before.links {
            again.push(NewLink {
                id: link.id,
                user: *user,
                establishment: link.establishment,
                capacity: Capacity::parse(&link.capacity)
                    .map_err(|_| StoreError::Inconsistent("a kept capacity is not one"))?,
                days: Days {
                    start: link.start,
                    end: link.end,
                },
                import: None,
            });
        }
    }
    insert_links(tx, &again).await?;
    let focus: Vec<Stored> = former
        .iter()
        .flat_map(|(_, before)| before.focus.iter().copied())
        .collect();
    if !focus.is_empty() {
        give_back(tx, &focus).await?;
    }
    objects::note_undone(tx, import, &ids).await?;
    for (user, before) in &former {
        let detail = serde_json::json!({ "fields": before.fields, "links_again": before.links.len() });
        tx.audit("user.restored", "user", Some(user.0), &detail);
        tx.change(Audience::LaRoles, Changed::Person(*user));
        if Role::parse(&before.role).is_ok_and(Role::is_la) || before.fields.iter().any(|field| field == "role") {
            tx.change(Audience::Everyone, Changed::Person(*user));
        }
    }
    let users: Vec<UserId> = former.iter().map(|(user, _)| *user).collect();
    let left = unlinked.into_iter().map(|(_, establishment)| establishment).collect();
    telling::tell_of_known(tx, &users, left).await?;
    tx.refresh_access(&Affected::Users(users)).await?;
    Ok((count, stayed))
}

/// Takes away the links and assignments that the import gave them. Answers who was linked where.
async fn unlink(tx: &mut Tx, import: ImportId, ids: &str) -> Result<Vec<(UserId, EstablishmentId)>, StoreError> {
    let list = tx.engine().ids("$2");
    let sql = format!(
        "DELETE FROM establishment_links WHERE import_id = $1 AND user_id IN {list}
         RETURNING user_id, establishment_id"
    );
    let gone: Vec<(UserId, EstablishmentId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).bind(ids).fetch_all(c).await)?;
    let sql = format!("DELETE FROM assignments WHERE import_id = $1 AND user_id IN {list} RETURNING user_id, pupil_id");
    let taken: Vec<(UserId, PupilId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).bind(ids).fetch_all(c).await)?;
    for (user, pupil) in taken {
        tx.change(Audience::User(user), Changed::Pupil(pupil));
    }
    Ok(gone)
}

async fn write_former(tx: &mut Tx, former: &[(UserId, Former)]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("id"),
        Column::Text("role"),
        Column::Text("first_name"),
        Column::Text("last_name"),
        Column::Text("name_key"),
        Column::Text("job_title"),
        Column::Text("email"),
        Column::Text("phone"),
    ];
    for batch in former.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (user, before) in batch {
            let key = sort_key(&before.first_name, &before.last_name);
            rows.push(&[
                user,
                &before.role,
                &before.first_name,
                &before.last_name,
                &key,
                &before.job_title,
                &before.email,
                &before.phone,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "UPDATE users SET revision = revision + 1, role = r.role, first_name = r.first_name,
               last_name = r.last_name, name_key = r.name_key, job_title = r.job_title, email = r.email, phone = r.phone
             FROM {source} AS r WHERE users.id = r.id"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    }
    let texts = former.iter().map(|(user, before)| {
        (
            *user,
            [&*before.first_name, &before.last_name, &before.job_title, &before.email],
        )
    });
    replace_words(tx, texts).await
}

/// Takes back the invitations that the import let go, of those who wait for a link again.
async fn hold_again(tx: &mut Tx, former: &[(UserId, Former)]) -> Result<(), StoreError> {
    let held = former
        .iter()
        .filter(|(_, before)| before.invitation_held)
        .map(|(user, _)| *user);
    let ids = hex_ids(held);
    if ids == "[]" {
        return Ok(());
    }
    let list = tx.engine().ids("$1");
    for sql in [
        format!("DELETE FROM invitations_due WHERE user_id IN {list}"),
        format!("UPDATE users SET invitation_held = TRUE WHERE id IN {list} AND status = 'invited'"),
        format!("UPDATE invitations SET replaced = TRUE WHERE user_id IN {list} AND NOT replaced AND used_at IS NULL"),
        // A mail that has not left yet would bring a code that no longer works.
        format!(
            "UPDATE mails SET state = 'dropped', sealed_detail = NULL
             WHERE user_id IN {list} AND kind = 'invitation' AND state = 'waiting'"
        ),
    ] {
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(&ids).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
