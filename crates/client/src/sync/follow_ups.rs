//! What changes ask to be fetched besides: histories of pupils who came into view, conversations that are not held
//! whole, and the people whom the user may see.

use std::collections::HashSet;

use lac_domain::{ConversationId, MessageId, PupilId, ReminderId};
use lac_wire::{Entity, HELD_PAGE_LIMIT, HeldPart, HeldQuery, MaybeEntity, Page};
use serde::Serialize;

use super::changes::{apply_page, note_unknown};
use super::histories;
use crate::account::{OpenAccount, lock};
use crate::api::ApiError;
use crate::failure::Failure;
use crate::local::{Arrived, Context, Meta, Sweep, ToFetch, apply, messages, meta, reminders, settle};

#[derive(Serialize)]
struct After {
    after: Option<String>,
    limit: u32,
}

/// Fetches all that is noted.
pub(super) async fn run(account: &OpenAccount, arrived: &mut Vec<Arrived>) -> Result<(), ApiError> {
    let mut tried = HashSet::new();
    loop {
        let mut conn = account.local.reader().await?;
        let noted = ToFetch::all(&mut conn).await?;
        drop(conn);
        // What one of them brings may ask for another.
        let Some(next) = noted.into_iter().find(|next| tried.insert(*next)) else {
            return Ok(());
        };
        match fetch(account, next, arrived).await {
            Err(ApiError::Refused(body)) => {
                // It is gone, or was never this user's to see.
                tracing::info!(code = body.code.as_str(), "what was to be fetched is refused");
                let mut tx = account.local.begin().await?;
                next.done(&mut tx).await?;
                tx.commit().await.map_err(Failure::from)?;
            }
            other => other?,
        }
    }
}

async fn fetch(account: &OpenAccount, what: ToFetch, arrived: &mut Vec<Arrived>) -> Result<(), ApiError> {
    match what {
        ToFetch::People => people(account).await,
        ToFetch::History(pupil) => {
            // From here on it counts as fetched lately: who opens it meanwhile need not ask again.
            lock(&account.opened).insert(pupil, account.computer.clock.monotonic());
            let fetched = history(account, pupil).await;
            if fetched.is_err() {
                lock(&account.opened).remove(&pupil);
            }
            fetched
        }
        ToFetch::Conversation(id) => conversation(account, id, arrived).await,
        ToFetch::Reminders => reminders(account).await,
        ToFetch::Everything => super::first_fetch::run(account).await,
    }
}

/// Fetches the people whom the user may see, and drops all others.
async fn people(account: &OpenAccount) -> Result<(), ApiError> {
    let mut tx = account.local.begin().await?;
    let generation = meta::generation(&mut tx).await? + 1;
    Meta::Generation.set(&mut tx, &generation.to_string()).await?;
    tx.commit().await.map_err(Failure::from)?;
    let context = Context {
        me: account.my_id().map_err(Failure::from)?,
        generation,
        news: false,
        deferred: false,
    };
    let mut after = None;
    loop {
        let query = HeldQuery {
            part: HeldPart::People,
            after,
            limit: Some(HELD_PAGE_LIMIT),
        };
        let page: Page<MaybeEntity> = account.api.get("/v1/held", &query).await?;
        let mut tx = account.local.begin().await?;
        let applied = apply(&mut tx, &context, page.rows).await?;
        note_unknown(&mut tx, applied.unknown).await?;
        after = page.after;
        if after.is_none() {
            settle(&mut tx, &context, Sweep::People).await?;
            ToFetch::People.done(&mut tx).await?;
        }
        tx.commit().await.map_err(Failure::from)?;
        if after.is_none() {
            account.to_tell.held();
            return Ok(());
        }
    }
}

/// Fetches the reminders anew, and drops all others: the store's word counts.
async fn reminders(account: &OpenAccount) -> Result<(), ApiError> {
    let me = account.my_id().map_err(Failure::from)?;
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let query = HeldQuery {
            part: HeldPart::Reminders,
            after,
            limit: Some(HELD_PAGE_LIMIT),
        };
        let page: Page<MaybeEntity> = account.api.get("/v1/held", &query).await?;
        rows.extend(page.rows);
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    let ids: Vec<ReminderId> = rows
        .iter()
        .filter_map(|row| match row {
            MaybeEntity::Known(entity) => match entity.as_ref() {
                Entity::Reminder(reminder) => Some(reminder.id),
                _ => None,
            },
            MaybeEntity::Unknown {} => None,
        })
        .collect();
    let mut tx = account.local.begin().await?;
    let context = Context {
        me,
        generation: meta::generation(&mut tx).await?,
        news: false,
        deferred: false,
    };
    apply(&mut tx, &context, rows).await?;
    reminders::keep_only(&mut tx, &ids).await?;
    ToFetch::Reminders.done(&mut tx).await?;
    tx.commit().await.map_err(Failure::from)?;
    account.to_tell.held();
    Ok(())
}

