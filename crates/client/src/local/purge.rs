//! Deleting what the user may no longer see. Drafts and the outbox stay: they are the user's own words, and still
//! reach the Virtual School; but no name that the user may no longer see stays in them.

use std::collections::HashSet;

use lac_domain::{ConversationId, PupilId};
use lac_wire::Recipient;
use sqlx::SqliteConnection;

use super::{Meta, ToFetch, conversations, drafts, histories, outbox, pupils, reminders, waiting};
use crate::failure::Failure;
use crate::view::Draft;

/// Deletes all that is held about pupils.
pub(super) async fn pupils(conn: &mut SqliteConnection, ids: &[PupilId]) -> Result<(), Failure> {
    if ids.is_empty() {
        return Ok(());
    }
    Meta::Traces.set(&mut *conn, "").await?;
    let about = conversations::about(&mut *conn, ids).await?;
    self::conversations(&mut *conn, &about).await?;
    let rows: Vec<_> = ids.iter().map(|pupil| pupil.0).collect();
    pupils::delete(&mut *conn, &rows).await?;
    reminders::delete_about(&mut *conn, ids).await?;
    histories::forget(&mut *conn, ids).await?;
    let gone: HashSet<PupilId> = ids.iter().copied().collect();
    for mut stored in drafts::all(&mut *conn).await? {
        if forget_names(&mut stored.draft, &gone) {
            drafts::put(&mut *conn, &stored.draft, stored.saved_at).await?;
        }
    }
    for entry in outbox::all(&mut *conn).await? {
        if let Some(mut draft) = entry.draft
            && forget_names(&mut draft, &gone)
        {
            outbox::set_draft(&mut *conn, entry.command_id, &draft).await?;
        }
    }
    Ok(())
}

/// Takes pupils' names out of a draft's recipients. Says whether one was there.
fn forget_names(draft: &mut Draft, pupils: &HashSet<PupilId>) -> bool {
    let mut changed = false;
    for choice in &mut draft.recipients {
        if let Recipient::AroundPupil { pupil_id } = &choice.recipient
            && pupils.contains(pupil_id)
            && choice.name != NAMELESS
        {
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
    if ids.is_empty() {
        return Ok(());
    }
    Meta::Traces.set(&mut *conn, "").await?;
    conversations::delete(&mut *conn, ids).await?;
    for id in ids {
        waiting::drop_all(&mut *conn, *id).await?;
        ToFetch::Conversation(*id).done(&mut *conn).await?;
    }
    Ok(())
}
