//! The first fetch: the cursor, then the held set in bulk, then the changes from that cursor on. It goes on where it
//! stopped. Run again, it brings everything anew; what it does not bring again is dropped at its end.

use lac_wire::{CursorReply, Entity, HELD_PAGE_LIMIT, HeldPart, HeldQuery, MaybeEntity, Me, Page};
use tokio::sync::mpsc;

use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::{Context, FirstFetch, Meta, Sweep, ToFetch, apply, meta, settle};

/// The parts in their order, and the share of the work that is done when each begins.
const PARTS: [(HeldPart, f64); 6] = [
    (HeldPart::People, 0.0),
    (HeldPart::Establishments, 0.05),
    (HeldPart::Pupils, 0.1),
    (HeldPart::Reminders, 0.14),
    (HeldPart::Conversations, 0.15),
    (HeldPart::Messages, 0.25),
];

/// Pages that may lie ready while others are written.
const AHEAD: usize = 4;

/// Whether there is one to be made, or to go on with.
pub(super) async fn is_due(account: &OpenAccount) -> Result<bool, Failure> {
    let mut conn = account.local.reader().await?;
    Ok(Meta::Cursor.get(&mut conn).await?.is_none()
        || Meta::FirstFetch.get(&mut conn).await?.is_some()
        || ToFetch::all(&mut conn).await?.contains(&ToFetch::Everything))
}

/// Makes it, or goes on with it.
pub(super) async fn run(account: &OpenAccount) -> Result<(), ApiError> {
    let fetch = begin(account).await?;
    account.live(|live| live.first_fetch = Some(0.0));
    let fetched = fetch_parts(account, fetch).await;
    if let Err(ApiError::Refused(_)) = &fetched {
        // The place to go on from is no good any more: the next one begins anew.
        let mut tx = account.local.begin().await?;
        Meta::FirstFetch.clear(&mut tx).await?;
        tx.commit().await.map_err(Failure::from)?;
    }
    fetched
}

async fn begin(account: &OpenAccount) -> Result<FirstFetch, ApiError> {
    let mut conn = account.local.reader().await?;
    let under_way = meta::first_fetch(&mut conn).await?;
    let generation = meta::generation(&mut conn).await?;
    drop(conn);
    if let Some(fetch) = under_way {
        return Ok(fetch);
    }
    let cursor: CursorReply = account.api.get("/v1/cursor", &()).await?;
    let me: Me = account.api.get("/v1/me", &()).await?;
    let fetch = FirstFetch {
        cursor: cursor.cursor,
        part: HeldPart::People,
        after: None,
        generation: generation + 1,
        messages: 0,
        expected: 0,
    };
    let mut tx = account.local.begin().await?;
    ToFetch::begin_everything(&mut tx).await?;
    meta::set_me(&mut tx, &me).await?;
    Meta::Generation.set(&mut tx, &fetch.generation.to_string()).await?;
    meta::set_first_fetch(&mut tx, &fetch).await?;
    tx.commit().await.map_err(Failure::from)?;
    account.set_me(me);
    Ok(fetch)
}

/// A page, and where to go on after it.
struct Fetched {
    entities: Vec<MaybeEntity>,
    next: Option<(HeldPart, Option<String>)>,
}

/// The place after a page.
fn place_after(part: HeldPart, after: Option<String>) -> Option<(HeldPart, Option<String>)> {
    if after.is_some() {
        return Some((part, after));
    }
    let at = PARTS.iter().position(|(known, _)| *known == part)?;
    PARTS.get(at + 1).map(|(next, _)| (*next, None))
}

async fn fetch_parts(account: &OpenAccount, fetch: FirstFetch) -> Result<(), ApiError> {
    let (pages, ready) = mpsc::channel(AHEAD);
    let from = (fetch.part, fetch.after.clone());
    tokio::try_join!(fetch_pages(account, from, pages), write_pages(account, fetch, ready))?;
    Ok(())
}

