//! Bulk add: looking at a file, having it judged, committing it, and what became of it.

use std::path::PathBuf;

use lac_import::Finding;
use lac_wire::{Import, ImportKind, JudgeQuery, Page};
use reqwest::Method;
use serde::Serialize;

use super::files::{checked, look, name_of, save};
use crate::App;
use crate::failure::Failure;
use crate::host::Host;
use crate::view::*;

/// Where a list of imports goes on.
#[derive(Serialize)]
struct ListQuery {
    after: Option<String>,
}

impl<H: Host> App<H> {
    /// Saves the empty template where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub async fn save_template(&self, account: AccountId, _: ()) -> Result<Option<SavedFile>, Problem> {
        self.account(account)?;
        let Some(path) = self.host.save_file("Users to add.csv").await else {
            return Ok(None);
        };
        save(&path, lac_import::template(1)).await?;
        Ok(Some(saved(path)))
    }

    /// Lets the person choose a file, and looks at it; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be taken, with a sentence that says why.
    pub async fn choose_file(&self, account: AccountId, _: ()) -> Result<Option<ChosenFile>, Problem> {
        self.account(account)?;
        match self.host.choose_file().await {
            Some(path) => look(&path.to_string_lossy()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Looks at a file that was dropped on the window.
    ///
    /// # Errors
    /// When it cannot be taken, with a sentence that says why.
    pub async fn look_at_file(&self, account: AccountId, request: FilePath) -> Result<ChosenFile, Problem> {
        self.account(account)?;
        look(&request.path).await
    }

    /// Sends a file to the store to be judged; nothing is changed by that.
    ///
    /// # Errors
    /// When the file cannot be taken, or the store refuses or cannot be reached.
    pub async fn judge_file(&self, account: AccountId, request: JudgeFile) -> Result<Import, Problem> {
        let open = self.opened(account)?;
        // Looked at again: it may be another by now, and what is no CSV file need not be sent.
        look(&request.path).await?;
        let path = checked(&request.path).await?;
        let query = JudgeQuery {
            kind: ImportKind::Users,
            role: request.role,
            existing: request.existing,
            file_name: name_of(&path),
        };
        let total = tokio::fs::metadata(&path).await.map_err(Failure::File)?.len().max(1);
        let id = open.computer.new_id()?;
        let (host, account_id) = (self.host.clone(), open.id);
        let told = std::sync::atomic::AtomicU64::new(0);
        let told = std::sync::Arc::new(told);
        let sent = move |bytes: u64| {
            // A step for each hundredth, not for each piece.
            let hundredths = bytes.saturating_mul(100) / total;
            if told.swap(hundredths, std::sync::atomic::Ordering::Relaxed) != hundredths {
                #[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
                let share = hundredths as f64 / 100.0;
                host.emit(UiEvent::Upload {
                    account: account_id,
                    share: share.min(1.0),
                });
            }
        };
        open.ask(open.api.put_import(id, &query, &path, sent.clone())).await
    }

    /// A page of an import's findings, errors first, then by row.
    ///
    /// # Errors
    /// When there is no such import, or the store refuses or cannot be reached.
    pub async fn list_findings(&self, account: AccountId, request: FindingsOf) -> Result<Page<Finding>, Problem> {
        let path = format!("/v1/imports/{}/findings", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
    }

    /// Commits an import, once, even if the answer is lost and it is asked again.
    ///
    /// # Errors
    /// When it was judged anew meanwhile, or the store refuses or cannot be reached.
    pub async fn commit_import(&self, account: AccountId, request: CommitRequest) -> Result<Import, Problem> {
        let path = format!("/v1/imports/{}/commit", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change_slowly(Method::POST, &path, &request.commit))
            .await
    }

    /// One import, as it stands.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn get_import(&self, account: AccountId, request: ImportRef) -> Result<Import, Problem> {
        let path = format!("/v1/imports/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
    }

    /// A page of imports, the newest first.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn list_imports(&self, account: AccountId, request: After) -> Result<Page<Import>, Problem> {
        let query = ListQuery { after: request.after };
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/imports", &query)).await
    }

    /// Saves the refused rows of an import where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached, or the file cannot be written there.
    pub async fn save_refused_rows(
        &self,
        account: AccountId,
        request: ImportRef,
    ) -> Result<Option<SavedFile>, Problem> {
        let open = self.opened(account)?;
        let Some(path) = self.host.save_file("Rows to mend.csv").await else {
            return Ok(None);
        };
        let route = format!("/v1/imports/{}/refused.csv", request.id);
        let bytes = open.ask(open.api.get_bytes(&route)).await?;
        save(&path, bytes).await?;
        Ok(Some(saved(path)))
    }
}

fn saved(path: PathBuf) -> SavedFile {
    SavedFile {
        path: path.to_string_lossy().into_owned(),
    }
}
