//! What a job has in hand: the connection, and what it notes down for the end of the batch.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use lac_domain::{
    CommandId, ConversationId, EstablishmentId, ImportId, MessageId, PupilId, ReminderId, Timestamp, UserId,
};
use uuid::Uuid;

use super::{Once, Surroundings};
use crate::error::StoreError;
use crate::keys::Keys;
use crate::notices::Noted;
use crate::random::AscendingIds;
use crate::storage::{Conn, Engine};

/// Whom a change may concern; each reader's own rights decide what they are given of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Every user.
    Everyone,
    /// LA roles.
    LaRoles,
    /// Users linked to an establishment.
    Establishment(EstablishmentId),
    /// Users who may see a pupil; of LA roles those who have the pupil on their focus list.
    Pupil(PupilId),
    /// Participants of a conversation.
    Conversation(ConversationId),
    /// One user.
    User(UserId),
}

impl Audience {
    /// The kind as stored, and the id (all zeros where the kind needs none).
    #[must_use]
    pub fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Everyone => ("everyone", Uuid::nil()),
            Self::LaRoles => ("la_roles", Uuid::nil()),
            Self::Establishment(id) => ("establishment", id.0),
            Self::Pupil(id) => ("pupil", id.0),
            Self::Conversation(id) => ("conversation", id.0),
            Self::User(id) => ("user", id.0),
        }
    }
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Changed {
    /// The reader themselves: role, links, the authority's settings. For one user, or everyone.
    Me,
    /// Whom the reader may see.
    People,
    /// A person.
    Person(UserId),
    /// An establishment.
    Establishment(EstablishmentId),
    /// A pupil.
    Pupil(PupilId),
    /// A conversation: its participants, who read it.
    Conversation(ConversationId),
    /// A conversation that the reader has left: it is gone, unless they may read it all the same.
    ConversationLeft(ConversationId),
    /// A message, and with it its conversation.
    Message(MessageId),
    /// A reminder.
    Reminder(ReminderId),
    /// The reader may see a pupil from now on.
    ScopeGranted(PupilId),
    /// The reader may no longer see a pupil.
    ScopeRevoked(PupilId),
}

impl Changed {
    /// The kind as stored, and the id (all zeros where the kind needs none).
    #[must_use]
    pub fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::Me => ("me", Uuid::nil()),
            Self::People => ("people", Uuid::nil()),
            Self::Person(id) => ("person", id.0),
            Self::Establishment(id) => ("establishment", id.0),
            Self::Pupil(id) => ("pupil", id.0),
            Self::Conversation(id) => ("conversation", id.0),
            Self::ConversationLeft(id) => ("conversation_left", id.0),
            Self::Message(id) => ("message", id.0),
            Self::Reminder(id) => ("reminder", id.0),
            Self::ScopeGranted(id) => ("scope_granted", id.0),
            Self::ScopeRevoked(id) => ("scope_revoked", id.0),
        }
    }
}

/// An audit event that waits for its number.
#[derive(Debug)]
pub(super) struct AuditNote {
    pub at: Timestamp,
    pub actor: Option<Uuid>,
    pub action: &'static str,
    pub object_kind: &'static str,
    pub object_id: Option<Uuid>,
    pub import_id: Option<Uuid>,
    pub detail: String,
}

/// What the jobs of a batch noted down.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub changes: Vec<(Audience, Changed)>,
    pub audits: Vec<AuditNote>,
    pub messages: Vec<MessageNote>,
    /// Of what users are to be told.
    pub causes: Vec<Noted>,
    pub mail: bool,
    pub later: bool,
    /// Answers to be remembered; those of refusals too, so that no rollback takes them back.
    pub answers: Vec<Answer>,
}

/// A message that waits for its number; it is written with all others of the batch, just before COMMIT.
#[derive(Debug)]
pub(crate) struct MessageNote {
    /// Its id.
    pub id: MessageId,
    /// Its conversation, whose row is there.
    pub conversation: ConversationId,
    /// The pupil that the conversation is about.
    pub pupil: Option<PupilId>,
    /// Who wrote it; none for a notice.
    pub author: Option<UserId>,
    /// Its body, sealed.
    pub sealed_body: Vec<u8>,
    /// When it was written, by the device's clock.
    pub written_at: Timestamp,
    /// When the store took it.
    pub sent_at: Timestamp,
    /// Whether those who take part are told of it by e-mail.
    pub by_mail: bool,
}

/// An answer that is to be remembered.
#[derive(Debug)]
pub(super) struct Answer {
    pub user: UserId,
    pub once: Once,
    pub answer: String,
    pub at: Timestamp,
}

/// How far the notes went when a savepoint was set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    changes: usize,
    audits: usize,
    messages: usize,
    causes: usize,
    mail: bool,
    later: bool,
}

/// How the savepoint stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Savepoint {
    /// None has been set.
    None,
    /// Something may have been written since it was set.
    Written,
    /// Nothing has been written since it was set, or rolled back to.
    Fresh,
}

/// The transaction that a job works in.
pub struct Tx {
    conn: Conn,
    keys: Arc<Keys>,
    clock: Arc<dyn crate::clock::Clock>,
    now: Timestamp,
    actor: Option<UserId>,
    import: Option<ImportId>,
    savepoint: Savepoint,
    ids: Mutex<AscendingIds>,
    /// Answers given before, of the requests of this batch that may come twice.
    pub(super) remembered: HashMap<(UserId, CommandId), (Vec<u8>, String)>,
    pub(super) notes: Notes,
}

