//! Adding people to a conversation, leaving it, muting it: through the outbox, so with no network too.

use lac_domain::{ConversationId, UserId};
use lac_wire::Command;

use crate::account::OpenAccount;
use crate::failure::{Failure, gone, invalid};
use crate::local::{conversations, outbox, waiting};

/// Asks for people to be added. They are shown as being added until the store has said yes.
pub(crate) async fn add(account: &OpenAccount, id: ConversationId, users: Vec<UserId>) -> Result<(), Failure> {
    if users.is_empty() {
        return Err(invalid("users", "Choose whom you want to add.").into());
    }
    push(
        account,
        id,
        Command::AddParticipants {
            conversation_id: id,
            users,
        },
    )
    .await
}

/// Leaves a conversation, here at once.
pub(crate) async fn leave(account: &OpenAccount, id: ConversationId) -> Result<(), Failure> {
    push(account, id, Command::Leave { conversation_id: id }).await
}

/// Mutes a conversation, or has it be heard again, here at once. What waited to be told of before is told no more.
pub(crate) async fn mute(account: &OpenAccount, id: ConversationId, muted: bool) -> Result<(), Failure> {
    push(
        account,
        id,
        Command::Mute {
            conversation_id: id,
            muted,
        },
    )
    .await
}

async fn push(account: &OpenAccount, id: ConversationId, command: Command) -> Result<(), Failure> {
    let mut tx = account.local.begin().await?;
    let held = conversations::get(&mut tx, id).await?.filter(|held| held.confirmed);
    let held = held.ok_or_else(|| gone("This conversation"))?;
    match &command {
        Command::Leave { .. } if held.mine => conversations::set_left(&mut tx, id).await?,
        Command::Mute { muted, .. } if held.mine => {
            waiting::drop_mutes(&mut tx, id).await?;
            conversations::set_muted(&mut tx, id, *muted).await?;
        }
        Command::AddParticipants { .. } => {}
        // Who does not take part has nothing to leave or to mute.
        _ => return Ok(()),
    }
    let now = account.computer.now();
    outbox::push(&mut tx, account.computer.new_id()?, &command, None, now).await?;
    tx.commit().await?;
    account.push.notify_one();
    account.to_tell.held();
    account.to_tell.sync();
    Ok(())
}
