//! The audit trail of the authority, for LA Super Users.

use lac_wire::{Page, TrailAction, TrailFilter, TrailRow};

use crate::App;
use crate::host::Host;
use crate::view::*;
use crate::whole_file;

impl<H: Host> App<H> {
    /// A page of the audit trail, in words, the newest first.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_trail(&self, account: AccountId, filter: TrailFilter) -> Result<Page<TrailRow>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/trail", &filter)).await
    }

    /// Every action that the trail knows, by its words.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_trail_actions(&self, account: AccountId, _: ()) -> Result<Vec<TrailAction>, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/trail/actions", &())).await
    }

    /// Saves the trail as a CSV file where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When the password must be given again, it would be too long, or the file cannot be written.
    pub async fn save_trail(&self, account: AccountId, filter: TrailFilter) -> Result<Option<SavedFile>, Problem> {
        let open = self.opened(account)?;
        // Asked for first: where the password is wanted, no dialog comes up before it.
        let bytes = open.ask(open.api.get_bytes("/v1/trail.csv", &filter)).await?;
        let Some(path) = self.host.save_file("Audit trail.csv").await else {
            return Ok(None);
        };
        whole_file::write(&path, bytes).await?;
        Ok(Some(SavedFile {
            path: path.to_string_lossy().into_owned(),
        }))
    }
}
