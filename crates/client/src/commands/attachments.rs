//! Attachments: chosen or dropped, taken off again, opened with the program that the person uses for them, and saved.

use std::path::{Path, PathBuf};

use lac_domain::{AttachmentId, AttachmentKind, DraftId};
use lac_import::{MAX_ATTACHMENT_BYTES, MAX_ATTACHMENTS, judge_attachment, too_big, why_not_taken};
use lac_wire::Attachment;
use sha2::{Digest, Sha256};

use super::files::{name_of, save};
use crate::App;
use crate::account::{OpenAccount, mark_as_from_elsewhere};
use crate::failure::{Failure, gone, invalid};
use crate::host::Host;
use crate::local::attachments::{self, HeldAttachment, NewFile};
use crate::local::drafts;
use crate::outbox::note_opened;
use crate::view::*;

/// An attachment as the page shows it.
pub(super) fn shown(attachment: &Attachment, held: bool) -> AttachmentView {
    AttachmentView {
        id: attachment.id,
        name: attachment.name.clone(),
        kind: attachment.kind,
        size: attachment.size,
        can_run: attachment.kind.can_run(),
        held,
    }
}

/// One that this device holds.
pub(super) fn held(held: &HeldAttachment) -> AttachmentView {
    AttachmentView {
        id: held.id,
        name: held.name.as_str().into(),
        kind: held.kind,
        size: held.size,
        can_run: held.kind.can_run(),
        held: held.is_whole(),
    }
}

fn not_attached(name: &str, why: &str) -> Problem {
    Problem {
        field: Some("attachments".to_owned()),
        ..Problem::local(LocalCode::File, format!("{name}: {why}"))
    }
}

impl<H: Host> App<H> {
    /// Attaches files to a draft that is kept: those at the paths, or those that the person chooses. What cannot be
    /// attached is told of each, and the others are.
    ///
    /// # Errors
    /// When the draft is no longer there, or nothing could be written.
    pub async fn attach_files(&self, account: AccountId, request: AttachFiles) -> Result<Attached, Problem> {
        let open = self.opened(account)?;
        let paths = match request.paths {
            Some(paths) => paths.into_iter().map(PathBuf::from).collect(),
            None => self.host.choose_files("Attach files").await,
        };
        let taken = open.me().map(|me| me.authority.attachment_kinds).unwrap_or_default();
        let mut refused = Vec::new();
        for path in paths {
            let name = lac_import::safe_file_name(&name_of(&path));
            match attach(&open, request.draft_id, &path, &taken).await {
                Ok(()) => {}
                Err(Attaching::Refused(why)) => refused.push(not_attached(&name, &why)),
                Err(Attaching::Failed(problem)) => return Err(problem),
            }
        }
        let mut conn = open.local.reader().await?;
        let attachments = attachments::of_draft(&mut conn, request.draft_id).await?;
        open.to_tell.held();
        Ok(Attached {
            attachments: attachments.iter().map(held).collect(),
            refused,
        })
    }

