//! Deleting what the user may no longer see. Drafts and the outbox stay: they are the user's own words, and still
//! reach the Virtual School; but no name that the user may no longer see stays in them.

use lac_domain::{ConversationId, PupilId};
use lac_wire::Recipient;
use sqlx::SqliteConnection;

use super::{ToFetch, conversations, drafts, outbox, pupils, reminders};
use crate::failure::Failure;
use crate::view::Draft;

/// Deletes all that is held about a pupil.
pub(super) async fn pupil(conn: &mut SqliteConnection, pupil: PupilId) -> Result<(), Failure> {
    let about = conversations::about(&mut *conn, pupil).await?;
    self::conversations(&mut *conn, &about).await?;
    pupils::delete(&mut *conn, &[pupil.0]).await?;
    reminders::delete_about(&mut *conn, pupil).await?;
    for mut stored in drafts::all(&mut *conn).await? {
        if forget_name(&mut stored.draft, pupil) {
            drafts::put(&mut *conn, &stored.draft, stored.saved_at).await?;
        }
    }
    for entry in outbox::all(&mut *conn).await? {
        if let Some(mut draft) = entry.draft
            && forget_name(&mut draft, pupil)
        {
            outbox::set_draft(&mut *conn, entry.command_id, &draft).await?;
        }
    }
    Ok(())
}

/// Takes a pupil's name out of a draft's recipients. Says whether it was there.
fn forget_name(draft: &mut Draft, pupil: PupilId) -> bool {
    let mut changed = false;
    for choice in &mut draft.recipients {
        if choice.recipient == (Recipient::AroundPupil { pupil_id: pupil }) && choice.name != NAMELESS {
            NAMELESS.clone_into(&mut choice.name);
            choice.detail.clear();
            changed = true;
        }
    }
    changed
}

/// What the group around a pupil is called once the pupil may not be seen.
const NAMELESS: &str = "Everyone who can see this pupil";

/// Deletes conversations with all that is held of them.
pub(super) async fn conversations(conn: &mut SqliteConnection, ids: &[ConversationId]) -> Result<(), Failure> {
    conversations::delete(&mut *conn, ids).await?;
    for id in ids {
        outbox::drop_marks(&mut *conn, *id).await?;
        ToFetch::Conversation(*id).done(&mut *conn).await?;
    }
    Ok(())
}
