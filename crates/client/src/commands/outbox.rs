//! What waits to be sent, and what was not sent.

use lac_domain::{CommandId, DraftId, PupilId, UserId};
use lac_wire::{Command, Private};

use super::recipients;
use super::rows::{names_in_short, send_state};
use crate::App;
use crate::account::lock;
use crate::failure::{Failure, gone};
use crate::host::Host;
use crate::local::outbox::{self, CommandKind, OutboxEntry, OutboxState};
use crate::local::{ToFetch, attachments, conversations, drafts, excerpt, participants, people, pupils, reminders};
use crate::view::*;

impl<H: Host> App<H> {
    /// Messages and reminders that wait to be sent or were not sent, in the order in which they leave.
    ///
    /// # Errors
    /// When the account's file is not open.
    pub async fn list_outbox(&self, account: AccountId, _: ()) -> Result<Vec<OutboxRow>, Problem> {
        let open = self.opened(account)?;
        let me = open.my_id()?;
        let mut conn = open.local.reader().await?;
        let entries = outbox::all(&mut conn).await?;
        let ids: Vec<_> = entries.iter().filter_map(|entry| entry.conversation_id).collect();
        let held = conversations::get_all(&mut conn, ids.iter().copied()).await?;
        let others = participants::others(&mut conn, ids.iter().copied(), me).await?;
        let pupils = pupils::names(&mut conn, entries.iter().filter_map(pupil_of_reminder)).await?;
        let added = people::get_all(&mut conn, entries.iter().flat_map(|entry| added_by(&entry.command))).await?;
        // One's own words are always there to be read; names are only while what is held is.
        let readable = open.may_read().is_ok();
        let mut rows = Vec::new();
        for entry in entries {
            let Some(conversation_id) = entry.conversation_id else {
                continue;
            };
            // A conversation that may no longer be seen has no subject any more.
            let subject_held = || {
                let held = held.get(&conversation_id);
                Private::from(held.map(|held| held.subject.as_str()).unwrap_or_default())
            };
            let (subject, to, message) = match &entry.command {
                Command::AddParticipants { users, .. } => {
                    let names = users.iter().filter_map(|id| added.get(id)).filter(|_| readable);
                    let names: Vec<String> = names.map(|one| recipients::person(one).name).collect();
                    let count = u32::try_from(users.len()).unwrap_or(u32::MAX);
                    let to = names_in_short(names, count);
                    rows.push(change_row(entry, OutboxChange::AddPeople, subject_held(), to));
                    continue;
                }
                Command::Leave { .. } => {
                    rows.push(change_row(entry, OutboxChange::Leave, subject_held(), String::new()));
                    continue;
                }
                Command::SaveReminder { reminder } => {
                    let name = reminder.pupil_id.and_then(|pupil| pupils.get(&pupil));
                    rows.push(OutboxRow {
                        command_id: entry.command_id,
                        conversation_id: None,
                        reminder: Some(UnsavedReminder {
                            due_at: reminder.due_at,
                            pupil_name: name.filter(|_| readable).map(|name| Private::from(name.as_str())),
                            out_of_sight: reminder.pupil_id.is_some() && name.is_none(),
                        }),
                        change: None,
                        subject: Private::default(),
                        to: String::new(),
                        excerpt: reminder.text.clone(),
                        attachments: 0,
                        written_at: entry.written_at,
                        state: send_state(entry.state),
                        problem: entry.problem,
                    });
                    continue;
                }
                Command::StartConversation { subject, message, .. } => {
                    let names: Vec<String> = entry
                        .draft
                        .iter()
                        .flat_map(|draft| draft.recipients.iter().map(|choice| choice.name.clone()))
                        .collect();
                    let count = u32::try_from(names.len()).unwrap_or(u32::MAX);
                    (subject.clone(), names_in_short(names, count), message)
                }
                Command::SendMessage { message, .. } => {
                    let (names, count) = others.get(&conversation_id).cloned().unwrap_or_default();
                    (subject_held(), names_in_short(names, count), message)
                }
                _ => continue,
            };
            let attachments = u32::try_from(message.attachments.len()).unwrap_or(u32::MAX);
            rows.push(OutboxRow {
                command_id: entry.command_id,
                conversation_id: Some(conversation_id),
                reminder: None,
                change: None,
                subject,
                to,
                excerpt: excerpt::excerpt(message.body.reveal()).into(),
                attachments,
                written_at: entry.written_at,
                state: send_state(entry.state),
                problem: entry.problem,
            });
        }
        Ok(rows)
    }

