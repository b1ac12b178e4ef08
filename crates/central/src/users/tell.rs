//! Telling the devices that a user is new or has changed.

use std::collections::BTreeSet;

use lac_domain::{ConversationId, EstablishmentId, PupilId, UserId};

use crate::both;
use crate::error::StoreError;
use crate::writer::{Audience, Changed, Tx};

/// What changed of a user.
pub(super) struct Told {
    pub user: UserId,
    /// They have, or had, an LA role: everyone may write to them.
    pub everyone: bool,
    /// Establishments that they are, or were, linked to.
    pub establishments: BTreeSet<EstablishmentId>,
    /// Their name, role, job title, status or establishments are not what they were.
    pub shown_otherwise: bool,
    /// Whom and what they may see may not be what it was.
    pub entitled_otherwise: bool,
}

/// Notes the changes. Each reader's own rights decide what they are given of them.
///
/// # Errors
/// When the database fails.
pub(super) async fn tell(tx: &mut Tx, told: &Told) -> Result<(), StoreError> {
    let person = Changed::Person(told.user);
    tx.change(Audience::LaRoles, person);
    if told.everyone {
        tx.change(Audience::Everyone, person);
    }
    for establishment in &told.establishments {
        tx.change(Audience::Establishment(*establishment), person);
        // The establishment may be in use for the first time.
        tx.change(Audience::LaRoles, Changed::Establishment(*establishment));
    }
    if told.shown_otherwise {
        let sql = "SELECT pupil_id FROM pupil_access WHERE user_id = $1";
        let pupils: Vec<PupilId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(told.user).fetch_all(c).await)?;
        for pupil in pupils {
            tx.change(Audience::Pupil(pupil), person);
        }
        let sql = "SELECT conversation_id FROM participants WHERE user_id = $1";
        let conversations: Vec<ConversationId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(told.user).fetch_all(c).await)?;
        for conversation in conversations {
            tx.change(Audience::Conversation(conversation), person);
        }
        tx.change(Audience::User(told.user), Changed::Me);
    }
    if told.entitled_otherwise {
        tx.change(Audience::User(told.user), Changed::Me);
        tx.change(Audience::User(told.user), Changed::People);
        for establishment in &told.establishments {
            tx.change(Audience::User(told.user), Changed::Establishment(*establishment));
        }
    }
    Ok(())
}
