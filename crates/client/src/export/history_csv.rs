//! A pupil's messages as a table: a message in each row, in the order in which the store took them.

use lac_import::CsvText;
use lac_wire::Message;

use super::{Export, Part, file};

/// The file's bytes.
pub(crate) fn csv(export: &Export) -> Vec<u8> {
    let mut table = CsvText::new();
    table.row([
        "Sent",
        "From",
        "Conversation",
        "Who takes part",
        "Confidential",
        "Message",
        "Attachments",
    ]);
    let mut rows: Vec<(&Part, &Message)> = export
        .parts
        .iter()
        .flat_map(|part| part.messages.iter().map(move |message| (part, message)))
        .collect();
    rows.sort_by_key(|(_, message)| message.number);
    for (part, message) in rows {
        let files: Vec<String> = message.attachments.iter().map(file).collect();
        // A form that spreadsheets here read as a date, and that people do.
        let sent = message.sent_at.london().format("%d/%m/%Y %H:%M").to_string();
        table.row([
            sent.as_str(),
            export.author(message),
            part.conversation.subject.reveal(),
            &export.members(&part.conversation),
            if part.conversation.confidential { "Yes" } else { "No" },
            &export.text(message),
            &files.join("; "),
        ]);
    }
    table.into_bytes()
}
