//! Requests for a colleague: all of it is asked of the store.

use lac_wire::{AskForColleague, ColleagueFilter, ColleagueRequest, Page, WaitingRequests};
use reqwest::Method;

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// Asks for a colleague at an establishment of one's own.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn ask_for_colleague(
        &self,
        account: AccountId,
        request: AskForColleague,
    ) -> Result<ColleagueRequest, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/colleagues", &request))
            .await
    }

    /// A page of requests, the newest first: LA roles see all, others their own.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_colleague_requests(
        &self,
        account: AccountId,
        request: ColleagueFilter,
    ) -> Result<Page<ColleagueRequest>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/colleagues", &request)).await
    }

    /// How many requests wait to be decided.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn count_colleague_requests(&self, account: AccountId, _: ()) -> Result<WaitingRequests, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/colleagues/waiting", &())).await
    }

    /// Approves a request: the colleague is added and invited, or linked.
    ///
    /// # Errors
    /// When somebody decided it already, or the store refuses or cannot be reached.
    pub async fn approve_colleague(
        &self,
        account: AccountId,
        request: ApproveColleagueRequest,
    ) -> Result<ColleagueRequest, Problem> {
        let path = format!("/v1/colleagues/{}/approve", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.approve)).await
    }

    /// Refuses a request, with a reason.
    ///
    /// # Errors
    /// When somebody decided it already, or the store refuses or cannot be reached.
    pub async fn refuse_colleague(
        &self,
        account: AccountId,
        request: RefuseColleagueRequest,
    ) -> Result<ColleagueRequest, Problem> {
        let path = format!("/v1/colleagues/{}/refuse", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.refuse)).await
    }
}
