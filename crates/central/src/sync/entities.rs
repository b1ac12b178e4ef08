//! What changed, as it is now and as the reader may see it.

use std::collections::{HashMap, HashSet};

use lac_domain::{ConversationId, EstablishmentId, MessageId, PupilId, ReminderId, UserId};
use lac_wire::{Conversation, Entity, EntityKind, Establishment, MaybeEntity, Message, Person, Pupil, Reminder};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::audiences::ChangeRow;
use super::people::load_people;
use crate::accounts::me;
use crate::both;
use crate::error::StoreError;
use crate::establishments::load_establishments;
use crate::keys::Keys;
use crate::messages::{load_conversations, load_messages};
use crate::pupils::load_pupils;
use crate::reminders::load_reminders;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// What a page of changes holds, and the conversations that it touches.
pub(super) struct Built {
    pub entities: Vec<MaybeEntity>,
    pub conversations: HashSet<ConversationId>,
}

/// The rows as they are now, of all kinds.
struct Now {
    people: HashMap<UserId, Person>,
    establishments: HashMap<EstablishmentId, Establishment>,
    pupils: HashMap<PupilId, Pupil>,
    conversations: HashMap<ConversationId, Conversation>,
    messages: HashMap<MessageId, Message>,
    reminders: HashMap<ReminderId, Reminder>,
    /// Withdrawn messages of conversations that the reader does not hold by right, but may have opened.
    withdrawn: HashMap<MessageId, (ConversationId, bool)>,
}

/// Each thing once, where it stands last; scope changes each in their place, since their order matters.
fn last_of_each(rows: &[ChangeRow]) -> Vec<&ChangeRow> {
    let mut seen = HashSet::new();
    let mut last: Vec<&ChangeRow> = rows
        .iter()
        .rev()
        .filter(|row| row.entity_kind.starts_with("scope_") || seen.insert((&row.entity_kind, row.entity_id)))
        .collect();
    last.reverse();
    last
}

fn ids<T: From<Uuid>>(rows: &[&ChangeRow], kind: &str) -> Vec<T> {
    rows.iter()
        .filter(|row| row.entity_kind == kind)
        .map(|row| row.entity_id.into())
        .collect()
}

async fn load(conn: &mut Conn, keys: &Keys, scope: Scope, rows: &[&ChangeRow]) -> Result<Now, StoreError> {
    let mut now = Now {
        people: HashMap::new(),
        establishments: HashMap::new(),
        pupils: HashMap::new(),
        conversations: HashMap::new(),
        messages: HashMap::new(),
        reminders: HashMap::new(),
        withdrawn: HashMap::new(),
    };
    let wanted: Vec<UserId> = ids(rows, "person");
    if !wanted.is_empty() {
        now.people = load_people(conn, scope, wanted)
            .await?
            .into_iter()
            .map(|p| (p.id, p))
            .collect();
    }
    let wanted: Vec<EstablishmentId> = ids(rows, "establishment");
    if !wanted.is_empty() {
        now.establishments = load_establishments(conn, scope, wanted)
            .await?
            .into_iter()
            .map(|e| (e.id, e))
            .collect();
    }
    let wanted: Vec<PupilId> = ids(rows, "pupil");
    if !wanted.is_empty() {
        now.pupils = load_pupils(conn, scope, wanted)
            .await?
            .into_iter()
            .map(|p| (p.id, p))
            .collect();
    }
    let wanted: Vec<MessageId> = ids(rows, "message");
    if !wanted.is_empty() {
        now.messages = load_messages(conn, keys, scope, wanted)
            .await?
            .into_iter()
            .map(|m| (m.id, m))
            .collect();
    }
    let wanted: Vec<ReminderId> = ids(rows, "reminder");
    if !wanted.is_empty() {
        now.reminders = load_reminders(conn, keys, scope, wanted)
            .await?
            .into_iter()
            .map(|r| (r.id, r))
            .collect();
    }
    let mut wanted: HashSet<ConversationId> = ids(rows, "conversation").into_iter().collect();
    wanted.extend(ids::<ConversationId>(rows, "conversation_left"));
    wanted.extend(now.messages.values().map(|message| message.conversation_id));
    if !wanted.is_empty() {
        let wanted = to_hold(conn, scope, wanted).await?;
        for message in now.messages.values() {
            if let Some(withdrawn) = &message.withdrawn
                && !wanted.contains(&message.conversation_id)
            {
                now.withdrawn
                    .insert(message.id, (message.conversation_id, withdrawn.subject));
            }
        }
        now.messages
            .retain(|_, message| wanted.contains(&message.conversation_id));
        let loaded = load_conversations(conn, keys, scope, wanted).await?;
        now.conversations = loaded.into_iter().map(|c| (c.id, c)).collect();
    }
    Ok(now)
}

