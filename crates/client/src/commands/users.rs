//! Users, as LA roles manage them: all of it is asked of the store.

use lac_wire::{AddUser, LookUpEmail, Page, TrailRow, User, UserCounts, UserDevice, UserFilter, UserSight};
use reqwest::Method;

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of users, in order of name or as is asked.
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

    /// How many users a filter finds, and how many of them need attention.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn count_users(&self, account: AccountId, filter: UserFilter) -> Result<UserCounts, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/users/counts", &filter)).await
    }

    /// Users whose e-mail address begins with what is typed, an exact one first.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn look_up_email(&self, account: AccountId, request: LookUpEmail) -> Result<Vec<User>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/users/lookup", &request)).await
    }

    /// A page of what a user can see, and why.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the store cannot be reached.
    pub async fn user_sight(&self, account: AccountId, request: PageOfUser) -> Result<UserSight, Problem> {
        let path = format!("/v1/users/{}/sight", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.page)).await
    }

    /// The devices that a user is signed in on.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the store cannot be reached.
    pub async fn list_user_devices(&self, account: AccountId, request: UserRef) -> Result<Vec<UserDevice>, Problem> {
        let path = format!("/v1/users/{}/devices", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// Signs a user out of one device, or of all; answers the devices that are left.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn sign_out_user(
        &self,
        account: AccountId,
        request: SignOutUserRequest,
    ) -> Result<Vec<UserDevice>, Problem> {
        let path = format!("/v1/users/{}/sign-out", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.sign_out)).await
    }

    /// A page of a user's audit trail, in words, the newest first.
    ///
    /// # Errors
    /// When there is none, the role does not allow it, or the store cannot be reached.
    pub async fn list_user_trail(&self, account: AccountId, request: PageOfUser) -> Result<Page<TrailRow>, Problem> {
        let path = format!("/v1/users/{}/trail", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.page)).await
    }
}
