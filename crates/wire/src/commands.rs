//! What a device may do offline: commands, sent through its outbox, each taken at most once.

use lac_domain::{
    AttachmentId, CommandId, ConversationId, EstablishmentId, ListId, MessageId, PupilId, ReminderId, Timestamp, UserId,
};

use crate::{Conversation, Message, NewReminder, Private, Reminder};

wire_types! {
    /// Whom a conversation is for. Groups are resolved by the store when it takes the command.
    #[derive(Eq, Hash)]
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum Recipient {
        /// One person.
        User {
            /// Who.
            id: UserId,
        },
        /// Everyone who works for the Virtual School (LA roles).
        VirtualSchool,
        /// The Designated Teachers linked to an establishment today.
        DesignatedTeachers {
            /// Where.
            establishment_id: EstablishmentId,
        },
        /// Everyone who can see the pupil that the conversation is about.
        AroundPupil {
            /// The pupil.
            pupil_id: PupilId,
        },
        /// Those on a list that the sender made.
        OwnList {
            /// Which list.
            id: ListId,
        },
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// A message to be sent.
    pub struct NewMessage {
        /// Its id.
        pub id: MessageId,
        /// What it says: plain text.
        pub body: Private,
        /// When it was written, by the device's clock.
        pub written_at: Timestamp,
        /// What goes with it, in order: each has arrived at the store already.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub attachments: Vec<AttachmentId>,
    }

    /// What a device asks the store to do.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum Command {
        /// Begins a conversation with its first message.
        StartConversation {
            /// The conversation's id.
            conversation_id: ConversationId,
            /// Its subject.
            subject: Private,
            /// The pupil that it is about, or none.
            pupil_id: Option<PupilId>,
            /// Whether it is confidential.
            confidential: bool,
            /// Whom it is for.
            recipients: Vec<Recipient>,
            /// Its first message.
            message: NewMessage,
        },
        /// Adds a message to a conversation.
        SendMessage {
            /// Which conversation.
            conversation_id: ConversationId,
            /// The message.
            message: NewMessage,
        },
        /// Marks a conversation read up to a message.
        MarkRead {
            /// Which conversation.
            conversation_id: ConversationId,
            /// The number of the newest message read.
            #[cfg_attr(feature = "ts", ts(type = "number"))]
            up_to: i64,
        },
        /// Marks the newest message of others in a conversation unread again.
        MarkUnread {
            /// Which conversation.
            conversation_id: ConversationId,
        },
        /// Adds people to a conversation: from then on they see all of it.
        AddParticipants {
            /// Which conversation.
            conversation_id: ConversationId,
            /// Who joins it.
            users: Vec<UserId>,
        },
        /// Takes part in a conversation no longer.
        Leave {
            /// Which conversation.
            conversation_id: ConversationId,
        },
        /// Has no notification and no e-mail come of a conversation, or has them come again.
        Mute {
            /// Which conversation.
            conversation_id: ConversationId,
            /// Whether it is muted.
            muted: bool,
        },
        /// Notes that the user read a pupil's history on the device, perhaps offline.
        NoteRead {
            /// Whose history.
            pupil_id: PupilId,
            /// When, by the device's clock.
            at: Timestamp,
        },
        /// Notes that the user opened or saved an attachment on the device, perhaps offline.
        NoteOpened {
            /// Which one.
            attachment_id: AttachmentId,
            /// When, by the device's clock.
            at: Timestamp,
        },
        /// Makes or changes a reminder of one's own.
        SaveReminder {
            /// The reminder.
            reminder: NewReminder,
        },
        /// Is done with a reminder, or with this time of it.
        FinishReminder {
            /// Which one.
            id: ReminderId,
            /// The time that is done: where it has moved on since, nothing changes.
            due_at: Timestamp,
            /// When it comes again.
            next_due: Option<Timestamp>,
        },
        /// Has a reminder come later.
        SnoozeReminder {
            /// Which one.
            id: ReminderId,
            /// Until when.
            until: Timestamp,
        },
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `POST /v1/commands`: one command. The store remembers its answer for good.
    pub struct CommandEnvelope {
        /// The command's id: the same id and command give the same answer and change nothing.
        pub id: CommandId,
        /// The command.
        pub command: Command,
    }

    /// What became of a command that the store took.
    pub struct CommandReply {
        /// The conversation as it is now, where the command touched one.
        pub conversation: Option<Conversation>,
        /// The message as the store holds it, where the command sent one.
        pub message: Option<Message>,
        /// The reminder as it is now, where the command was about one.
        #[serde(default)]
        pub reminder: Option<Reminder>,
        /// The names of people whom the message did not go to, because they may not see the pupil. Always there: JSON
        /// of something between, such as a network's sign-in page, is never taken for this reply.
        pub left_out: Vec<String>,
    }
}

impl Command {
    /// The conversation whose order this command keeps.
    #[must_use]
    pub fn conversation_id(&self) -> Option<ConversationId> {
        match self {
            Self::StartConversation { conversation_id, .. }
            | Self::SendMessage { conversation_id, .. }
            | Self::MarkRead { conversation_id, .. }
            | Self::MarkUnread { conversation_id }
            | Self::AddParticipants { conversation_id, .. }
            | Self::Leave { conversation_id }
            | Self::Mute { conversation_id, .. } => Some(*conversation_id),
            Self::NoteRead { .. }
            | Self::NoteOpened { .. }
            | Self::SaveReminder { .. }
            | Self::FinishReminder { .. }
            | Self::SnoozeReminder { .. }
            | Self::Unknown => None,
        }
    }

    /// The reminder whose order this command keeps.
    #[must_use]
    pub fn reminder_id(&self) -> Option<ReminderId> {
        match self {
            Self::SaveReminder { reminder } => Some(reminder.id),
            Self::FinishReminder { id, .. } | Self::SnoozeReminder { id, .. } => Some(*id),
            _ => None,
        }
    }
}
