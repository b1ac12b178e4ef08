//! What every change of a pupil begins with: that the one who asks sees the pupil, and that the record may change.

use chrono::NaiveDate;
use lac_domain::PupilId;
use lac_wire::ErrorCode;
use serde_json::json;
use sqlx::AssertSqlSafe;

use super::meanwhile;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::writer::{Audience, Changed, Tx};

/// What decides whether a pupil's record may change.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Head {
    pub revision: i64,
    pub born: NaiveDate,
    pub restricted: bool,
    pub adopted: bool,
}

impl Head {
    /// Loads it. `asked` is what the trail says where the pupil may not be seen.
    ///
    /// # Errors
    /// The refusal for what does not exist or may not be seen.
    pub async fn of(tx: &mut Tx, scope: Scope, pupil: PupilId, asked: &'static str) -> Result<Self, Failure> {
        let sql = format!(
            "SELECT p.revision, p.born, p.restricted, p.adopted FROM pupils p
             WHERE p.id = $2 AND {}",
            scope.sees_pupil("p.id")
        );
        let head: Option<Self> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(pupil).fetch_optional(c).await)?;
        Ok(head.ok_or_else(|| Refusal::not_found().denied(asked, "pupil", pupil.0))?)
    }

    /// Refuses where the record is closed for good, and where somebody else changed it since it was opened.
    ///
    /// # Errors
    /// A refusal that says so; the second one also who changed what.
    pub async fn require_open(&self, tx: &mut Tx, pupil: PupilId, revision: Option<i64>) -> Result<(), Failure> {
        if self.adopted {
            return Err(closed().into());
        }
        if revision.is_some_and(|revision| revision != self.revision) {
            return Err(meanwhile::refusal(tx, pupil, revision.unwrap_or_default())
                .await?
                .into());
        }
        Ok(())
    }
}

/// The refusal for a record that is closed because the child was adopted.
pub(super) fn closed() -> Refusal {
    Refusal::new(
        ErrorCode::PupilClosed,
        "This record was closed for good when the child was adopted. Nothing in it can be changed, and it never leads to the child’s new name.",
    )
}

/// Ends a change of a pupil: the next revision, who may see them now, the devices told, and the trail. `detail` is an
/// object; the revision that the change led to is added, so that a second editor can be told what changed.
///
/// # Errors
/// When the database fails.
pub(super) async fn finish(
    tx: &mut Tx,
    pupil: PupilId,
    action: &'static str,
    detail: serde_json::Value,
) -> Result<(), Failure> {
    note(tx, pupil, action, detail).await?;
    // It tells the devices of all who see the pupil, before or after.
    tx.refresh_access(&Affected::Pupils(vec![pupil])).await
}

/// The same without working out access, for who does that once for many pupils.
///
/// # Errors
/// When the database fails.
pub(super) async fn note(
    tx: &mut Tx,
    pupil: PupilId,
    action: &'static str,
    mut detail: serde_json::Value,
) -> Result<(), StoreError> {
    let sql = "UPDATE pupils SET revision = revision + 1 WHERE id = $1 RETURNING revision";
    let revision: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(pupil).fetch_one(c).await)?;
    detail["revision"] = json!(revision);
    tx.audit(action, "pupil", Some(pupil.0), &detail);
    Ok(())
}

/// Tells the devices of LA roles of their own conversations about a pupil whom they see again: a device drops them with
/// the pupil, and LA roles have no rows of access whose coming would bring them back. Who does not see the pupil is told
/// nothing of them.
///
/// # Errors
/// When the database fails.
pub(super) async fn bring_back_conversations(tx: &mut Tx, pupil: PupilId) -> Result<(), StoreError> {
    let sql = "SELECT part.user_id, part.conversation_id FROM conversations about
               JOIN participants part ON part.conversation_id = about.id
               JOIN users u ON u.id = part.user_id AND u.role IN ('la_user', 'la_super_user')
               WHERE about.pupil_id = $1";
    let own: Vec<(lac_domain::UserId, lac_domain::ConversationId)> =
        both!(tx.conn(), c => sqlx::query_as(sql).bind(pupil).fetch_all(c).await)?;
    for (user, conversation) in own {
        tx.change(Audience::User(user), Changed::Conversation(conversation));
    }
    Ok(())
}

/// Refuses where a user is not there.
///
/// # Errors
/// A refusal about `field`.
pub(super) async fn require_users(
    tx: &mut Tx,
    field: &str,
    users: &[lac_domain::UserId],
) -> Result<Vec<(lac_domain::UserId, lac_domain::Role)>, Failure> {
    let wanted: std::collections::BTreeSet<_> = users.iter().copied().collect();
    let sql = format!(
        "SELECT id, role FROM users WHERE status <> 'inactive' AND id IN {}",
        tx.engine().ids("$1")
    );
    let ids = crate::storage::hex_ids(wanted.iter().copied());
    let found: Vec<(lac_domain::UserId, String)> =
        both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    if found.len() < wanted.len() {
        let message = "A user who was chosen could not be found, or is inactive. Choose them again.";
        return Err(Refusal::field(field, message).into());
    }
    found
        .into_iter()
        .map(|(id, role)| {
            let role = role
                .try_into()
                .map_err(|_| StoreError::Inconsistent("an unknown role"))?;
            Ok((id, role))
        })
        .collect()
}
