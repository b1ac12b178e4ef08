//! Writing messages and participants, and telling whom they concern.

use lac_domain::{ConversationId, MessageId, PupilId, Timestamp, UserId};
use lac_wire::{BODY_LIMIT, NewMessage, Private, SUBJECT_LIMIT};
use sqlx::AssertSqlSafe;

use super::rows::body_place;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::seal::OwnKey;
use crate::storage::{Column, JsonRows};
use crate::writer::{Audience, Changed, MessageNote, Tx};

/// A conversation as a command needs it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About {
    pub id: ConversationId,
    pub pupil: Option<PupilId>,
    pub confidential: bool,
}

/// Refuses a subject that is empty or too long; answers it without white space around it.
pub(super) fn check_subject(subject: &Private) -> Result<String, Refusal> {
    let subject: String = subject
        .reveal()
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match subject.chars().count() {
        0 => Err(Refusal::field("subject", "Enter a subject.")),
        n if n > SUBJECT_LIMIT => Err(Refusal::field(
            "subject",
            format!("This subject is too long. Use at most {SUBJECT_LIMIT} characters."),
        )),
        _ => Ok(subject),
    }
}

/// Refuses a body that is empty or too long.
pub(super) fn check_body(body: &Private) -> Result<(), Refusal> {
    if body.reveal().trim().is_empty() {
        return Err(Refusal::field("body", "Write a message."));
    }
    if body.reveal().chars().count() > BODY_LIMIT {
        return Err(Refusal::field(
            "body",
            "This message is too long. Use at most 20,000 characters, or send it as two messages.",
        ));
    }
    Ok(())
}

impl Tx {
    /// Adds a message, to be numbered and written with the batch, and notes whom it concerns.
    pub(super) fn write_message(
        &mut self,
        about: About,
        author: UserId,
        key: &OwnKey,
        message: &NewMessage,
    ) -> Result<(), StoreError> {
        let sealed = key.seal(body_place(message.id), message.body.reveal().as_bytes())?;
        let sent_at = self.now();
        self.add_message(MessageNote {
            id: message.id,
            conversation: about.id,
            pupil: about.pupil,
            author: Some(author),
            sealed_body: sealed,
            written_at: plausible(message.written_at, sent_at),
            sent_at,
            by_mail: true,
        });
        self.tell_readers(about, Changed::Message(message.id));
        Ok(())
    }

    /// Notes a change for all who hold a conversation.
    pub(crate) fn tell_readers(&mut self, about: About, changed: Changed) {
        self.change(Audience::Conversation(about.id), changed);
        if let Some(pupil) = about.pupil {
            // A confidential one is also read by LA roles, and by nobody else who sees the pupil.
            let readers = if about.confidential {
                Audience::LaRoles
            } else {
                Audience::Pupil(pupil)
            };
            self.change(readers, changed);
        }
    }

    /// Adds people to a conversation, each once.
    pub(super) async fn add_participants(
        &mut self,
        conversation: ConversationId,
        people: impl IntoIterator<Item = UserId>,
    ) -> Result<(), StoreError> {
        let mut rows = JsonRows::new();
        for person in people {
            rows.push(&[&person]);
        }
        let now = self.now();
        let source = self.engine().rows("$3", &[Column::Id("user_id")]);
        let sql = format!(
            "INSERT INTO participants (conversation_id, user_id, joined_at, read_up_to)
             SELECT $1, r.user_id, $2, 0 FROM {source} AS r WHERE true ON CONFLICT (conversation_id, user_id) DO NOTHING"
        );
        let json = rows.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql))
            .bind(conversation).bind(now).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Refuses a message's id that is in use already.
    pub(super) async fn require_new_message(&mut self, id: MessageId) -> Result<(), Failure> {
        if self.has_message(id) {
            return Err(id_reused().into());
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM messages WHERE id = $1)";
        let taken: bool = both!(self.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_one(c).await)?;
        if taken { Err(id_reused().into()) } else { Ok(()) }
    }
}

pub(super) fn id_reused() -> Refusal {
    Refusal::new(
        lac_wire::ErrorCode::IdReused,
        "This was sent once before. Check the conversation before you send it again.",
    )
}

/// Whether a device's clock is plausible is for people to judge; an instant that no calendar shows well is not kept.
pub(super) fn plausible(written_at: Timestamp, now: Timestamp) -> Timestamp {
    let far = chrono::TimeDelta::days(3650);
    if written_at > now.plus(far) || written_at < now.plus(-far) {
        now
    } else {
        written_at
    }
}
