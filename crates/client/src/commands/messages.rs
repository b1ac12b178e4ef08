//! Conversations and messages, from what this device holds.

use std::collections::HashMap;

use lac_domain::{ConversationId, UserId};
use lac_wire::{Command, PAGE_LIMIT, Page, Participant};

use super::message_views::{Names, files, member_views, message_of, message_view, not_reached, unsent_view};
use super::rows::{names_in_short, recipients_of_unsent, rows};
use super::search::{Within, search};
use crate::App;
use crate::account::OpenAccount;
use crate::failure::{Failure, gone};
use crate::host::Host;
use crate::local::conversations::{FolderPage, ListKey};
use crate::local::outbox::{self, OutboxEntry, OutboxState};
use crate::local::withdrawn::withdrawn_of;
use crate::local::{ConversationEntry, attachments, conversations, drafts, messages, participants, people, pupils};
use crate::view::*;

/// How many messages of a conversation are shown at once.
const SHOWN: i64 = 50;

impl<H: Host> App<H> {
    /// How many conversations and messages want attention.
    ///
    /// # Errors
    /// When the account's file is not open.
    pub async fn folder_counts(&self, account: AccountId, _: ()) -> Result<FolderCounts, Problem> {
        let open = self.opened(account)?;
        let mut conn = open.local.reader().await?;
        let (waiting, not_sent) = outbox::counts(&mut conn).await?;
        Ok(FolderCounts {
            unread: conversations::count_unread_conversations(&mut conn).await?,
            notices: conversations::count_unread_notices(&mut conn).await?,
            drafts: drafts::count(&mut conn).await?,
            waiting,
            not_sent,
        })
    }

    /// A page of conversations, the newest first.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn list_conversations(
        &self,
        account: AccountId,
        filter: ConversationFilter,
    ) -> Result<Page<ConversationRow>, Problem> {
        let open = self.readable(account)?;
        let limit = filter.limit.unwrap_or(50).clamp(1, PAGE_LIMIT);
        if let Some(pupil) = filter.pupil_id {
            crate::outbox::note_read(&open, pupil).await?;
            crate::sync::open_history(&open, pupil).await?;
        }
        if let Some(typed) = filter.search.as_deref().filter(|typed| !typed.trim().is_empty()) {
            let within = Within {
                folder: filter.folder,
                pupil_id: filter.pupil_id,
            };
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            return Ok(search(&open, typed, &within, filter.after.as_deref(), limit).await?);
        }
        let folder = match (filter.folder, filter.pupil_id) {
            (_, Some(pupil)) => FolderPage::Pupil(pupil),
            (Some(Folder::Inbox), None) => FolderPage::Inbox,
            (Some(Folder::Unread), None) => FolderPage::Unread,
            (Some(Folder::Sent), None) => FolderPage::Sent,
            (Some(Folder::Notices), None) => FolderPage::Notices,
            (None, None) => FolderPage::All,
        };
        let me = open.my_id()?;
        let mut conn = open.local.reader().await?;
        let after = filter.after.as_deref().and_then(read_key);
        let mut entries = conversations::list(&mut conn, folder, after, i64::from(limit) + 1).await?;
        let more = entries.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        if more {
            entries.pop();
        }
        let after = entries
            .last()
            .filter(|_| more)
            .map(|last| format!("{}~{}", last.sort_key, last.id));
        Ok(Page {
            rows: rows(&mut conn, me, entries, HashMap::new()).await?,
            after,
        })
    }

    /// Opens a conversation. One that is not held is asked of the store.
    ///
    /// # Errors
    /// When it is not there or may not be seen, or what is held may not be read now.
    pub async fn open_conversation(
        &self,
        account: AccountId,
        request: OpenConversation,
    ) -> Result<ConversationView, Problem> {
        let open = self.readable(account)?;
        let mut entry = held(&open, request.id).await?;
        if entry.is_none() && open.is_online() && !has_unsent(&open, request.id).await? {
            let mut arrived = Vec::new();
            let _one = open.pulling.lock().await;
            let fetched = open
                .ask(crate::sync::conversation(&open, request.id, &mut arrived))
                .await;
            // Opened before the pull that would have brought it: what is noted as told is told.
            crate::sync::raise(&open, &arrived).await;
            fetched?;
            entry = held(&open, request.id).await?;
            if let Some(pupil) = entry.as_ref().and_then(|entry| entry.pupil_id) {
                crate::sync::note_opened(&open, pupil).await?;
            }
        }
        let view = view(&open, request, entry).await?;
        if let Some(pupil) = &view.pupil {
            crate::outbox::note_read(&open, pupil.id).await?;
        }
        Ok(view)
    }

    /// Marks a conversation read.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn mark_read(&self, account: AccountId, request: ConversationRef) -> Result<(), Problem> {
        Ok(crate::outbox::mark(&*self.opened(account)?, request.id, true).await?)
    }

    /// Marks the newest message of others in a conversation unread.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn mark_unread(&self, account: AccountId, request: ConversationRef) -> Result<(), Problem> {
        Ok(crate::outbox::mark(&*self.opened(account)?, request.id, false).await?)
    }
}

