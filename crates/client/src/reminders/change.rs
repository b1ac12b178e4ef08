//! Changing reminders: each change is kept with the command that tells the store, in one transaction.

use lac_domain::reminders::REMINDER_LIMIT;
use lac_domain::{ConversationId, ReminderId, ReminderKind, Timestamp};
use lac_wire::{Command, NewReminder, Reminder};
use sqlx::SqliteConnection;

use crate::account::OpenAccount;
use crate::failure::{Failure, gone, invalid};
use crate::local::outbox::{self, CommandKind, OutboxState};
use crate::local::reminders;

async fn push(account: &OpenAccount, conn: &mut SqliteConnection, command: &Command) -> Result<(), Failure> {
    let now = account.computer.now();
    outbox::push(conn, account.computer.new_id()?, command, None, now).await
}

fn told(account: &OpenAccount) {
    account.push.notify_one();
    account.ring.notify_one();
    account.to_tell.held();
    account.to_tell.sync();
}

async fn find(conn: &mut SqliteConnection, id: ReminderId) -> Result<Reminder, Failure> {
    let found = reminders::get(conn, id).await?;
    Ok(found.ok_or_else(|| gone("This reminder"))?)
}

/// Makes a reminder, or changes one; one that was done is open again.
pub(crate) async fn save(account: &OpenAccount, new: NewReminder) -> Result<ReminderId, Failure> {
    let text = new.text.reveal().trim();
    if text.is_empty() {
        return Err(invalid("text", "Enter what you want to be reminded of.").into());
    }
    if text.chars().count() > REMINDER_LIMIT {
        let message = format!("Shorten this to {REMINDER_LIMIT} characters or fewer.");
        return Err(invalid("text", message).into());
    }
    let new = NewReminder {
        text: text.into(),
        ..new
    };
    let kept = Reminder {
        id: new.id,
        kind: ReminderKind::Own,
        text: new.text.clone(),
        pupil_id: new.pupil_id,
        conversation_id: new.conversation_id,
        establishment_id: None,
        due_at: new.due_at,
        repeat: new.repeat,
        snoozed_until: None,
        done_at: None,
    };
    let id = new.id;
    let mut tx = account.local.begin().await?;
    reminders::set(&mut tx, &kept).await?;
    for row in outbox::of_reminder(&mut tx, id).await? {
        // What was refused is said anew.
        if row.kind == CommandKind::SaveReminder && row.state == OutboxState::NeedsAttention {
            outbox::delete(&mut tx, row.command_id).await?;
        }
    }
    push(account, &mut tx, &Command::SaveReminder { reminder: new }).await?;
    tx.commit().await?;
    told(account);
    Ok(id)
}

/// Has reminders that wait be about no conversation any more: it was taken back before the store knew it.
pub(crate) async fn forget_conversation(
    account: &OpenAccount,
    conn: &mut SqliteConnection,
    conversation: ConversationId,
) -> Result<(), Failure> {
    for row in outbox::all(&mut *conn).await? {
        let Command::SaveReminder { mut reminder } = row.command else {
            continue;
        };
        if reminder.conversation_id != Some(conversation) {
            continue;
        }
        reminder.conversation_id = None;
        if let Some(mut kept) = reminders::get(&mut *conn, reminder.id).await? {
            kept.conversation_id = None;
            reminders::set(&mut *conn, &kept).await?;
        }
        let command = Command::SaveReminder { reminder };
        outbox::rewrite(&mut *conn, row.command_id, account.computer.new_id()?, &command).await?;
    }
    Ok(())
}

/// Is done with a reminder. One that repeats comes again.
pub(crate) async fn finish(account: &OpenAccount, id: ReminderId) -> Result<(), Failure> {
    let now = account.computer.now();
    let mut tx = account.local.begin().await?;
    let mut kept = find(&mut tx, id).await?;
    if kept.done_at.is_some() {
        return Ok(());
    }
    let terms = account.me().map(|me| me.authority.term_dates.terms).unwrap_or_default();
    let due_at = kept.due_at;
    let next_due = kept.repeat.map(|repeat| repeat.next(due_at, now, &terms));
    kept.snoozed_until = None;
    match next_due {
        Some(next) => kept.due_at = next,
        None => kept.done_at = Some(now),
    }
    reminders::set(&mut tx, &kept).await?;
    push(account, &mut tx, &Command::FinishReminder { id, due_at, next_due }).await?;
    tx.commit().await?;
    told(account);
    Ok(())
}

/// Has a reminder come later.
pub(crate) async fn snooze(account: &OpenAccount, id: ReminderId, until: Timestamp) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    let mut kept = find(&mut tx, id).await?;
    kept.snoozed_until = Some(until);
    kept.done_at = None;
    reminders::set(&mut tx, &kept).await?;
    push(account, &mut tx, &Command::SnoozeReminder { id, until }).await?;
    tx.commit().await?;
    told(account);
    Ok(())
}
