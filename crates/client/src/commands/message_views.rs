//! Messages and members of a conversation as the page shows them.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{AttachmentId, UserId};
use lac_wire::{Attachment, Command, NewMessage, Participant, Person};

use super::attachments::shown;
use super::rows::send_state;
use crate::failure::Failure;
use crate::local::attachments::HeldAttachment;
use crate::local::messages::StoredMessage;
use crate::local::outbox::OutboxEntry;
use crate::local::{ConversationEntry, timestamp};
use crate::view::*;

/// Files that this device holds.
type HeldFiles = HashMap<AttachmentId, HeldAttachment>;

/// What someone is called who may no longer be seen.
const FORMER: &str = "A former colleague";

/// Who is who.
pub(super) struct Names {
    pub me: UserId,
    pub my_name: Option<String>,
    pub people: HashMap<UserId, Person>,
}

impl Names {
    pub fn of(&self, id: UserId) -> String {
        match self.people.get(&id) {
            _ if id == self.me && self.my_name.is_some() => self.my_name.clone().unwrap_or_default(),
            Some(person) => format!("{} {}", person.first_name, person.last_name),
            None => FORMER.to_owned(),
        }
    }
}

pub(super) fn message_view(
    names: &Names,
    entry: Option<&ConversationEntry>,
    members: &[Participant],
    message: StoredMessage,
) -> MessageView {
    let mine = message.author_id == Some(names.me);
    let read_by = members
        .iter()
        .filter(|member| {
            member.read_up_to >= message.number
                && member.user_id != names.me
                && Some(member.user_id) != message.author_id
        })
        .map(|member| ReadBy {
            name: names.of(member.user_id),
            at: member.read_at,
        })
        .collect();
    MessageView {
        id: message.id,
        number: Some(message.number),
        author_name: message.author_id.map_or_else(String::new, |author| names.of(author)),
        mine,
        notice: message.author_id.is_none(),
        body: message.body.into(),
        at: timestamp(message.sent_at),
        state: None,
        command_id: None,
        problem: None,
        read_by,
        attachments: Vec::new(),
        withdrawn: None,
        unread: !mine && entry.is_some_and(|entry| entry.mine && message.number > entry.read_up_to),
    }
}

/// What came with a message, and whether it is here.
pub(super) fn files(message: &StoredMessage, held: &HeldFiles) -> Result<Vec<AttachmentView>, Failure> {
    let Some(text) = &message.attachments else {
        return Ok(Vec::new());
    };
    let with: Vec<Attachment> = serde_json::from_str(text)?;
    let is_here = |one: &Attachment| held.get(&one.id).is_some_and(HeldAttachment::is_whole);
    Ok(with.iter().map(|one| shown(one, is_here(one))).collect())
}

pub(super) fn message_of(entry: &OutboxEntry) -> Option<&NewMessage> {
    match &entry.command {
        Command::StartConversation { message, .. } | Command::SendMessage { message, .. } => Some(message),
        _ => None,
    }
}

pub(super) fn unsent_view(names: &Names, entry: &OutboxEntry, held: &HeldFiles) -> Option<MessageView> {
    let message = message_of(entry)?;
    let files = message.attachments.iter().filter_map(|id| held.get(id));
    Some(MessageView {
        id: message.id,
        number: None,
        author_name: names.of(names.me),
        mine: true,
        notice: false,
        body: message.body.clone(),
        at: message.written_at,
        state: Some(send_state(entry.state)),
        command_id: Some(entry.command_id),
        problem: entry.problem.clone(),
        read_by: Vec::new(),
        attachments: files.map(super::attachments::held).collect(),
        withdrawn: None,
        unread: false,
    })
}

/// What the sender is told of those whom a message did not go to.
pub(super) fn not_reached(names: &[String]) -> Problem {
    let code = ProblemCode::Store(lac_wire::ErrorCode::RecipientNotEntitled);
    let message = format!(
        "This message did not go to {}, who may not see the pupil.",
        names.join(", ")
    );
    Problem {
        code,
        message,
        field: None,
        request_id: None,
        changed: None,
    }
}

pub(super) fn member_views(names: &Names, members: Vec<Participant>, today: NaiveDate) -> Vec<Member> {
    let mut views: Vec<Member> = members
        .into_iter()
        .map(|member| {
            let person = names.people.get(&member.user_id);
            Member {
                user_id: member.user_id,
                name: names.of(member.user_id),
                role: person.map(|person| person.role),
                detail: person.map(super::recipients::detail).unwrap_or_default(),
                read_up_to: member.read_up_to,
                read_at: member.read_at,
                me: member.user_id == names.me,
                reachable: person.is_some_and(|person| person.may_write),
                away_until: person
                    .and_then(|person| person.away)
                    .map(|away| away.until)
                    .filter(|until| *until > today),
            }
        })
        .collect();
    views.sort_by_cached_key(|member| (member.me, lac_domain::name_key(&member.name)));
    views
}
