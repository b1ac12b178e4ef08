//! The session's token is made anew once a day, so that a copy of it does not stay good for long, and is noticed.

use chrono::TimeDelta;
use lac_domain::Timestamp;
use lac_wire::{NewToken, Private};
use reqwest::Method;

use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::local::{Meta, meta, millis};

/// A token is used for so long.
const USED_FOR: TimeDelta = TimeDelta::hours(24);

/// Has the token made anew where it is old. What fails is tried again after the next pull; a store that knows nothing of
/// it keeps the one that there is.
pub(super) async fn renew(account: &OpenAccount) {
    match renew_old(account).await {
        Ok(true) => tracing::debug!("the session has a new token"),
        Ok(false) => {}
        Err(failure) => tracing::warn!(%failure, "a new token could not be kept"),
    }
}

async fn renew_old(account: &OpenAccount) -> Result<bool, Failure> {
    let mut conn = account.local.reader().await?;
    let (token, made) = (meta::token(&mut conn).await?, Meta::TokenAt.get(&mut conn).await?);
    drop(conn);
    let Some(before) = token else {
        return Ok(false);
    };
    let now = account.computer.now();
    let made = made
        .and_then(|text| text.parse().ok())
        .and_then(Timestamp::from_unix_millis);
    if made.is_some_and(|made| now.since(made).abs() < USED_FOR) {
        return Ok(false);
    }
    let answer = account
        .api
        .change::<(), NewToken>(Method::POST, "/v1/session/token", &())
        .await;
    account.heard(&answer).await;
    let Ok(NewToken { token: next }) = answer else {
        return Ok(false);
    };
    keep(account, &before, next, now).await
}

/// Keeps a new token before it is used: whoever uses the one before after it was followed is taken for a thief.
async fn keep(account: &OpenAccount, before: &Private, next: Private, now: Timestamp) -> Result<bool, Failure> {
    let mut tx = account.local.begin().await?;
    // Someone may have signed in again meanwhile, or out.
    if meta::token(&mut tx).await?.as_ref() != Some(before) {
        return Ok(false);
    }
    Meta::Token.set(&mut tx, next.reveal()).await?;
    Meta::TokenAt.set(&mut tx, &millis(now).to_string()).await?;
    tx.commit().await?;
    account.api.replace_token(before, next);
    Ok(true)
}
