//! Drafts: kept sealed until they are sent or deleted.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use lac_domain::{Timestamp, UserId};
use lac_wire::{Private, Recipient};
use sqlx::SqliteConnection;

use super::attachments::held;
use super::recipients;
use crate::App;
use crate::account::lock;
use crate::failure::{Failure, gone};
use crate::host::Host;
use crate::local::{attachments, drafts, participants, people};
use crate::outbox::{UNDO, queue_message};
use crate::view::*;

impl<H: Host> App<H> {
    /// A fresh draft, not yet kept; for a reply, the one that was begun before, where there is one.
    ///
    /// # Errors
    /// When the account's file is not open.
    pub async fn new_draft(&self, account: AccountId, request: NewDraft) -> Result<Draft, Problem> {
        let open = self.opened(account)?;
        let mut conn = open.local.reader().await?;
        if let Some(conversation) = request.conversation_id
            && let Some(begun) = drafts::of_conversation(&mut conn, conversation).await?
        {
            return Ok(with_files(&mut conn, begun).await?);
        }
        let mut chosen = Vec::new();
        if let Some(user) = request.user_id
            && let Some(person) = people::get(&mut conn, user).await?
        {
            chosen.push(recipients::person(&person));
        }
        Ok(Draft {
            id: open.computer.new_id()?,
            conversation_id: request.conversation_id,
            pupil_id: request.pupil_id,
            confidential: false,
            recipients: chosen,
            subject: Private::default(),
            body: Private::default(),
            saved_at: None,
            attachments: Vec::new(),
        })
    }

    /// A draft that was kept.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn get_draft(&self, account: AccountId, request: DraftRef) -> Result<Draft, Problem> {
        let open = self.opened(account)?;
        let mut conn = open.local.reader().await?;
        let draft = drafts::get(&mut conn, request.id).await?;
        Ok(with_files(&mut conn, draft.ok_or_else(|| gone("This draft"))?).await?)
    }

    /// Keeps a draft. Gives when.
    ///
    /// # Errors
    /// When it could not be written.
    pub async fn save_draft(&self, account: AccountId, draft: Draft) -> Result<Timestamp, Problem> {
        let open = self.opened(account)?;
        let now = open.computer.now();
        match lock(&open.done_with).get(&draft.id) {
            // A save that was on its way when the draft was sent or deleted.
            Some(said) if said.is_none_or(|said| said == fingerprint(&draft)) => return Ok(now),
            Some(_) => {
                return Err(Problem::local(
                    LocalCode::Gone,
                    "This message has been sent already. To add to it, write another message.",
                ));
            }
            None => {}
        }
        let mut tx = open.local.begin().await?;
        let new = drafts::get(&mut tx, draft.id).await?.is_none();
        drafts::put(&mut tx, &draft, now).await?;
        tx.commit().await.map_err(Failure::from)?;
        if new {
            open.to_tell.held();
        }
        Ok(now)
    }

    /// All drafts, the newest first.
    ///
    /// # Errors
    /// When the account's file is not open.
    pub async fn list_drafts(&self, account: AccountId, _: ()) -> Result<Vec<Draft>, Problem> {
        let open = self.opened(account)?;
        let mut conn = open.local.reader().await?;
        let mut files = attachments::of_drafts(&mut conn).await?;
        Ok(drafts::all(&mut conn)
            .await?
            .into_iter()
            .map(|stored| Draft {
                attachments: files
                    .remove(&stored.draft.id)
                    .unwrap_or_default()
                    .iter()
                    .map(held)
                    .collect(),
                ..stored.draft
            })
            .collect())
    }

    /// Deletes a draft; it is no error when it is gone already.
    ///
    /// # Errors
    /// When it could not be deleted.
    pub async fn delete_draft(&self, account: AccountId, request: DraftRef) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let deleted = drafts::delete(&mut tx, request.id).await?;
        tx.commit().await.map_err(Failure::from)?;
        lock(&open.done_with).insert(request.id, None);
        if deleted {
            open.leave_nothing_behind().await?;
            open.to_tell.held();
        }
        Ok(())
    }

    /// Moves a draft into the outbox, in one transaction. Gives the conversation in which it now waits, and for how long
    /// it can be taken back.
    ///
    /// # Errors
    /// When something in it is missing or too long, or it is no longer there.
    pub async fn send_draft(&self, account: AccountId, request: DraftRef) -> Result<SentDraft, Problem> {
        let open = self.opened(account)?;
        let mut tx = open.local.begin().await?;
        let mut draft = drafts::get(&mut tx, request.id)
            .await?
            .ok_or_else(|| gone("This draft"))?;
        if draft.conversation_id.is_none() {
            // A group around a pupil that the message is not about reaches nobody.
            let pupil = draft.pupil_id;
            draft.recipients.retain(|choice| match choice.recipient {
                Recipient::AroundPupil { pupil_id } => Some(pupil_id) == pupil,
                _ => true,
            });
        }
        let people = people_of(&mut tx, open.my_id()?, &draft).await?;
        let (conversation_id, command_id) = queue_message(&open, &mut tx, &draft).await?;
        drafts::delete(&mut tx, draft.id).await?;
        tx.commit().await.map_err(Failure::from)?;
        lock(&open.done_with).insert(draft.id, Some(fingerprint(&draft)));
        open.push.notify_one();
        open.to_tell.held();
        let waits = lock(&open.undoable).contains_key(&command_id);
        Ok(SentDraft {
            conversation_id,
            command_id,
            people,
            undo_for: if waits {
                u32::try_from(UNDO.as_millis()).unwrap_or(u32::MAX)
            } else {
                0
            },
        })
    }
}

/// How many people a message is for: those chosen, or the others who take part.
async fn people_of(conn: &mut SqliteConnection, me: UserId, draft: &Draft) -> Result<u32, Failure> {
    let Some(conversation) = draft.conversation_id else {
        return Ok(draft.recipients.iter().map(|choice| choice.people).sum());
    };
    let others = participants::others(conn, [conversation], me).await?;
    Ok(others.get(&conversation).map_or(0, |(_, count)| *count))
}

/// A draft with its files.
async fn with_files(conn: &mut SqliteConnection, draft: Draft) -> Result<Draft, Failure> {
    let files = attachments::of_draft(conn, draft.id).await?;
    Ok(Draft {
        attachments: files.iter().map(held).collect(),
        ..draft
    })
}

/// Tells whether two drafts say the same.
fn fingerprint(draft: &Draft) -> u64 {
    let mut hasher = DefaultHasher::new();
    (draft.subject.reveal(), draft.body.reveal()).hash(&mut hasher);
    hasher.finish()
}
