//! Notifications of the operating system: that something came, and nothing of what it says.

use crate::account::OpenAccount;
use crate::host::Notification;
use crate::local::Arrived;

/// Raises one notification for all that came in one pull.
pub(crate) fn raise(account: &OpenAccount, arrived: &[Arrived]) {
    let Some(first) = arrived.first() else { return };
    if !account.computer.settings().notifications {
        return;
    }
    let Some(me) = account.me() else { return };
    let same = arrived.iter().all(|one| one.conversation_id == first.conversation_id);
    account.computer.host.notify(Notification {
        title: me.authority.notification_sender,
        body: text(arrived.len()),
        account: account.id,
        conversation: same.then_some(first.conversation_id),
    });
}

fn text(count: usize) -> String {
    match count {
        1 => "You have a new secure message".to_owned(),
        _ => format!("You have {count} new secure messages"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_counts_and_names_nobody() {
        assert_eq!(text(1), "You have a new secure message");
        assert_eq!(text(3), "You have 3 new secure messages");
    }
}
