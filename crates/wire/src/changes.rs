//! Keeping a device up to date: the held set, and the changes after a cursor.

use lac_domain::PupilId;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::{Conversation, Establishment, Me, Message, Person, Pupil, Reminder};

wire_types! {
    /// A kind of thing that a device holds.
    #[derive(Copy, Eq, Hash)]
    #[serde(rename_all = "snake_case")]
    pub enum EntityKind {
        /// A person.
        Person,
        /// An establishment.
        Establishment,
        /// A pupil.
        Pupil,
        /// A conversation.
        Conversation,
        /// A message.
        Message,
        /// A reminder.
        Reminder,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// Something as it is now, or that it is gone.
    #[serde(tag = "kind", content = "value", rename_all = "snake_case")]
    pub enum Entity {
        /// The reader themselves changed (role, links, the authority's settings).
        Me(Me),
        /// A person.
        Person(Person),
        /// An establishment.
        Establishment(Establishment),
        /// A pupil.
        Pupil(Pupil),
        /// A conversation.
        Conversation(Conversation),
        /// A message.
        Message(Message),
        /// A reminder.
        Reminder(Reminder),
        /// The reader may no longer see this, or it is no more.
        Gone {
            /// What kind of thing.
            entity: EntityKind,
            /// Which one.
            id: Uuid,
        },
        /// The reader may see this pupil from now on: fetch `GET /v1/pupils/{id}/history`.
        ScopeGranted {
            /// Which pupil.
            pupil_id: PupilId,
        },
        /// The reader may no longer see this pupil: delete all that is held about them.
        ScopeRevoked {
            /// Which pupil.
            pupil_id: PupilId,
        },
        /// Whom the reader may see changed: fetch the people of the held set again.
        PeopleChanged {},
    }

    /// A part of the held set: `GET /v1/held`.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum HeldPart {
        /// The people whom the reader may see.
        People,
        /// The establishments that concern the reader.
        Establishments,
        /// The pupils whom the reader may see.
        Pupils,
        /// Conversations that the reader may read; for LA roles those that they take part in.
        Conversations,
        /// The messages of those conversations.
        Messages,
        /// The reminders that are for the reader.
        Reminders,
    }

    /// Which page of a history is asked for. `GET /v1/pupils/{id}/history` (the conversations about a pupil that the
    /// reader may read, and their messages; its first page begins with the pupil) and `GET /v1/conversations/{id}`
    /// (its first page begins with the conversation, then its messages by number) answer a `Page<MaybeEntity>`.
    pub struct HistoryQuery {
        /// Where to go on.
        pub after: Option<String>,
        /// How many entities, at most 1000.
        pub limit: Option<u32>,
    }

    /// Which page of the held set is asked for: `GET /v1/held` answers a `Page<MaybeEntity>`.
    pub struct HeldQuery {
        /// Which part.
        pub part: HeldPart,
        /// Where to go on.
        pub after: Option<String>,
        /// How many entities, at most 1000.
        pub limit: Option<u32>,
    }

    /// A place in the store's changes: `GET /v1/cursor`.
    pub struct CursorReply {
        /// Opaque to the device.
        pub cursor: String,
    }

    /// Which changes are asked for: `GET /v1/changes`.
    pub struct ChangesQuery {
        /// The cursor of the last page applied.
        pub cursor: String,
        /// How many changes, at most 1000.
        pub limit: Option<u32>,
    }

    /// How many messages a conversation holds for the reader, to be compared with what the device holds.
    pub struct ConversationCount {
        /// Which conversation.
        pub conversation_id: lac_domain::ConversationId,
        /// How many messages.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub count: i64,
        /// The number of the newest.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub last_number: i64,
    }

    /// A page of changes: apply all of it together with its cursor.
    pub struct Changes {
        /// What changed, as it is now.
        pub entities: Vec<MaybeEntity>,
        /// The cursor after this page.
        pub cursor: String,
        /// Whether there is another page.
        pub more: bool,
        /// On the last page: the counts of the conversations touched, and of some others in turn.
        #[serde(default)]
        pub counts: Vec<ConversationCount>,
    }
}

/// An entity that this version may not know: it is skipped and noted, and fetched again after an upgrade.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum MaybeEntity {
    /// One that this version knows.
    Known(Box<Entity>),
    /// One that it does not; its content is not kept.
    Unknown {},
}

impl<'de> Deserialize<'de> for MaybeEntity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(serde_json::from_value(value).map_or(Self::Unknown {}, |entity| Self::Known(Box::new(entity))))
    }
}

impl From<Entity> for MaybeEntity {
    fn from(entity: Entity) -> Self {
        Self::Known(Box::new(entity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_entity_does_not_spoil_the_page() {
        let text = r#"{"entities":[{"kind":"photograph","value":{"x":1}},
            {"kind":"scope_revoked","value":{"pupil_id":"00000000-0000-7000-8000-000000000001","more":2}},
            {"kind":"people_changed","value":{}}],"cursor":"c","more":false,"later":true}"#;
        let page: Changes = serde_json::from_str(text).unwrap();
        assert_eq!(page.entities.len(), 3);
        assert_eq!(page.entities[0], MaybeEntity::Unknown {});
        assert!(matches!(&page.entities[1], MaybeEntity::Known(e) if matches!(**e, Entity::ScopeRevoked { .. })));
        assert_eq!(page.entities[2], Entity::PeopleChanged {}.into());
    }
}
