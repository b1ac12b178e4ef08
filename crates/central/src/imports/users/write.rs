//! Writing what a commit has worked out: many rows in one statement, one row of the trail for each user, and as few
//! words to the devices as will do.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, ImportId, LinkId, Role, UserId};
use sqlx::AssertSqlSafe;

use super::plan::{Before, Done, Existing, NewAssignment, Plan, Updated};
use super::restore::FormerLink;
use super::telling::{TOLD_ONE_BY_ONE, Telling};
use crate::access::Affected;
use crate::assignments::{self, end_focus_lists};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::imports::kind::Written;
use crate::later::{self, Work};
use crate::notices::Cause;
use crate::storage::{Bulk, Column, JsonRows, hex_ids};
use crate::users::{
    hold_invitations, insert_links, insert_user_rows, insert_words_of, replace_words, sort_key, tell_of_link,
};
use crate::writer::{Audience, Changed, Tx};

/// Rows in one statement.
const BATCH: usize = 10_000;
const ASSIGNMENTS: &[Column] = &[Column::Id("id"), Column::Id("user_id"), Column::Id("pupil_id")];

type LinkRow = (UserId, LinkId, EstablishmentId, String, NaiveDate, Option<NaiveDate>);

/// Loads the users who exist and may be updated.
pub(super) async fn before(tx: &mut Tx, users: &[UserId]) -> Result<Before, StoreError> {
    let mut before = Before::default();
    if users.is_empty() {
        return Ok(before);
    }
    let today = tx.today();
    let (ids, list) = (hex_ids(users.iter().copied()), tx.engine().ids("$1"));
    let sql = format!(
        "SELECT id, revision, role, status, first_name, last_name, job_title, email, phone, invitation_held FROM users
         WHERE id IN {list}"
    );
    let rows: Vec<Existing> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    before.users = rows.into_iter().map(|row| (row.id, row)).collect();
    let sql = format!(
        "SELECT user_id, id, establishment_id, capacity, start_on, end_on FROM establishment_links
         WHERE user_id IN {list}"
    );
    let rows: Vec<LinkRow> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for (user, id, establishment, capacity, start, end) in rows {
        if end.is_none_or(|end| end >= today) {
            before.linked.insert((user, establishment));
        }
        before.links.entry(user).or_default().push(FormerLink {
            id,
            establishment,
            capacity,
            start,
            end,
        });
    }
    for one in assignments::held_from(tx.conn(), users.iter().copied(), today).await? {
        before.assigned.entry(one.user_id).or_default().push(one);
    }
    Ok(before)
}

/// What was written of a file, piece by piece, as far as it matters at the end.
pub(super) struct Pieces {
    import: ImportId,
    /// Whether words and invitations of those created are left to be done after COMMIT.
    later: bool,
    written: Written,
    /// Whether one of those created is to be invited.
    invites: bool,
    /// Who may see other pupils than before.
    affected: BTreeSet<UserId>,
    telling: Telling,
}

impl Pieces {
    /// Nothing yet, of an import that creates so many.
    pub fn of(import: ImportId, to_create: u32) -> Self {
        Self {
            import,
            later: usize::try_from(to_create).is_ok_and(|users| users > later::AT_ONCE),
            written: Written::default(),
            invites: false,
            affected: BTreeSet::new(),
            telling: Telling::default(),
        }
    }

