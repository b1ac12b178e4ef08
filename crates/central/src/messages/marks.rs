//! Marks a conversation read or unread, and notes what was read on a device.

use lac_domain::{AttachmentId, ConversationId, PupilId, Timestamp};

use super::command::Taken;
use super::late::Standing;
use super::send::{Found, find, may_write_late};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Changed, Tx};

async fn readable(tx: &mut Tx, scope: Scope, id: ConversationId) -> Result<Found, Failure> {
    let found = find(tx, scope, id).await?.filter(|found| found.readable);
    Ok(found.ok_or_else(|| Refusal::not_found().denied("conversation.mark", "conversation", id.0))?)
}

async fn read_so_far(tx: &mut Tx, scope: Scope, id: ConversationId) -> Result<i64, Failure> {
    let sql = "SELECT read_up_to FROM participants WHERE conversation_id = $1 AND user_id = $2";
    Ok(both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).bind(scope.user).fetch_one(c).await)?)
}

async fn set(tx: &mut Tx, scope: Scope, id: ConversationId, up_to: i64, at: Option<Timestamp>) -> Result<(), Failure> {
    let sql = "UPDATE participants SET read_up_to = $3, read_at = $4 WHERE conversation_id = $1 AND user_id = $2";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(id).bind(scope.user).bind(up_to).bind(at).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Marks a conversation read up to a message; never less than it was, and never beyond what there is. For someone
/// who reads it without taking part there is nothing to mark.
pub(super) async fn mark_read(tx: &mut Tx, scope: Scope, id: ConversationId, up_to: i64) -> Result<Taken, Failure> {
    let found = readable(tx, scope, id).await?;
    if found.takes_part {
        let up_to = up_to.min(found.last_number);
        if up_to > read_so_far(tx, scope, id).await? {
            let now = tx.now();
            set(tx, scope, id, up_to, Some(now)).await?;
            tx.tell_readers(found.about(), Changed::Conversation(id));
            tx.audit(
                "conversation.read",
                "conversation",
                Some(id.0),
                &serde_json::json!({ "up_to": up_to }),
            );
        }
    }
    Ok(Taken::of(id))
}

/// Marks the newest message of others unread again.
pub(super) async fn mark_unread(tx: &mut Tx, scope: Scope, id: ConversationId) -> Result<Taken, Failure> {
    let found = readable(tx, scope, id).await?;
    if !found.takes_part {
        return Ok(Taken::of(id));
    }
    let sql = "SELECT MAX(number) FROM messages WHERE conversation_id = $1 AND (author_id IS NULL OR author_id <> $2)";
    let newest: Option<i64> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).bind(scope.user).fetch_one(c).await)?;
    if let Some(newest) = newest
        && read_so_far(tx, scope, id).await? >= newest
    {
        set(tx, scope, id, newest - 1, None).await?;
        tx.tell_readers(found.about(), Changed::Conversation(id));
        tx.audit(
            "conversation.marked_unread",
            "conversation",
            Some(id.0),
            &serde_json::json!({ "from": newest }),
        );
    }
    Ok(Taken::of(id))
}

/// Puts into the trail that a pupil's history was read on a device, perhaps while the reader could no longer be told
/// that they may not.
pub(super) async fn note_read(tx: &mut Tx, scope: Scope, pupil: PupilId, at: Timestamp) -> Result<Taken, Failure> {
    if tx.standing(scope, pupil).await? == Standing::Never {
        return Err(Refusal::not_found()
            .denied("history.note_read", "pupil", pupil.0)
            .into());
    }
    tx.audit(
        "history.read",
        "pupil",
        Some(pupil.0),
        &serde_json::json!({ "by_device_clock": at }),
    );
    Ok(Taken::default())
}

/// Puts into the trail that an attachment was opened on a device, by somebody who may read the conversation that it is
/// in, or could once.
pub(super) async fn note_opened(tx: &mut Tx, scope: Scope, id: AttachmentId, at: Timestamp) -> Result<Taken, Failure> {
    let denied = || Refusal::not_found().denied("attachment.note_opened", "attachment", id.0);
    let sql = "SELECT conversation_id FROM attachments WHERE id = $1 AND message_id IS NOT NULL";
    let conversation: Option<ConversationId> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    let conversation = conversation.ok_or_else(denied)?;
    let found = find(tx, scope, conversation).await?.ok_or_else(denied)?;
    if !found.readable && !may_write_late(tx, scope, &found).await? {
        return Err(denied().into());
    }
    let detail = serde_json::json!({ "conversation": conversation, "by_device_clock": at });
    tx.audit("attachment.opened", "attachment", Some(id.0), &detail);
    Ok(Taken::default())
}
