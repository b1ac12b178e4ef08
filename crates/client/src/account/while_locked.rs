//! What a locked account still hears: that the number of unread messages grew. The session's token is all that is kept
//! for it, in memory alone; no name, no text and no key is.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use lac_wire::Unread;
use tokio::task::JoinHandle;

use super::{Account, OpenAccount};
use crate::api::{Api, ApiError};
use crate::computer::Computer;
use crate::host::Notification;
use crate::pace::between;
use crate::sync::text;
use crate::view::{AccountId, UiEvent};

/// Between two looks; the store's pokes shorten it.
const PAUSE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(120));

struct Listener {
    computer: Arc<Computer>,
    account: std::sync::Weak<Account>,
    id: AccountId,
    api: Api,
    /// The name that notifications appear under.
    title: String,
}

/// Listens, where there is a session.
pub(super) fn begin(account: &Arc<Account>, open: &OpenAccount) -> Option<JoinHandle<()>> {
    let (me, token) = (open.me()?, open.api.token()?);
    let api = Api::new(open.api.address().clone(), &account.computer).ok()?;
    api.set_token(Some(token));
    let listener = Listener {
        computer: Arc::clone(&account.computer),
        account: Arc::downgrade(account),
        id: account.id,
        api,
        title: me.authority.notification_sender,
    };
    Some(tokio::spawn(listener.listen()))
}

impl Listener {
    async fn listen(self) {
        // Nothing is told of what was unread already.
        let mut known = None;
        loop {
            match self.look(&mut known).await {
                Err(ApiError::SignedOut(_)) => return,
                Err(_) => self.pause().await,
                Ok(()) => self.wait_for_a_poke().await,
            }
        }
    }

    async fn look(&self, known: &mut Option<Unread>) -> Result<(), ApiError> {
        let unread: Unread = self.api.get("/v1/unread", &()).await?;
        let Some(account) = self.account.upgrade() else {
            return Ok(());
        };
        let status = account.counted_while_locked(u32::try_from(unread.conversations).unwrap_or(u32::MAX));
        self.computer.host.emit(UiEvent::Sync {
            account: self.id,
            status,
        });
        let settings = self.computer.settings();
        let Some(before) = known.as_mut() else {
            *known = Some(unread);
            return Ok(());
        };
        if self.computer.is_quiet() {
            // What comes now is told afterwards.
            return Ok(());
        }
        let before = std::mem::replace(before, unread);
        let mut more = unread.messages.saturating_sub(before.messages);
        if settings.notices {
            more = more.saturating_add(unread.notices.saturating_sub(before.notices));
        }
        if more > 0 && settings.notifications {
            self.computer.host.notify(Notification {
                title: self.title.clone(),
                body: text(usize::try_from(more).unwrap_or(usize::MAX), 0),
                account: self.id,
                conversation: None,
                reminders: false,
            });
        }
        Ok(())
    }

    async fn wait_for_a_poke(&self) {
        match self.api.pokes().await {
            Ok(mut pokes) => {
                tokio::select! {
                    _ = pokes.next() => {}
                    () = self.pause() => {}
                }
            }
            Err(_) => self.pause().await,
        }
    }

    async fn pause(&self) {
        self.computer.clock.sleep(between(PAUSE.0, PAUSE.1)).await;
    }
}