async fn fetch_pages(
    account: &OpenAccount,
    from: (HeldPart, Option<String>),
    pages: mpsc::Sender<Fetched>,
) -> Result<(), ApiError> {
    let mut place = Some(from);
    while let Some((part, after)) = place {
        let query = HeldQuery {
            part,
            after,
            limit: Some(HELD_PAGE_LIMIT),
        };
        let page: Page<MaybeEntity> = account.api.get("/v1/held", &query).await?;
        place = place_after(part, page.after);
        if pages
            .send(Fetched {
                entities: page.rows,
                next: place.clone(),
            })
            .await
            .is_err()
        {
            // The writer failed; its own error is the one that counts.
            return Ok(());
        }
    }
    Ok(())
}

/// Writes what lies ready, several pages in one transaction when they come faster than they are written.
async fn write_pages(
    account: &OpenAccount,
    mut fetch: FirstFetch,
    mut ready: mpsc::Receiver<Fetched>,
) -> Result<(), ApiError> {
    let context = Context {
        me: account.my_id().map_err(Failure::from)?,
        generation: fetch.generation,
        news: false,
        deferred: true,
    };
    while let Some(mut page) = ready.recv().await {
        let mut tx = account.local.begin().await?;
        let mut pages = 0;
        let last = loop {
            pages += 1;
            count(&mut fetch, &page.entities);
            let applied = apply(&mut tx, &context, page.entities).await?;
            super::changes::note_unknown(&mut tx, applied.unknown).await?;
            let next = if pages < AHEAD { ready.try_recv().ok() } else { None };
            match next {
                Some(next) => page = next,
                None => break page.next,
            }
        };
        match last {
            Some((part, after)) => {
                (fetch.part, fetch.after) = (part, after);
                meta::set_first_fetch(&mut tx, &fetch).await?;
                tx.commit().await.map_err(Failure::from)?;
                account.live(|live| live.first_fetch = Some(share(&fetch)));
                account.to_tell.held();
            }
            None => {
                settle(&mut tx, &context, Sweep::All).await?;
                Meta::Cursor.set(&mut tx, &fetch.cursor).await?;
                Meta::FirstFetch.clear(&mut tx).await?;
                ToFetch::Everything.done(&mut tx).await?;
                tx.commit().await.map_err(Failure::from)?;
                account.leave_nothing_behind().await?;
                // What was held only because it was opened was dropped.
                lock(&account.opened).clear();
                account.live(|live| live.first_fetch = None);
                account.to_tell.held();
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Counts the messages that came, and those that are to come.
fn count(fetch: &mut FirstFetch, entities: &[MaybeEntity]) {
    for entity in entities {
        let MaybeEntity::Known(entity) = entity else { continue };
        match entity.as_ref() {
            Entity::Message(_) => fetch.messages += 1,
            Entity::Conversation(conversation) => fetch.expected += conversation.message_count,
            _ => {}
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
fn share(fetch: &FirstFetch) -> f64 {
    let begun = PARTS
        .iter()
        .find(|(part, _)| *part == fetch.part)
        .map_or(0.0, |(_, share)| *share);
    if fetch.part == HeldPart::Messages && fetch.expected > 0 {
        begun + (1.0 - begun) * (fetch.messages as f64 / fetch.expected as f64).min(1.0)
    } else {
        begun
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_follow_each_other_and_the_share_grows() {
        let mut place = Some((HeldPart::People, None));
        let mut parts = Vec::new();
        while let Some((part, after)) = place {
            parts.push(part);
            place = place_after(part, after);
        }
        assert_eq!(parts.len(), PARTS.len());
        assert_eq!(
            place_after(HeldPart::Pupils, Some("x".into())),
            Some((HeldPart::Pupils, Some("x".into())))
        );

        let mut fetch = FirstFetch {
            cursor: String::new(),
            part: HeldPart::Messages,
            after: None,
            generation: 1,
            messages: 50,
            expected: 100,
        };
        assert!((share(&fetch) - 0.625).abs() < 1e-9);
        fetch.messages = 200;
        assert!((share(&fetch) - 1.0).abs() < 1e-9);
    }
}