    /// Writes a piece.
    pub async fn write(
        &mut self,
        tx: &mut Tx,
        plan: &Plan,
        report: &(dyn Fn(f64) -> Result<(), Refusal> + Sync),
    ) -> Result<(), Failure> {
        // The shares are those that a commit of new users was measured to take.
        insert_user_rows(tx, &plan.created).await?;
        if !self.later {
            insert_words_of(tx, &plan.created).await?;
        }
        report(0.5)?;
        update_users(tx, &plan.updated).await?;
        unlink(tx, &plan.updated).await?;
        let unfocused = plan.updated.iter().filter(|one| one.unfocused).map(|one| one.after.id);
        let unfocused: Vec<UserId> = unfocused.collect();
        if !unfocused.is_empty() {
            end_focus_lists(tx, unfocused).await?;
        }
        insert_links(tx, &plan.links).await?;
        insert_assignments(tx, self.import, &plan.assignments).await?;
        tell_existing(tx, plan);
        report(0.9)?;
        let invited: HashSet<UserId> = plan.invited.iter().copied().collect();
        self.invite(tx, plan, &invited).await?;
        hold_invitations(tx, &plan.held).await?;
        release_invitations(tx, plan).await?;
        for done in &plan.done {
            audit(tx, done, invited.contains(&done.user));
            self.telling.add(tx, done);
        }
        note_changes(tx, plan).await?;
        self.telling.known.extend(plan.updated.iter().map(|one| one.after.id));
        self.affected.extend(may_see_more(tx, plan).await?);
        let count = |users: usize| u32::try_from(users).unwrap_or(u32::MAX);
        self.written.created += count(plan.created.len());
        self.written.updated += count(plan.updated.len());
        self.written.invited += count(plan.invited.len());
        report(1.0)?;
        Ok(())
    }

    async fn invite(&mut self, tx: &mut Tx, plan: &Plan, invited: &HashSet<UserId>) -> Result<(), StoreError> {
        if !self.later {
            return tx.invite_many(&plan.invited).await;
        }
        self.invites |= plan.created.iter().any(|user| invited.contains(&user.id));
        let existing = plan.updated.iter().map(|one| one.after.id);
        let existing: Vec<UserId> = existing.filter(|id| invited.contains(id)).collect();
        tx.invite_many(&existing).await
    }

    /// Does what is done once for all pieces.
    pub async fn end(self, tx: &mut Tx) -> Result<Written, Failure> {
        if self.later {
            tx.leave_import_for_later(Work::Words, self.import).await?;
        }
        if self.invites {
            tx.leave_import_for_later(Work::Invitations, self.import).await?;
        }
        if !self.affected.is_empty() {
            let affected = self.affected.into_iter().collect();
            tx.refresh_access(&Affected::Users(affected)).await?;
        }
        self.telling.tell(tx).await?;
        Ok(self.written)
    }
}

