//! Who may be assigned to whom: the user's role and status, the pupil's being seen by who assigns, and no bar between.

use std::collections::{BTreeSet, HashMap};

use lac_domain::{PupilId, Role, UserId, UserStatus};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// A user as these rules need them.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Assignee {
    id: UserId,
    #[sqlx(try_from = "String")]
    pub role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
}

impl Assignee {
    /// First and last name.
    pub fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Refuses a Designated Teacher, who sees pupils through links, and who may not sign in.
    ///
    /// # Errors
    /// The refusal, about `field`.
    pub fn require_assignable(&self, field: &str) -> Result<(), Refusal> {
        if self.role.is_linked() {
            let message = format!(
                "{} is a Designated Teacher, who sees the pupils of their establishments. Link them to an establishment instead.",
                self.name()
            );
            return Err(Refusal::field(field, message));
        }
        if self.status == UserStatus::Inactive {
            let message = format!("{} is inactive and sees nothing. Choose somebody else.", self.name());
            return Err(Refusal::field(field, message));
        }
        Ok(())
    }
}

/// Loads users by their ids.
///
/// # Errors
/// A refusal that notes who was not found.
pub(super) async fn assignees(
    conn: &mut Conn,
    wanted: &BTreeSet<UserId>,
) -> Result<HashMap<UserId, Assignee>, Failure> {
    let sql = format!(
        "SELECT id, role, status, first_name, last_name FROM users WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(wanted.iter().copied());
    let rows: Vec<Assignee> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let found: HashMap<UserId, Assignee> = rows.into_iter().map(|row| (row.id, row)).collect();
    match wanted.iter().find(|id| !found.contains_key(id)) {
        Some(missing) => Err(Refusal::not_found()
            .denied("assignment.change", "user", missing.0)
            .into()),
        None => Ok(found),
    }
}

/// Those of some pupils whom who asks may not see, or who do not exist.
///
/// # Errors
/// When the database fails.
pub(super) async fn unseen(
    conn: &mut Conn,
    scope: Scope,
    wanted: &BTreeSet<PupilId>,
) -> Result<BTreeSet<PupilId>, StoreError> {
    let sql = format!(
        "SELECT p.id FROM pupils p WHERE p.id IN {} AND {}",
        conn.engine().ids("$2"),
        scope.sees_pupil("p.id")
    );
    let ids = hex_ids(wanted.iter().copied());
    let seen: Vec<PupilId> =
        both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    let seen: BTreeSet<PupilId> = seen.into_iter().collect();
    Ok(wanted.difference(&seen).copied().collect())
}

/// Refuses pupils whom who asks may not see, as if they did not exist.
///
/// # Errors
/// A refusal that notes who was not found.
pub(super) async fn require_seen(conn: &mut Conn, scope: Scope, wanted: &BTreeSet<PupilId>) -> Result<(), Failure> {
    match unseen(conn, scope, wanted).await?.first() {
        Some(missing) => Err(Refusal::not_found()
            .denied("assignment.change", "pupil", missing.0)
            .into()),
        None => Ok(()),
    }
}

/// The names by which pupils are known, for sentences to somebody who sees them.
///
/// # Errors
/// When the database fails.
pub(super) async fn name_of(conn: &mut Conn, pupil: PupilId) -> Result<String, StoreError> {
    let sql = "SELECT known_as FROM pupils WHERE id = $1";
    Ok(both!(conn, c => sqlx::query_scalar(sql).bind(pupil).fetch_one(c).await)?)
}

/// Refuses an assignment that a bar makes void: of the pupils, those whom one of the users may never see.
///
/// # Errors
/// The refusal, about `field`, which names the first.
pub(super) async fn require_no_bar(
    conn: &mut Conn,
    pairs: &BTreeSet<(UserId, PupilId)>,
    assignees: &HashMap<UserId, Assignee>,
    field: &str,
) -> Result<(), Failure> {
    let sql = format!(
        "SELECT user_id, pupil_id FROM bars WHERE user_id IN {} AND pupil_id IN {}",
        conn.engine().ids("$1"),
        conn.engine().ids("$2")
    );
    let users = hex_ids(pairs.iter().map(|(user, _)| *user).collect::<BTreeSet<_>>());
    let pupils = hex_ids(pairs.iter().map(|(_, pupil)| *pupil).collect::<BTreeSet<_>>());
    let barred: Vec<(UserId, PupilId)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(users).bind(pupils).fetch_all(c).await)?;
    let Some((user, pupil)) = barred.into_iter().find(|pair| pairs.contains(pair)) else {
        return Ok(());
    };
    let who = assignees
        .get(&user)
        .map_or_else(|| "This user".to_owned(), Assignee::name);
    let pupil = name_of(conn, pupil).await?;
    let message =
        format!("{who} may never see {pupil}, because of a bar between them. Choose somebody else for {pupil}.");
    Err(Refusal::field(field, message).into())
}
