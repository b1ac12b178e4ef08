//! Sending what waits. One command at a time; the order is kept within a conversation, and a command that cannot be
//! sent holds nothing but its own conversation.

mod files;
mod queue;
mod taking_part;

use std::sync::Arc;
use std::time::Duration;

use lac_domain::CommandId;
use lac_wire::{Command, CommandEnvelope, CommandReply, Entity, EntityKind, MaybeEntity};
pub(crate) use queue::{UNDO, mark, note_opened, note_read, queue_message};
use sqlx::SqliteConnection;
pub(crate) use taking_part::{add, leave, mute};

use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::outbox::{self, CommandKind, OutboxEntry, ready};
use crate::local::{Context, ToFetch, apply, attachments, conversations, meta};
use crate::pace::{backoff, backoff_or};
use crate::view::Problem;

/// Sends for as long as the account is open.
pub(crate) async fn send_all(account: Arc<OpenAccount>) {
    let mut failures = 0;
    loop {
        if !account.api.has_token() {
            account.push.notified().await;
            continue;
        }
        let wait = match send_ready(&account, &mut failures).await {
            Ok(wait) => wait,
            Err(failure) => {
                tracing::error!(%failure, "the outbox could not be worked on");
                failures += 1;
                Some(backoff(failures))
            }
        };
        match wait {
            Some(wait) => tokio::select! {
                () = account.push.notified() => {}
                () = account.computer.clock.sleep(wait) => {}
            },
            None => account.push.notified().await,
        }
    }
}

/// What became of a command.
enum Outcome {
    /// It is settled, or is no longer there: the next one.
    Settled,
    /// It rests for so long; others go on.
    Rests(Duration),
    /// Nothing can be sent for so long, or until the network or a session is back.
    AllRest(Option<Duration>),
}

/// Sends what may be sent now. Gives how long to wait before trying again what could not be; none where nothing is
/// left to try.
async fn send_ready(account: &OpenAccount, failures: &mut u32) -> Result<Option<Duration>, Failure> {
    loop {
        let mut conn = account.local.reader().await?;
        let lines = outbox::lines(&mut conn).await?;
        drop(conn);
        let now = account.computer.clock.monotonic();
        let mut soonest: Option<Duration> = None;
        let mut sendable = Vec::new();
        {
            let (mut resting, mut undoable) = (lock(&account.resting), lock(&account.undoable));
            resting.retain(|id, _| lines.iter().any(|line| line.command_id == *id));
            undoable.retain(|_, until| *until > now);
            for id in ready(&lines) {
                let rests = resting.get(&id).map(|(_, until)| *until);
                match rests.max(undoable.get(&id).copied()) {
                    Some(until) if until > now => {
                        let wait = until - now;
                        soonest = Some(soonest.map_or(wait, |soonest| soonest.min(wait)));
                    }
                    _ => sendable.push(id),
                }
            }
        }
        if sendable.is_empty() {
            return Ok(soonest);
        }
        for id in sendable {
            match send(account, id, failures).await? {
                Outcome::Settled => *failures = 0,
                Outcome::Rests(wait) => {
                    let until = account.computer.clock.monotonic() + wait;
                    let mut resting = lock(&account.resting);
                    let (count, at) = resting.entry(id).or_default();
                    *count += 1;
                    *at = until;
                }
                Outcome::AllRest(wait) => return Ok(wait),
            }
        }
    }
}

async fn send(account: &OpenAccount, id: CommandId, failures: &mut u32) -> Result<Outcome, Failure> {
    if let Some(outcome) = send_files(account, id, failures).await? {
        return Ok(outcome);
    }
    let mut tx = account.local.begin().await?;
    if !outbox::take_in_hand(&mut tx, id).await? {
        return Ok(Outcome::Settled);
    }
    let Some(entry) = outbox::get(&mut tx, id).await? else {
        return Ok(Outcome::Settled);
    };
    tx.commit().await?;
    if entry.kind.is_shown() {
        account.to_tell.held();
    }
    let envelope = CommandEnvelope {
        id,
        command: entry.command.clone(),
    };
    let answer = account.api.post_command(&envelope).await;
    account.heard(&answer).await;
    files::forget(account, &entry);
    let outcome = match answer {
        Ok(reply) => {
            settle(account, &entry, reply).await?;
            Outcome::Settled
        }
        Err(error) => not_sent(account, &entry, error, failures).await?,
    };
    account.to_tell.sync();
    if entry.kind.is_shown() {
        account.to_tell.held();
    }
    Ok(outcome)
}

/// Sends the next piece of the files that go with a message. None where they have all arrived, or there are none: the
/// message itself is next. It waits meanwhile, and can be taken back.
async fn send_files(account: &OpenAccount, id: CommandId, failures: &mut u32) -> Result<Option<Outcome>, Failure> {
    let mut conn = account.local.reader().await?;
    let Some(entry) = outbox::get(&mut conn, id).await? else {
        return Ok(Some(Outcome::Settled));
    };
    drop(conn);
    if files::files_of(&entry).is_none_or(|(_, ids)| ids.is_empty()) {
        return Ok(None);
    }
    let sent = files::send_next(account, &entry).await;
    account.heard(&sent).await;
    let outcome = match sent {
        Ok(true) => return Ok(None),
        // Others may go on, and then the next piece.
        Ok(false) => return Ok(Some(Outcome::Settled)),
        Err(error) => not_sent(account, &entry, error, failures).await?,
    };
    account.to_tell.sync();
    account.to_tell.held();
    Ok(Some(outcome))
}

