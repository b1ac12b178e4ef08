//! Messages that were withdrawn after a data incident: a line stands in the place of each.

use std::collections::HashMap;

use lac_domain::MessageId;
use lac_wire::{Message, Withdrawn};

use super::messages::StoredMessage;
use crate::failure::Failure;

/// What stands in the place of a withdrawn message's text, in lists too.
const WITHDRAWN: &str = "This message was withdrawn.";

/// The text of a message as it is held.
pub(super) fn text_of(message: &Message) -> &str {
    if message.withdrawn.is_some() {
        WITHDRAWN
    } else {
        message.body.reveal()
    }
}

/// Which of some messages were withdrawn.
pub(crate) fn withdrawn_of(stored: &[StoredMessage]) -> Result<HashMap<MessageId, Withdrawn>, Failure> {
    let mut all = HashMap::new();
    for message in stored {
        if let Some(text) = &message.withdrawn {
            all.insert(message.id, serde_json::from_str(text)?);
        }
    }
    Ok(all)
}
