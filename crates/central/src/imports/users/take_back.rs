//! Undoing what an import created: whom that removes, and who stays because something happened with them since.

use lac_domain::{EstablishmentId, ImportId, PupilId, Role, UserId};
use lac_wire::{StayReason, Staying, UndoLook};
use sqlx::AssertSqlSafe;

use super::super::staying::{Of, StayingPage};
use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Conn, hex_ids};
use crate::writer::{Audience, Changed, Tx};

/// Up to so many users devices are told of each; beyond, that people have changed.
const TOLD_ONE_BY_ONE: usize = 200;

/// Whether a user whom the import created has signed in.
const SIGNED_IN: &str = "(u.last_signed_in IS NOT NULL OR u.status = 'active')";
/// Whether somebody has written to them.
const IN_USE: &str = "EXISTS (SELECT 1 FROM participants p WHERE p.user_id = u.id)";
/// Whether somebody decided which pupils they never see, or may see though restricted, or care for. A bar must not be
/// forgotten.
const DECIDED: &str = "(EXISTS (SELECT 1 FROM bars b WHERE b.user_id = u.id)
    OR EXISTS (SELECT 1 FROM pupil_names n WHERE n.user_id = u.id)
    OR EXISTS (SELECT 1 FROM pupils k WHERE k.caseworker_id = u.id)
    OR EXISTS (SELECT 1 FROM pupils s WHERE s.social_worker_id = u.id))";
/// Whether a user whom the import changed was changed since, or is gone.
const CHANGED: &str = "(u.id IS NULL OR u.revision <> o.revision)";

#[derive(sqlx::FromRow)]
struct CreatedRow {
    id: UserId,
    first_name: String,
    last_name: String,
    email: String,
    signed_in: bool,
    in_use: bool,
}

#[derive(sqlx::FromRow)]
struct ChangedRow {
    position: i64,
    object_id: uuid::Uuid,
    first_name: Option<String>,
    last_name: Option<String>,
    email: Option<String>,
}

/// What an undo would do.
pub(super) async fn look(
    conn: &mut Conn,
    import: ImportId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<UndoLook, Failure> {
    let mut page = StayingPage::new(after, limit)?;
    let created = count_created(conn, import).await?;
    let changed = count_changed(conn, import).await?;
    if let Some(after) = page.after_created() {
        let sql = format!(
            "SELECT u.id, u.first_name, u.last_name, u.email, {SIGNED_IN} AS signed_in, {IN_USE} AS in_use FROM users u
             WHERE u.import_id = $1 AND u.id > $2 AND ({SIGNED_IN} OR {IN_USE} OR {DECIDED}) ORDER BY u.id LIMIT $3"
        );
        let found: Vec<CreatedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(import).bind(after).bind(page.wanted()).fetch_all(c).await)?;
        page.add_created(found.into_iter().map(|row| (row.id.0, row.staying())));
    }
    if let Some(after) = page.after_changed() {
        let sql = format!(
            "SELECT o.position, o.object_id, u.first_name, u.last_name, u.email
             FROM import_objects o LEFT JOIN users u ON u.id = o.object_id
             WHERE o.import_id = $1 AND o.outcome = 'updated' AND o.position > $2 AND {CHANGED}
             ORDER BY o.position LIMIT $3"
        );
        let found: Vec<ChangedRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(import).bind(after).bind(page.wanted()).fetch_all(c).await)?;
        page.add_changed(found.into_iter().map(|row| (row.position, row.staying())));
    }
    let of = |(all, staying): (i64, i64)| Of { all, staying };
    Ok(page.look(of(created), of(changed))?)
}

impl CreatedRow {
    fn staying(self) -> Staying {
        let (reason, message) = if self.signed_in {
            let message = "They have signed in since, so they stay. To keep them out, make them inactive.";
            (StayReason::SignedIn, message)
        } else if self.in_use {
            let message = "They take part in a conversation, so they stay. To keep them out, make them inactive.";
            (StayReason::InUse, message)
        } else {
            let message = "Somebody has set since which pupils they care for, may see or never see, so they stay. To keep them out, make them inactive.";
            (StayReason::Changed, message)
        };
        Staying {
            id: self.id.into(),
            name: format!("{} {}", self.first_name, self.last_name),
            detail: self.email,
            reason,
            message: message.to_owned(),
        }
    }
}