/// What becomes of a command that the store did not take.
async fn not_sent(
    account: &OpenAccount,
    entry: &OutboxEntry,
    error: ApiError,
    failures: &mut u32,
) -> Result<Outcome, Failure> {
    let id = entry.command_id;
    Ok(match error {
        ApiError::Refused(body) => {
            refuse(account, entry, body.into()).await?;
            Outcome::Settled
        }
        ApiError::Later {
            retry_after,
            not_taken,
            whole_store,
            ..
        } => {
            wait_again(account, id, not_taken).await?;
            if whole_store {
                *failures += 1;
                Outcome::AllRest(Some(backoff_or(*failures, retry_after)))
            } else {
                let failed = lock(&account.resting).get(&id).map_or(0, |(count, _)| *count);
                Outcome::Rests(backoff_or(failed + 1, retry_after))
            }
        }
        ApiError::Unreachable { not_sent, .. } => {
            wait_again(account, id, not_sent).await?;
            *failures += 1;
            Outcome::AllRest(Some(backoff(*failures)))
        }
        ApiError::SignedOut(_) => {
            wait_again(account, id, true).await?;
            Outcome::AllRest(None)
        }
        ApiError::Failed(failure) => {
            wait_again(account, id, true).await?;
            return Err(failure);
        }
    })
}

/// The store took it: its copy is written in the transaction that takes the row out.
async fn settle(account: &OpenAccount, entry: &OutboxEntry, reply: CommandReply) -> Result<(), Failure> {
    let me = account.my_id()?;
    let mut tx = account.local.begin().await?;
    outbox::delete(&mut tx, entry.command_id).await?;
    let message_id = reply.message.as_ref().map(|message| message.id);
    outbox::note_sent(&mut tx, entry, message_id, &reply.left_out, account.computer.now()).await?;
    let whole = reply.message.is_some() || !entry.kind.is_message();
    let out_of_sight = entry.kind == CommandKind::SaveReminder && reply.reminder.is_none();
    let left = match (&entry.command, &reply.conversation) {
        // Who left it, and may not read it all the same, has it no more.
        (Command::Leave { conversation_id }, None) => Some(Entity::Gone {
            entity: EntityKind::Conversation,
            id: conversation_id.0,
        }),
        _ => None,
    };
    let entities: Vec<MaybeEntity> = reply
        .conversation
        .map(|conversation| Entity::Conversation(conversation).into())
        .into_iter()
        .chain(left.map(MaybeEntity::from))
        .chain(reply.message.map(|message| Entity::Message(message).into()))
        .chain(reply.reminder.map(|reminder| Entity::Reminder(reminder).into()))
        .collect();
    let context = Context {
        me,
        generation: meta::generation(&mut tx).await?,
        news: false,
        deferred: false,
    };
    let applied = apply(&mut tx, &context, entities).await?;
    if let Some((message, _)) = files::files_of(entry) {
        attachments::sent(&mut tx, message, entry.conversation_id.filter(|_| message_id.is_some())).await?;
    }
    if !whole && let Some(conversation) = entry.conversation_id {
        // A store that answers with less: the rest is fetched.
        ToFetch::Conversation(conversation).note(&mut tx).await?;
        account.pull.notify_one();
    }
    if out_of_sight {
        // The store keeps it, but does not show it: what it is about may no longer be seen.
        ToFetch::Reminders.note(&mut tx).await?;
        account.pull.notify_one();
    }
    tx.commit().await?;
    if applied.purged {
        account.leave_nothing_behind().await?;
    }
    account.to_tell.held();
    Ok(())
}

/// The store refused it. A person's words stay, with the reason; what holds none is given up.
async fn refuse(account: &OpenAccount, entry: &OutboxEntry, problem: Problem) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    if entry.kind.is_shown() && !written_anew(&mut tx, entry).await? {
        outbox::refuse(&mut tx, entry.command_id, &problem).await?;
        if entry.kind == CommandKind::TakePart
            && let Some(id) = entry.conversation_id
        {
            // Who takes part is as it was before.
            ToFetch::Conversation(id).note(&mut tx).await?;
            account.pull.notify_one();
        }
    } else {
        outbox::delete(&mut tx, entry.command_id).await?;
        if entry.kind == CommandKind::Reminder {
            ToFetch::Reminders.note(&mut tx).await?;
            account.pull.notify_one();
        }
        if entry.kind == CommandKind::Mark
            && let Some(id) = entry.conversation_id
            && conversations::get(&mut tx, id).await?.is_some()
        {
            // What was shown as read may not be: the store's word counts.
            ToFetch::Conversation(id).note(&mut tx).await?;
            account.pull.notify_one();
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Whether a reminder was changed again since: what follows says all that it shall say.
async fn written_anew(conn: &mut SqliteConnection, entry: &OutboxEntry) -> Result<bool, Failure> {
    let Command::SaveReminder { reminder } = &entry.command else {
        return Ok(false);
    };
    let rows = outbox::of_reminder(conn, reminder.id).await?;
    let mut after = rows.iter().skip_while(|row| row.command_id != entry.command_id).skip(1);
    Ok(after.any(|row| row.kind == CommandKind::SaveReminder))
}

async fn wait_again(account: &OpenAccount, id: CommandId, surely_not_sent: bool) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    outbox::wait_again(&mut tx, id, surely_not_sent).await?;
    tx.commit().await?;
    Ok(())
}
