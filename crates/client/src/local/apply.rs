//! The one place that writes what the store sent. A page is applied whole, in the transaction that keeps its cursor.

use lac_domain::{ConversationId, MessageId, PupilId, UserId};
use lac_wire::{Conversation, Entity, EntityKind, Establishment, MaybeEntity, Me, Message, Person, Pupil, Reminder};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::meta;
use super::{ToFetch, conversations, establishments, messages, people, pupils, purge, reminders};
use crate::failure::Failure;

/// Under what circumstances a page is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context {
    /// The user.
    pub(crate) me: UserId,
    /// The generation that rows get.
    pub(crate) generation: i64,
    /// Whether these are news of which the user may have to be told.
    pub(crate) news: bool,
    /// Whether what is kept beside conversations is worked out later, by [`settle`].
    pub(crate) deferred: bool,
}

/// A message of which the user is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrived {
    pub(crate) conversation_id: ConversationId,
    /// Who wrote it.
    pub(crate) author_id: Option<UserId>,
    /// Whether it is a notice of the system.
    pub(crate) is_notice: bool,
}

/// What applying a page did.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    /// Messages of which the user is to be told.
    pub(crate) arrived: Vec<Arrived>,
    /// The user, where they changed.
    pub(crate) me: Option<Me>,
    /// Whether something was deleted that the user may no longer see.
    pub(crate) purged: bool,
    /// Whether a pupil left the user's focus list.
    pub(crate) released: bool,
    /// How many entities this version does not know.
    pub(crate) unknown: u32,
    /// How many it does.
    pub(crate) known: u32,
}

/// A page, sorted by what there is to do.
#[derive(Default)]
struct Sorted {
    me: Option<Me>,
    people: Vec<Person>,
    establishments: Vec<Establishment>,
    pupils: Vec<Pupil>,
    conversations: Vec<Conversation>,
    messages: Vec<Message>,
    reminders: Vec<Reminder>,
    gone: Vec<(EntityKind, Uuid)>,
    /// Pupils, in order: whether they came into view or left it.
    scope: Vec<(PupilId, bool)>,
    people_changed: bool,
    unknown: u32,
}

impl Sorted {
    fn of(entities: Vec<MaybeEntity>) -> Self {
        let mut sorted = Self::default();
        for entity in entities {
            let MaybeEntity::Known(entity) = entity else {
                sorted.unknown += 1;
                continue;
            };
            match *entity {
                Entity::Me(me) => sorted.me = Some(me),
                Entity::Person(person) => sorted.people.push(person),
                Entity::Establishment(establishment) => sorted.establishments.push(establishment),
                Entity::Pupil(pupil) => sorted.pupils.push(pupil),
                Entity::Conversation(conversation) => sorted.conversations.push(conversation),
                Entity::Message(message) => sorted.messages.push(message),
                Entity::Reminder(reminder) => sorted.reminders.push(reminder),
                Entity::Gone { entity, id } => sorted.gone.push((entity, id)),
                Entity::ScopeGranted { pupil_id } => sorted.scope.push((pupil_id, true)),
                Entity::ScopeRevoked { pupil_id } => sorted.scope.push((pupil_id, false)),
                Entity::PeopleChanged {} => sorted.people_changed = true,
            }
        }
        sorted
    }
}

