//! The changes after the cursor, page by page, each applied in one transaction together with its cursor; and the
//! comparing of counts at their end.

use lac_wire::{Changes, ChangesQuery, ConversationCount, HELD_PAGE_LIMIT};
use sqlx::SqliteConnection;

use super::histories;
use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::{Arrived, Context, Meta, ToFetch, apply, conversations, meta};

/// Follows the changes to their end. Gives the counts of the last page.
pub(super) async fn follow(
    account: &OpenAccount,
    arrived: &mut Vec<Arrived>,
) -> Result<Vec<ConversationCount>, ApiError> {
    loop {
        let mut conn = account.local.reader().await?;
        let Some(cursor) = Meta::Cursor.get(&mut conn).await? else {
            return Ok(Vec::new());
        };
        drop(conn);
        let query = ChangesQuery {
            cursor: cursor.clone(),
            limit: Some(HELD_PAGE_LIMIT),
        };
        let page: Changes = account.api.get("/v1/changes", &query).await?;
        if !page.entities.is_empty() || page.cursor != cursor {
            apply_page(account, page.entities, Some(&page.cursor), arrived).await?;
        }
        if !page.more {
            return Ok(page.counts);
        }
    }
}

/// Applies a page of news.
pub(super) async fn apply_page(
    account: &OpenAccount,
    entities: Vec<lac_wire::MaybeEntity>,
    cursor: Option<&str>,
    arrived: &mut Vec<Arrived>,
) -> Result<(), Failure> {
    let me = account.my_id()?;
    let mut tx = account.local.begin().await?;
    let context = Context {
        me,
        generation: meta::generation(&mut tx).await?,
        news: true,
        deferred: false,
    };
    let mut applied = apply(&mut tx, &context, entities).await?;
    note_unknown(&mut tx, applied.unknown).await?;
    if applied.released {
        applied.purged |= histories::drop_unheld(account, &mut tx).await?;
    }
    if let Some(cursor) = cursor {
        Meta::Cursor.set(&mut tx, cursor).await?;
    }
    tx.commit().await?;
    if applied.purged && !account.leave_nothing_behind().await? {
        // A reader held the log; it is emptied at the next purge, or when the application ends.
        tracing::debug!("the write-ahead log could not be emptied yet");
    }
    if let Some(me) = applied.me {
        account.set_me(me);
    }
    if applied.known > 0 {
        account.to_tell.held();
        account.to_tell.sync();
    }
    arrived.extend(applied.arrived);
    Ok(())
}

/// Notes that something came which this version does not know, so that a newer one fetches everything again.
pub(super) async fn note_unknown(conn: &mut SqliteConnection, unknown: u32) -> Result<(), Failure> {
    if unknown == 0 {
        return Ok(());
    }
    tracing::info!(unknown, "the store sent what this version does not know");
    Meta::UnknownSeenBy.set(conn, env!("CARGO_PKG_VERSION")).await
}

/// Compares what is held with what the store counts; notes what differs, to be fetched again.
pub(super) async fn compare(account: &OpenAccount, counts: &[ConversationCount]) -> Result<(), Failure> {
    if counts.is_empty() {
        return Ok(());
    }
    let mut conn = account.local.reader().await?;
    let held = conversations::get_all(&mut conn, counts.iter().map(|count| count.conversation_id)).await?;
    drop(conn);
    let mut differing = Vec::new();
    {
        let mut given_up = lock(&account.unreconciled);
        for count in counts {
            let (id, theirs) = (count.conversation_id, (count.count, count.last_number));
            let ours = held.get(&id).map_or((0, 0), |held| (held.held_count, held.held_last));
            if ours == theirs {
                given_up.remove(&id);
            // What a fetch did not mend, another will not.
            } else if given_up.insert(id, theirs) != Some(theirs) {
                differing.push(id);
            }
        }
    }
    if differing.is_empty() {
        return Ok(());
    }
    tracing::warn!(
        conversations = differing.len(),
        "what is held differs from the store's counts; fetching it again"
    );
    let mut tx = account.local.begin().await?;
    for id in differing {
        ToFetch::Conversation(id).note(&mut tx).await?;
    }
    tx.commit().await?;
    Ok(())
}