/// Fetches the history of a pupil who came into view. None of it is news.
pub(super) async fn history(account: &OpenAccount, pupil: PupilId) -> Result<(), ApiError> {
    history_into(account, pupil, None).await
}

/// The same, and gives what came to the one who wants all of it at once.
pub(super) async fn history_into(
    account: &OpenAccount,
    pupil: PupilId,
    mut whole: Option<&mut Vec<MaybeEntity>>,
) -> Result<(), ApiError> {
    let me = account.my_id().map_err(Failure::from)?;
    let path = format!("/v1/pupils/{pupil}/history");
    let mut after = None;
    loop {
        let page: Page<MaybeEntity> = account
            .api
            .get(
                &path,
                &After {
                    after,
                    limit: HELD_PAGE_LIMIT,
                },
            )
            .await?;
        if let Some(whole) = &mut whole {
            whole.extend(page.rows.iter().cloned());
        }
        let mut tx = account.local.begin().await?;
        let context = Context {
            me,
            generation: meta::generation(&mut tx).await?,
            news: false,
            deferred: false,
        };
        let applied = apply(&mut tx, &context, page.rows).await?;
        note_unknown(&mut tx, applied.unknown).await?;
        after = page.after;
        let mut dropped = false;
        if after.is_none() {
            ToFetch::History(pupil).done(&mut tx).await?;
            // The pupil may have left the focus list meanwhile.
            dropped = histories::drop_unheld(account, &mut tx).await?;
        }
        tx.commit().await.map_err(Failure::from)?;
        account.to_tell.held();
        if dropped {
            account.leave_nothing_behind().await?;
        }
        if after.is_none() {
            return Ok(());
        }
    }
}

/// Fetches a conversation with all of its messages; those that did not come are dropped.
pub(crate) async fn conversation(
    account: &OpenAccount,
    id: ConversationId,
    arrived: &mut Vec<Arrived>,
) -> Result<(), ApiError> {
    let path = format!("/v1/conversations/{id}");
    let mut seen: HashSet<MessageId> = HashSet::new();
    let mut after = None;
    loop {
        let query = After {
            after,
            limit: HELD_PAGE_LIMIT,
        };
        // The first page begins with the conversation itself.
        let got: Result<Page<MaybeEntity>, ApiError> = account.api.get(&path, &query).await;
        let page = match got {
            Err(error) if error.is_refused(lac_wire::ErrorCode::NotFound) => {
                let gone = Entity::Gone {
                    entity: lac_wire::EntityKind::Conversation,
                    id: id.0,
                };
                apply_page(account, vec![gone.into()], None, arrived).await?;
                return done(account, id).await;
            }
            other => other?,
        };
        for entity in &page.rows {
            if let MaybeEntity::Known(entity) = entity
                && let Entity::Message(message) = entity.as_ref()
            {
                seen.insert(message.id);
            }
        }
        apply_page(account, page.rows, None, arrived).await?;
        after = page.after;
        if after.is_none() {
            break;
        }
    }
    let mut conn = account.local.reader().await?;
    let held = messages::ids_in(&mut conn, id).await?;
    drop(conn);
    let gone = held.into_keys().filter(|held| !seen.contains(held)).map(|id| {
        Entity::Gone {
            entity: lac_wire::EntityKind::Message,
            id: id.0,
        }
        .into()
    });
    let gone: Vec<MaybeEntity> = gone.collect();
    if !gone.is_empty() {
        apply_page(account, gone, None, arrived).await?;
    }
    done(account, id).await
}

async fn done(account: &OpenAccount, id: ConversationId) -> Result<(), ApiError> {
    let mut tx = account.local.begin().await?;
    ToFetch::Conversation(id).done(&mut tx).await?;
    tx.commit().await.map_err(Failure::from)?;
    Ok(())
}
