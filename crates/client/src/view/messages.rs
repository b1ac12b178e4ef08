//! Messages as the screens show them, from what this device holds.

use chrono::NaiveDate;
use lac_domain::{CommandId, ConversationId, MessageId, NoticeKind, PupilId, Role, Timestamp, UserId};
use lac_wire::{Private, Pupil, Recipient};

use super::{AttachmentView, Problem, WithdrawnView};

view_types! {
    /// A folder of conversations.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Folder {
        /// Conversations that the user takes part in.
        Inbox,
        /// Those with an unread message.
        Unread,
        /// Those in which the user wrote.
        Sent,
        /// Notices of the system.
        Notices,
    }

    /// Which conversations a list asks for, the newest first.
    pub struct ConversationFilter {
        /// In which folder; left out when searching or for a pupil's history.
        pub folder: Option<Folder>,
        /// Words to search for in subjects and messages.
        pub search: Option<String>,
        /// About one pupil.
        pub pupil_id: Option<PupilId>,
        /// Where to go on.
        pub after: Option<String>,
        /// How many rows, at most 200.
        pub limit: Option<u32>,
    }

    /// What a person typed into the search for messages.
    pub struct SearchText {
        /// Words, phrases in quotation marks, and conditions such as `from:priya`.
        pub text: Private,
    }

    /// How a search was understood.
    #[derive(Default)]
    pub struct SearchReading {
        /// Folded beginnings of words, to be marked where they are found.
        pub marks: Vec<String>,
        /// What was not understood, in sentences; nothing is found then.
        pub problems: Vec<Private>,
        /// Whether this device holds only a part of what the user may read.
        pub partial: bool,
        /// The pupils named whose messages are not on this device until they are opened.
        pub not_held: Vec<PupilName>,
    }

    /// A pupil by name.
    pub struct PupilName {
        /// Who.
        pub id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
    }

    /// A row of a list of conversations.
    pub struct ConversationRow {
        /// The conversation.
        pub id: ConversationId,
        /// Its subject.
        pub subject: Private,
        /// The names of the others who take part, in short.
        pub with: String,
        /// The beginning of its newest message; where a search found it, the words around.
        pub excerpt: Private,
        /// The pupil that it is about: known as.
        pub pupil_name: Option<Private>,
        /// Whether it is confidential.
        pub confidential: bool,
        /// What it is a notice of, where the system wrote it.
        pub notice: Option<NoticeKind>,
        /// When its newest message was sent.
        pub last_at: Timestamp,
        /// How many of its messages are unread.
        pub unread: u32,
        /// Whether something of it waits to be sent or was not sent.
        pub sending: Option<SendState>,
        /// Whether a file came with one of its messages.
        pub attachments: bool,
        /// Whether no notification of it is wanted.
        pub muted: bool,
    }

    /// How many conversations a folder holds that want attention.
    #[derive(Default, Eq)]
    pub struct FolderCounts {
        /// Unread conversations.
        pub unread: u32,
        /// Unread notices.
        pub notices: u32,
        /// Drafts.
        pub drafts: u32,
        /// Messages and reminders that wait to be sent.
        pub waiting: u32,
        /// Messages and reminders that were not sent.
        pub not_sent: u32,
    }

    /// Where a message of one's own stands on its way.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum SendState {
        /// Waits to be sent.
        Waiting,
        /// Is being sent.
        Sending,
        /// The store refused it.
        NotSent,
    }

    /// Someone in a conversation.
    pub struct Member {
        /// Who.
        pub user_id: UserId,
        /// First and last name; "A former colleague" where no longer visible.
        pub name: String,
        /// Their role, where visible.
        pub role: Option<Role>,
        /// Where they work, in short.
        pub detail: String,
        /// The number of the newest message that they have read.
        #[ts(type = "number")]
        pub read_up_to: i64,
        /// When.
        pub read_at: Option<Timestamp>,
        /// Whether this is the reader.
        pub me: bool,
        /// Whether they can be written to.
        pub reachable: bool,
        /// The day on which they are back, while they are away.
        pub away_until: Option<NaiveDate>,
    }

    /// A message as the screen shows it.
    pub struct MessageView {
        /// Its id.
        pub id: MessageId,
        /// Its place in the order; none while it waits to be sent.
        #[ts(type = "number | null")]
        pub number: Option<i64>,
        /// Who wrote it.
        pub author_name: String,
        /// Whether the reader wrote it.
        pub mine: bool,
        /// Whether the system wrote it.
        pub notice: bool,
        /// What it says.
        pub body: Private,
        /// When the store took it, or when it was written while it waits.
        pub at: Timestamp,
        /// Where it stands, while the store has not taken it.
        pub state: Option<SendState>,
        /// The command that carries it, while the store has not taken it.
        pub command_id: Option<CommandId>,
        /// Why it was not sent.
        pub problem: Option<Problem>,
        /// Who has read it: names and times.
        pub read_by: Vec<ReadBy>,
        /// Whether the reader has not read it yet.
        pub unread: bool,
        /// What came with it, in order.
        pub attachments: Vec<AttachmentView>,
        /// That it was withdrawn after a data incident: this stands in the place of its text.
        pub withdrawn: Option<WithdrawnView>,
    }

    /// Who read a message, and when.
    pub struct ReadBy {
        /// First and last name.
        pub name: String,
        /// When.
        pub at: Option<Timestamp>,
    }

    /// A conversation opened.
    pub struct ConversationView {
        /// Its id.
        pub id: ConversationId,
        /// Its subject.
        pub subject: Private,
        /// The pupil that it is about.
        pub pupil: Option<Pupil>,
        /// Whether it is confidential.
        pub confidential: bool,
        /// What it is a notice of, where the system wrote it.
        pub notice: Option<NoticeKind>,
        /// Who takes part; while the store has not taken it, the reader alone.
        pub members: Vec<Member>,
        /// Whom it is for, in short, while the store has not taken it; empty afterwards.
        pub to: String,
        /// Its messages, the oldest first: a page that ends with the newest, or lies before `before`.
        pub messages: Vec<MessageView>,
        /// What to send as `before` for the page of older ones.
        #[ts(type = "number | null")]
        pub before: Option<i64>,
        /// Whether the reader may write in it.
        pub may_reply: bool,
        /// Whether the reader takes part in it, and the store has it.
        pub mine: bool,
        /// Whether no notification of it is wanted.
        pub muted: bool,
        /// The names of those who are being added to it.
        pub adding: Vec<String>,
    }

    /// Opens a conversation.
    pub struct OpenConversation {
        /// Which one.
        pub id: ConversationId,
        /// Only messages with a smaller number, for the page of older ones.
        #[ts(type = "number | null")]
        pub before: Option<i64>,
    }

    /// A conversation, by id.
    pub struct ConversationRef {
        /// Which one.
        pub id: ConversationId,
    }

    /// Someone, or a group, that a message may be sent to.
    pub struct RecipientChoice {
        /// Who or which group.
        pub recipient: Recipient,
        /// The name to show.
        pub name: String,
        /// Role and place, in short.
        pub detail: String,
        /// How many people it reaches.
        pub people: u32,
    }

    /// Asks for recipients.
    pub struct FindRecipients {
        /// The beginnings of words of a name or an establishment; empty for those likeliest.
        pub search: String,
        /// The pupil that the message is about.
        pub pupil_id: Option<PupilId>,
    }
}
