//! A job for the writer, and how one is run: in a savepoint, remembered where it may come twice.

use std::panic::AssertUnwindSafe;

use async_trait::async_trait;
use futures_util::FutureExt;
use lac_domain::{CommandId, UserId};
use lac_wire::ErrorCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::{Once, Tx};
use crate::error::{Failure, Refusal, StoreError};

/// Something that changes the store. It may be run more than once before it is committed (after a deadlock,
/// say), so it keeps nothing of a run and touches nothing but the transaction.
#[async_trait]
pub trait Job: Send + Sync + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// Whether it must be alone among all processes' writers: true for whatever decides who may see what.
    fn exclusive(&self) -> bool {
        true
    }

    /// Does the work. A refusal or a failure takes back all that it did.
    ///
    /// # Errors
    /// A refusal for the person, or what failed.
    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure>;
}

/// A job that waits, whatever its output.
#[async_trait]
pub(super) trait Erased: Send {
    fn exclusive(&self) -> bool;
    /// By what it is known when it comes twice.
    fn once(&self) -> Option<(UserId, CommandId)>;
    /// Runs the job in its savepoint and keeps its outcome; fails only when the whole batch must.
    async fn attempt(&mut self, tx: &mut Tx) -> Result<(), StoreError>;
    /// Sends the outcome that was kept.
    fn answer(self: Box<Self>);
    /// Sends a failure instead.
    fn fail(self: Box<Self>, error: StoreError);
}

/// An answer as it is remembered.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Remembered<T> {
    Done(T),
    Refused(Refusal),
}

/// Turns an output into the JSON that is remembered, and back.
struct Memory<T> {
    write: fn(&Result<T, Refusal>) -> Result<String, serde_json::Error>,
    read: fn(&str) -> Result<Result<T, Refusal>, serde_json::Error>,
}

pub(super) struct Waiting<J: Job> {
    actor: Option<UserId>,
    once: Option<(Once, Memory<J::Output>)>,
    job: J,
    reply: oneshot::Sender<Result<J::Output, Failure>>,
    outcome: Option<Result<J::Output, Failure>>,
}

impl<J: Job> Waiting<J> {
    pub(super) fn new(actor: Option<UserId>, job: J, reply: oneshot::Sender<Result<J::Output, Failure>>) -> Self {
        Self {
            actor,
            once: None,
            job,
            reply,
            outcome: None,
        }
    }
}

impl<J: Job> Waiting<J>
where
    J::Output: Serialize + DeserializeOwned,
{
    pub(super) fn once(actor: UserId, once: Once, job: J, reply: oneshot::Sender<Result<J::Output, Failure>>) -> Self {
        let memory = Memory {
            write: |outcome| match outcome {
                Ok(output) => serde_json::to_string(&Remembered::Done(output)),
                Err(refusal) => serde_json::to_string(&Remembered::<()>::Refused(refusal.clone())),
            },
            read: |text| {
                Ok(match serde_json::from_str(text)? {
                    Remembered::Done(output) => Ok(output),
                    Remembered::Refused(refusal) => Err(refusal),
                })
            },
        };
        Self {
            actor: Some(actor),
            once: Some((once, memory)),
            job,
            reply,
            outcome: None,
        }
    }
}

#[async_trait]
impl<J: Job> Erased for Waiting<J> {
    fn exclusive(&self) -> bool {
        self.job.exclusive()
    }

    fn once(&self) -> Option<(UserId, CommandId)> {
        Some((self.actor?, self.once.as_ref()?.0.id))
    }

    async fn attempt(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        tx.begin_job(self.actor);
        if let (Some(actor), Some((once, memory))) = (self.actor, &self.once)
            && let Some((fingerprint, answer)) = tx.answer_before(actor, once.id)
        {
            self.outcome = Some(if fingerprint == once.fingerprint {
                (memory.read)(answer)?.map_err(Failure::Refused)
            } else {
                Err(Refusal::new(
                    ErrorCode::IdReused,
                    "This was sent once before with another content. Send it again as something new.",
                )
                .into())
            });
            return Ok(());
        }
        let before = tx.savepoint().await?;
        let outcome = AssertUnwindSafe(self.job.run(tx)).catch_unwind().await;
        let outcome = outcome.unwrap_or(Err(StoreError::Inconsistent("a job panicked").into()));
        let outcome = match outcome {
            Ok(output) => Ok(output),
            Err(Failure::Refused(refusal)) => {
                tx.roll_back_to(before).await?;
                if let Some(denied) = &refusal.denied {
                    tx.audit(
                        "request.denied",
                        denied.object_kind,
                        denied.object_id,
                        &serde_json::json!({ "asked": denied.asked }),
                    );
                }
                Err(refusal)
            }
            Err(Failure::Store(error)) => {
                if error.is_passing() || tx.roll_back_to(before).await.is_err() {
                    return Err(error);
                }
                tracing::error!(%error, "a write failed");
                self.outcome = Some(Err(error.into()));
                return Ok(());
            }
        };
        let passing = outcome.as_ref().is_err_and(Refusal::is_passing);
        if let (Some(actor), Some((once, memory)), false) = (self.actor, &self.once, passing) {
            tx.remember(actor, *once, (memory.write)(&outcome)?);
        }
        self.outcome = Some(outcome.map_err(Failure::Refused));
        Ok(())
    }

    fn answer(self: Box<Self>) {
        let outcome = self
            .outcome
            .unwrap_or_else(|| Err(StoreError::Inconsistent("a job was not run").into()));
        // Who asked may have gone; the work is done all the same.
        let _ = self.reply.send(outcome);
    }

    fn fail(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error.into()));
    }
}