fn read_key(text: &str) -> Option<ListKey> {
    let (sort_key, id) = text.split_once('~')?;
    Some(ListKey {
        sort_key: sort_key.parse().ok()?,
        id: id.parse().ok()?,
    })
}

async fn held(open: &OpenAccount, id: ConversationId) -> Result<Option<ConversationEntry>, Failure> {
    conversations::get(&mut *open.local.reader().await?, id).await
}

async fn has_unsent(open: &OpenAccount, id: ConversationId) -> Result<bool, Failure> {
    let waiting = outbox::of_conversation(&mut *open.local.reader().await?, id).await?;
    Ok(waiting.iter().any(|entry| entry.kind.is_message()))
}

async fn view(
    open: &OpenAccount,
    request: OpenConversation,
    entry: Option<ConversationEntry>,
) -> Result<ConversationView, Problem> {
    let me = open.my_id()?;
    let mut conn = open.local.reader().await?;
    let unsent = outbox::of_conversation(&mut conn, request.id).await?;
    let added: Vec<UserId> = unsent
        .iter()
        .filter(|entry| entry.state != OutboxState::NeedsAttention)
        .flat_map(|entry| super::outbox::added_by(&entry.command))
        .collect();
    let waiting: Vec<OutboxEntry> = unsent.into_iter().filter(|entry| entry.kind.is_message()).collect();
    if entry.is_none() && waiting.is_empty() {
        return Err(gone("This conversation"));
    }
    let members: Vec<Participant> = participants::of(&mut conn, [request.id])
        .await?
        .into_iter()
        .map(|(_, participant)| participant)
        .collect();
    let mut stored = messages::page(&mut conn, request.id, request.before.unwrap_or(i64::MAX), SHOWN + 1).await?;
    let more = i64::try_from(stored.len()).unwrap_or(i64::MAX) > SHOWN;
    if more {
        stored.pop();
    }
    stored.reverse();
    let withdrawn = withdrawn_of(&stored)?;
    let ids = members
        .iter()
        .map(|member| member.user_id)
        .chain(stored.iter().filter_map(|message| message.author_id))
        .chain(withdrawn.values().map(|withdrawn| withdrawn.by))
        .chain(added.iter().copied());
    let people = people::get_all(&mut conn, ids).await?;
    let left_out: HashMap<_, _> = outbox::left_out(&mut conn, stored.iter().map(|message| message.id))
        .await?
        .into_iter()
        .collect();
    let waiting_ids = waiting.iter().filter_map(message_of).map(|message| message.id);
    let all_ids: Vec<_> = stored.iter().map(|message| message.id).chain(waiting_ids).collect();
    let held = attachments::of_messages(&mut conn, all_ids).await?;
    let pupil = match entry.as_ref().and_then(|entry| entry.pupil_id) {
        Some(id) => pupils::get(&mut conn, id).await?,
        None => None,
    };
    let to = if entry.as_ref().is_some_and(|entry| entry.confirmed) {
        String::new()
    } else {
        let (names, count) = recipients_of_unsent(&mut conn, request.id).await?;
        names_in_short(names, count)
    };
    drop(conn);
    let names = Names {
        me,
        my_name: open.me().map(|me| format!("{} {}", me.first_name, me.last_name)),
        people,
    };
    let before = stored.first().filter(|_| more).map(|first| first.number);
    let mut shown: Vec<MessageView> = stored
        .into_iter()
        .map(|message| {
            let missed = left_out.get(&message.id).map(|names| not_reached(names));
            Ok::<_, Failure>(MessageView {
                problem: missed,
                attachments: files(&message, &held)?,
                withdrawn: withdrawn.get(&message.id).map(|withdrawn| WithdrawnView {
                    by: names.of(withdrawn.by),
                    at: withdrawn.at,
                    reason: withdrawn.reason.clone(),
                }),
                ..message_view(&names, entry.as_ref(), &members, message)
            })
        })
        .collect::<Result<_, _>>()?;
    if request.before.is_none() {
        shown.extend(waiting.iter().filter_map(|entry| unsent_view(&names, entry, &held)));
    }
    let others = members.iter().any(|member| member.user_id != me);
    let unsent_subject = waiting.iter().find_map(|entry| match &entry.command {
        Command::StartConversation { subject, .. } => Some(subject.clone()),
        _ => None,
    });
    Ok(ConversationView {
        id: request.id,
        subject: entry
            .as_ref()
            .map(|entry| entry.subject.as_str().into())
            .or(unsent_subject)
            .unwrap_or_default(),
        pupil,
        confidential: entry.as_ref().is_some_and(|entry| entry.confidential),
        notice: entry.as_ref().and_then(ConversationEntry::kind_of_notice),
        may_reply: entry
            .as_ref()
            .is_some_and(|entry| entry.notice.is_none() && (others || !entry.confirmed)),
        mine: entry.as_ref().is_some_and(|entry| entry.mine && entry.confirmed),
        muted: entry.as_ref().is_some_and(|entry| entry.muted),
        adding: added.into_iter().map(|id| names.of(id)).collect(),
        members: member_views(&names, members, open.computer.now().london_date()),
        to,
        messages: shown,
        before,
    })
}
