//! The one writer of this process. It takes what waits, runs each job in a savepoint of its own inside one
//! transaction, numbers and chains what they noted, commits once, and only then answers.

mod answers;
mod job;
mod messages;
mod number;
#[cfg(test)]
mod tests;
mod tx;

use std::sync::Arc;
use std::time::Duration;

use lac_domain::{CommandId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::task::JoinHandle;

pub use job::Job;
pub(crate) use tx::MessageNote;
pub use tx::{Audience, Changed, Tx};

use crate::clock::Clock;
use crate::error::{Failure, StoreError};
use crate::keys::Keys;
use crate::storage::Db;
use job::{Erased, Waiting};

/// The most jobs in one transaction.
const BATCH: usize = 256;
/// The most jobs that wait; who comes then waits to be let in.
const QUEUE: usize = 4096;
/// How often a batch is tried that fails for a passing reason.
const TRIES: u32 = 10;

/// By what a request that comes twice is known.
#[derive(Debug, Clone, Copy)]
pub struct Once {
    /// Its id, made by the caller.
    pub id: CommandId,
    /// A keyed hash of what was asked: [`Keys::fingerprint`].
    pub fingerprint: [u8; 32],
}

/// What the writer shares with the rest of the store.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub db: Db,
    pub keys: Arc<Keys>,
    pub clock: Arc<dyn Clock>,
    /// The newest number committed by this process.
    pub committed: watch::Sender<i64>,
    /// Told when a mail was queued.
    pub mail: Arc<Notify>,
    /// Told when work was left to be done after COMMIT.
    pub later: Arc<Notify>,
}

/// A handle to the writer; cheap to clone.
#[derive(Clone)]
pub struct Writer {
    queue: mpsc::Sender<Box<dyn Erased>>,
    stop: Arc<Notify>,
}

impl Writer {
    /// Starts the writer's task; it ends after [`Writer::stop`], when it has done what waits.
    pub(crate) fn start(surroundings: Surroundings) -> (Self, JoinHandle<()>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let stop = Arc::new(Notify::new());
        let task = tokio::spawn(work(surroundings, waiting, stop.clone()));
        (Self { queue, stop }, task)
    }

    /// Has the writer take nothing more; what waits is still done.
    pub(crate) fn stop(&self) {
        self.stop.notify_one();
    }

    /// Runs a job, and answers once it is durable. `actor` is who asked, for the audit trail; none for the
    /// store itself.
    ///
    /// # Errors
    /// The job's refusal, or what failed; then nothing of it was kept but the trail of a denial.
    pub async fn run<J: Job>(&self, actor: Option<UserId>, job: J) -> Result<J::Output, Failure> {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Waiting::new(actor, job, reply)), answer).await
    }

    /// Runs a job at most once for this user and id: the same request again gives the same answer, also a
    /// refusal, and changes nothing.
    ///
    /// # Errors
    /// As [`Writer::run`]; and `command.id_reused` where the id came before with another content.
    pub async fn run_once<J>(&self, actor: UserId, once: Once, job: J) -> Result<J::Output, Failure>
    where
        J: Job,
        J::Output: Serialize + DeserializeOwned,
    {
        let (reply, answer) = oneshot::channel();
        self.send(Box::new(Waiting::once(actor, once, job, reply)), answer)
            .await
    }

    async fn send<T>(&self, job: Box<dyn Erased>, answer: oneshot::Receiver<Result<T, Failure>>) -> Result<T, Failure> {
        self.queue.send(job).await.map_err(|_| StoreError::Closing)?;
        answer.await.map_err(|_| StoreError::Closing)?
    }
}

async fn work(surroundings: Surroundings, mut waiting: mpsc::Receiver<Box<dyn Erased>>, stop: Arc<Notify>) {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        let taken = tokio::select! {
            taken = waiting.recv_many(&mut batch, BATCH) => taken,
            () = stop.notified() => {
                waiting.close();
                continue;
            }
        };
        if taken == 0 {
            return;
        }
        let together = std::mem::take(&mut batch);
        if let Some(alone) = run_batch(&surroundings, together).await {
            for job in alone {
                run_batch(&surroundings, vec![job]).await;
            }
        }
    }
}

/// How a batch failed as a whole.
enum BatchError {
    /// Before COMMIT: nothing was written.
    Before(StoreError),
    /// In COMMIT: whether it was written is not known.
    InCommit(StoreError),
}

impl From<StoreError> for BatchError {
    fn from(error: StoreError) -> Self {
        Self::Before(error)
    }
}

/// Runs a batch to its end and answers it. Hands it back when it failed as a whole in a way that may be one
/// job's doing, to be run one by one.
async fn run_batch(surroundings: &Surroundings, mut batch: Vec<Box<dyn Erased>>) -> Option<Vec<Box<dyn Erased>>> {
    let mut tries = 0;
    loop {
        tries += 1;
        let error = match attempt(surroundings, &mut batch).await {
            Ok(()) => {
                for job in batch {
                    job.answer();
                }
                return None;
            }
            Err(error) => error,
        };
        let (error, before) = match error {
            BatchError::Before(error) => (error, true),
            BatchError::InCommit(error) => (error, false),
        };
        if error.is_passing() && tries < TRIES {
            tracing::warn!(%error, tries, "a batch of writes will be tried again");
            tokio::time::sleep(Duration::from_millis(u64::from(tries) * 7)).await;
            continue;
        }
        if before && !error.is_passing() && batch.len() > 1 {
            tracing::warn!(%error, "a batch of writes failed; its jobs will be run one by one");
            return Some(batch);
        }
        tracing::error!(%error, "writes failed");
        let text = error.to_string();
        let mut first = Some(error);
        for job in batch {
            let error = first
                .take()
                .unwrap_or_else(|| StoreError::Database(sqlx::Error::Protocol(text.clone())));
            job.fail(error);
        }
        return None;
    }
}

async fn attempt(surroundings: &Surroundings, batch: &mut [Box<dyn Erased>]) -> Result<(), BatchError> {
    let exclusive = batch.iter().any(|job| job.exclusive());
    let conn = surroundings.db.write(exclusive).await?;
    let mut tx = Tx::new(conn, surroundings);
    let requests: Vec<_> = batch.iter().filter_map(|job| job.once()).collect();
    tx.look_up_answers(requests).await?;
    for job in batch.iter_mut() {
        job.attempt(&mut tx).await?;
    }
    let committed = tx.number().await?;
    let (mail, later) = (tx.mail_queued(), tx.left_for_later());
    tx.commit().await.map_err(BatchError::InCommit)?;
    if let Some(seq) = committed {
        surroundings.committed.send_modify(|newest| *newest = seq.max(*newest));
    }
    if mail {
        surroundings.mail.notify_one();
    }
    if later {
        surroundings.later.notify_one();
    }
    Ok(())
}
