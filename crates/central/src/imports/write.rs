//! Writing what a commit has worked out: many rows in one statement, one row of the trail for each user, and as few
//! words to the devices as will do.

use std::collections::{BTreeMap, BTreeSet};

use lac_domain::{ConversationId, EstablishmentId, ImportId, PupilId, UserId};
use sqlx::AssertSqlSafe;

use super::plan::{Before, Done, Existing, NewAssignment, Plan, Updated};
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::users::{hold_invitations, insert_links, insert_users, replace_words, sort_key};
use crate::writer::{Audience, Changed, Tx};

/// Rows in one statement.
const BATCH: usize = 10_000;
/// Up to so many users devices are told of each; beyond, that people have changed.
const TOLD_ONE_BY_ONE: usize = 200;

/// Loads the users who exist and may be updated.
pub(super) async fn before(tx: &mut Tx, users: &[UserId]) -> Result<Before, StoreError> {
    let mut before = Before::default();
    if users.is_empty() {
        return Ok(before);
    }
    let today = tx.today();
    let (ids, list) = (hex_ids(users.iter().copied()), tx.engine().ids("$1"));
    let sql = format!(
        "SELECT id, role, status, first_name, last_name, job_title, email, phone, invitation_held FROM users
         WHERE id IN {list}"
    );
    let rows: Vec<Existing> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    before.users = rows.into_iter().map(|row| (row.id, row)).collect();
    let sql = format!(
        "SELECT user_id, establishment_id FROM establishment_links
         WHERE user_id IN {list} AND (end_on IS NULL OR end_on >= $2)"
    );
    let rows: Vec<(UserId, EstablishmentId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).bind(today).fetch_all(c).await)?;
    before.linked = rows.into_iter().collect();
    let sql = format!(
        "SELECT user_id, pupil_id FROM assignments WHERE user_id IN {list} AND (end_on IS NULL OR end_on >= $2)"
    );
    let rows: Vec<(UserId, PupilId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).bind(today).fetch_all(c).await)?;
    before.assigned = rows.into_iter().collect();
    Ok(before)
}

/// Writes a plan.
pub(super) async fn write(tx: &mut Tx, import: ImportId, plan: &Plan) -> Result<(), Failure> {
    insert_users(tx, &plan.created).await?;
    update_users(tx, &plan.updated).await?;
    insert_links(tx, &plan.links).await?;
    insert_assignments(tx, import, &plan.assignments).await?;
    tx.invite_many(&plan.invited).await?;
    hold_invitations(tx, &plan.held).await?;
    release_invitations(tx, plan).await?;
    let invited: BTreeSet<UserId> = plan.invited.iter().copied().collect();
    for done in &plan.done {
        audit(tx, done, invited.contains(&done.user));
    }
    let affected = may_see_more(tx, plan).await?;
    if !affected.is_empty() {
        tx.refresh_access(&Affected::Users(affected)).await?;
    }
    tell(tx, plan).await?;
    Ok(())
}

