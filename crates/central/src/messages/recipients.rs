//! Whom a new conversation goes to: each person once, groups resolved by the store, never who sends it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lac_domain::{ListId, PupilId, Role, UserId};
use lac_wire::{ErrorCode, Recipient};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::{Scope, user_sees_pupil};
use crate::storage::{Conn, hex_ids};
use crate::writer::Tx;

/// Someone whom a conversation may go to.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(crate) struct Candidate {
    pub id: UserId,
    first_name: String,
    last_name: String,
    #[sqlx(try_from = "String")]
    pub role: Role,
    inactive: bool,
    /// The sender may write to them.
    may_write: bool,
    /// The sender may see their name.
    seen: bool,
    /// They may see the pupil that the conversation is about; true where it is about none.
    pub entitled: bool,
    /// Chosen by name, rather than as one of a group.
    #[sqlx(skip)]
    pub by_name: bool,
}

impl Candidate {
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// They can no longer sign in.
    pub(super) fn inactive(&self) -> bool {
        self.inactive
    }

    /// The sender may write to them.
    pub(super) fn may_write(&self) -> bool {
        self.may_write
    }

    /// A message goes to them.
    pub(crate) fn is_reached(&self) -> bool {
        self.may_write && self.entitled && !self.inactive
    }
}

/// The people whom the sender chose, those in groups too.
pub(crate) async fn candidates(
    conn: &mut Conn,
    scope: Scope,
    recipients: &[Recipient],
    pupil: Option<PupilId>,
) -> Result<Vec<Candidate>, Failure> {
    let mut all: BTreeMap<UserId, Candidate> = BTreeMap::new();
    let named: Vec<UserId> = recipients
        .iter()
        .filter_map(|r| {
            if let Recipient::User { id } = r {
                Some(*id)
            } else {
                None
            }
        })
        .collect();
    if !named.is_empty() {
        let found = self::named(conn, scope, &named, pupil).await?;
        if let Some(unknown) = named
            .iter()
            .find(|id| !found.iter().any(|candidate| candidate.id == **id))
        {
            return Err(unknown_person(*unknown));
        }
        all.extend(found.into_iter().map(|candidate| {
            (
                candidate.id,
                Candidate {
                    by_name: true,
                    ..candidate
                },
            )
        }));
    }
    for group in recipients {
        let members = match group {
            Recipient::User { .. } => continue,
            Recipient::VirtualSchool => {
                group_of(conn, scope, "u.role IN ('la_user', 'la_super_user')", None, pupil).await?
            }
            Recipient::DesignatedTeachers { establishment_id } => {
                let condition = "u.role = 'designated_teacher' AND EXISTS (SELECT 1 FROM establishment_links at
                    WHERE at.user_id = u.id AND at.establishment_id = $4
                      AND at.start_on <= $2 AND (at.end_on IS NULL OR at.end_on >= $2))";
                group_of(conn, scope, condition, Some(establishment_id.0), pupil).await?
            }
            Recipient::AroundPupil { pupil_id } => {
                if pupil != Some(*pupil_id) {
                    return Err(Refusal::field(
                        "recipients",
                        "“Everyone who can see” a pupil can only be chosen for a message about that pupil.",
                    )
                    .into());
                }
                let condition = "(u.role IN ('la_user', 'la_super_user')
                    OR EXISTS (SELECT 1 FROM pupil_access around WHERE around.user_id = u.id AND around.pupil_id = $4))";
                group_of(conn, scope, condition, Some(pupil_id.0), pupil).await?
            }
            Recipient::OwnList { id } => {
                require_own(conn, scope, *id).await?;
                let condition = "EXISTS (SELECT 1 FROM own_list_members listed
                    WHERE listed.user_id = u.id AND listed.list_id = $4)";
                group_of(conn, scope, condition, Some(id.0), pupil).await?
            }
            Recipient::Unknown => {
                return Err(Refusal::new(
                    ErrorCode::CommandUnknown,
                    "This store does not know a kind of recipient that was chosen. Choose people by name.",
                )
                .into());
            }
        };
        for member in members {
            all.entry(member.id).or_insert(member);
        }
    }
    all.remove(&scope.user);
    Ok(all.into_values().collect())
}

async fn select(
    conn: &mut Conn,
    scope: Scope,
    condition: &str,
    fourth: impl ForthParameter,
    pupil: Option<PupilId>,
) -> Result<Vec<Candidate>, StoreError> {
    let sees = match pupil {
        Some(_) => user_sees_pupil("u", "$3"),
        None => "$3 IS NULL".to_owned(),
    };
    let sql = format!(
        "SELECT u.id, u.first_name, u.last_name, u.role, u.status = 'inactive' AS inactive, {} AS may_write, {} AS seen,
           {sees} AS entitled
         FROM users u WHERE {condition} ORDER BY u.id",
        scope.may_write_to("u"),
        scope.sees_person("u"),
    );
    fourth.fetch(conn, sql, scope.user, scope.today, pupil).await
}

/// People by their ids, whatever their state.
async fn named(
    conn: &mut Conn,
    scope: Scope,
    ids: &[UserId],
    pupil: Option<PupilId>,
) -> Result<Vec<Candidate>, StoreError> {
    let condition = format!("u.id IN {}", conn.engine().ids("$4"));
    select(conn, scope, &condition, hex_ids(ids.iter().copied()), pupil).await
}

