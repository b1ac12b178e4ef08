//! Assignments and links: all of it is asked of the store.

use lac_wire::{
    Assignment, AssignmentsChanged, ChangeAssignments, HandedOver, NewLink, Page, PupilBrief, User, UserBrief,
};
use reqwest::Method;

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of a user's assignments, in order of the pupils' names.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_user_assignments(
        &self,
        account: AccountId,
        request: AssignmentsOfUser,
    ) -> Result<Page<Assignment>, Problem> {
        let path = format!("/v1/users/{}/assignments", request.user_id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// A page of the pupils who are not assigned to a user.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_assignable_pupils(
        &self,
        account: AccountId,
        request: AssignmentsOfUser,
    ) -> Result<Page<PupilBrief>, Problem> {
        let path = format!("/v1/users/{}/assignable", request.user_id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// A page of a pupil's assignments, in order of the users' names.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_pupil_assignments(
        &self,
        account: AccountId,
        request: AssignmentsOfPupil,
    ) -> Result<Page<Assignment>, Problem> {
        let path = format!("/v1/pupils/{}/assignments", request.pupil_id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// A page of the users who might be assigned to a pupil and are not.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_assignable_users(
        &self,
        account: AccountId,
        request: AssignmentsOfPupil,
    ) -> Result<Page<UserBrief>, Problem> {
        let path = format!("/v1/pupils/{}/assignable", request.pupil_id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// Makes, changes and takes away assignments: all that is asked, or nothing.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_assignments(
        &self,
        account: AccountId,
        request: ChangeAssignments,
    ) -> Result<AssignmentsChanged, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/assignments", &request))
            .await
    }

    /// Hands all pupils of a user over to another.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn hand_over_pupils(&self, account: AccountId, request: HandOverRequest) -> Result<HandedOver, Problem> {
        let path = format!("/v1/users/{}/hand-over", request.user_id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.hand_over)).await
    }

    /// Links a user to an establishment.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn add_link(&self, account: AccountId, request: NewLink) -> Result<User, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/links", &request)).await
    }

    /// Gives a link another capacity or other dates.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn change_link(&self, account: AccountId, request: ChangeLinkRequest) -> Result<User, Problem> {
        let path = format!("/v1/links/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, &path, &request.link)).await
    }

    /// Takes a link away at once.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn remove_link(&self, account: AccountId, request: LinkRef) -> Result<User, Problem> {
        let path = format!("/v1/links/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::DELETE, &path, &())).await
    }
}
