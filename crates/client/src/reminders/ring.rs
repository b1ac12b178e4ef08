//! Telling what is due, and what quiet hours held back, in one notification.

use std::sync::Arc;
use std::time::Duration;

use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::host::Notification;
use crate::local::{Meta, conversations, reminders};
use crate::sync::text;

/// How often it is looked what is due; a computer that slept looks soon after it wakes.
const EVERY: Duration = Duration::from_secs(20);

/// Looks for as long as the account is open.
pub(crate) async fn ring_for_ever(account: Arc<OpenAccount>) {
    loop {
        if let Err(failure) = ring(&account).await {
            tracing::error!(%failure, "what is due could not be told");
        }
        tokio::select! {
            () = account.ring.notified() => {}
            () = account.computer.clock.sleep(EVERY) => {}
        }
    }
}

/// Tells what is due, unless it is quiet now. What is told was noted before, so that no crash has it told twice.
async fn ring(account: &OpenAccount) -> Result<(), Failure> {
    let now = account.computer.now();
    let settings = account.computer.settings();
    let Some(me) = account.me() else { return Ok(()) };
    if account.computer.is_quiet() {
        return Ok(());
    }
    let mut conn = account.local.reader().await?;
    let held_back = Meta::HeldBack.get(&mut conn).await?;
    if held_back.is_none() && reminders::count_untold(&mut conn, now).await? == 0 {
        return Ok(());
    }
    drop(conn);
    let mut tx = account.local.begin().await?;
    let due = reminders::note_told(&mut tx, now).await?;
    let held_back = Meta::HeldBack.get(&mut tx).await?.and_then(|count| count.parse().ok());
    Meta::HeldBack.clear(&mut tx).await?;
    // What was read meanwhile is no news any more.
    let unread = conversations::count_unread_messages(&mut tx).await?;
    tx.commit().await?;
    account.to_tell.held();
    account.to_tell.sync();
    let messages = held_back.unwrap_or(0).min(unread);
    let due = usize::try_from(due).unwrap_or(usize::MAX);
    if !settings.notifications || (messages == 0 && due == 0) {
        return Ok(());
    }
    account.computer.host.notify(Notification {
        title: me.authority.notification_sender,
        body: text(messages, due),
        account: account.id,
        conversation: None,
        reminders: messages == 0,
    });
    Ok(())
}
