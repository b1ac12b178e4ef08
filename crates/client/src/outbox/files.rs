//! The files of a message leave before it does, a piece at a time, so that other messages need not wait for them; and
//! what has arrived is not sent again after a cut or a restart.

use lac_domain::{AttachmentId, MessageId};
use lac_wire::{AttachmentProgress, Command, ErrorBody, ErrorCode, NewAttachment};

use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::local::attachments::{self, HeldAttachment};
use crate::local::outbox::OutboxEntry;
use crate::view::UiEvent;

/// The message in a command, and the files that it names.
pub(super) fn files_of(entry: &OutboxEntry) -> Option<(MessageId, &[AttachmentId])> {
    match &entry.command {
        Command::StartConversation { message, .. } | Command::SendMessage { message, .. } => {
            Some((message.id, &message.attachments))
        }
        _ => None,
    }
}

/// Sends the next piece of a message's files. Says whether all of them have arrived.
pub(super) async fn send_next(account: &OpenAccount, entry: &OutboxEntry) -> Result<bool, ApiError> {
    let Some((_, ids)) = files_of(entry) else {
        return Ok(true);
    };
    for id in ids {
        let known = lock(&account.uploads).get(id).cloned();
        if known.as_ref().is_some_and(|progress| progress.complete) {
            continue;
        }
        let mut conn = account.local.reader().await?;
        let held = attachments::get(&mut conn, *id).await?;
        let held = held.filter(HeldAttachment::is_whole).ok_or_else(lost)?;
        let sent = match known {
            None => {
                drop(conn);
                let new = NewAttachment {
                    name: held.name.as_str().into(),
                    size: held.size,
                    sha256: held.sha256.clone().unwrap_or_default(),
                };
                account.api.announce(*id, &new).await
            }
            Some(progress) => {
                let bytes = attachments::piece_from(&mut conn, *id, progress.received).await?;
                drop(conn);
                account.api.put_piece(*id, progress.received, bytes).await
            }
        };
        match sent {
            Ok(progress) => {
                tell(account, &held, &progress);
                lock(&account.uploads).insert(*id, progress);
            }
            Err(error) => {
                // How far it came is asked before it goes on.
                lock(&account.uploads).remove(id);
                return Err(error);
            }
        }
        return Ok(false);
    }
    Ok(true)
}

/// The store is asked again about these files: their message has left, or did not.
pub(super) fn forget(account: &OpenAccount, entry: &OutboxEntry) {
    if let Some((_, ids)) = files_of(entry) {
        lock(&account.uploads).retain(|id, _| !ids.contains(id));
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
fn tell(account: &OpenAccount, held: &HeldAttachment, progress: &AttachmentProgress) {
    account.computer.host.emit(UiEvent::Transfer {
        account: account.id,
        attachment_id: held.id,
        share: progress.received as f64 / held.size.max(1) as f64,
    });
}

/// A message is never sent without what belongs to it.
fn lost() -> ApiError {
    tracing::error!("a file of a message that waits is not held");
    ApiError::Refused(ErrorBody {
        code: ErrorCode::AttachmentMissing,
        message: "A file that goes with this message is no longer on this computer, so the message was not sent. Edit the message and attach the file again.".to_owned(),
        field: Some("attachments".to_owned()),
        request_id: None,
        changed: None,
    })
}