    /// Takes a file off a draft. Gives what is left.
    ///
    /// # Errors
    /// When nothing could be written.
    pub async fn remove_attachment(
        &self,
        account: AccountId,
        request: AttachmentOfDraft,
    ) -> Result<Vec<AttachmentView>, Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        attachments::remove(&mut tx, request.draft_id, request.id).await?;
        let left = attachments::of_draft(&mut tx, request.draft_id).await?;
        tx.commit().await.map_err(Failure::from)?;
        open.leave_nothing_behind().await?;
        open.to_tell.held();
        Ok(left.iter().map(held).collect())
    }

    /// Opens an attachment with the program that the person uses for files of its kind; one that is not here is fetched.
    ///
    /// # Errors
    /// When it may not be seen, is not here while the store cannot be reached, can run and nobody said that it may be
    /// opened all the same, or no program opens it.
    pub async fn open_attachment(&self, account: AccountId, request: AttachmentRef) -> Result<(), Problem> {
        let (open, file) = self.fetched(account, &request).await?;
        self.open_fetched(&open, file, request.although_it_can_run).await
    }

    /// Opens an attachment that was fetched, unless sight of it ended meanwhile.
    pub(crate) async fn open_fetched(
        &self,
        open: &OpenAccount,
        file: Fetched,
        although_it_can_run: bool,
    ) -> Result<(), Problem> {
        // What it is is judged by what is here, not by what somebody said.
        let judged = judge_attachment(&file.name, &file.bytes);
        let harmless = !file.kind.can_run() && !judged.kind.can_run();
        if !harmless && !although_it_can_run {
            return Err(invalid(
                "although_it_can_run",
                "This file can hold something that runs on your computer when it is opened. Say first that you want to open it all the same.",
            ));
        }
        let path = open.copies.write(file.id, &judged.name, file.bytes).await?;
        // Sight may have ended while it was being written, after the copies of what went with it were deleted.
        if let Err(problem) = still_held(open, file.id).await {
            open.copies.delete(file.id);
            return Err(problem);
        }
        if file.sent {
            note_opened(open, file.id).await?;
        }
        self.host.open_file(&path).map_err(|error| {
            tracing::warn!(%error, "an attachment could not be opened");
            Problem::local(
                LocalCode::File,
                "No program on this computer opened this file. Save it, and ask your IT support which program to use.",
            )
        })
    }

    /// Saves an attachment where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// As when it is opened, or when it cannot be written there.
    pub async fn save_attachment(
        &self,
        account: AccountId,
        request: AttachmentRef,
    ) -> Result<Option<SavedFile>, Problem> {
        let (open, file) = self.fetched(account, &request).await?;
        let judged = judge_attachment(&file.name, &file.bytes);
        let Some(path) = self.host.save_file(&judged.name).await else {
            return Ok(None);
        };
        // The dialog may have been open for long.
        still_held(&open, file.id).await?;
        save(&path, file.bytes).await?;
        mark_as_from_elsewhere(&path);
        if file.sent {
            note_opened(&open, file.id).await?;
        }
        Ok(Some(SavedFile {
            path: path.to_string_lossy().into_owned(),
        }))
    }

    /// Stops fetching an attachment; what has come is kept.
    ///
    /// # Errors
    /// When the account's file is not open.
    pub async fn stop_fetching(&self, account: AccountId, _: ()) -> Result<(), Problem> {
        self.opened(account)?.stop_fetching.notify_waiters();
        Ok(())
    }

    /// An attachment with its content, fetched where it is not here.
    pub(crate) async fn fetched(
        &self,
        account: AccountId,
        request: &AttachmentRef,
    ) -> Result<(std::sync::Arc<OpenAccount>, Fetched), Problem> {
        let open = self.opened(account)?;
        let mut conn = open.local.reader().await?;
        let own = attachments::get(&mut conn, request.id).await?;
        if let Some(own) = own.filter(|own| own.conversation_id.is_none()) {
            // The user's own words and files stay open to them, whatever else is locked.
            let bytes = attachments::content(&mut conn, own.id).await?;
            return Ok((std::sync::Arc::clone(&open), Fetched::of(own, bytes)));
        }
        open.may_read()?;
        let message = request.message_id.ok_or_else(|| gone("This attachment"))?;
        drop(conn);
        let mut tx = open.local.begin().await?;
        let found = attachments::of_message(&mut tx, message).await?;
        let (conversation, with) = found.ok_or_else(|| gone("This attachment"))?;
        let attachment = with.iter().find(|one| one.id == request.id);
        let attachment = attachment.ok_or_else(|| gone("This attachment"))?;
        attachments::begin(&mut tx, (conversation, message), attachment).await?;
        tx.commit().await.map_err(Failure::from)?;
        let whole = tokio::select! {
            whole = fetch(&open, attachment) => whole?,
            () = open.stop_fetching.notified() => return Err(Problem::local(
                LocalCode::Offline,
                "You stopped fetching this attachment. What has come of it is kept: open it again to go on.",
            )),
        };
        open.to_tell.held();
        Ok((open, whole))
    }
}

/// Whether a file that was read may still be given out: it is held, and what is held may be read.
async fn still_held(open: &OpenAccount, id: AttachmentId) -> Result<(), Problem> {
    open.may_read()?;
    let held = attachments::get(&mut *open.local.reader().await?, id).await?;
    held.map(|_| ()).ok_or_else(|| gone("This attachment"))
}

/// An attachment with its content.
pub(crate) struct Fetched {
    id: AttachmentId,
    name: String,
    kind: AttachmentKind,
    bytes: Vec<u8>,
    /// Whether the store has it.
    sent: bool,
}

impl Fetched {
    fn of(held: HeldAttachment, bytes: Vec<u8>) -> Self {
        Self {
            id: held.id,
            sent: held.conversation_id.is_some(),
            name: held.name,
            kind: held.kind,
            bytes,
        }
    }
}

