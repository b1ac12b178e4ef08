//! Conversations and messages.

use lac_domain::{ConversationId, MessageId, NoticeKind, PupilId, Timestamp, UserId};
use serde::{Deserialize, Deserializer};

use crate::{Attachment, Private, Withdrawn};

/// The most characters that a subject may have.
pub const SUBJECT_LIMIT: usize = 200;
/// The most characters that a message may have.
pub const BODY_LIMIT: usize = 20_000;

wire_types! {
    /// Someone who takes part in a conversation.
    pub struct Participant {
        /// Who.
        pub user_id: UserId,
        /// The number of the newest message that they have read; 0 for none.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub read_up_to: i64,
        /// When they read that far.
        pub read_at: Option<Timestamp>,
    }

    /// A conversation.
    pub struct Conversation {
        /// Its id, made on the device that began it.
        pub id: ConversationId,
        /// Its subject.
        pub subject: Private,
        /// The pupil that it is about, for good; or none.
        pub pupil_id: Option<PupilId>,
        /// Of those entitled to the pupil, only participants and LA roles may read it.
        pub confidential: bool,
        /// What it is a notice of, where the system wrote it: it is its one participant's alone.
        #[serde(default, deserialize_with = "known_notice")]
        pub notice: Option<NoticeKind>,
        /// Who takes part.
        pub participants: Vec<Participant>,
        /// The reader wants no notification and no e-mail of it.
        #[serde(default)]
        pub muted: bool,
        /// When it was begun.
        pub started_at: Timestamp,
        /// How many messages it holds.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub message_count: i64,
        /// The number of its newest message.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub last_number: i64,
    }

    /// A message.
    pub struct Message {
        /// Its id, made on the device that wrote it.
        pub id: MessageId,
        /// Its conversation.
        pub conversation_id: ConversationId,
        /// Its place in the order of all the store's messages, given by the store.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub number: i64,
        /// Who wrote it; none for a notice of the system.
        pub author_id: Option<UserId>,
        /// What it says: plain text.
        pub body: Private,
        /// When the store took it.
        pub sent_at: Timestamp,
        /// When it was written, by the device's clock; shown where it differs much, and decides nothing.
        pub written_at: Timestamp,
        /// What came with it, in order.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub attachments: Vec<Attachment>,
        /// That it was withdrawn: its text is empty then, and no file comes with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub withdrawn: Option<Withdrawn>,
    }
}

/// A kind of notice that a newer store knows is another one, and the notice is still shown.
fn known_notice<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NoticeKind>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(text.map(|text| NoticeKind::parse(&text).unwrap_or(NoticeKind::Other)))
}
