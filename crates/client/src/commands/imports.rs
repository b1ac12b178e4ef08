//! Bulk add: looking at a file, having it judged, committing it, and what became of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use lac_domain::ImportId;
use lac_import::{ColumnChoice, ColumnState, Finding};
use lac_wire::{
    ErrorCode, Import, ImportKind, ImportRow, ImportedOne, JudgeQuery, Page, RememberedMapping, RememberedQuery,
    UndoLook,
};
use reqwest::Method;
use serde::Serialize;

use super::files::{read, save};
use crate::App;
use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::host::Host;
use crate::view::*;

/// How often the page is told how far a commit has come.
const PROGRESS_EVERY: Duration = Duration::from_millis(400);

/// Where a list goes on.
#[derive(Serialize)]
struct ListQuery {
    after: Option<String>,
}

impl<H: Host> App<H> {
    /// Saves the empty template where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be written there.
    pub async fn save_template(&self, account: AccountId, request: TemplateOf) -> Result<Option<SavedFile>, Problem> {
        self.account(account)?;
        let (name, template) = if request.kind == ImportKind::Pupils {
            ("Pupils to add.csv", lac_import::pupil_template())
        } else {
            ("Users to add.csv", lac_import::template(1))
        };
        let Some(path) = self.host.save_file(name).await else {
            return Ok(None);
        };
        save(&path, template).await?;
        Ok(Some(saved(path)))
    }

    /// Lets the person choose a file, and looks at it; none when they change their mind.
    ///
    /// # Errors
    /// When it cannot be taken, with a sentence that says why.
    pub async fn choose_file(&self, account: AccountId, request: ChooseFile) -> Result<Option<ChosenFile>, Problem> {
        self.account(account)?;
        let title = if request.kind == ImportKind::Pupils {
            "Choose a file of pupils"
        } else {
            "Choose a file of users"
        };
        let Some(path) = self.host.choose_file(title).await else {
            return Ok(None);
        };
        let request = LookAtFile {
            kind: request.kind,
            path: path.to_string_lossy().into_owned(),
            mapping: Vec::new(),
        };
        self.look_at_file(account, request).await.map(Some)
    }

    /// Looks at a file that was dropped on the window, or again at one with what the person said of its columns. Where a
    /// heading is not recognised, the store is asked what was said of such files before; without it, nothing was.
    ///
    /// # Errors
    /// When it cannot be taken, with a sentence that says why.
    pub async fn look_at_file(&self, account: AccountId, request: LookAtFile) -> Result<ChosenFile, Problem> {
        self.account(account)?;
        let file = read(request.kind, &request.path).await?;
        let (file, chosen) = file.look(request.mapping.clone(), Vec::new()).await?;
        let columns = &chosen.recognised.columns;
        if !columns.iter().any(|column| column.state == ColumnState::Unrecognised) {
            return Ok(chosen);
        }
        let asked = RememberedQuery {
            kind: request.kind,
            headings: columns.iter().map(|column| column.heading.clone()).collect(),
        };
        let remembered = self.remembered_mapping(account, &asked).await;
        if remembered.is_empty() {
            return Ok(chosen);
        }
        Ok(file.look(request.mapping, remembered).await?.1)
    }

    async fn remembered_mapping(&self, account: AccountId, asked: &RememberedQuery) -> Vec<ColumnChoice> {
        let Ok(open) = self.opened(account) else {
            return Vec::new();
        };
        let answer: Result<RememberedMapping, Problem> = open
            .ask(open.api.change(Method::POST, "/v1/imports/mapping", asked))
            .await;
        match answer {
            Ok(mapping) => mapping.columns,
            Err(problem) => {
                // The person can still say it again.
                tracing::info!(code = ?problem.code, "what was said of a file's columns could not be asked");
                Vec::new()
            }
        }
    }

    /// Sends a file to the store to be judged; nothing is changed by that. Passwords in it stay on this device.
    ///
    /// # Errors
    /// When the file cannot be taken, it was stopped, or the store refuses or cannot be reached.
    pub async fn judge_file(&self, account: AccountId, request: JudgeFile) -> Result<Import, Problem> {
        let open = self.opened(account)?;
        tokio::select! {
            judged = self.send_and_judge(&open, request) => judged,
            () = open.stop_judging.notified() => Err(Problem {
                code: ProblemCode::Store(ErrorCode::ImportCancelled),
                message: "It was stopped. Nothing has been changed.".to_owned(),
                field: None,
                request_id: None,
                changed: None,
            }),
        }
    }

    /// Stops sending a file, or waiting for it to be judged. Nothing was changed by it so far.
    ///
    /// # Errors
    /// When the account is not open.
    pub async fn stop_judging(&self, account: AccountId, _: ()) -> Result<(), Problem> {
        self.opened(account)?.stop_judging.notify_waiters();
        Ok(())
    }