/// Of conversations, those that a device of the reader's holds: LA roles may read others too, and are given them when
/// they open them.
async fn to_hold(
    conn: &mut Conn,
    scope: Scope,
    wanted: HashSet<ConversationId>,
) -> Result<HashSet<ConversationId>, StoreError> {
    if !scope.is_la() {
        return Ok(wanted);
    }
    let sql = format!(
        "SELECT c.id FROM conversations c WHERE c.id IN {} AND ({} OR c.pupil_id IN {})",
        conn.engine().ids("$2"),
        scope.takes_part("c.id"),
        scope.focus()
    );
    let ids = hex_ids(wanted);
    let held: Vec<ConversationId> =
        both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(scope.user).bind(ids).fetch_all(c).await)?;
    Ok(held.into_iter().collect())
}

/// Builds a page. What the reader may not see becomes `Gone`, but for conversations and messages: of those that
/// they may not read nothing is said, so that nobody learns that they are there.
pub(super) async fn build(conn: &mut Conn, keys: &Keys, scope: Scope, rows: &[ChangeRow]) -> Result<Built, StoreError> {
    let rows = last_of_each(rows);
    let mut now = load(conn, keys, scope, &rows).await?;
    let mut entities: Vec<Entity> = Vec::with_capacity(rows.len());
    let mut conversations = HashSet::new();
    for row in rows {
        let id = row.entity_id;
        match row.entity_kind.as_str() {
            "me" => entities.push(Entity::Me(me(conn, keys, scope.user, scope.today).await?)),
            "people" => entities.push(Entity::PeopleChanged {}),
            "scope_granted" => entities.push(Entity::ScopeGranted { pupil_id: id.into() }),
            "scope_revoked" => entities.push(Entity::ScopeRevoked { pupil_id: id.into() }),
            "person" => entities.push(
                now.people
                    .remove(&id.into())
                    .map_or(gone(EntityKind::Person, id), Entity::Person),
            ),
            "establishment" => {
                let found = now.establishments.remove(&id.into());
                entities.push(found.map_or(gone(EntityKind::Establishment, id), Entity::Establishment));
            }
            "pupil" => entities.push(
                now.pupils
                    .remove(&id.into())
                    .map_or(gone(EntityKind::Pupil, id), Entity::Pupil),
            ),
            "reminder" => entities.push(
                now.reminders
                    .remove(&id.into())
                    .map_or(gone(EntityKind::Reminder, id), Entity::Reminder),
            ),
            "conversation" => {
                if let Some(conversation) = now.conversations.remove(&id.into()) {
                    conversations.insert(conversation.id);
                    entities.push(Entity::Conversation(conversation));
                }
            }
            "conversation_left" => {
                let id = id.into();
                match now.conversations.remove(&id) {
                    Some(conversation) => {
                        conversations.insert(id);
                        entities.push(Entity::Conversation(conversation));
                    }
                    // What came before it in this page said how it is now.
                    None if conversations.contains(&id) => {}
                    None => entities.push(gone(EntityKind::Conversation, id.0)),
                }
            }
            "message" => {
                if let Some(message) = now.messages.remove(&id.into()) {
                    conversations.insert(message.conversation_id);
                    // A message's conversation comes before its first message.
                    if let Some(conversation) = now.conversations.remove(&message.conversation_id) {
                        entities.push(Entity::Conversation(conversation));
                    }
                    entities.push(Entity::Message(message));
                } else if let Some((conversation, subject)) = now.withdrawn.remove(&id.into()) {
                    // Where the history was opened, nothing of the message may stay; nor of the subject.
                    entities.push(gone(EntityKind::Message, id));
                    if subject {
                        entities.push(gone(EntityKind::Conversation, conversation.0));
                    }
                }
            }
            _ => return Err(StoreError::Inconsistent("a change of an unknown kind")),
        }
    }
    Ok(Built {
        entities: entities.into_iter().map(MaybeEntity::from).collect(),
        conversations,
    })
}

fn gone(entity: EntityKind, id: Uuid) -> Entity {
    Entity::Gone { entity, id }
}
