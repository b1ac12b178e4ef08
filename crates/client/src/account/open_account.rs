//! An account whose file is open, with what runs for it in the background.

mod contact;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use lac_domain::{AttachmentId, CommandId, ConversationId, DraftId, PupilId, UserId};
use lac_wire::{AttachmentProgress, Me};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::events::{ToTell, tell};
use super::{Live, OpenedCopies};
use crate::api::{Api, signed_out};
use crate::computer::Computer;
use crate::failure::Failure;
use crate::local::{LocalStore, Meta, attachments, conversations, meta, outbox, reminders};
use crate::view::{AccountId, Problem, SyncStatus, UiEvent};

/// An account whose file is open.
pub(crate) struct OpenAccount {
    pub(crate) id: AccountId,
    pub(crate) computer: Arc<Computer>,
    pub(crate) local: LocalStore,
    pub(crate) api: Api,
    pub(crate) to_tell: ToTell,
    /// There may be something to pull.
    pub(crate) pull: Notify,
    /// There may be something to send.
    pub(crate) push: Notify,
    /// The session may be new: listen to the store again.
    pub(crate) listen: Notify,
    /// There may be something due to be told.
    pub(crate) ring: Notify,
    /// The person no longer waits for a file to be judged.
    pub(crate) stop_judging: Notify,
    /// Whether the stream of pokes is open.
    pub(crate) listening: AtomicBool,
    /// One pull at a time.
    pub(crate) pulling: tokio::sync::Mutex<()>,
    /// When the user was last noted to have read about a pupil, by the monotonic clock.
    pub(crate) noted: Mutex<HashMap<PupilId, Duration>>,
    /// When attachments were last noted to have been opened, by the monotonic clock.
    pub(crate) noted_opened: Mutex<HashMap<AttachmentId, Duration>>,
    /// When histories were last fetched because someone opened them, by the monotonic clock.
    pub(crate) opened: Mutex<HashMap<PupilId, Duration>>,
    /// Conversations whose fetch did not bring what the store counts.
    pub(crate) unreconciled: Mutex<HashMap<ConversationId, (i64, i64)>>,
    /// Drafts that were sent or deleted, with a fingerprint of what they said: a save that comes late brings none back.
    pub(crate) done_with: Mutex<HashMap<DraftId, Option<u64>>>,
    /// Commands that rest after a failure: how often they failed, and until when, by the monotonic clock.
    pub(crate) resting: Mutex<HashMap<CommandId, (u32, Duration)>>,
    /// Messages that may still be taken back after "Send": until when, by the monotonic clock. It is not kept in the
    /// file: a message that was waiting when the application ended leaves when it is opened again.
    pub(crate) undoable: Mutex<HashMap<CommandId, Duration>>,
    /// How far the files of messages that wait have arrived at the store, as it said last.
    pub(crate) uploads: Mutex<HashMap<AttachmentId, AttachmentProgress>>,
    /// One attachment is fetched at a time.
    pub(crate) fetching: tokio::sync::Mutex<()>,
    /// The person no longer waits for it.
    pub(crate) stop_fetching: Notify,
    /// Copies of attachments that were opened.
    pub(crate) copies: OpenedCopies,
    me: RwLock<Option<Me>>,
    live: Mutex<Live>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl OpenAccount {
    /// An account on its open file. What was being sent when the application ended waits again.
    pub(crate) async fn new(
        id: AccountId,
        computer: Arc<Computer>,
        local: LocalStore,
        api: Api,
        copies: OpenedCopies,
    ) -> Result<Arc<Self>, Problem> {
        let loaded = async {
            let mut tx = local.begin().await?;
            outbox::wait_again_all(&mut tx).await?;
            let (me, token) = (meta::me(&mut tx).await?, meta::token(&mut tx).await?);
            let last_contact = meta::last_contact(&mut tx).await?;
            let latest = meta::see_time(&mut tx, computer.now()).await?;
            let unfetched = Meta::Cursor.get(&mut tx).await?.is_none() || meta::first_fetch(&mut tx).await?.is_some();
            let first_fetch = unfetched.then_some(0.0);
            tx.commit().await?;
            Ok::<_, Failure>((me, token, last_contact, latest, first_fetch))
        };
        let (me, token, last_contact, latest, first_fetch) = loaded.await?;
        let live = Live {
            last_contact,
            first_fetch,
            signed_out: token.is_none().then(signed_out),
            latest: Some(latest),
            ..Live::default()
        };
        api.set_token(token);
        Ok(Arc::new(Self {
            id,
            computer,
            local,
            api,
            to_tell: ToTell::default(),
            pull: Notify::new(),
            push: Notify::new(),
            listen: Notify::new(),
            ring: Notify::new(),
            stop_judging: Notify::new(),
            listening: AtomicBool::new(false),
            pulling: tokio::sync::Mutex::default(),
            noted: Mutex::default(),
            noted_opened: Mutex::default(),
            opened: Mutex::default(),
            unreconciled: Mutex::default(),
            resting: Mutex::default(),
            undoable: Mutex::default(),
            done_with: Mutex::default(),
            uploads: Mutex::default(),
            fetching: tokio::sync::Mutex::default(),
            stop_fetching: Notify::new(),
            copies,
            me: RwLock::new(me),
            live: Mutex::new(live),
            tasks: Mutex::default(),
        }))
    }

    /// Starts what runs in the background.
    pub(crate) fn start(self: &Arc<Self>) {
        let mut tasks = lock(&self.tasks);
        tasks.push(tokio::spawn(tell(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::sync::follow(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::sync::listen(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::outbox::send_all(Arc::clone(self))));
        tasks.push(tokio::spawn(crate::reminders::ring_for_ever(Arc::clone(self))));
    }

    /// Ends what runs in the background, without waiting.
    pub(crate) fn abort(&self) {
        for task in lock(&self.tasks).drain(..) {
            task.abort();
        }
    }

    /// Ends what runs in the background, and closes the file.
    pub(crate) async fn close(&self) {
        let tasks: Vec<_> = lock(&self.tasks).drain(..).collect();
        for task in &tasks {
            task.abort();
        }
        for task in tasks {
            // It ends by being aborted; that is no failure.
            let _ = task.await;
        }
        self.copies.empty();
        self.local.close().await;
    }

    /// After something was deleted: leaves nothing of it in the file, and deletes the opened copies of its attachments. Says
    /// whether that could be done: a reader may hold the write-ahead log.
    pub(crate) async fn leave_nothing_behind(&self) -> Result<bool, Failure> {
        let mut conn = self.local.reader().await?;
        let held = attachments::all_ids(&mut conn).await?;
        drop(conn);
        self.copies.keep_only(&held);
        self.local.leave_no_trace().await
    }

    /// The user as the store last told.
    pub(crate) fn me(&self) -> Option<Me> {
        self.me.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The user's id.
    pub(crate) fn my_id(&self) -> Result<UserId, Problem> {
        self.me
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|me| me.id)
            .ok_or_else(signed_out)
    }

    /// The store told who the user is now.
    pub(crate) fn set_me(&self, me: Me) {
        *self.me.write().unwrap_or_else(PoisonError::into_inner) = Some(me);
        self.computer.host.emit(UiEvent::Accounts {});
    }

    /// Changes how the account stands with its store, and tells the page.
    pub(crate) fn live(&self, change: impl FnOnce(&mut Live)) {
        change(&mut lock(&self.live));
        self.to_tell.sync();
    }

    /// Whether the store answered the last time it was asked.
    pub(crate) fn is_online(&self) -> bool {
        lock(&self.live).online
    }

    /// How the account stands with its store.
    pub(crate) async fn sync_status(&self) -> Result<SyncStatus, Failure> {
        let mut conn = self.local.reader().await?;
        let (waiting, not_sent) = outbox::counts(&mut conn).await?;
        let unread = conversations::count_unread_conversations(&mut conn).await?;
        let reminders = reminders::count_due(&mut conn, self.computer.now()).await?;
        let live = lock(&self.live);
        Ok(SyncStatus {
            online: live.online && live.signed_out.is_none(),
            busy: live.busy > 0,
            last_contact: live.last_contact,
            first_fetch: live.first_fetch,
            waiting,
            not_sent,
            unread,
            reminders,
            problem: live
                .signed_out
                .as_ref()
                .map(|problem| problem.message.clone())
                .or_else(|| live.trouble.clone()),
        })
    }

    /// Whether the stream of pokes is open.
    pub(crate) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::SeqCst)
    }
}

/// Locks what no thread can have left half-changed.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