    /// Tries again now to send something that waits or was refused.
    ///
    /// # Errors
    /// When it is no longer in the outbox.
    pub async fn try_again(&self, account: AccountId, request: OutboxRef) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let entry = entry(&mut tx, request.command_id).await?;
        if entry.state == OutboxState::NeedsAttention {
            outbox::renew(&mut tx, entry.command_id, open.computer.new_id()?).await?;
        }
        tx.commit().await.map_err(Failure::from)?;
        lock(&open.resting).remove(&request.command_id);
        lock(&open.undoable).remove(&request.command_id);
        open.push.notify_one();
        open.to_tell.held();
        open.to_tell.sync();
        Ok(())
    }

    /// Makes a draft again of something that waits or was refused, in one transaction.
    ///
    /// # Errors
    /// While it is being sent or may have arrived, or while something else waits behind the beginning of a
    /// conversation; when it is no longer in the outbox.
    pub async fn take_back(&self, account: AccountId, request: OutboxRef) -> Result<DraftId, Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let entry = entry(&mut tx, request.command_id).await?;
        if !entry.kind.is_message() {
            return Err(not_now(
                "This is no message, so it cannot be edited. Give it up, and do it anew.",
            ));
        }
        if entry.state == OutboxState::Sending {
            return Err(not_now(
                "This message is being sent at this moment. Wait until it has left or was refused.",
            ));
        }
        if entry.maybe_sent {
            return Err(not_now(
                "This message may have reached the store already; its answer was lost. It will be known as soon as the store answers again. To correct it, write another message then.",
            ));
        }
        if let (CommandKind::Start, Some(conversation)) = (entry.kind, entry.conversation_id) {
            let waiting = outbox::of_conversation(&mut tx, conversation).await?;
            if waiting.iter().any(|other| other.command_id != entry.command_id) {
                return Err(not_now(
                    "Another message waits behind this one, in the same conversation. Take that one back first.",
                ));
            }
            crate::reminders::forget_conversation(&open, &mut tx, conversation).await?;
            conversations::delete_unsent(&mut tx, conversation).await?;
        }
        let draft = draft_of(&entry, open.computer.new_id()?)?;
        drafts::put(&mut tx, &draft, open.computer.now()).await?;
        if let Command::StartConversation { message, .. } | Command::SendMessage { message, .. } = &entry.command {
            attachments::to_draft(&mut tx, message.id, draft.id).await?;
        }
        outbox::delete(&mut tx, entry.command_id).await?;
        tx.commit().await.map_err(Failure::from)?;
        lock(&open.undoable).remove(&entry.command_id);
        open.push.notify_one();
        open.to_tell.held();
        open.to_tell.sync();
        Ok(draft.id)
    }

    /// Deletes a reminder that the store refused. What the store has of it comes back.
    ///
    /// # Errors
    /// While it may still reach the store; when it is no longer in the outbox.
    pub async fn delete_unsaved_reminder(&self, account: AccountId, request: OutboxRef) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let entry = entry(&mut tx, request.command_id).await?;
        let Command::SaveReminder { reminder } = &entry.command else {
            return Err(not_now(
                "This is no reminder. Edit the message, or give up what you wanted to do.",
            ));
        };
        if entry.state != OutboxState::NeedsAttention {
            return Err(not_now(
                "This reminder waits to be sent. Once it is sent, you can be done with it under Reminders.",
            ));
        }
        outbox::delete(&mut tx, entry.command_id).await?;
        reminders::delete_one(&mut tx, reminder.id).await?;
        ToFetch::Reminders.note(&mut tx).await?;
        tx.commit().await.map_err(Failure::from)?;
        open.push.notify_one();
        open.pull.notify_one();
        open.ring.notify_one();
        open.to_tell.held();
        open.to_tell.sync();
        Ok(())
    }
}

/// Whom a command adds to a conversation.
pub(super) fn added_by(command: &Command) -> impl Iterator<Item = UserId> {
    let users = match command {
        Command::AddParticipants { users, .. } => users.as_slice(),
        _ => &[],
    };
    users.iter().copied()
}

/// The row of a command that holds no words.
fn change_row(entry: OutboxEntry, change: OutboxChange, subject: Private, to: String) -> OutboxRow {
    OutboxRow {
        command_id: entry.command_id,
        conversation_id: entry.conversation_id,
        reminder: None,
        change: Some(change),
        subject,
        to,
        excerpt: Private::default(),
        attachments: 0,
        written_at: entry.written_at,
        state: send_state(entry.state),
        problem: entry.problem,
    }
}

/// The pupil whom a reminder is about.
fn pupil_of_reminder(entry: &OutboxEntry) -> Option<PupilId> {
    match &entry.command {
        Command::SaveReminder { reminder } => reminder.pupil_id,
        _ => None,
    }
}

pub(super) async fn entry(conn: &mut sqlx::SqliteConnection, id: CommandId) -> Result<OutboxEntry, Problem> {
    let entry = outbox::get(conn, id).await?.filter(|entry| entry.kind.is_shown());
    entry.ok_or_else(|| gone("This is no longer waiting to be sent, or it"))
}

pub(super) fn not_now(message: &str) -> Problem {
    Problem::local(LocalCode::Invalid, message)
}

/// The draft that a command was made from, or one made of the command alone.
fn draft_of(entry: &OutboxEntry, id: DraftId) -> Result<Draft, Problem> {
    let bare = |conversation_id| Draft {
        id,
        conversation_id,
        pupil_id: None,
        confidential: false,
        recipients: Vec::new(),
        subject: Private::default(),
        body: Private::default(),
        saved_at: None,
        attachments: Vec::new(),
    };
    match &entry.command {
        Command::StartConversation {
            subject,
            pupil_id,
            confidential,
            message,
            ..
        } => {
            let draft = entry.draft.clone().unwrap_or_else(|| bare(None));
            Ok(Draft {
                id,
                conversation_id: None,
                pupil_id: *pupil_id,
                confidential: *confidential,
                subject: subject.clone(),
                body: message.body.clone(),
                ..draft
            })
        }
        Command::SendMessage {
            conversation_id,
            message,
        } => {
            let draft = entry.draft.clone().unwrap_or_else(|| bare(Some(*conversation_id)));
            Ok(Draft {
                id,
                conversation_id: Some(*conversation_id),
                body: message.body.clone(),
                ..draft
            })
        }
        _ => Err(gone("This message")),
    }
}
