//! What kinds of rows there are, where each stands, and whose turn it is to be sent.

use std::collections::HashSet;

use lac_domain::{CommandId, ConversationId};
use lac_wire::Command;

/// What kind of command a row holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CommandKind {
    /// Begins a conversation.
    Start,
    /// Sends a message.
    Send,
    /// Adds people to a conversation, or leaves it.
    TakePart,
    /// Marks read or unread, or mutes.
    Mark,
    /// Notes a read.
    Note,
    /// Makes or changes a reminder.
    SaveReminder,
    /// Is done with a reminder, or puts it off.
    Reminder,
}

impl CommandKind {
    /// Of the stored kind; one about a reminder tells by its command which it is.
    pub(super) fn of(stored: &str, command: Option<&Command>) -> Self {
        match (stored, command) {
            ("start_conversation", _) => Self::Start,
            ("send_message", _) => Self::Send,
            ("add_participants" | "leave", _) => Self::TakePart,
            ("mark_read" | "mark_unread" | "mute", _) => Self::Mark,
            ("reminder", Some(Command::SaveReminder { .. })) => Self::SaveReminder,
            ("reminder", _) => Self::Reminder,
            _ => Self::Note,
        }
    }

    /// Whether it is a message.
    pub(crate) fn is_message(self) -> bool {
        matches!(self, Self::Start | Self::Send)
    }

    /// Whether a person's words are in it.
    pub(crate) fn has_words(self) -> bool {
        self.is_message() || self == Self::SaveReminder
    }

    /// Whether a person is told where it stands: it waits in the outbox before their eyes, and they learn it when the
    /// store refuses it.
    pub(crate) fn is_shown(self) -> bool {
        self.has_words() || self == Self::TakePart
    }
}

/// Where a row stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OutboxState {
    /// It is to be sent.
    Waiting,
    /// It is being sent.
    Sending,
    /// The store refused it.
    NeedsAttention,
}

impl OutboxState {
    pub(super) fn of(text: &str) -> Self {
        match text {
            "sending" => Self::Sending,
            "needs_attention" => Self::NeedsAttention,
            _ => Self::Waiting,
        }
    }
}

/// What decides whether a row may be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) command_id: CommandId,
    /// The conversation whose order it keeps, or the reminder.
    pub(crate) conversation_id: Option<ConversationId>,
    /// The conversation that a reminder is about: it is nothing to the store before it has begun.
    pub(crate) about: Option<ConversationId>,
    pub(crate) kind: CommandKind,
    pub(crate) state: OutboxState,
}

/// The rows that may be sent now, in order, of all rows in order: the first of each conversation and of each reminder,
/// unless one before it is under way, or is a start or a saved reminder that was refused. A message that was refused
/// holds nothing. A reminder about a conversation waits until that has begun.
pub(crate) fn ready(lines: &[Line]) -> Vec<CommandId> {
    let mut held: HashSet<ConversationId> = HashSet::new();
    let mut not_begun: HashSet<ConversationId> = HashSet::new();
    let mut ready = Vec::new();
    for line in lines {
        let in_turn = line
            .conversation_id
            .is_none_or(|conversation| !held.contains(&conversation));
        let has_begun = line.about.is_none_or(|conversation| !not_begun.contains(&conversation));
        if line.state == OutboxState::Waiting && in_turn && has_begun {
            ready.push(line.command_id);
        }
        let holds = line.state != OutboxState::NeedsAttention
            || matches!(line.kind, CommandKind::Start | CommandKind::SaveReminder);
        if holds {
            held.extend(line.conversation_id);
        }
        if line.kind == CommandKind::Start {
            not_begun.extend(line.conversation_id);
        }
    }
    ready
}

/// The kind under which a command is stored.
pub(super) fn stored_kind(command: &Command) -> &'static str {
    match command {
        Command::StartConversation { .. } => "start_conversation",
        Command::SendMessage { .. } => "send_message",
        Command::MarkRead { .. } => "mark_read",
        Command::MarkUnread { .. } => "mark_unread",
        Command::AddParticipants { .. } => "add_participants",
        Command::Leave { .. } => "leave",
        Command::Mute { .. } => "mute",
        Command::SaveReminder { .. } | Command::FinishReminder { .. } | Command::SnoozeReminder { .. } => "reminder",
        Command::NoteRead { .. } | Command::NoteOpened { .. } | Command::Unknown => "note_read",
    }
}
