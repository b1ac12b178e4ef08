//! Adds a message to a conversation.

use lac_domain::{ConversationId, PupilId, UserId};
use lac_wire::NewMessage;
use sqlx::AssertSqlSafe;

use super::command::Taken;
use super::late::Standing;
use super::rows::conversation_key_place;
use super::write::{About, check_body};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::{Scope, user_sees_pupil};
use crate::writer::{Changed, Tx};

#[derive(sqlx::FromRow)]
pub(super) struct Found {
    id: ConversationId,
    pub pupil_id: Option<PupilId>,
    confidential: bool,
    sealed_key: Vec<u8>,
    pub last_number: i64,
    /// The user may read it.
    pub readable: bool,
    /// The user takes part in it.
    pub takes_part: bool,
}

impl Found {
    pub(super) fn about(&self) -> About {
        About {
            id: self.id,
            pupil: self.pupil_id,
            confidential: self.confidential,
        }
    }
}

pub(super) async fn find(tx: &mut Tx, scope: Scope, id: ConversationId) -> Result<Option<Found>, Failure> {
    let sql = format!(
        "SELECT c.id, c.pupil_id, c.confidential, c.sealed_key, c.last_number, {} AS readable, {} AS takes_part
         FROM conversations c WHERE c.id = $2",
        scope.reads_conversation("c"),
        scope.takes_part("c.id"),
    );
    Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(id).fetch_optional(c).await)?)
}

pub(super) async fn send(
    tx: &mut Tx,
    scope: Scope,
    id: ConversationId,
    message: &NewMessage,
) -> Result<Taken, Failure> {
    check_body(&message.body)?;
    let denied = || Refusal::not_found().denied("message.send", "conversation", id.0);
    let found = find(tx, scope, id).await?.ok_or_else(denied)?;
    let late = !found.readable;
    if late && !may_write_late(tx, scope, &found).await? {
        return Err(denied().into());
    }
    tx.require_new_message(message.id).await?;
    let about = found.about();
    let key = tx.keys().own_key(conversation_key_place(id), &found.sealed_key)?;
    if !found.takes_part {
        tx.add_participants(id, [scope.user]).await?;
        tx.tell_readers(about, Changed::Person(scope.user));
    }
    let left_out = match (late, found.pupil_id) {
        (true, Some(pupil)) => reach_virtual_school(tx, scope, about, pupil).await?,
        _ => Vec::new(),
    };
    tx.write_message(about, scope.user, &key, message).await?;
    tx.mail_participants(about, scope.user).await?;
    let detail = serde_json::json!({ "conversation": id, "pupil": found.pupil_id, "left_out": left_out, "late": late });
    tx.audit("message.sent", "message", Some(message.id.0), &detail);
    Ok(Taken {
        conversation: Some(id),
        message: Some(message.id),
        left_out,
    })
}

/// Who could read the conversation while they could see its pupil may still add to it.
async fn may_write_late(tx: &mut Tx, scope: Scope, found: &Found) -> Result<bool, Failure> {
    let Some(pupil) = found.pupil_id else { return Ok(false) };
    Ok(match tx.standing(scope, pupil).await? {
        Standing::Before { read_all } => found.takes_part || (read_all && !found.confidential),
        Standing::Now | Standing::Never => false,
    })
}

/// Sees to it that somebody of the Virtual School takes part. Answers the participants who may not see the pupil.
async fn reach_virtual_school(tx: &mut Tx, scope: Scope, about: About, pupil: PupilId) -> Result<Vec<UserId>, Failure> {
    let sql = format!(
        "SELECT u.id, u.role, {} AS entitled FROM participants p JOIN users u ON u.id = p.user_id
         WHERE p.conversation_id = $1 AND u.id <> $3 AND u.status <> 'inactive' ORDER BY u.id",
        user_sees_pupil("u", "$2")
    );
    let rows: Vec<(UserId, String, bool)> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(about.id).bind(pupil).bind(scope.user).fetch_all(c).await)?;
    let reached = rows
        .iter()
        .any(|(_, role, entitled)| *entitled && role.starts_with("la_"));
    if !reached {
        let virtual_school = tx.la_roles_entitled(pupil, scope.user).await?;
        tx.add_participants(about.id, virtual_school).await?;
    }
    Ok(rows
        .into_iter()
        .filter(|(_, _, entitled)| !entitled)
        .map(|(id, ..)| id)
        .collect())
}
