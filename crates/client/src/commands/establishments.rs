//! Establishments: asked of the store.

use lac_wire::{Establishment, EstablishmentFilter, EstablishmentPage, Page};

use crate::App;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// A page of establishments, in order of name.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_establishments(
        &self,
        account: AccountId,
        filter: EstablishmentFilter,
    ) -> Result<Page<Establishment>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/establishments", &filter)).await
    }

    /// One establishment with its linked users.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn get_establishment(
        &self,
        account: AccountId,
        request: EstablishmentRef,
    ) -> Result<EstablishmentPage, Problem> {
        let path = format!("/v1/establishments/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }
}
