//! Things done to many users at once: begun here, done by the store.

use lac_wire::{ActOnUsers, ActionFailure, Page, UserAction};
use reqwest::Method;

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// Begins something with many users; the store goes on with it by itself, also when this application is closed.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn act_on_users(&self, account: AccountId, request: ActOnUsersRequest) -> Result<UserAction, Problem> {
        let open = self.opened(account)?;
        let asked = ActOnUsers {
            id: open.computer.new_id()?,
            which: request.which,
            act: request.act,
        };
        open.ask(open.api.change(Method::POST, "/v1/users/actions", &asked))
            .await
    }

    /// How far something with many users is.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn get_user_action(&self, account: AccountId, request: UserActionRef) -> Result<UserAction, Problem> {
        let path = format!("/v1/users/actions/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// A page of the users with whom it went wrong, and why.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn list_action_failures(
        &self,
        account: AccountId,
        request: FailuresOfAction,
    ) -> Result<Page<ActionFailure>, Problem> {
        let path = format!("/v1/users/actions/{}/failures", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.page)).await
    }

    /// Cancels something with many users: what was done stays.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn cancel_user_action(&self, account: AccountId, request: UserActionRef) -> Result<UserAction, Problem> {
        let path = format!("/v1/users/actions/{}/cancel", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &())).await
    }
}
