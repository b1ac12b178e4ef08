//! What the user writes: drafts, and what waits to be sent.

use lac_domain::{CommandId, ConversationId, DraftId, PupilId, Timestamp, UserId};
use lac_wire::Private;

use super::{AttachmentView, Problem, RecipientChoice, SendState};

view_types! {
    /// What is being written.
    pub struct Draft {
        /// Its id.
        pub id: DraftId,
        /// The conversation that it replies to; none for a new one.
        pub conversation_id: Option<ConversationId>,
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// Whether the conversation shall be confidential.
        pub confidential: bool,
        /// Whom it is for.
        pub recipients: Vec<RecipientChoice>,
        /// The subject.
        pub subject: Private,
        /// The text.
        pub body: Private,
        /// When it was last saved; none for one never saved.
        pub saved_at: Option<Timestamp>,
        /// The files that go with it. They are attached and taken off one by one: saving a draft changes none.
        #[serde(default)]
        pub attachments: Vec<AttachmentView>,
    }

    /// Asks for a fresh draft.
    #[derive(Default)]
    pub struct NewDraft {
        /// The conversation to reply to.
        pub conversation_id: Option<ConversationId>,
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// A person that it is for.
        pub user_id: Option<UserId>,
    }

    /// A draft, by id.
    pub struct DraftRef {
        /// Which one.
        pub id: DraftId,
    }

    /// A message that was put into the outbox.
    pub struct SentDraft {
        /// The conversation in which it now waits.
        pub conversation_id: ConversationId,
        /// The command that carries it: by this it can be taken back.
        pub command_id: CommandId,
        /// How many people it is for, as far as this device knows.
        pub people: u32,
        /// For how many milliseconds it waits, so that it can be taken back; 0 when it leaves at once.
        pub undo_for: u32,
    }

    /// What waits to be sent, or was not sent.
    pub struct OutboxRow {
        /// The command that carries it.
        pub command_id: CommandId,
        /// The conversation that it belongs to; none for a reminder.
        pub conversation_id: Option<ConversationId>,
        /// What else there is to show of a reminder; none for a message.
        pub reminder: Option<UnsavedReminder>,
        /// What changes in who takes part; none for a message or a reminder.
        pub change: Option<OutboxChange>,
        /// The subject; empty for a reminder.
        pub subject: Private,
        /// Whom it is for, in short; empty for a reminder.
        pub to: String,
        /// The beginning of the text; the whole of a reminder's.
        pub excerpt: Private,
        /// How many files go with it.
        pub attachments: u32,
        /// When it was written.
        pub written_at: Timestamp,
        /// Where it stands.
        pub state: SendState,
        /// Why it was not sent.
        pub problem: Option<Problem>,
    }

    /// A change of who takes part in a conversation.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum OutboxChange {
        /// People are added.
        AddPeople,
        /// The user leaves.
        Leave,
    }

    /// A reminder that the store does not have as it was written here.
    pub struct UnsavedReminder {
        /// When it is due.
        pub due_at: Timestamp,
        /// The pupil that it is about: known as. None where no pupil, or none that may be seen.
        pub pupil_name: Option<Private>,
        /// Whether it is about a pupil who may no longer be seen.
        pub out_of_sight: bool,
    }

    /// An outbox command, by id.
    pub struct OutboxRef {
        /// Which one.
        pub command_id: CommandId,
    }
}
