//! Users, as LA roles manage them: all of it is asked of the store.

use lac_wire::{AddUser, Page, User, UserFilter};
use reqwest::Method;

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of users, in order of name.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_users(&self, account: AccountId, filter: UserFilter) -> Result<Page<User>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/users", &filter)).await
    }

    /// One user.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the store cannot be reached.
    pub async fn get_user(&self, account: AccountId, request: UserRef) -> Result<User, Problem> {
        let path = format!("/v1/users/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// Adds a user, once.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn add_user(&self, account: AccountId, request: AddUser) -> Result<User, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/users", &request)).await
    }

    /// Edits a user.
    ///
    /// # Errors
    /// When someone else changed the user meanwhile, or the store refuses or cannot be reached.
    pub async fn edit_user(&self, account: AccountId, request: EditUserRequest) -> Result<User, Problem> {
        let path = format!("/v1/users/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, &path, &request.edit)).await
    }

    /// Sends a user a new invitation.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn invite_user(&self, account: AccountId, request: UserRef) -> Result<User, Problem> {
        let path = format!("/v1/users/{}/invitations", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &())).await
    }
}