/// Fetches what is not here yet, piece by piece.
#[allow(clippy::cast_precision_loss, reason = "a share for a progress bar")]
async fn fetch(open: &OpenAccount, attachment: &Attachment) -> Result<Fetched, Problem> {
    let _one = open.fetching.lock().await;
    loop {
        let mut conn = open.local.reader().await?;
        let held = attachments::get(&mut conn, attachment.id).await?;
        let held = held.ok_or_else(|| gone("This attachment"))?;
        if held.is_whole() {
            let bytes = attachments::content(&mut conn, held.id).await?;
            return Ok(Fetched::of(held, bytes));
        }
        drop(conn);
        let asked = open.ask(open.api.get_piece(held.id, held.received)).await;
        let bytes = asked.map_err(|problem| {
            if problem.is_local(LocalCode::Offline) {
                offline(&held)
            } else {
                problem
            }
        })?;
        if bytes.is_empty() {
            // The store holds less than it said.
            return Err(gone("This attachment"));
        }
        let mut tx = open.local.begin().await?;
        attachments::put_piece(&mut tx, held.id, held.received, &bytes).await?;
        tx.commit().await.map_err(Failure::from)?;
        open.computer.host.emit(UiEvent::Transfer {
            account: open.id,
            attachment_id: held.id,
            share: (held.received + i64::try_from(bytes.len()).unwrap_or(0)) as f64 / held.size.max(1) as f64,
        });
    }
}

fn offline(held: &HeldAttachment) -> Problem {
    let kept = if held.received > 0 {
        " What has come of it is kept."
    } else {
        ""
    };
    Problem::local(
        LocalCode::Offline,
        format!("This attachment is not on this computer yet. Open it again when you are online.{kept}"),
    )
}

/// Why a file was not attached.
enum Attaching {
    /// It cannot be, and this is why; others may be.
    Refused(String),
    /// Nothing can be.
    Failed(Problem),
}

impl<E: Into<Problem>> From<E> for Attaching {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

async fn attach(open: &OpenAccount, draft: DraftId, path: &Path, taken: &[AttachmentKind]) -> Result<(), Attaching> {
    let refused = |why: &str| Attaching::Refused(why.to_owned());
    if taken.is_empty() {
        return Err(refused(
            "Your Virtual School’s store does not take attachments yet. It needs to be updated first.",
        ));
    }
    let bytes = read(path).await.map_err(Attaching::Refused)?;
    let name = name_of(path);
    let judged = tokio::task::spawn_blocking(move || {
        let judged = judge_attachment(&name, &bytes);
        let sha256 = hex::encode(Sha256::digest(&bytes));
        (judged, sha256, bytes)
    });
    let (judged, sha256, bytes) = judged
        .await
        .map_err(|error| Failure::File(std::io::Error::other(error)))?;
    if let Some(why) = why_not_taken(judged.kind, taken) {
        return Err(refused(why));
    }
    let file = NewFile {
        id: open.computer.new_id()?,
        name: judged.name,
        kind: judged.kind,
        sha256,
        bytes,
    };
    let mut tx = open.local.begin().await?;
    if drafts::get(&mut tx, draft).await?.is_none() {
        return Err(gone("This draft").into());
    }
    let others = attachments::of_draft(&mut tx, draft).await?;
    if others.len() >= MAX_ATTACHMENTS {
        return Err(Attaching::Refused(format!(
            "A message may have at most {MAX_ATTACHMENTS} attachments. Send this one with another message."
        )));
    }
    if others
        .iter()
        .any(|other| other.sha256.as_ref() == Some(&file.sha256) && other.name == file.name)
    {
        return Err(refused("This file is attached already."));
    }
    attachments::add(&mut tx, draft, &file).await?;
    tx.commit().await.map_err(Failure::from)?;
    Ok(())
}

/// Reads a file that may be attached: a file that is there, neither empty nor too big.
async fn read(path: &Path) -> Result<Vec<u8>, String> {
    let metadata = tokio::fs::metadata(path).await.map_err(|error| unreadable(&error))?;
    if metadata.is_dir() {
        return Err("This is a folder. Attach the files that are in it.".to_owned());
    }
    if metadata.len() > MAX_ATTACHMENT_BYTES {
        return Err(too_big().to_owned());
    }
    let bytes = tokio::fs::read(path).await.map_err(|error| unreadable(&error))?;
    if bytes.is_empty() {
        return Err("This file is empty.".to_owned());
    }
    // It may have grown since it was looked at.
    if bytes.len() as u64 > MAX_ATTACHMENT_BYTES {
        return Err(too_big().to_owned());
    }
    Ok(bytes)
}

fn unreadable(error: &std::io::Error) -> String {
    tracing::info!(kind = ?error.kind(), "a file to be attached cannot be read");
    match error.kind() {
        std::io::ErrorKind::NotFound => "This file is no longer there. Choose it again where it is now.",
        std::io::ErrorKind::PermissionDenied => {
            "You may not open this file. Ask its owner, or copy it to a folder of your own and attach it from there."
        }
        _ => "This file could not be read. If it is open in another program, close it there and attach it again.",
    }
    .to_owned()
}