impl ChangedRow {
    fn staying(self) -> Staying {
        let gone = self.first_name.is_none();
        let name = self.first_name.zip(self.last_name);
        Staying {
            id: self.object_id,
            name: name.map_or_else(
                || "A user who has been removed since".to_owned(),
                |(first, last)| format!("{first} {last}"),
            ),
            detail: self.email.unwrap_or_default(),
            reason: StayReason::Changed,
            message: if gone {
                "They have been removed since, so there is nothing to put back.".to_owned()
            } else {
                "They were changed since, or have signed in for the first time, so what they have now is kept. Edit them by hand if it is wrong.".to_owned()
            },
        }
    }
}

async fn count_created(conn: &mut Conn, import: ImportId) -> Result<(i64, i64), StoreError> {
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN {SIGNED_IN} OR {IN_USE} OR {DECIDED} THEN 1 END) FROM users u
         WHERE u.import_id = $1"
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).fetch_one(c).await)?)
}

async fn count_changed(conn: &mut Conn, import: ImportId) -> Result<(i64, i64), StoreError> {
    let sql = format!(
        "SELECT COUNT(*), COUNT(CASE WHEN {CHANGED} THEN 1 END)
         FROM import_objects o LEFT JOIN users u ON u.id = o.object_id
         WHERE o.import_id = $1 AND o.outcome = 'updated' AND NOT o.undone"
    );
    Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).fetch_one(c).await)?)
}

/// How many were taken back, and how many stayed.
pub(super) type Done = (u32, u32);

/// Removes those whom an import created and with whom nothing happened since.
pub(super) async fn remove_created(tx: &mut Tx, import: ImportId) -> Result<Done, Failure> {
    let (_, staying) = count_created(tx.conn(), import).await?;
    let sql = format!(
        "SELECT u.id, u.role FROM users u
         WHERE u.import_id = $1 AND NOT ({SIGNED_IN} OR {IN_USE} OR {DECIDED}) ORDER BY u.id"
    );
    let rows: Vec<(UserId, String)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(import).fetch_all(c).await)?;
    let mut everyone = false;
    for (user, role) in &rows {
        everyone |= Role::parse(role).is_ok_and(Role::is_la);
        tx.audit(
            "user.removed",
            "user",
            Some(user.0),
            &serde_json::json!({ "role": role }),
        );
    }
    let users: Vec<UserId> = rows.into_iter().map(|(user, _)| user).collect();
    tell_of_gone(tx, &users, everyone).await?;
    // What hangs on a user goes with them: links, assignments, words, invitations, mails that wait, access.
    let sql = format!("DELETE FROM users WHERE id IN {}", tx.engine().ids("$1"));
    let ids = hex_ids(users.iter().copied());
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    let count = |users: usize| u32::try_from(users).unwrap_or(u32::MAX);
    Ok((count(users.len()), u32::try_from(staying).unwrap_or(u32::MAX)))
}

/// Tells the devices that know of them, before they are gone.
async fn tell_of_gone(tx: &mut Tx, users: &[UserId], everyone: bool) -> Result<(), StoreError> {
    if users.is_empty() {
        return Ok(());
    }
    let told: Vec<Changed> = if users.len() <= TOLD_ONE_BY_ONE {
        users.iter().map(|user| Changed::Person(*user)).collect()
    } else {
        vec![Changed::People]
    };
    let ids = hex_ids(users.iter().copied());
    let list = tx.engine().ids("$1");
    let sql = format!("SELECT DISTINCT establishment_id FROM establishment_links WHERE user_id IN {list}");
    let at: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    let sql = format!("SELECT DISTINCT pupil_id FROM pupil_access WHERE user_id IN {list}");
    let seen: Vec<PupilId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    let widely = if everyone {
        Audience::Everyone
    } else {
        Audience::LaRoles
    };
    for changed in told {
        tx.change(widely, changed);
    }
    for establishment in at {
        // It may be in use no longer.
        tx.change(Audience::LaRoles, Changed::Establishment(establishment));
        tx.change(Audience::Establishment(establishment), Changed::People);
    }
    for pupil in seen {
        tx.change(Audience::Pupil(pupil), Changed::People);
    }
    Ok(())
}
