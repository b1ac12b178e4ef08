//! Signing out: the session ends, and the account's file and key are deleted.

use std::sync::{Arc, PoisonError};

use super::App;
use crate::account::{Account, State};
use crate::failure::Failure;
use crate::host::Host;
use crate::local::outbox::{self, OutboxState};
use crate::local::{Meta, drafts};
use crate::view::{LocalCode, Problem, UiEvent};

impl<H: Host> App<H> {
    /// Signs out and deletes what this device holds. Refuses while something was written and not sent, unless it is
    /// given up.
    pub(crate) async fn leave(&self, account: &Arc<Account>, discard_unsent: bool) -> Result<(), Problem> {
        let _one = self.changing.lock().await;
        if !discard_unsent {
            self.nothing_unsent(account).await?;
        }
        if let State::Open(open) = account.state() {
            // From here on a crash is followed by the deletion when the application opens.
            let mut tx = open.local.begin().await?;
            Meta::SignedOut.set(&mut tx, "1").await?;
            tx.commit().await.map_err(Failure::from)?;
            if open.api.has_token() && open.api.end_session().await.is_err() {
                tracing::info!("the store was not reached to end the session; it ends by itself");
            }
        }
        self.accounts
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|held| held.id != account.id);
        self.write_list().await?;
        account.close().await;
        account.set_state(State::Shut(crate::api::signed_out()));
        account.folder().delete().await?;
        self.host.emit(UiEvent::Accounts {});
        Ok(())
    }

    async fn nothing_unsent(&self, account: &Arc<Account>) -> Result<(), Problem> {
        if let Some(file) = account.folder().set_aside_files().last() {
            return Err(unsent(&format!(
                "A file that was set aside may hold messages that were not sent. Signing out deletes it: {}.",
                file.display()
            )));
        }
        let State::Open(open) = account.state() else {
            if account.folder().has_file() {
                return Err(unsent(
                    "It is not known whether messages wait to be sent, since they cannot be opened just now. Signing out deletes them.",
                ));
            }
            return Ok(());
        };
        let mut conn = open.local.reader().await?;
        let lines = outbox::lines(&mut conn).await?;
        let drafts = drafts::count(&mut conn).await?;
        let count = |messages: bool, refused: bool| {
            let counted = lines.iter().filter(|line| {
                let of_these = line.kind.has_words() && line.kind.is_message() == messages;
                of_these && (line.state == OutboxState::NeedsAttention) == refused
            });
            u32::try_from(counted.count()).unwrap_or(u32::MAX)
        };
        if drafts == 0 && !lines.iter().any(|line| line.kind.has_words()) {
            return Ok(());
        }
        let said: Vec<String> = [
            (
                count(true, false),
                "message that waits to be sent",
                "messages that wait to be sent",
            ),
            (
                count(true, true),
                "message that was not sent",
                "messages that were not sent",
            ),
            (
                count(false, false),
                "reminder that waits to be sent",
                "reminders that wait to be sent",
            ),
            (
                count(false, true),
                "reminder that was not sent",
                "reminders that were not sent",
            ),
            (drafts, "draft", "drafts"),
        ]
        .into_iter()
        .filter(|(count, _, _)| *count > 0)
        .map(|(count, one, several)| format!("{count} {}", if count == 1 { one } else { several }))
        .collect();
        Err(unsent(&format!(
            "Signing out would delete {} from this computer.",
            said.join(" and ")
        )))
    }
}

fn unsent(what: &str) -> Problem {
    Problem::local(
        LocalCode::UnsentWaiting,
        format!("{what} Send them or delete them first, or choose to give them up."),
    )
}
