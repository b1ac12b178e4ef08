//! A pupil's messages as pages: each says whose they are, who took them out, when and why.

use super::{Export, counted, file, moment};
use crate::pdf::{Fonts, Pages, Style};

const TITLE: f32 = 15.0;
const SUBJECT: f32 = 12.0;
const BODY: f32 = 10.0;
const SMALL: f32 = 8.5;

/// The file's bytes. The error is for the log.
pub(crate) fn pdf(export: &Export) -> Result<Vec<u8>, String> {
    pdf_with(export, Fonts::new().ok_or("the embedded fonts cannot be read")?)
}

pub(super) fn pdf_with(export: &Export, mut fonts: Fonts) -> Result<Vec<u8>, String> {
    let title = format!("Messages about {}", export.pupil);
    let exported = format!(
        "Exported by {} on {} for: {}",
        export.by,
        moment(export.at),
        export.reason
    );
    let exported = two_lines(&mut fonts, &exported);
    let head = [
        (title.clone(), Style::of(TITLE).bold()),
        (exported, Style::of(SMALL).quiet()),
        ("Confidential".to_owned(), Style::of(SMALL).bold()),
    ];
    let mut pages = Pages::new(fonts, &head, &format!("{title}. Confidential."));
    summary(&mut pages, export);
    for part in &export.parts {
        pages.space(14.0);
        pages.keep(90.0);
        pages.rule();
        pages.space(6.0);
        pages.text(part.conversation.subject.reveal(), Style::of(SUBJECT).bold());
        let with = format!("Who takes part: {}", export.members(&part.conversation));
        pages.text(&with, Style::of(SMALL).quiet());
        if part.conversation.confidential {
            let confidential = "Confidential: of those who can see the pupil, only the people who take part and the Virtual School may read it.";
            pages.text(confidential, Style::of(SMALL).quiet());
        }
        for message in &part.messages {
            pages.space(8.0);
            // A name never stands alone at the foot of a page.
            pages.keep(44.0);
            pages.beside(&moment(message.sent_at), Style::of(SMALL).quiet());
            pages.text(export.author(message), Style::of(BODY).bold());
            pages.text(
                &export.text(message).replace("\r\n", "\n"),
                Style::of(BODY).indented(12.0),
            );
            for attachment in &message.attachments {
                let line = format!("Attached: {}", file(attachment));
                pages.text(&line, Style::of(SMALL).quiet().indented(12.0));
            }
        }
    }
    pages.finish(&title)
}

/// What the file holds, before the first conversation.
fn summary(pages: &mut Pages, export: &Export) {
    let messages = export.parts.iter().flat_map(|part| &part.messages);
    let (first, last) = (
        messages.clone().map(|message| message.sent_at).min(),
        messages.map(|message| message.sent_at).max(),
    );
    let mut text = format!(
        "{} in {}",
        counted(export.count(), "message"),
        counted(export.parts.len(), "conversation")
    );
    if let (Some(first), Some(last)) = (first, last) {
        text.push_str(&format!(
            ", from {} to {}",
            first.london().format("%-d %B %Y"),
            last.london().format("%-d %B %Y")
        ));
    }
    pages.text(&format!("{text}. Times are UK times."), Style::of(BODY));
    pages.text(&format!("Reason for the export: {}", export.reason), Style::of(BODY));
    if let Some(filter) = &export.filter {
        pages.text(&format!("Only what this search finds: {filter}"), Style::of(BODY));
    }
    pages.space(4.0);
    let who = "These are the messages that the person who exported them may read. Files that came with messages are named, not included.";
    pages.text(who, Style::of(SMALL).quiet());
}

/// As much of who exported it and why as stands on two lines; the whole reason is told on the first page.
fn two_lines(fonts: &mut Fonts, text: &str) -> String {
    let fits = |fonts: &mut Fonts, text: &str| Style::of(SMALL).lines(fonts, text).len() <= 2;
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if fits(fonts, &text) {
        return text;
    }
    let mut kept: Vec<&str> = text.split(' ').collect();
    while kept.pop().is_some() {
        let shorter = format!("{}…", kept.join(" "));
        if fits(fonts, &shorter) {
            return shorter;
        }
    }
    String::new()
}
