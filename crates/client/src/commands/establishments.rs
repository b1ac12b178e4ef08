//! Establishments: asked of the store by LA roles, and read from this device by everyone else, and without a network.

use lac_wire::{
    AddEstablishment, Establishment, EstablishmentChoices, EstablishmentFilter, EstablishmentPage, HistoryEntry,
    LeaveSuccession, Movable, Moved, PAGE_LIMIT, Page, Succession, SuccessionFilter,
};
use reqwest::Method;

use crate::App;
use crate::account::OpenAccount;
use crate::failure::gone;
use crate::host::Host;
use crate::local::{establishments, pupils, words_of};
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of establishments. Roles other than LA, and everyone without a network, see those that this device holds.
    ///
    /// # Errors
    /// When the store refuses, or what is held may not be read now.
    pub async fn list_establishments(
        &self,
        account: AccountId,
        filter: EstablishmentFilter,
    ) -> Result<Page<Establishment>, Problem> {
        let open = self.opened(account)?;
        if is_la(&open) {
            let answer = open.ask(open.api.get("/v1/establishments", &filter)).await;
            // A list that began at the store does not go on here.
            let unreachable = |problem: &Problem| problem.is_local(LocalCode::Offline) && filter.after.is_none();
            if !answer.as_ref().is_err_and(unreachable) {
                return answer;
            }
        }
        let open = self.readable(account)?;
        let typed = filter.search.unwrap_or_default();
        let prefixes: Vec<String> = words_of([typed.as_str()]).into_iter().collect();
        if prefixes.is_empty() && !typed.trim().is_empty() {
            return Ok(Page {
                rows: Vec::new(),
                after: None,
            });
        }
        let only = establishments::Only {
            closed: filter.only_closed == Some(true),
            open: !filter.closed && filter.only_closed != Some(true) && filter.attention != Some(true) && is_la(&open),
            by_hand: filter.by_hand == Some(true),
            phase: filter.phase,
            la_name: filter.la_name,
        };
        let limit = filter.limit.unwrap_or(PAGE_LIMIT).clamp(1, PAGE_LIMIT);
        let after = filter.after.as_deref().and_then(|after| after.rsplit_once('~'));
        let after = after.and_then(|(sort_key, id)| Some((sort_key, id.parse().ok()?)));
        let mut conn = open.local.reader().await?;
        let mut found = establishments::find(&mut conn, &prefixes, &only, after, i64::from(limit) + 1).await?;
        let more = found.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            found.pop();
        }
        let after = found
            .last()
            .filter(|_| more)
            .map(|(sort_key, place)| format!("{sort_key}~{}", place.id));
        Ok(Page {
            rows: found.into_iter().map(|(_, place)| place).collect(),
            after,
        })
    }

    /// What the list can be narrowed to.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn establishment_choices(&self, account: AccountId, _: ()) -> Result<EstablishmentChoices, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/establishments/choices", &())).await
    }

    /// One establishment with its linked users; without a network what this device holds of it.
    ///
    /// # Errors
    /// When there is none, or the store refuses.
    pub async fn get_establishment(
        &self,
        account: AccountId,
        request: EstablishmentRef,
    ) -> Result<EstablishmentPage, Problem> {
        let path = format!("/v1/establishments/{}", request.id);
        let open = self.opened(account)?;
        let answer = open.ask(open.api.get(&path, &())).await;
        if !answer
            .as_ref()
            .is_err_and(|problem: &Problem| problem.is_local(LocalCode::Offline))
        {
            return answer;
        }
        let open = self.readable(account)?;
        let mut conn = open.local.reader().await?;
        let establishment = establishments::get(&mut conn, request.id).await?;
        let establishment = establishment.ok_or_else(|| gone("This establishment’s page"))?;
        let today = open.computer.now().london_date();
        let here = pupils::count_at(&mut conn, request.id, today).await?;
        Ok(EstablishmentPage {
            establishment,
            linked_users: Vec::new(),
            pupils: u32::try_from(here).unwrap_or(u32::MAX),
            warnings: Vec::new(),
            successions: Vec::new(),
            as_held: true,
        })
    }

    /// Adds an establishment that GIAS does not know, once.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn add_establishment(
        &self,
        account: AccountId,
        request: AddEstablishment,
    ) -> Result<Establishment, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/establishments", &request))
            .await
    }

    /// Edits an establishment that was added by hand.
    ///
    /// # Errors
    /// When someone else changed it meanwhile, or the store refuses or cannot be reached.
    pub async fn edit_establishment(
        &self,
        account: AccountId,
        request: EditEstablishmentRequest,
    ) -> Result<Establishment, Problem> {
        let path = format!("/v1/establishments/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::PUT, &path, &request.edit)).await
    }

    /// Joins one that was added by hand to the one of GIAS with a URN; answers that one.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn join_establishment(
        &self,
        account: AccountId,
        request: JoinEstablishmentRequest,
    ) -> Result<Establishment, Problem> {
        let path = format!("/v1/establishments/{}/join", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, &path, &request.join)).await
    }

    /// A page of what was done to an establishment, the newest first.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn establishment_history(
        &self,
        account: AccountId,
        request: EstablishmentHistoryOf,
    ) -> Result<Page<HistoryEntry>, Problem> {
        let path = format!("/v1/establishments/{}/history", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// Changes of establishments that nobody has decided about.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_successions(
        &self,
        account: AccountId,
        filter: SuccessionFilter,
    ) -> Result<Page<Succession>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/successions", &filter)).await
    }

    /// What is at an establishment and could move to the one that came after.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn list_movable(&self, account: AccountId, request: EstablishmentRef) -> Result<Movable, Problem> {
        let path = format!("/v1/establishments/{}/movable", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// Moves users and enrolments to the establishment that came after, once.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn move_establishment(
        &self,
        account: AccountId,
        request: MoveEstablishmentRequest,
    ) -> Result<Moved, Problem> {
        let path = format!("/v1/establishments/{}/move", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change_slowly(Method::POST, &path, &request.to)).await
    }

    /// Leaves users and enrolments where they are.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn leave_succession(&self, account: AccountId, request: LeaveSuccession) -> Result<(), Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.change(Method::POST, "/v1/successions/leave", &request))
            .await
    }
}

fn is_la(open: &OpenAccount) -> bool {
    open.me().is_some_and(|me| me.role.is_la())
}
