//! Files of what was written about a pupil, for people outside the product: pages, or a table.

mod history_csv;
mod history_pdf;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub(crate) use history_csv::csv;
pub(crate) use history_pdf::pdf;
use lac_domain::{Timestamp, UserId};
use lac_wire::{Attachment, Conversation, ExportFormat, Message};

/// What someone is called who may no longer be seen.
const FORMER: &str = "A former colleague";

/// A conversation with those of its messages that are exported, in their order.
pub(crate) struct Part {
    pub(crate) conversation: Conversation,
    pub(crate) messages: Vec<Message>,
}

impl Part {
    pub(crate) fn new(conversation: Conversation) -> Self {
        Self {
            conversation,
            messages: Vec::new(),
        }
    }
}

/// What is exported, by whom and why.
pub(crate) struct Export {
    /// The pupil: known as.
    pub(crate) pupil: String,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    pub(crate) reason: String,
    /// The search that it was filtered by.
    pub(crate) filter: Option<String>,
    pub(crate) names: HashMap<UserId, String>,
    pub(crate) parts: Vec<Part>,
}

impl Export {
    /// A name for the file, of letters that every file system takes.
    pub(crate) fn file_name(&self, format: ExportFormat) -> String {
        let name: String = self
            .pupil
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'))
            .collect();
        let end = if format == ExportFormat::Csv { "csv" } else { "pdf" };
        format!(
            "Messages about {}, {}.{end}",
            name.trim(),
            self.at.london().format("%Y-%m-%d")
        )
    }

    fn count(&self) -> usize {
        self.parts.iter().map(|part| part.messages.len()).sum()
    }

    /// Who wrote a message; the system itself where nobody did.
    fn author(&self, message: &Message) -> &str {
        message
            .author_id
            .map_or("Looked After Call", |author| self.name(author))
    }

    /// What a message says, or that it was withdrawn, by whom, when and why.
    fn text(&self, message: &Message) -> String {
        match &message.withdrawn {
            Some(withdrawn) => format!(
                "This message was withdrawn by {} on {}. Reason: {}",
                self.name(withdrawn.by),
                moment(withdrawn.at),
                withdrawn.reason.reveal()
            ),
            None => message.body.reveal().to_owned(),
        }
    }

    fn name(&self, id: UserId) -> &str {
        self.names.get(&id).map_or(FORMER, String::as_str)
    }

    /// Who takes part in a conversation, by name.
    fn members(&self, conversation: &Conversation) -> String {
        let mut names: Vec<&str> = conversation
            .participants
            .iter()
            .map(|one| self.name(one.user_id))
            .collect();
        names.sort_unstable();
        names.join(", ")
    }
}

/// `4 March 2026 at 10:42`, in UK time.
pub(crate) fn moment(at: Timestamp) -> String {
    at.london().format("%-d %B %Y at %H:%M").to_string()
}

/// `Plan.pdf (PDF, 120 KB)`
fn file(attachment: &Attachment) -> String {
    let size = match attachment.size {
        small if small < 1_000 => format!("{small} bytes"),
        middle if middle < 1_000_000 => format!("{} KB", middle / 1_000),
        large => format!("{}.{} MB", large / 1_000_000, large % 1_000_000 / 100_000),
    };
    format!(
        "{} ({}, {size})",
        attachment.name.reveal(),
        attachment.kind.display_name()
    )
}

/// `1 message`, `12 messages`
fn counted(count: usize, one: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        small if small < 1_000 => format!("{small} {one}s"),
        large => format!("{},{:03} {one}s", large / 1_000, large % 1_000),
    }
}