    async fn send_and_judge(&self, open: &OpenAccount, request: JudgeFile) -> Result<Import, Problem> {
        // Looked at again: it may be another by now, and what is no CSV file need not be sent.
        let file = read(request.kind, &request.path).await?;
        let (file, _) = file.look(Vec::new(), Vec::new()).await?;
        let mapping = if request.mapping.is_empty() {
            None
        } else {
            Some(serde_json::to_string(&request.mapping).map_err(Failure::from)?)
        };
        let query = JudgeQuery {
            kind: request.kind,
            role: request.role,
            existing: request.existing,
            file_name: file.name,
            mapping,
            as_at: request.as_at,
        };
        let total = file.bytes.len().max(1);
        let id = open.computer.new_id()?;
        let (host, account_id) = (self.host.clone(), open.id);
        let told = Arc::new(AtomicUsize::new(0));
        let sent = move |bytes: usize| {
            // A step for each hundredth, not for each piece.
            let hundredths = bytes.saturating_mul(100) / total;
            if told.swap(hundredths, Ordering::Relaxed) != hundredths {
                #[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
                let share = hundredths as f64 / 100.0;
                host.emit(UiEvent::Upload {
                    account: account_id,
                    share: share.min(1.0),
                });
            }
        };
        open.ask(open.api.put_import(id, &query, file.bytes, sent)).await
    }

    /// Mends cells of an import's file, leaves rows out, or says what columns are; the store judges it again, whole.
    ///
    /// # Errors
    /// When another window mended it meanwhile, or the store refuses or cannot be reached.
    pub async fn mend_import(&self, account: AccountId, request: MendRequest) -> Result<Import, Problem> {
        let path = format!("/v1/imports/{}", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.change_slowly(Method::PATCH, &path, &request.mend))
            .await
    }

    /// One row of an import's file, with what was mended and found in it.
    ///
    /// # Errors
    /// When there is no such row, or the store refuses or cannot be reached.
    pub async fn get_import_row(&self, account: AccountId, request: ImportRowRef) -> Result<ImportRow, Problem> {
        let path = format!("/v1/imports/{}/rows/{}", request.id, request.row);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &())).await
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

    /// Commits an import, once, even if the answer is lost and it is asked again. Tells the page how far it has come.
    ///
    /// # Errors
    /// When it was judged anew meanwhile, it was cancelled, or the store refuses or cannot be reached.
    pub async fn commit_import(&self, account: AccountId, request: CommitRequest) -> Result<Import, Problem> {
        let path = format!("/v1/imports/{}/commit", request.id);
        let open = self.opened(account)?;
        let committing = open.ask(open.api.change_slowly(Method::POST, &path, &request.commit));
        tokio::pin!(committing);
        loop {
            tokio::select! {
                done = &mut committing => return done,
                () = open.computer.clock.sleep(PROGRESS_EVERY) => {}
            }
            // An answer that is lost is one step that is not shown.
            let path = format!("/v1/imports/{}", request.id);
            tokio::select! {
                done = &mut committing => return done,
                import = open.api.get::<(), Import>(&path, &()) => {
                    if let Ok(Import { progress: Some(progress), .. }) = import {
                        self.host.emit(UiEvent::ImportProgress { account: open.id, id: request.id, progress });
                    }
                }
            }
        }
    }

    /// Asks a commit that runs to stop: then nothing is changed. The answer says how the import stands.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn cancel_import(&self, account: AccountId, request: ImportRef) -> Result<Import, Problem> {
        self.post_import(account, request.id, "cancel").await
    }

    /// Takes back what an import did, as far as nothing happened since with those whom it concerns.
    ///
    /// # Errors
    /// When it cannot be undone, or the store refuses or cannot be reached.
    pub async fn undo_import(&self, account: AccountId, request: ImportRef) -> Result<Import, Problem> {
        self.post_import(account, request.id, "undo").await
    }

    /// Invites those whom an import created and nobody invited yet.
    ///
    /// # Errors
    /// When there is none, or the store refuses or cannot be reached.
    pub async fn invite_created(&self, account: AccountId, request: ImportRef) -> Result<Import, Problem> {
        self.post_import(account, request.id, "invite").await
    }

    async fn post_import(&self, account: AccountId, id: ImportId, action: &str) -> Result<Import, Problem> {
        let path = format!("/v1/imports/{id}/{action}");
        let open = self.opened(account)?;
        open.ask(open.api.change_slowly(Method::POST, &path, &())).await
    }

    /// What an undo would do, with a page of those who would stay as they are.
    ///
    /// # Errors
    /// When there is no such import, or the store refuses or cannot be reached.
    pub async fn look_at_undo(&self, account: AccountId, request: UndoOf) -> Result<UndoLook, Problem> {
        let path = format!("/v1/imports/{}/undo", request.id);
        let query = ListQuery { after: request.after };
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &query)).await
    }

    /// A page of those whom an import created, changed, or left as they were.
    ///
    /// # Errors
    /// When there is no such import, or the store refuses or cannot be reached.
    pub async fn list_import_outcomes(
        &self,
        account: AccountId,
        request: OutcomesOf,
    ) -> Result<Page<ImportedOne>, Problem> {
        let path = format!("/v1/imports/{}/outcomes", request.id);
        let open = self.opened(account)?;
        open.ask(open.api.get(&path, &request.filter)).await
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
        let bytes = open.ask(open.api.get_bytes(&route, &())).await?;
        save(&path, bytes).await?;
        Ok(Some(saved(path)))
    }
}

fn saved(path: PathBuf) -> SavedFile {
    SavedFile {
        path: path.to_string_lossy().into_owned(),
    }
}
