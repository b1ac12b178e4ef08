//! Who takes part in a conversation.

use lac_wire::Command;

use super::outbox::{entry, not_now};
use crate::App;
use crate::failure::Failure;
use crate::host::Host;
use crate::local::ToFetch;
use crate::local::outbox::{self, OutboxState};
use crate::view::*;

impl<H: Host> App<H> {
    /// Adds people to a conversation; from then on they see all of it.
    ///
    /// # Errors
    /// When nobody was chosen, or it is no longer there.
    pub async fn add_participants(&self, account: AccountId, request: AddPeople) -> Result<(), Problem> {
        Ok(crate::outbox::add(&*self.opened(account)?, request.id, request.users).await?)
    }

    /// Leaves a conversation.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn leave_conversation(&self, account: AccountId, request: ConversationRef) -> Result<(), Problem> {
        Ok(crate::outbox::leave(&*self.opened(account)?, request.id).await?)
    }

    /// Mutes a conversation, or has it be heard again.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn mute_conversation(&self, account: AccountId, request: MuteConversation) -> Result<(), Problem> {
        Ok(crate::outbox::mute(&*self.opened(account)?, request.id, request.muted).await?)
    }

    /// Gives up adding people to a conversation, or leaving it, where that has not reached the store or was refused.
    ///
    /// # Errors
    /// While it may still reach the store; when it is no longer in the outbox.
    pub async fn give_up_change(&self, account: AccountId, request: OutboxRef) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let entry = entry(&mut tx, request.command_id).await?;
        let (Command::AddParticipants { conversation_id, .. } | Command::Leave { conversation_id }) = &entry.command
        else {
            return Err(not_now("This is a message or a reminder. Edit it instead."));
        };
        if entry.state == OutboxState::Sending || entry.maybe_sent {
            return Err(not_now(
                "This may have reached the store already. It will be known as soon as the store answers again.",
            ));
        }
        outbox::delete(&mut tx, entry.command_id).await?;
        // How it was is the store's to say.
        ToFetch::Conversation(*conversation_id).note(&mut tx).await?;
        tx.commit().await.map_err(Failure::from)?;
        open.push.notify_one();
        open.pull.notify_one();
        open.to_tell.held();
        open.to_tell.sync();
        Ok(())
    }
}
