//! Rows as the lists show them.

use std::collections::HashMap;

use lac_domain::{ConversationId, UserId};
use lac_wire::Private;
use sqlx::SqliteConnection;

use crate::failure::Failure;
use crate::local::outbox::{self, OutboxState};
use crate::local::{ConversationEntry, attachments, excerpt, participants, pupils, timestamp};
use crate::view::{ConversationRow, SendState};

/// Where a command stands, as the page names it.
pub(super) fn send_state(state: OutboxState) -> SendState {
    match state {
        OutboxState::Waiting => SendState::Waiting,
        OutboxState::Sending => SendState::Sending,
        OutboxState::NeedsAttention => SendState::NotSent,
    }
}

/// Names on one line: three, and how many others.
pub(super) fn names_in_short(mut names: Vec<String>, count: u32) -> String {
    const SHOWN: usize = 3;
    let count = usize::try_from(count).unwrap_or(usize::MAX).max(names.len());
    // Naming the last one takes no more room than counting it.
    let shown = if count == SHOWN + 1 && names.len() == count {
        count
    } else {
        SHOWN.min(names.len())
    };
    names.truncate(shown);
    let line = names.join(", ");
    match count - shown {
        0 => line,
        1 if line.is_empty() => "1 other person".to_owned(),
        more if line.is_empty() => format!("{more} people"),
        1 => format!("{line} and 1 other"),
        more => format!("{line} and {more} others"),
    }
}

/// Rows of a list of conversations; `excerpts` stand in the place of the beginnings of their newest messages.
pub(super) async fn rows(
    conn: &mut SqliteConnection,
    me: UserId,
    entries: Vec<ConversationEntry>,
    mut excerpts: HashMap<ConversationId, String>,
) -> Result<Vec<ConversationRow>, Failure> {
    let ids: Vec<ConversationId> = entries.iter().map(|entry| entry.id).collect();
    let mut others = participants::others(&mut *conn, ids.iter().copied(), me).await?;
    let names = pupils::names(&mut *conn, entries.iter().filter_map(|entry| entry.pupil_id)).await?;
    let waiting = outbox::lines(&mut *conn).await?;
    let with_files = attachments::in_conversations(&mut *conn, ids).await?;
    let mut rows = Vec::with_capacity(entries.len());
    for entry in entries {
        let (with, count) = match others.remove(&entry.id) {
            Some(found) => found,
            None if !entry.confirmed => recipients_of_unsent(&mut *conn, entry.id).await?,
            None => Default::default(),
        };
        let sending = waiting
            .iter()
            .filter(|line| line.conversation_id == Some(entry.id) && line.kind.is_message())
            .map(|line| send_state(line.state))
            // What was not sent matters more than what is on its way.
            .max_by_key(|state| match state {
                SendState::Waiting => 0,
                SendState::Sending => 1,
                SendState::NotSent => 2,
            });
        let notice = entry.kind_of_notice();
        rows.push(ConversationRow {
            id: entry.id,
            subject: entry.subject.into(),
            with: names_in_short(with, count),
            excerpt: excerpts
                .remove(&entry.id)
                .unwrap_or_else(|| excerpt::excerpt(&entry.excerpt))
                .into(),
            pupil_name: entry
                .pupil_id
                .and_then(|pupil| names.get(&pupil))
                .map(|name| Private::from(name.as_str())),
            confidential: entry.confidential,
            notice,
            last_at: timestamp(entry.last_at),
            unread: u32::try_from(entry.unread).unwrap_or(0),
            sending,
            attachments: with_files.contains(&entry.id),
            muted: entry.muted,
        });
    }
    Ok(rows)
}

/// Whom a conversation is for that only this device knows.
pub(super) async fn recipients_of_unsent(
    conn: &mut SqliteConnection,
    id: ConversationId,
) -> Result<(Vec<String>, u32), Failure> {
    let waiting = outbox::of_conversation(conn, id).await?;
    let names: Vec<String> = waiting
        .into_iter()
        .filter_map(|entry| entry.draft)
        .flat_map(|draft| draft.recipients)
        .map(|choice| choice.name)
        .collect();
    let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
    Ok((names, count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short() {
        let names = |count: usize| {
            ["Ann Lee", "Bo Fox", "Cy May", "Di Orr"][..count]
                .iter()
                .map(|name| (*name).to_owned())
                .collect()
        };
        assert_eq!(names_in_short(names(0), 0), "");
        assert_eq!(names_in_short(names(2), 2), "Ann Lee, Bo Fox");
        assert_eq!(names_in_short(names(4), 4), "Ann Lee, Bo Fox, Cy May, Di Orr");
        assert_eq!(names_in_short(names(4), 9), "Ann Lee, Bo Fox, Cy May and 6 others");
        assert_eq!(names_in_short(names(1), 2), "Ann Lee and 1 other");
        assert_eq!(names_in_short(names(0), 5), "5 people");
    }
}
