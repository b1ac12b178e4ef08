//! How an account stands with its store: signed in, in contact, asked for a second step, signed out, or too long alone.

use std::sync::PoisonError;

use chrono::TimeDelta;
use lac_wire::{Me, Private};

use super::{OpenAccount, lock};
use crate::account::live::asks_for_second_step;
use crate::api::{ApiError, signed_out};
use crate::failure::Failure;
use crate::local::{Meta, meta};
use crate::view::{LocalCode, Problem, UiEvent};

impl OpenAccount {
    /// The session is this one from now on.
    pub(crate) async fn signed_in(&self, me: Me, token: &Private) -> Result<(), Failure> {
        let mut tx = self.local.begin().await?;
        meta::set_me(&mut tx, &me).await?;
        let now = self.computer.now();
        Meta::Token.set(&mut tx, token.reveal()).await?;
        Meta::TokenAt
            .set(&mut tx, &crate::local::millis(now).to_string())
            .await?;
        Meta::SignedOut.clear(&mut tx).await?;
        tx.commit().await?;
        self.api.set_token(Some(token.clone()));
        *self.me.write().unwrap_or_else(PoisonError::into_inner) = Some(me);
        self.live(|live| {
            live.signed_out = None;
            live.second_step = None;
            live.online = true;
            live.trouble = None;
            live.last_contact = Some(now);
            live.latest = Some(now);
        });
        self.listen.notify_one();
        self.pull.notify_one();
        self.push.notify_one();
        Ok(())
    }

    /// Asks the store for something on the user's behalf.
    pub(crate) async fn ask<T: Send>(
        &self,
        asking: impl Future<Output = Result<T, ApiError>> + Send,
    ) -> Result<T, Problem> {
        if !self.api.has_token() {
            return Err(self.problem().unwrap_or_else(signed_out));
        }
        let answer = asking.await;
        self.heard(&answer).await;
        Ok(answer?)
    }

    /// Has everything that rests after a failure be tried now.
    pub(crate) fn rest_no_more(&self) {
        lock(&self.resting).clear();
        self.push.notify_one();
        self.listen.notify_one();
    }

    /// What an answer of the store, or its absence, tells of how the account stands with it.
    pub(crate) async fn heard<T>(&self, answer: &Result<T, ApiError>) {
        match answer {
            Ok(_) | Err(ApiError::Refused(_)) => self.in_contact(),
            Err(ApiError::Later { problem, .. }) if asks_for_second_step(problem) => {
                self.in_contact();
                self.second_step(Some(problem.clone()));
            }
            Err(ApiError::SignedOut(problem)) => self.session_ended(problem.clone()).await,
            Err(
                ApiError::Unreachable { problem, .. }
                | ApiError::Later {
                    problem,
                    whole_store: true,
                    ..
                },
            ) => {
                let sentence = problem.message.clone();
                self.live(|live| {
                    live.online = false;
                    live.trouble = Some(sentence);
                });
            }
            Err(ApiError::Later { .. } | ApiError::Failed(_)) => {}
        }
    }

    /// The store asks for a second step to be set up, or no longer does.
    pub(crate) fn second_step(&self, asked: Option<Problem>) {
        let before = lock(&self.live).second_step.is_some();
        if before == asked.is_some() {
            return;
        }
        self.live(|live| live.second_step = asked);
        self.computer.host.emit(UiEvent::Accounts {});
    }

    /// The store answered.
    fn in_contact(&self) {
        let now = self.computer.now();
        let was_online = self.is_online();
        self.live(|live| {
            live.online = true;
            live.trouble = None;
            live.last_contact = Some(now);
            // A clock that was ahead for a while does not keep the account locked.
            live.latest = Some(now);
        });
        if !was_online {
            // What waited for the network need not wait for its turn.
            self.push.notify_one();
            self.pull.notify_one();
            self.listen.notify_one();
        }
    }

    /// The session has ended. Nothing is lost; nothing more is asked until there is another.
    async fn session_ended(&self, problem: Problem) {
        self.api.set_token(None);
        self.copies.empty();
        let forget = async {
            let mut tx = self.local.begin().await?;
            Meta::Token.clear(&mut tx).await?;
            tx.commit().await?;
            Ok::<_, Failure>(())
        };
        if let Err(failure) = forget.await {
            tracing::error!(%failure, "an ended session could not be forgotten");
        }
        self.live(|live| {
            live.online = true;
            live.trouble = None;
            live.signed_out = Some(problem);
        });
        self.computer.host.emit(UiEvent::Accounts {});
    }

    /// Why the account cannot be used as it is.
    pub(crate) fn problem(&self) -> Option<Problem> {
        if let Some(problem) = lock(&self.live).signed_out.clone() {
            return Some(problem);
        }
        if let Some(problem) = lock(&self.live).second_step.clone() {
            return Some(problem);
        }
        self.too_long_alone()
    }

    /// Fails where what is held may not be read now: signed out, or too long without contact. Drafts and the outbox
    /// are the user's own words and stay open.
    pub(crate) fn may_read(&self) -> Result<(), Problem> {
        self.problem().map_or(Ok(()), Err)
    }

    /// After so many days without contact nothing is shown until there is one: the latest time ever seen counts, since
    /// a clock can be set back.
    fn too_long_alone(&self) -> Option<Problem> {
        let days = self
            .me
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()?
            .authority
            .offline_days;
        let mut live = lock(&self.live);
        live.latest = live.latest.max(Some(self.computer.now()));
        let alone = live.latest?.since(live.last_contact?);
        (days > 0 && alone > TimeDelta::days(i64::from(days))).then(|| {
            self.copies.empty();
            Problem::local(
                LocalCode::Offline,
                format!(
                    "This computer has had no contact with the store for more than {days} days, so messages and pupils are \
                     locked. Connect to the internet; they open as soon as the store answers. What you wrote is kept."
                ),
            )
        })
    }
}
