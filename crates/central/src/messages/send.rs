//! Adds a message to a conversation.

use lac_domain::{ConversationId, MessageId, PupilId, UserId};
use lac_wire::{ErrorCode, NewMessage};
use sqlx::AssertSqlSafe;

use super::command::{Taken, current_scope};
use super::late::Standing;
use super::rows::conversation_key_place;
use super::write::{About, check_body, id_reused};
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
    /// The system wrote it.
    pub is_notice: bool,
    /// A message of the id given is there already.
    message_taken: bool,
    /// The user is active, and has the role that the scope says.
    is_current: bool,
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
    find_for(tx, scope, id, MessageId(uuid::Uuid::nil())).await
}

/// All that sending a message needs to know, in one query: most of what a store does is this.
async fn find_for(tx: &mut Tx, scope: Scope, id: ConversationId, message: MessageId) -> Result<Option<Found>, Failure> {
    let sql = format!(
        "SELECT c.id, c.pupil_id, c.confidential, c.sealed_key, c.last_number, {} AS readable, {} AS takes_part, c.notice IS NOT NULL AS is_notice,
           EXISTS (SELECT 1 FROM messages m WHERE m.id = $3) AS message_taken,
           EXISTS (SELECT 1 FROM users u WHERE u.id = $1 AND u.status = 'active' AND u.role = $4) AS is_current
         FROM conversations c WHERE c.id = $2",
        scope.reads_conversation("c"),
        scope.takes_part("c.id"),
    );
    Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(id).bind(message).bind(scope.role.as_str()).fetch_optional(c).await)?)
}

/// Finds a conversation to send to. `scope` is that of the request; who has another role by now, or may no longer sign
/// in, is looked at anew.
async fn find_to_send(
    tx: &mut Tx,
    scope: Scope,
    id: ConversationId,
    message: MessageId,
) -> Result<(Scope, Option<Found>), Failure> {
    let found = find_for(tx, scope, id, message).await?;
    if found.as_ref().is_some_and(|found| found.is_current) {
        return Ok((scope, found));
    }
    let scope = current_scope(tx, scope.user).await?;
    Ok((scope, find_for(tx, scope, id, message).await?))
}

pub(super) async fn send(
    tx: &mut Tx,
    scope: Scope,
    id: ConversationId,
    message: &NewMessage,
) -> Result<Taken, Failure> {
    check_body(&message.body)?;
    let denied = || Refusal::not_found().denied("message.send", "conversation", id.0);
    let (scope, found) = find_to_send(tx, scope, id, message.id).await?;
    let found = found.ok_or_else(denied)?;
    if found.is_notice {
        return Err(Refusal::new(
            ErrorCode::RecipientNotAllowed,
            "This is a notice of the system, which nobody reads an answer to. Write a new message instead.",
        )
        .into());
    }
    let late = !found.readable;
    if late && !may_write_late(tx, scope, &found).await? {
        return Err(denied().into());
    }
    if found.message_taken || tx.has_message(message.id) {
        return Err(id_reused().into());
    }
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
    tx.claim_attachments(scope.user, (id, message.id), &key, &message.attachments)
        .await?;
    tx.write_message(about, scope.user, &key, message)?;
    let detail = serde_json::json!({
        "conversation": id, "pupil": found.pupil_id, "left_out": left_out, "late": late, "attachments": message.attachments,
    });
    tx.audit("message.sent", "message", Some(message.id.0), &detail);
    Ok(Taken {
        conversation: Some(id),
        message: Some(message.id),
        left_out,
        ..Taken::default()
    })
}

/// Who could read the conversation while they could see its pupil may still add to it.
pub(super) async fn may_write_late(tx: &mut Tx, scope: Scope, found: &Found) -> Result<bool, Failure> {
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
