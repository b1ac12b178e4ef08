//! Putting commands into the outbox, each in the transaction of what it comes from.

use std::time::Duration;

use lac_domain::{AttachmentId, CommandId, ConversationId, MessageId, PupilId, Timestamp};
use lac_wire::{BODY_LIMIT, Command, NewMessage, SUBJECT_LIMIT};
use sqlx::SqliteConnection;

use crate::account::{OpenAccount, lock};
use crate::failure::{Failure, invalid};
use crate::local::{attachments, conversations, messages, outbox, waiting};
use crate::view::{Draft, Problem};

/// How long a message waits after "Send" before it leaves, so that it can be taken back.
pub(crate) const UNDO: Duration = Duration::from_secs(10);
/// One reading about a pupil is noted once in so long.
const NOTED_FOR: Duration = Duration::from_secs(600);

/// Checks what a person wants to send.
fn check(draft: &Draft) -> Result<(), Problem> {
    let body = draft.body.reveal();
    if draft.conversation_id.is_none() {
        if draft.recipients.is_empty() {
            return Err(invalid("recipients", "Choose who this message is for."));
        }
        let subject = draft.subject.reveal().trim();
        if subject.is_empty() {
            return Err(invalid("subject", "Enter a subject."));
        }
        if subject.chars().count() > SUBJECT_LIMIT {
            return Err(invalid(
                "subject",
                format!("Shorten the subject to {SUBJECT_LIMIT} characters or fewer."),
            ));
        }
    }
    if body.trim().is_empty() {
        return Err(invalid("body", "Write a message."));
    }
    if body.chars().count() > BODY_LIMIT {
        return Err(invalid(
            "body",
            format!("Shorten the message to {BODY_LIMIT} characters or fewer, or send it as two."),
        ));
    }
    Ok(())
}

/// Makes a command of a draft and puts it last. It shows in its conversation at once, and leaves once nobody may want
/// it back.
pub(crate) async fn queue_message(
    account: &OpenAccount,
    conn: &mut SqliteConnection,
    draft: &Draft,
) -> Result<(ConversationId, CommandId), Failure> {
    check(draft)?;
    let now = account.computer.now();
    let id = account.computer.new_id::<MessageId>()?;
    let message = NewMessage {
        id,
        body: draft.body.clone(),
        written_at: now,
        attachments: attachments::to_message(&mut *conn, draft.id, id).await?,
    };
    let (conversation_id, command) = match draft.conversation_id {
        Some(conversation_id) => {
            conversations::set_wrote(&mut *conn, [conversation_id]).await?;
            (
                conversation_id,
                Command::SendMessage {
                    conversation_id,
                    message,
                },
            )
        }
        None => {
            let conversation_id: ConversationId = account.computer.new_id()?;
            let subject = draft.subject.reveal().trim();
            let excerpt = draft.body.reveal();
            conversations::put_unsent(
                &mut *conn,
                conversation_id,
                subject,
                draft.pupil_id,
                draft.confidential,
                excerpt,
                now,
            )
            .await?;
            let command = Command::StartConversation {
                conversation_id,
                subject: subject.into(),
                pupil_id: draft.pupil_id,
                confidential: draft.confidential,
                recipients: draft.recipients.iter().map(|choice| choice.recipient.clone()).collect(),
                message,
            };
            (conversation_id, command)
        }
    };
    let command_id = account.computer.new_id()?;
    outbox::push(conn, command_id, &command, Some(draft), now).await?;
    if account.computer.settings().undo_send {
        let until = account.computer.clock.monotonic() + UNDO;
        lock(&account.undoable).insert(command_id, until);
    }
    Ok((conversation_id, command_id))
}

/// Marks a conversation read, or its newest message of others unread, here at once and at the store when it is
/// reached. What waited to be told of before is told no more.
pub(crate) async fn mark(account: &OpenAccount, id: ConversationId, read: bool) -> Result<(), Failure> {
    let me = account.my_id()?;
    let mut tx = account.local.begin().await?;
    let Some(conversation) = conversations::get(&mut tx, id).await? else {
        return Err(crate::failure::gone("This conversation").into());
    };
    let newest = messages::newest_of_others(&mut tx, id, me).await?;
    let up_to = match (read, newest) {
        (true, _) if conversation.held_last > conversation.read_up_to => conversation.held_last,
        (false, Some(newest)) if conversation.read_up_to >= newest => newest - 1,
        // It is so already, or there is nothing to mark.
        _ => return Ok(()),
    };
    if !conversation.mine || !conversation.confirmed {
        return Ok(());
    }
    let command = if read {
        Command::MarkRead {
            conversation_id: id,
            up_to,
        }
    } else {
        Command::MarkUnread { conversation_id: id }
    };
    waiting::drop_marks(&mut tx, id).await?;
    outbox::push(
        &mut tx,
        account.computer.new_id()?,
        &command,
        None,
        account.computer.now(),
    )
    .await?;
    conversations::set_read(&mut tx, me, id, up_to).await?;
    tx.commit().await?;
    account.push.notify_one();
    account.to_tell.held();
    Ok(())
}

/// Notes that the user read about a pupil on this device, for the audit trail; once in ten minutes.
pub(crate) async fn note_read(account: &OpenAccount, pupil_id: PupilId) -> Result<(), Failure> {
    let now = account.computer.clock.monotonic();
    let noted_before = lock(&account.noted)
        .get(&pupil_id)
        .is_some_and(|at| now.saturating_sub(*at) < NOTED_FOR);
    if noted_before {
        return Ok(());
    }
    let at: Timestamp = account.computer.now();
    let id: CommandId = account.computer.new_id()?;
    let mut tx = account.local.begin().await?;
    outbox::push(&mut tx, id, &Command::NoteRead { pupil_id, at }, None, at).await?;
    tx.commit().await?;
    lock(&account.noted).insert(pupil_id, now);
    account.push.notify_one();
    Ok(())
}

/// Notes that the user opened or saved an attachment of a message on this device, for the audit trail; once in ten
/// minutes.
pub(crate) async fn note_opened(account: &OpenAccount, attachment_id: AttachmentId) -> Result<(), Failure> {
    let now = account.computer.clock.monotonic();
    let noted_before = lock(&account.noted_opened)
        .get(&attachment_id)
        .is_some_and(|at| now.saturating_sub(*at) < NOTED_FOR);
    if noted_before {
        return Ok(());
    }
    let at: Timestamp = account.computer.now();
    let id: CommandId = account.computer.new_id()?;
    let mut tx = account.local.begin().await?;
    outbox::push(&mut tx, id, &Command::NoteOpened { attachment_id, at }, None, at).await?;
    tx.commit().await?;
    lock(&account.noted_opened).insert(attachment_id, now);
    account.push.notify_one();
    Ok(())
}
