//! Who takes part in a conversation: adding people, leaving it, and muting it.

use lac_domain::{ConversationId, UserId};
use lac_wire::{ErrorCode, Recipient};
use sqlx::AssertSqlSafe;

use super::command::Taken;
use super::recipients::{Asked, allowed, candidates};
use super::send::{Found, find};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::{Scope, user_sees_pupil};
use crate::writer::{Audience, Changed, Tx};

async fn readable(tx: &mut Tx, scope: Scope, id: ConversationId, tried: &'static str) -> Result<Found, Failure> {
    let found = find(tx, scope, id).await?.filter(|found| found.readable);
    Ok(found.ok_or_else(|| Refusal::not_found().denied(tried, "conversation", id.0))?)
}

/// Adds people. Each must be one whom the conversation could have been begun with; from then on they see all of it.
pub(super) async fn add(tx: &mut Tx, scope: Scope, id: ConversationId, users: &[UserId]) -> Result<Taken, Failure> {
    let found = readable(tx, scope, id, "conversation.add").await?;
    if found.is_notice {
        return Err(Refusal::new(
            ErrorCode::RecipientNotAllowed,
            "This is a notice of the system, which is for you alone. Write a message instead.",
        )
        .into());
    }
    let chosen: Vec<Recipient> = users.iter().map(|id| Recipient::User { id: *id }).collect();
    let chosen = candidates(tx.conn(), scope, &chosen, found.pupil_id).await?;
    let chosen = allowed(chosen, Asked::Add)?;
    let before = participants(tx, id).await?;
    let new: Vec<_> = chosen.iter().filter(|one| !before.contains(&one.id)).collect();
    if new.is_empty() {
        // On another device, or by somebody else, at the same time.
        return Ok(Taken::of(id));
    }
    let added: Vec<UserId> = new.iter().map(|one| one.id).collect();
    tx.add_participants(id, added.iter().copied()).await?;
    let about = found.about();
    tx.tell_readers(about, Changed::Conversation(id));
    // Who shares a conversation may see each other's names; those of the Virtual School everyone sees.
    for person in new.iter().filter(|one| !one.role.is_la()) {
        tx.tell_readers(about, Changed::Person(person.id));
    }
    let sql = "SELECT user_id FROM former_participants WHERE conversation_id = $1";
    let left: Vec<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_all(c).await)?;
    for other in before.iter().chain(&left) {
        tx.tell_readers(about, Changed::Person(*other));
    }
    let detail = serde_json::json!({ "pupil": found.pupil_id, "added": added });
    tx.audit("conversation.joined", "conversation", Some(id.0), &detail);
    Ok(Taken::of(id))
}

/// Leaves a conversation. Somebody must be left in it, so that what is written there reaches someone.
pub(super) async fn leave(tx: &mut Tx, scope: Scope, id: ConversationId) -> Result<Taken, Failure> {
    let found = readable(tx, scope, id, "conversation.leave").await?;
    if !found.takes_part {
        return Ok(Taken::of(id));
    }
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM participants p JOIN users u ON u.id = p.user_id
           JOIN conversations v ON v.id = p.conversation_id
           WHERE p.conversation_id = $1 AND p.user_id <> $2 AND u.status <> 'inactive'
             AND (v.pupil_id IS NULL OR {}))",
        user_sees_pupil("u", "v.pupil_id")
    );
    let others: bool =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(id).bind(scope.user).fetch_one(c).await)?;
    if !others {
        return Err(Refusal::field(
            "conversation_id",
            "You are the only one left in this conversation, so you cannot leave it. You can mute it instead.",
        )
        .into());
    }
    let now = tx.now();
    let sql = "INSERT INTO former_participants (conversation_id, user_id, left_at) VALUES ($1, $2, $3)
               ON CONFLICT (conversation_id, user_id) DO UPDATE SET left_at = excluded.left_at";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(scope.user).bind(now).execute(c).await.map(|_| ()))?;
    let sql = "DELETE FROM participants WHERE conversation_id = $1 AND user_id = $2";
    both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(scope.user).execute(c).await.map(|_| ()))?;
    tx.tell_readers(found.about(), Changed::Conversation(id));
    tx.change(Audience::User(scope.user), Changed::ConversationLeft(id));
    if !scope.is_la() {
        // Some names were seen only in it.
        tx.change(Audience::User(scope.user), Changed::People);
    }
    let detail = serde_json::json!({ "pupil": found.pupil_id });
    tx.audit("conversation.left", "conversation", Some(id.0), &detail);
    Ok(Taken::of(id))
}

/// Has no notification and no e-mail come of a conversation, or has them come again. For someone who reads it without
/// taking part none comes.
pub(super) async fn mute(tx: &mut Tx, scope: Scope, id: ConversationId, muted: bool) -> Result<Taken, Failure> {
    readable(tx, scope, id, "conversation.mute").await?;
    let sql = "UPDATE participants SET muted = $3 WHERE conversation_id = $1 AND user_id = $2 AND muted <> $3";
    let changed = both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(scope.user).bind(muted).execute(c).await.map(|done| done.rows_affected()))?;
    if changed > 0 {
        tx.change(Audience::User(scope.user), Changed::Conversation(id));
        let action = if muted {
            "conversation.muted"
        } else {
            "conversation.unmuted"
        };
        tx.audit(action, "conversation", Some(id.0), &serde_json::json!({}));
    }
    Ok(Taken::of(id))
}

/// Those who take part.
async fn participants(tx: &mut Tx, id: ConversationId) -> Result<Vec<UserId>, Failure> {
    let sql = "SELECT user_id FROM participants WHERE conversation_id = $1 ORDER BY user_id";
    Ok(both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_all(c).await)?)
}
