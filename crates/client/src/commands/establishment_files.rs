//! The DfE's files of establishments: chosen, sent to be judged, carried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use lac_wire::{EstablishmentImport, JudgeEstablishments, Page};
use reqwest::Method;
use serde::Serialize;

use super::files::{checked_up_to, name_of};
use crate::App;
use crate::failure::Failure;
use crate::host::Host;
use crate::view::*;

/// The biggest of these files that is taken, in bytes: that of all England is about 65 MB.
const MOST_BYTES: u64 = lac_import::MAX_GIAS_BYTES;

/// Where a list of imports goes on.
#[derive(Serialize)]
struct ListQuery {
    after: Option<String>,
}

impl<H: Host> App<H> {
    /// Lets the person choose one of the DfE's files; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be taken, with a sentence that says why.
    pub async fn choose_establishment_file(
        &self,
        account: AccountId,
        _: (),
    ) -> Result<Option<EstablishmentFile>, Problem> {
        self.account(account)?;
        let Some(path) = self.host.choose_file("Choose a file of the DfE").await else {
            return Ok(None);
        };
        let path = checked_up_to(&path.to_string_lossy(), MOST_BYTES).await?;
        let bytes = tokio::fs::metadata(&path).await.map_err(Failure::File)?.len();
        Ok(Some(EstablishmentFile {
            name: name_of(&path),
            path: path.to_string_lossy().into_owned(),
            bytes,
        }))
    }

    /// Sends one of the DfE's files to the store to be judged; nothing is changed by that.
    ///
    /// # Errors
    /// When the file cannot be taken, or the store refuses or cannot be reached.
    pub async fn judge_establishment_file(
        &self,
        account: AccountId,
        request: JudgeEstablishmentFile,
    ) -> Result<EstablishmentImport, Problem> {
        let open = self.opened(account)?;
        let path = checked_up_to(&request.path, MOST_BYTES).await?;
        let query = JudgeEstablishments {
            file_name: name_of(&path),
            la_codes: request.la_codes,
        };
        let total = tokio::fs::metadata(&path).await.map_err(Failure::File)?.len();
        let id = open.computer.new_id()?;
        let sent = upload_share(self.host.clone(), open.id, total);
        let route = format!("/v1/establishment-imports/{id}");
        open.ask(open.api.put_file(&route, id, &query, &path, sent)).await
    }

    /// Carries out an import that was judged, once, even if the answer is lost and it is asked again.
    ///
    /// # Errors
    /// When what was read is no longer kept, or the store refuses or cannot be reached.
    pub async fn commit_establishment_file(
        &self,
        account: AccountId,
        request: EstablishmentImportRef,
    ) -> Result<EstablishmentImport, Problem> {
        let path = format!("/v1/establishment-imports/{}/commit", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change_slowly(Method::POST, &path, &())).await
    }

    /// A page of the imports of the DfE's files, the newest first.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn list_establishment_files(
        &self,
        account: AccountId,
        request: After,
    ) -> Result<Page<EstablishmentImport>, Problem> {
        let query = ListQuery { after: request.after };
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/establishment-imports", &query)).await
    }
}

/// Tells the window how much of a file has left: a step for each hundredth, not for each piece.
fn upload_share<H: Host>(host: Arc<H>, account: AccountId, total: u64) -> impl Fn(u64) + Clone + Send + Sync + 'static {
    let told = Arc::new(AtomicU64::new(0));
    move |bytes: u64| {
        let hundredths = bytes.saturating_mul(100) / total.max(1);
        if told.swap(hundredths, Ordering::Relaxed) != hundredths {
            #[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
            let share = hundredths as f64 / 100.0;
            host.emit(UiEvent::Upload {
                account,
                share: share.min(1.0),
            });
        }
    }
}