/// The members of a group who may sign in, or will.
async fn group_of(
    conn: &mut Conn,
    scope: Scope,
    condition: &str,
    of: Option<uuid::Uuid>,
    pupil: Option<PupilId>,
) -> Result<Vec<Candidate>, StoreError> {
    select(
        conn,
        scope,
        &format!("u.status <> 'inactive' AND {condition}"),
        of,
        pupil,
    )
    .await
}

/// Refuses a list that is not the sender's own.
async fn require_own(conn: &mut Conn, scope: Scope, list: ListId) -> Result<(), Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM own_lists WHERE owner_id = $1 AND id = $2)";
    let own: bool = both!(conn, c => sqlx::query_scalar(sql).bind(scope.user).bind(list).fetch_one(c).await)?;
    if own {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::RecipientNotAllowed,
        "One of your lists is no longer there. Take it out, and choose the people by name.",
    )
    .about("recipients")
    .denied("message.address", "list", list.0)
    .into())
}

impl Tx {
    /// LA roles who may see a pupil and may sign in, but one user.
    pub(super) async fn la_roles_entitled(&mut self, pupil: PupilId, but: UserId) -> Result<Vec<UserId>, StoreError> {
        let sql = format!(
            "SELECT u.id FROM users u WHERE u.role IN ('la_user', 'la_super_user') AND u.status <> 'inactive'
               AND u.id <> $1 AND {} ORDER BY u.id",
            user_sees_pupil("u", "$2")
        );
        Ok(both!(self.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(but).bind(pupil).fetch_all(c).await)?)
    }
}

/// What the condition of [`select`] names `$4`.
trait ForthParameter {
    async fn fetch(
        self,
        conn: &mut Conn,
        sql: String,
        user: UserId,
        today: NaiveDate,
        pupil: Option<PupilId>,
    ) -> Result<Vec<Candidate>, StoreError>;
}

macro_rules! fourth_parameter {
    ($($parameter:ty),+) => {$(
        impl ForthParameter for $parameter {
            async fn fetch(
                self,
                conn: &mut Conn,
                sql: String,
                user: UserId,
                today: NaiveDate,
                pupil: Option<PupilId>,
            ) -> Result<Vec<Candidate>, StoreError> {
                Ok(both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
                    .bind(user).bind(today).bind(pupil).bind(self).fetch_all(c).await)?)
            }
        }
    )+};
}

fourth_parameter!(String, Option<uuid::Uuid>);

/// Whoever may not be seen is answered as if they did not exist, and it is noted that they were reached for.
fn unknown_person(id: UserId) -> Failure {
    Refusal::new(
        ErrorCode::RecipientNotAllowed,
        "One of the people you chose could not be found, or you cannot write to them. Take them out, or choose again.",
    )
    .about("recipients")
    .denied("message.address", "user", id.0)
    .into()
}

/// Refuses it when one who was chosen by name is nobody whom the sender may see.
pub(crate) fn require_seen(candidates: &[Candidate]) -> Result<(), Failure> {
    match candidates.iter().find(|candidate| candidate.by_name && !candidate.seen) {
        Some(unseen) => Err(unknown_person(unseen.id)),
        None => Ok(()),
    }
}

/// What people were chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// A conversation is begun with them.
    Send,
    /// They are added to one.
    Add,
}

/// Of the people chosen, those whom a conversation goes to. Refuses it when one who was chosen by name may not be
/// written to, or may not see the pupil; members of groups are left out.
pub(super) fn allowed(candidates: Vec<Candidate>, asked: Asked) -> Result<Vec<Candidate>, Failure> {
    let names = |of: &[&Candidate]| {
        of.iter()
            .map(|candidate| candidate.name())
            .collect::<Vec<_>>()
            .join(", ")
    };
    require_seen(&candidates)?;
    let by_name: Vec<&Candidate> = candidates.iter().filter(|candidate| candidate.by_name).collect();
    let not_entitled: Vec<&Candidate> = by_name
        .iter()
        .copied()
        .filter(|candidate| !candidate.entitled)
        .collect();
    if !not_entitled.is_empty() {
        let names = names(&not_entitled);
        let message = match asked {
            Asked::Send => format!(
                "These people cannot see this pupil, so the message was not sent: {names}. Take them out, or write to them about no pupil."
            ),
            Asked::Add => format!(
                "These people cannot see the pupil whom this conversation is about, so nobody was added: {names}. Add the others without them."
            ),
        };
        return Err(Refusal::new(ErrorCode::RecipientNotEntitled, message)
            .about("recipients")
            .into());
    }
    let inactive: Vec<&Candidate> = by_name.iter().copied().filter(|candidate| candidate.inactive).collect();
    if !inactive.is_empty() {
        let message = format!(
            "These people can no longer be written to: {}. Take them out.",
            names(&inactive)
        );
        return Err(Refusal::new(ErrorCode::RecipientNotAllowed, message)
            .about("recipients")
            .into());
    }
    let not_allowed: Vec<&Candidate> = by_name
        .iter()
        .copied()
        .filter(|candidate| !candidate.may_write)
        .collect();
    if !not_allowed.is_empty() {
        let message = format!(
            "You cannot write to these people: {}. Take them out, or write to your Virtual School instead.",
            names(&not_allowed)
        );
        return Err(Refusal::new(ErrorCode::RecipientNotAllowed, message)
            .about("recipients")
            .into());
    }
    let taken: Vec<Candidate> = candidates.into_iter().filter(Candidate::is_reached).collect();
    if taken.is_empty() {
        return Err(Refusal::new(
            ErrorCode::NoRecipients,
            "There is nobody to send this to: no one you chose can receive it. Choose someone else.",
        )
        .about("recipients")
        .into());
    }
    Ok(taken)
}
