//! Notifications of the operating system: that something came, and nothing of what it says.

use std::collections::BTreeSet;

use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::host::Notification;
use crate::local::{Arrived, Meta, people};

/// Raises one notification for all that came in one pull. In quiet hours it is held back, and told afterwards.
pub(crate) async fn raise(account: &OpenAccount, arrived: &[Arrived]) {
    if let Err(failure) = try_raise(account, arrived).await {
        tracing::error!(%failure, "what came could not be told");
    }
}

async fn try_raise(account: &OpenAccount, arrived: &[Arrived]) -> Result<(), Failure> {
    let settings = account.computer.settings();
    let arrived: Vec<&Arrived> = arrived
        .iter()
        .filter(|one| settings.notices || !one.is_notice)
        .collect();
    let Some(first) = arrived.first().filter(|_| settings.notifications) else {
        return Ok(());
    };
    let Some(me) = account.me() else { return Ok(()) };
    if account.computer.is_quiet() {
        let mut tx = account.local.begin().await?;
        let before: usize = Meta::HeldBack
            .get(&mut tx)
            .await?
            .and_then(|count| count.parse().ok())
            .unwrap_or(0);
        Meta::HeldBack
            .set(&mut tx, &(before + arrived.len()).to_string())
            .await?;
        tx.commit().await?;
        return Ok(());
    }
    let mut body = text(arrived.len(), 0);
    if settings.show_sender
        && let Some(sender) = sender(account, &arrived).await?
    {
        body = format!("{body} from {sender}");
    }
    let same = arrived.iter().all(|one| one.conversation_id == first.conversation_id);
    account.computer.host.notify(Notification {
        title: me.authority.notification_sender,
        body,
        account: account.id,
        conversation: same.then_some(first.conversation_id),
        reminders: false,
    });
    Ok(())
}

/// The name of who wrote all that came, where that is one person.
async fn sender(account: &OpenAccount, arrived: &[&Arrived]) -> Result<Option<String>, Failure> {
    let authors: BTreeSet<_> = arrived.iter().map(|one| one.author_id).collect();
    let mut authors = authors.into_iter();
    let (Some(Some(author)), None) = (authors.next(), authors.next()) else {
        return Ok(None);
    };
    let person = people::get(&mut *account.local.reader().await?, author).await?;
    Ok(person.map(|person| format!("{} {}", person.first_name, person.last_name)))
}

/// What is said of so many messages and reminders.
pub(crate) fn text(messages: usize, reminders: usize) -> String {
    let due = match reminders {
        0 => None,
        1 => Some("1 reminder is due".to_owned()),
        more => Some(format!("{more} reminders are due")),
    };
    let new = match messages {
        0 => None,
        1 => Some("You have a new secure message".to_owned()),
        more => Some(format!("You have {more} new secure messages")),
    };
    match (new, due) {
        (Some(new), Some(due)) => format!("{new}, and {due}"),
        (new, due) => new.or(due).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_counts_and_names_nobody() {
        assert_eq!(text(1, 0), "You have a new secure message");
        assert_eq!(text(3, 0), "You have 3 new secure messages");
        assert_eq!(text(0, 1), "1 reminder is due");
        assert_eq!(text(1, 2), "You have a new secure message, and 2 reminders are due");
    }
}