async fn update_users(tx: &mut Tx, updated: &[Updated]) -> Result<(), StoreError> {
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
    for batch in updated.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for Updated { after, .. } in batch {
            let key = sort_key(&after.first_name, &after.last_name);
            rows.push(&[
                &after.id,
                &after.role.as_str(),
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
            "UPDATE users SET revision = revision + 1, role = r.role, first_name = r.first_name, last_name = r.last_name,
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

/// Takes the links away of those whose new role is not linked to establishments.
async fn unlink(tx: &mut Tx, updated: &[Updated]) -> Result<(), StoreError> {
    let users: Vec<UserId> = updated
        .iter()
        .filter(|one| one.unlinked)
        .map(|one| one.after.id)
        .collect();
    if users.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "DELETE FROM establishment_links WHERE user_id IN {} RETURNING user_id, establishment_id",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(users);
    let gone: Vec<(UserId, EstablishmentId)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    for (user, establishment) in gone {
        tx.audit(
            "link.removed",
            "user",
            Some(user.0),
            &serde_json::json!({ "establishment": establishment }),
        );
        tx.change(Audience::LaRoles, Changed::Establishment(establishment));
        tx.change(Audience::Establishment(establishment), Changed::People);
        tx.change(Audience::User(user), Changed::Establishment(establishment));
    }
    Ok(())
}

/// Writes assignments. They read only conversations that they are part of, until somebody says otherwise: a file
/// has no column for that choice.
async fn insert_assignments(tx: &mut Tx, import: ImportId, new: &[NewAssignment]) -> Result<(), StoreError> {
    let mut rows = Bulk::into(tx.engine(), "assignments", ASSIGNMENTS).same(
        &[
            Column::Day("start_on"),
            Column::Bool("reads_all"),
            Column::Id("import_id"),
        ],
        &[&tx.today(), &false, &import],
    )?;
    for one in new {
        rows.add(tx.conn(), &[&one.id, &one.user, &one.pupil]).await?;
    }
    rows.finish(tx.conn()).await
}

/// Users who were there already are told of what is new for them.
fn tell_existing(tx: &mut Tx, plan: &Plan) {
    let existing: BTreeSet<UserId> = plan.updated.iter().map(|one| one.after.id).collect();
    for link in plan.links.iter().filter(|link| existing.contains(&link.user)) {
        tell_of_link(tx, link);
    }
    for one in plan.assignments.iter().filter(|one| existing.contains(&one.user)) {
        tx.notice(Cause::NewChild {
            user: one.user,
            pupil: one.pupil,
        });
    }
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

/// Notes which fields of those who exist were changed, for whoever edits one of them meanwhile.
async fn note_changes(tx: &mut Tx, plan: &Plan) -> Result<(), Failure> {
    let unlinked = plan.updated.iter().filter(|one| one.unlinked).map(|one| one.after.id);
    let unlinked: BTreeSet<UserId> = unlinked.collect();
    let changed = plan.done.iter().filter(|done| !done.created).map(|done| {
        let links = !done.establishments.is_empty() || unlinked.contains(&done.user);
        let beside = [(links, "links"), (!done.pupils.is_empty(), "assignments")];
        let beside = beside.into_iter().filter(|(is, _)| *is).map(|(_, field)| field);
        (done.user, done.fields.iter().copied().chain(beside).collect())
    });
    let changed: Vec<(UserId, Vec<&str>)> = changed.collect();
    tx.note_user_changes(&changed).await
}

fn audit(tx: &mut Tx, done: &Done, invited: bool) {
    let action = if done.created { "user.created" } else { "user.changed" };
    let detail = serde_json::json!({
        "role": done.role.as_str(), "role_before": done.role_before.map(Role::as_str), "fields": done.fields, "linked_to": done.establishments, "assigned_to": done.pupils,
        "invited": invited,
    });
    tx.audit(action, "user", Some(done.user.0), &detail);
}

/// Those who may see other pupils than before: with a new role, a new assignment, or a new link to an establishment
/// where a pupil has an enrolment.
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
    let changed = plan
        .done
        .iter()
        .filter(|done| done.role_before.is_some())
        .map(|done| done.user);
    Ok(linked
        .chain(assigned)
        .chain(changed)
        .collect::<BTreeSet<UserId>>()
        .into_iter()
        .collect())
}

/// Invites those whom an import created and nobody invited yet; an invitation to one who is not linked yet waits.
/// Answers how many were invited.
pub(super) async fn invite_created(tx: &mut Tx, import: ImportId) -> Result<u32, Failure> {
    let today = tx.today();
    let sql = "SELECT u.id, u.role,
                 EXISTS (SELECT 1 FROM establishment_links l
                         WHERE l.user_id = u.id AND (l.end_on IS NULL OR l.end_on >= $2)) AS linked
               FROM users u WHERE u.import_id = $1 AND u.status = 'invited' AND NOT u.invitation_held
                 AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id)
                 AND NOT EXISTS (SELECT 1 FROM invitations_due d WHERE d.user_id = u.id) ORDER BY u.id";
    let rows: Vec<(UserId, String, bool)> =
        both!(tx.conn(), c => sqlx::query_as(sql).bind(import).bind(today).fetch_all(c).await)?;
    let (mut invited, mut held) = (Vec::new(), BTreeSet::new());
    for (user, role, linked) in rows {
        let role = Role::parse(&role).map_err(|_| StoreError::Inconsistent("a stored role is not one"))?;
        if role.is_linked() && !linked {
            held.insert(user);
        } else {
            invited.push(user);
        }
    }
    if invited.len() > later::AT_ONCE {
        tx.leave_import_for_later(Work::Invitations, import).await?;
    } else {
        tx.invite_many(&invited).await?;
    }
    hold_invitations(tx, &held).await?;
    let few = invited.len() + held.len() <= TOLD_ONE_BY_ONE;
    for user in &invited {
        tx.audit("user.invited", "user", Some(user.0), &serde_json::json!({}));
    }
    for user in invited.iter().chain(&held) {
        tx.change(
            Audience::LaRoles,
            if few { Changed::Person(*user) } else { Changed::People },
        );
    }
    Ok(u32::try_from(invited.len()).unwrap_or(u32::MAX))
}