/// Applies a page. Each entity is as it is now, so what is gone goes first: whatever the same page brings stays.
pub(crate) async fn apply(
    conn: &mut SqliteConnection,
    context: &Context,
    entities: Vec<MaybeEntity>,
) -> Result<Applied, Failure> {
    let total = u32::try_from(entities.len()).unwrap_or(u32::MAX);
    let sorted = Sorted::of(entities);
    let mut applied = Applied {
        unknown: sorted.unknown,
        known: total - sorted.unknown,
        ..Applied::default()
    };
    if let Some(me) = sorted.me {
        meta::set_me(&mut *conn, &me).await?;
        applied.me = Some(me);
    }
    for (pupil, granted) in sorted.scope {
        if granted {
            ToFetch::History(pupil).note(&mut *conn).await?;
        } else {
            purge::pupils(&mut *conn, &[pupil]).await?;
            applied.purged = true;
        }
    }
    if !sorted.gone.is_empty() {
        delete_gone(&mut *conn, context, &sorted.gone).await?;
        applied.purged = true;
    }
    if sorted.people_changed {
        ToFetch::People.note(&mut *conn).await?;
    }
    people::put(&mut *conn, &sorted.people, context.generation).await?;
    establishments::put(&mut *conn, &sorted.establishments, context.generation).await?;
    if !context.deferred {
        // A first fetch brings the histories of the focus list by itself.
        applied.released = turn_focus(&mut *conn, &sorted.pupils).await?;
    }
    pupils::put(&mut *conn, &sorted.pupils, context.generation).await?;
    conversations::put(&mut *conn, context, &sorted.conversations).await?;
    reminders::put(&mut *conn, &sorted.reminders).await?;
    applied.arrived = messages::put(conn, context, &sorted.messages).await?;
    Ok(applied)
}

/// Has the histories of pupils who come onto the focus list be fetched. Says whether one left it.
async fn turn_focus(conn: &mut SqliteConnection, pupils: &[Pupil]) -> Result<bool, Failure> {
    let turns = pupils::focus_turns(&mut *conn, pupils).await?;
    for pupil in turns.begun {
        ToFetch::History(pupil).note(&mut *conn).await?;
    }
    for pupil in &turns.ended {
        ToFetch::History(*pupil).done(&mut *conn).await?;
    }
    Ok(!turns.ended.is_empty())
}

async fn delete_gone(
    conn: &mut SqliteConnection,
    context: &Context,
    gone: &[(EntityKind, Uuid)],
) -> Result<(), Failure> {
    let of = |kind: EntityKind| {
        gone.iter()
            .filter(move |(k, _)| *k == kind)
            .map(|(_, id)| *id)
            .collect::<Vec<Uuid>>()
    };
    people::delete(&mut *conn, &of(EntityKind::Person)).await?;
    establishments::delete(&mut *conn, &of(EntityKind::Establishment)).await?;
    reminders::delete(&mut *conn, &of(EntityKind::Reminder)).await?;
    let pupils: Vec<PupilId> = of(EntityKind::Pupil).into_iter().map(PupilId).collect();
    purge::pupils(&mut *conn, &pupils).await?;
    let ids: Vec<MessageId> = of(EntityKind::Message).into_iter().map(MessageId).collect();
    let numbers = messages::numbers_of(&mut *conn, &ids).await?;
    if !numbers.is_empty() {
        meta::Meta::Traces.set(&mut *conn, "").await?;
    }
    messages::delete(&mut *conn, context.me, &numbers).await?;
    let ids: Vec<ConversationId> = of(EntityKind::Conversation).into_iter().map(ConversationId).collect();
    purge::conversations(conn, &ids).await
}

/// What a first fetch ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// Everything that it did not bring again is dropped.
    All,
    /// Only people are.
    People,
}

/// Ends a first fetch: drops what it did not bring again, and works out what is kept beside conversations.
pub(crate) async fn settle(conn: &mut SqliteConnection, context: &Context, sweep: Sweep) -> Result<(), Failure> {
    people::sweep(&mut *conn, context.generation).await?;
    if sweep == Sweep::People {
        return Ok(());
    }
    establishments::sweep(&mut *conn, context.generation).await?;
    let old = pupils::older_than(&mut *conn, context.generation).await?;
    purge::pupils(&mut *conn, &old).await?;
    let old = conversations::older_than(&mut *conn, context.generation).await?;
    purge::conversations(&mut *conn, &old).await?;
    let old = messages::older_than(&mut *conn, context.generation).await?;
    messages::delete(&mut *conn, context.me, &old).await?;
    conversations::recount(conn, context.me, None).await
}