async fn update_users(tx: &mut Tx, updated: &[Updated]) -> Result<(), StoreError> {
    let columns = [
        Column::Id("id"),
        Column::Text("first_name"),
        Column::Text("last_name"),
        Column::Text("name_key"),
        Column::Text("job_title"),
        Column::Text("email"),
        Column::Text("phone"),
    ];
    for batch in updated.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for Updated { after, .. } in batch {
            let key = sort_key(&after.first_name, &after.last_name);
            rows.push(&[
                &after.id,
                &after.first_name,
                &after.last_name,
                &key,
                &after.job_title,
                &after.email,
                &after.phone,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "UPDATE users SET revision = revision + 1, first_name = r.first_name, last_name = r.last_name,
               name_key = r.name_key, job_title = r.job_title, email = r.email, phone = r.phone
             FROM {source} AS r WHERE users.id = r.id"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    }
    let renamed = updated
        .iter()
        .filter(|one| !one.fields.is_empty())
        .map(|one| &one.after);
    replace_words(
        tx,
        renamed.map(|user| {
            (
                user.id,
                [&*user.first_name, &user.last_name, &user.job_title, &user.email],
            )
        }),
    )
    .await
}

/// Writes assignments. They read only conversations that they are part of, until somebody says otherwise: a file
/// has no column for that choice.
async fn insert_assignments(tx: &mut Tx, import: ImportId, new: &[NewAssignment]) -> Result<(), StoreError> {
    let today = tx.today();
    for batch in new.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for one in batch {
            rows.push(&[&one.id, &one.user, &one.pupil]);
        }
        let source = tx
            .engine()
            .rows("$1", &[Column::Id("id"), Column::Id("user_id"), Column::Id("pupil_id")]);
        let sql = format!(
            "INSERT INTO assignments (id, user_id, pupil_id, start_on, reads_all, import_id)
             SELECT id, user_id, pupil_id, $2, FALSE, $3 FROM {source} AS r"
        );
        let json = rows.json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql))
            .bind(json).bind(today).bind(import).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Invitations that waited are sent now, and wait no longer.
async fn release_invitations(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let existing: BTreeSet<UserId> = plan.updated.iter().map(|one| one.after.id).collect();
    let released = plan.invited.iter().copied().filter(|id| existing.contains(id));
    let sql = format!(
        "UPDATE users SET invitation_held = FALSE WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(released);
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(())
}

fn audit(tx: &mut Tx, done: &Done, invited: bool) {
    let action = if done.created { "user.created" } else { "user.changed" };
    let detail = serde_json::json!({
        "role": done.role.as_str(), "fields": done.fields, "linked_to": done.establishments, "assigned_to": done.pupils,
        "invited": invited,
    });
    tx.audit(action, "user", Some(done.user.0), &detail);
}

/// Those who may see a pupil whom they did not see: with a new assignment, or a new link to an establishment where
/// a pupil has an enrolment.
async fn may_see_more(tx: &mut Tx, plan: &Plan) -> Result<Vec<UserId>, StoreError> {
    let at: BTreeSet<EstablishmentId> = plan.links.iter().map(|link| link.establishment).collect();
    let sql = format!(
        "SELECT DISTINCT establishment_id FROM enrolments WHERE establishment_id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(at);
    let with_pupils: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let with_pupils: BTreeSet<EstablishmentId> = with_pupils.into_iter().collect();
    let linked = plan
        .links
        .iter()
        .filter(|link| with_pupils.contains(&link.establishment))
        .map(|link| link.user);
    let assigned = plan.assignments.iter().map(|one| one.user);
    Ok(linked
        .chain(assigned)
        .collect::<BTreeSet<UserId>>()
        .into_iter()
        .collect())
}

async fn tell(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    if plan.done.is_empty() {
        return Ok(());
    }
    let few = plan.done.len() <= TOLD_ONE_BY_ONE;
    for done in &plan.done {
        let changed = if few {
            Changed::Person(done.user)
        } else {
            Changed::People
        };
        // To LA roles everyone may write.
        tx.change(
            if done.role.is_la() {
                Audience::Everyone
            } else {
                Audience::LaRoles
            },
            changed,
        );
    }
    let mut establishments: BTreeMap<EstablishmentId, Vec<UserId>> = BTreeMap::new();
    for done in &plan.done {
        for establishment in &done.establishments {
            establishments.entry(*establishment).or_default().push(done.user);
        }
    }
    for (establishment, users) in establishments {
        // The establishment may be in use for the first time.
        tx.change(Audience::LaRoles, Changed::Establishment(establishment));
        if few {
            for user in users {
                tx.change(Audience::Establishment(establishment), Changed::Person(user));
            }
        } else {
            tx.change(Audience::Establishment(establishment), Changed::People);
        }
    }
    tell_of_updated(tx, plan).await
}

/// Those who exist are known to others, and hold something themselves.
async fn tell_of_updated(tx: &mut Tx, plan: &Plan) -> Result<(), StoreError> {
    let updated: Vec<UserId> = plan.updated.iter().map(|one| one.after.id).collect();
    if updated.is_empty() {
        return Ok(());
    }
    for user in &updated {
        tx.change(Audience::User(*user), Changed::Me);
        tx.change(Audience::User(*user), Changed::People);
    }
    let ids = hex_ids(updated);
    let list = tx.engine().ids("$1");
    let sql = format!("SELECT DISTINCT establishment_id FROM establishment_links WHERE user_id IN {list}");
    let at: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for establishment in at {
        tx.change(Audience::Establishment(establishment), Changed::People);
    }
    let sql = format!("SELECT DISTINCT pupil_id FROM pupil_access WHERE user_id IN {list}");
    let seen: Vec<PupilId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for pupil in seen {
        tx.change(Audience::Pupil(pupil), Changed::People);
    }
    let sql = format!("SELECT DISTINCT conversation_id FROM participants WHERE user_id IN {list}");
    let shared: Vec<ConversationId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for conversation in shared {
        tx.change(Audience::Conversation(conversation), Changed::People);
    }
    Ok(())
}
