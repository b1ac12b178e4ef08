//! The commands about reminders: made or changed, done, snoozed.

use lac_domain::reminders::REMINDER_LIMIT;
use lac_domain::{ReminderId, ReminderKind, Repeat, Timestamp, UserId};
use lac_wire::{Command, NewReminder};
use sqlx::AssertSqlSafe;

use super::rows::{sees_reminder, text_place};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::messages::Standing;
use crate::scope::Scope;
use crate::writer::{Audience, Changed, Tx};

/// Takes a command about a reminder; answers which.
///
/// # Errors
/// A refusal where the reminder, or what it is about, may not be seen.
pub(crate) async fn take(tx: &mut Tx, scope: Scope, command: &Command) -> Result<ReminderId, Failure> {
    let id = match command {
        Command::SaveReminder { reminder } => {
            save(tx, scope, reminder).await?;
            reminder.id
        }
        Command::FinishReminder { id, due_at, next_due } => {
            finish(tx, scope, *id, *due_at, *next_due).await?;
            *id
        }
        Command::SnoozeReminder { id, until } => {
            find(tx, scope, *id).await?;
            set_state(tx, scope.user, *id, Some(*until), None).await?;
            note(tx, scope.user, *id, "reminder.snoozed");
            *id
        }
        _ => return Err(StoreError::Inconsistent("a command that is not about a reminder").into()),
    };
    tx.change(Audience::User(scope.user), Changed::Reminder(id));
    Ok(id)
}

fn note(tx: &mut Tx, user: UserId, id: ReminderId, action: &'static str) {
    tx.audit(action, "reminder", Some(id.0), &serde_json::json!({ "of": user }));
}

struct Found {
    kind: ReminderKind,
    due_at: Timestamp,
    repeat: Option<Repeat>,
}

/// A reminder that is for the user.
async fn find(tx: &mut Tx, scope: Scope, id: ReminderId) -> Result<Found, Failure> {
    let sql = format!(
        "SELECT r.kind, r.due_at, r.repeat FROM reminders r WHERE r.id = $2 AND {}",
        sees_reminder(scope)
    );
    let row: Option<(String, Timestamp, Option<String>)> = both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(id).fetch_optional(c).await)?;
    let (kind, due_at, repeat) = row.ok_or_else(|| Refusal::not_found().denied("reminder.change", "reminder", id.0))?;
    Ok(Found {
        kind: ReminderKind::parse(&kind).map_err(|_| StoreError::Inconsistent("an unknown kind of reminder"))?,
        due_at,
        repeat: repeat.and_then(|repeat| Repeat::parse(&repeat).ok()),
    })
}

async fn save(tx: &mut Tx, scope: Scope, reminder: &NewReminder) -> Result<(), Failure> {
    let text = reminder.text.reveal().trim();
    if text.is_empty() {
        return Err(Refusal::field("text", "Enter what you want to be reminded of.").into());
    }
    if text.chars().count() > REMINDER_LIMIT {
        let message = format!("This reminder is too long. Use at most {REMINDER_LIMIT} characters.");
        return Err(Refusal::field("text", message).into());
    }
    let denied = |kind, id| Refusal::not_found().denied("reminder.save", kind, id);
    if let Some(pupil) = reminder.pupil_id
        // Who could see the pupil when it was written keeps it, out of sight, until they can again.
        && tx.standing(scope, pupil).await? == Standing::Never
    {
        return Err(denied("pupil", Some(pupil.0)).into());
    }
    if let Some(conversation) = reminder.conversation_id {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM conversations v WHERE v.id = $2 AND ({} OR {}))",
            scope.reads_conversation("v"),
            scope.takes_part("v.id")
        );
        let known: bool = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(scope.user).bind(conversation).fetch_one(c).await)?;
        if !known {
            return Err(denied("conversation", Some(conversation.0)).into());
        }
    }
    // One that the store made of its own accord is not theirs to write.
    let sql = "SELECT CASE WHEN kind = 'own' THEN owner_id END FROM reminders WHERE id = $1";
    let owner: Option<Option<UserId>> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(reminder.id).fetch_optional(c).await)?;
    if owner.is_some_and(|owner| owner != Some(scope.user)) {
        return Err(denied("reminder", Some(reminder.id.0)).into());
    }
    let keys = tx.keys();
    let sealed = keys.seal(text_place(reminder.id), text.as_bytes())?;
    let now = tx.now();
    let sql = "INSERT INTO reminders (id, kind, audience, owner_id, sealed_text, pupil_id, conversation_id, due_at,
                 repeat, created_at) VALUES ($1, 'own', 'user', $2, $3, $4, $5, $6, $7, $8)
               ON CONFLICT (id) DO UPDATE SET sealed_text = excluded.sealed_text, pupil_id = excluded.pupil_id,
                 conversation_id = excluded.conversation_id, due_at = excluded.due_at, repeat = excluded.repeat";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(reminder.id).bind(scope.user).bind(sealed).bind(reminder.pupil_id).bind(reminder.conversation_id)
        .bind(reminder.due_at).bind(reminder.repeat.map(Repeat::as_str)).bind(now).execute(c).await.map(|_| ()))?;
    set_state(tx, scope.user, reminder.id, None, None).await?;
    note(tx, scope.user, reminder.id, "reminder.saved");
    Ok(())
}

async fn finish(
    tx: &mut Tx,
    scope: Scope,
    id: ReminderId,
    due_at: Timestamp,
    next_due: Option<Timestamp>,
) -> Result<(), Failure> {
    let found = find(tx, scope, id).await?;
    if !matches!(found.kind, ReminderKind::Own | ReminderKind::Term) {
        let message = "This reminder goes by itself as soon as there is no more reason for it. You can snooze it.";
        return Err(Refusal::field("id", message).into());
    }
    if found.due_at != due_at {
        // This time of it was done on another device, or it was moved.
        return Ok(());
    }
    match next_due.filter(|next| found.repeat.is_some() && *next > due_at) {
        Some(next) => {
            let sql = "UPDATE reminders SET due_at = $2 WHERE id = $1";
            both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(next).execute(c).await.map(|_| ()))?;
            set_state(tx, scope.user, id, None, None).await?;
        }
        None => {
            let now = tx.now();
            set_state(tx, scope.user, id, None, Some(now)).await?;
        }
    }
    note(tx, scope.user, id, "reminder.done");
    Ok(())
}

async fn set_state(
    tx: &mut Tx,
    user: UserId,
    id: ReminderId,
    snoozed_until: Option<Timestamp>,
    done_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO reminder_states (user_id, reminder_id, snoozed_until, done_at) VALUES ($1, $2, $3, $4)
               ON CONFLICT (user_id, reminder_id) DO UPDATE SET snoozed_until = excluded.snoozed_until, done_at = excluded.done_at";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(user).bind(id).bind(snoozed_until).bind(done_at).execute(c).await.map(|_| ()))?;
    Ok(())
}