impl Tx {
    pub(super) fn new(conn: Conn, surroundings: &Surroundings) -> Self {
        let now = surroundings.clock.now();
        Self {
            conn,
            keys: surroundings.keys.clone(),
            clock: surroundings.clock.clone(),
            now,
            actor: None,
            import: None,
            savepoint: Savepoint::None,
            ids: Mutex::new(AscendingIds::new(now)),
            remembered: HashMap::new(),
            notes: Notes::default(),
        }
    }

    /// The connection, for [`both!`](crate::both).
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }

    /// Which engine this is on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.conn.engine()
    }

    /// The authority's keys.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.keys.clone()
    }

    /// The instant of this job: the same throughout it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The London day of this job.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now.london_date()
    }

    /// Who asked; none for the store itself.
    #[must_use]
    pub fn actor(&self) -> Option<UserId> {
        self.actor
    }

    /// A new id, greater than those made before it in this transaction: rows written in the order of their ids are
    /// written fast.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new_id<T: From<Uuid>>(&self) -> Result<T, StoreError> {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.make(self.now)?.into())
    }

    /// Marks the audit events that follow, in this job, as part of an import.
    pub fn part_of_import(&mut self, import: ImportId) {
        self.import = Some(import);
    }

    /// Notes a change: it is numbered, and pokes whom it concerns, after COMMIT.
    pub fn change(&mut self, audience: Audience, changed: Changed) {
        self.notes.changes.push((audience, changed));
    }

    /// Notes an audit event. `action` is a fixed word such as `user.created`; `detail` holds the
    /// application's own words, ids, dates and numbers, and never a name or text that someone wrote.
    pub fn audit(
        &mut self,
        action: &'static str,
        object_kind: &'static str,
        object_id: Option<Uuid>,
        detail: &serde_json::Value,
    ) {
        self.notes.audits.push(AuditNote {
            at: self.now,
            actor: self.actor.map(Into::into),
            action,
            object_kind,
            object_id,
            import_id: self.import.map(Into::into),
            detail: detail.to_string(),
        });
    }

    /// Adds a message: it is numbered and written just before COMMIT, its conversation's count and newest number with
    /// it, and a mail is queued for each other participant who may read it.
    pub(crate) fn add_message(&mut self, message: MessageNote) {
        self.notes.messages.push(message);
    }

    /// Whether a message of this id was added in this batch.
    pub(crate) fn has_message(&self, id: MessageId) -> bool {
        self.notes.messages.iter().any(|message| message.id == id)
    }

    /// Notes a cause of notices.
    pub(crate) fn note_cause(&mut self, noted: Noted) {
        self.notes.causes.push(noted);
    }

    /// Takes the causes noted so far; what follows is done by the store itself.
    pub(crate) fn take_causes(&mut self) -> Vec<Noted> {
        let causes = std::mem::take(&mut self.notes.causes);
        if !causes.is_empty() {
            self.actor = None;
            self.import = None;
        }
        causes
    }

    /// Says that a mail was queued, so that it is sent soon after COMMIT.
    pub(crate) fn note_mail(&mut self) {
        self.notes.mail = true;
    }

    pub(super) fn mail_queued(&self) -> bool {
        self.notes.mail
    }

    /// Says that work was left to be done after COMMIT, so that it is begun soon.
    pub(crate) fn note_later(&mut self) {
        self.notes.later = true;
    }

    pub(super) fn left_for_later(&self) -> bool {
        self.notes.later
    }

    pub(super) fn begin_job(&mut self, actor: Option<UserId>) {
        self.actor = actor;
        self.import = None;
        self.now = self.clock.now();
    }

    /// Sets the savepoint of a job. The one of the job before is let go in the same statement.
    pub(super) async fn savepoint(&mut self) -> Result<Mark, StoreError> {
        match self.savepoint {
            Savepoint::None => self.conn.run("SAVEPOINT job").await?,
            Savepoint::Written => self.conn.run("RELEASE SAVEPOINT job; SAVEPOINT job").await?,
            Savepoint::Fresh => {}
        }
        self.savepoint = Savepoint::Written;
        Ok(Mark {
            changes: self.notes.changes.len(),
            audits: self.notes.audits.len(),
            messages: self.notes.messages.len(),
            causes: self.notes.causes.len(),
            mail: self.notes.mail,
            later: self.notes.later,
        })
    }

    pub(super) async fn roll_back_to(&mut self, mark: Mark) -> Result<(), StoreError> {
        self.conn.run("ROLLBACK TO SAVEPOINT job").await?;
        self.savepoint = Savepoint::Fresh;
        self.notes.changes.truncate(mark.changes);
        self.notes.audits.truncate(mark.audits);
        self.notes.messages.truncate(mark.messages);
        self.notes.causes.truncate(mark.causes);
        self.notes.mail = mark.mail;
        self.notes.later = mark.later;
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.conn.commit().await
    }

    /// The changes noted so far, each once, in the order in which they were noted first.
    pub(super) fn distinct_changes(&self) -> Vec<(Audience, Changed)> {
        let mut seen = HashSet::new();
        self.notes
            .changes
            .iter()
            .copied()
            .filter(|change| seen.insert(*change))
            .collect()
    }
}
