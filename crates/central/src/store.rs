//! A store, opened: what every part of it shares.

use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{Datelike, NaiveDate};
use lac_domain::{Timestamp, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use crate::access::NewDay;
use crate::accounts::{AnonymousFailures, Passwords};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::{Failure, StoreError};
use crate::keys::Keys;
use crate::settings;
use crate::storage::{Conn, Db, Engine, OpenError};
use crate::sync::Pokes;
use crate::writer::{Job, Once, Surroundings, Writer};

/// An open store; cheap to clone, all clones are the same store.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    config: Config,
    db: Db,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
    writer: Writer,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// The day, counted from the Common Era, that `pupil_access` is known to stand for.
    access_day: AtomicI32,
    passwords: Passwords,
    failures: AnonymousFailures,
    pokes: Pokes,
    mail: Arc<Notify>,
    later: Arc<Notify>,
    mailer: crate::mail::Mailer,
    running_imports: crate::imports::Running,
    user_action: Notify,
    /// When the store's reminders were last worked out, in milliseconds.
    reminded_at: AtomicI64,
    /// Turns true when the store closes; event streams end then.
    closing: watch::Sender<bool>,
}

impl Store {
    /// Opens a store that `init` has set up, with its key file.
    ///
    /// # Errors
    /// When there is none, its key file is missing or another's, or the database refuses.
    pub async fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        if let crate::config::Database::Sqlite(path) = &config.database
            && !path.exists()
        {
            return Err(OpenError::Missing(path.display().to_string()));
        }
        let keys = Keys::read(&config.key_file)?;
        let db = Db::open(&config.database, &keys.database, false).await?;
        Self::with(config, keys, db, clock).await
    }

    pub(crate) async fn with(config: Config, keys: Keys, db: Db, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let row = {
            let mut conn = db.read().await?;
            settings::find(&mut conn).await?
        };
        let Some(row) = row else {
            return Err(OpenError::Missing(format!("{:?}", config.database)));
        };
        let keys = Arc::new(keys);
        let (committed, follow) = watch::channel(0);
        let (mail, later) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let surroundings = Surroundings {
            db: db.clone(),
            keys: keys.clone(),
            clock: clock.clone(),
            committed,
            mail: mail.clone(),
            later: later.clone(),
        };
        let (writer, writing) = Writer::start(surroundings);
        let (closing, closed) = watch::channel(false);
        let (pokes, poking) = Pokes::start(db.clone(), follow, closed).await?;
        Ok(Self(Arc::new(Inner {
            passwords: Passwords::new()?,
            failures: AnonymousFailures::default(),
            access_day: AtomicI32::new(row.access_as_of.num_days_from_ce()),
            tasks: Mutex::new(vec![writing, poking]),
            config,
            db,
            keys,
            clock,
            writer,
            pokes,
            mail,
            later,
            mailer: crate::mail::Mailer::default(),
            running_imports: crate::imports::Running::default(),
            user_action: Notify::new(),
            reminded_at: AtomicI64::new(i64::MIN),
            closing,
        })))
    }

    /// What it was opened with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// The authority's keys.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// Which engine holds the data.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.0.db.engine()
    }

    /// The instant that it is now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The London day that it is now.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.now().london_date()
    }

    /// Begins a read: all that it reads is of one moment.
    ///
    /// # Errors
    /// When no connection can be had.
    pub async fn read(&self) -> Result<Conn, StoreError> {
        self.0.db.read().await
    }

    /// Runs a job for a user (or for the store itself): [`Writer::run`].
    ///
    /// # Errors
    /// The job's refusal, or what failed.
    pub async fn run<J: Job>(&self, actor: Option<UserId>, job: J) -> Result<J::Output, Failure> {
        recorded(self.0.writer.run(actor, job).await)
    }

    /// Runs a job at most once for a user and an id: [`Writer::run_once`].
    ///
    /// # Errors
    /// The job's refusal, what failed, or that the id came before with another content.
    pub async fn run_once<J>(&self, actor: UserId, once: Once, job: J) -> Result<J::Output, Failure>
    where
        J: Job,
        J::Output: Serialize + DeserializeOwned,
    {
        recorded(self.0.writer.run_once(actor, once, job).await)
    }

    /// Sees to it that `pupil_access` stands for today: the first request of a day works it out, once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn ensure_access_is_of_today(&self) -> Result<(), Failure> {
        if self.today().num_days_from_ce() > self.0.access_day.load(Ordering::Acquire) {
            let day = self.run(None, NewDay).await?;
            self.0.access_day.fetch_max(day.num_days_from_ce(), Ordering::AcqRel);
        }
        Ok(())
    }

    /// A transaction that writes beside the writer, for tests that tamper.
    #[cfg(test)]
    pub(crate) async fn write_for_tests(&self) -> Conn {
        self.0.db.write(false).await.unwrap()
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    pub(crate) fn failures(&self) -> &AnonymousFailures {
        &self.0.failures
    }

    pub(crate) fn pokes(&self) -> &Pokes {
        &self.0.pokes
    }

    /// Told when a mail was queued.
    pub(crate) fn mail_queued(&self) -> &Notify {
        &self.0.mail
    }

    /// Told when work was left to be done after COMMIT.
    pub(crate) fn left_for_later(&self) -> &Notify {
        &self.0.later
    }

    /// The imports that are being committed now.
    pub(crate) fn running_imports(&self) -> &crate::imports::Running {
        &self.0.running_imports
    }

    pub(crate) fn mailer(&self) -> &crate::mail::Mailer {
        &self.0.mailer
    }

    /// Told when something with many users was begun.
    pub(crate) fn user_action_begun(&self) -> &Notify {
        &self.0.user_action
    }

    /// When the store's reminders were last worked out by this process, in milliseconds.
    pub(crate) fn reminded_at(&self) -> &AtomicI64 {
        &self.0.reminded_at
    }

    /// A flag that turns true when the store begins to close.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    /// Ends the event streams, so that a server with open ones can end.
    pub(crate) fn begin_closing(&self) {
        self.0.closing.send_replace(true);
    }

    /// Closes the store: what the writer was given is still done, then every connection is closed.
    pub async fn close(&self) {
        self.begin_closing();
        if let Err(error) = self.flush_failures().await {
            tracing::error!(%error, "counted failures could not be written");
        }
        self.0.writer.stop();
        let tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the store ended badly");
            }
        }
        self.0.db.close().await;
    }
}

/// What the writer refused is in the audit trail already.
fn recorded<T>(outcome: Result<T, Failure>) -> Result<T, Failure> {
    outcome.map_err(|failure| match failure {
        Failure::Refused(refusal) => Failure::Refused(crate::error::Refusal { noted: true, ..refusal }),
        other => other,
    })
}
