//! Withdrawing a message from everyone. What it said stays in the store, sealed, for the trail; a line stands in its
//! place.

use async_trait::async_trait;
use lac_domain::{ConversationId, MessageId, PupilId, Timestamp};
use lac_wire::{ErrorCode, WithdrawMessage};
use sqlx::AssertSqlSafe;

use super::acts::{devices, in_contact_since};
use super::message_report::who_could_see;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::messages::{
    About, body_place, check_reason, conversation_key_place, current_scope, reason_place, subject_place,
};
use crate::scope::Scope;
use crate::storage::{Column, JsonRows};
use crate::writer::{Audience, Changed, Job, Tx};

/// What the subject is once it is withdrawn.
const SUBJECT: &str = "Subject withdrawn";

/// Withdraws a message; answers its id.
pub(super) struct Withdraw {
    pub scope: Scope,
    pub message: MessageId,
    pub asked: WithdrawMessage,
}

#[derive(sqlx::FromRow)]
struct Found {
    conversation_id: ConversationId,
    pupil_id: Option<PupilId>,
    confidential: bool,
    is_notice: bool,
    sealed_key: Vec<u8>,
    sealed_subject: Vec<u8>,
    sealed_body: Vec<u8>,
    sent_at: Timestamp,
    is_withdrawn: bool,
}

#[async_trait]
impl Job for Withdraw {
    type Output = MessageId;

    async fn run(&self, tx: &mut Tx) -> Result<MessageId, Failure> {
        let (message, now) = (self.message, tx.now());
        let scope = current_scope(tx, self.scope.user).await?;
        scope.require_super_user()?;
        let sql = format!(
            "SELECT m.conversation_id, c.pupil_id, c.confidential, c.notice IS NOT NULL AS is_notice, c.sealed_key,
               c.sealed_subject, m.sealed_body, m.sent_at,
               EXISTS (SELECT 1 FROM withdrawals w WHERE w.message_id = m.id) AS is_withdrawn
             FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = $2 AND {}",
            scope.reads_conversation("c")
        );
        let found: Option<Found> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(message).fetch_optional(c).await)?;
        let found = found.ok_or_else(|| Refusal::not_found().denied("message.withdraw", "message", message.0))?;
        let reason = check_reason(&self.asked.reason)?;
        if found.is_notice {
            let sentence = "The system wrote this notice to one person alone. It is not withdrawn.";
            return Err(Refusal::new(ErrorCode::FieldInvalid, sentence).into());
        }
        if found.is_withdrawn {
            // Somebody else was first: theirs stands.
            return Ok(message);
        }
        let about = About {
            id: found.conversation_id,
            pupil: found.pupil_id,
            confidential: found.confidential,
        };
        let key = tx.keys().own_key(conversation_key_place(about.id), &found.sealed_key)?;
        let sealed_reason = key.seal(reason_place(message), reason.as_bytes())?;
        let subject = self.asked.subject.then_some(&found.sealed_subject);
        let sql = "INSERT INTO withdrawals (message_id, conversation_id, by_user, at, sealed_reason, sealed_body, sealed_subject)
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(message).bind(about.id).bind(scope.user).bind(now).bind(&sealed_reason).bind(&found.sealed_body)
            .bind(subject).execute(c).await.map(|_| ()))?;
        let nothing = key.seal(body_place(message), b"")?;
        let sql = "UPDATE messages SET sealed_body = $2 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(message).bind(&nothing).execute(c).await.map(|_| ()))?;
        if self.asked.subject {
            let sealed = key.seal(subject_place(about.id), SUBJECT.as_bytes())?;
            let sql = "UPDATE conversations SET sealed_subject = $2 WHERE id = $1";
            both!(tx.conn(), c => sqlx::query(sql).bind(about.id).bind(&sealed).execute(c).await.map(|_| ()))?;
            tx.tell_readers(about, Changed::Conversation(about.id));
        }
        tx.tell_readers(about, Changed::Message(message));
        // Those of the Virtual School who opened the history hold it for some days, and are told nothing else of it.
        tx.change(Audience::LaRoles, Changed::Message(message));
        let people = who_could_see(tx.conn(), about, message, found.sent_at, Some(now)).await?;
        let mut rows = JsonRows::new();
        let took = devices(tx.conn(), people.iter().map(|person| person.id)).await?;
        let took: Vec<_> = took
            .into_iter()
            .filter(|device| in_contact_since(device, found.sent_at))
            .collect();
        for device in &took {
            rows.push(&[
                &message,
                &device.user_id,
                &device.device_id,
                &device.device_name,
                &device.last_used_at,
            ]);
        }
        if !rows.is_empty() {
            let columns = [
                Column::Id("message_id"),
                Column::Id("user_id"),
                Column::Id("device_id"),
                Column::Text("device_name"),
                Column::Instant("last_contact"),
            ];
            let source = tx.engine().rows("$1", &columns);
            let sql = format!(
                "INSERT INTO withdrawal_devices (message_id, user_id, device_id, device_name, last_contact)
                 SELECT message_id, user_id, device_id, device_name, last_contact FROM {source} AS r WHERE true
                 ON CONFLICT (message_id, user_id, device_id) DO NOTHING"
            );
            let json = rows.json();
            both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        }
        let detail = serde_json::json!({
            "conversation": about.id, "pupil": about.pupil, "subject": self.asked.subject,
            "people": people.len(), "devices": took.len(),
        });
        tx.audit("message.withdrawn", "message", Some(message.0), &detail);
        Ok(message)
    }
}
