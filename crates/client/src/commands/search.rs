//! Searching conversations by the words of their subjects and messages: the newest first, each once.

use std::collections::{HashMap, HashSet};

use lac_domain::PupilId;
use lac_wire::Page;

use super::rows::rows;
use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::host::Host;
use crate::local::search::{self, Reading, Typed};
use crate::local::{ConversationEntry, excerpt, pupils};
use crate::view::{AccountId, ConversationRow, Folder, Problem, PupilName, SearchReading, SearchText};
use crate::{App, sync};

/// How many pupils are named whose messages are not here.
const NAMED: usize = 5;

impl<H: Host> App<H> {
    /// How a search was understood, and what it does not reach.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn read_search(&self, account: AccountId, request: SearchText) -> Result<SearchReading, Problem> {
        let open = self.readable(account)?;
        let me = open.my_id()?;
        let mut conn = open.local.reader().await?;
        let typed = Typed::read(request.text.reveal(), open.computer.now().london_date());
        if typed.is_empty() {
            return Ok(SearchReading::default());
        }
        let reading = Reading::of(&mut conn, me, typed).await?;
        let names = pupils::names(&mut conn, reading.pupils.iter().copied()).await?;
        drop(conn);
        let mut not_held = Vec::new();
        for id in reading.pupils {
            if not_held.len() < NAMED && !sync::holds_history(&open, id).await? {
                let known_as = names.get(&id).map(String::as_str).unwrap_or_default().into();
                not_held.push(PupilName { id, known_as });
            }
        }
        Ok(SearchReading {
            marks: reading.query.map(|query| query.prefixes().to_vec()).unwrap_or_default(),
            problems: reading.problems.into_iter().map(Into::into).collect(),
            partial: open.me().is_some_and(|me| me.role.is_la()),
            not_held,
        })
    }
}

/// How many matches are read at a time, after the first time.
const BATCH: i64 = 200;

/// Which of the conversations found are wanted.
pub(super) struct Within {
    pub(super) folder: Option<Folder>,
    pub(super) pupil_id: Option<PupilId>,
}

impl Within {
    fn holds(&self, entry: &ConversationEntry) -> bool {
        let in_folder = match self.folder {
            None => true,
            Some(Folder::Inbox) => entry.mine,
            Some(Folder::Unread) => entry.unread > 0,
            Some(Folder::Sent) => entry.wrote,
            Some(Folder::Notices) => entry.notice.is_some(),
        };
        in_folder && self.pupil_id.is_none_or(|pupil| entry.pupil_id == Some(pupil))
    }
}

/// A page of conversations with a match. `after` is the number of the last match that was looked at.
pub(super) async fn search(
    account: &OpenAccount,
    typed: &str,
    within: &Within,
    after: Option<&str>,
    limit: usize,
) -> Result<Page<ConversationRow>, Failure> {
    let me = account.my_id()?;
    let mut conn = account.local.reader().await?;
    let typed = Typed::read(typed, account.computer.now().london_date());
    let Some(query) = Reading::of(&mut conn, me, typed).await?.query else {
        return Ok(Page {
            rows: Vec::new(),
            after: None,
        });
    };
    let query = match within.pupil_id {
        Some(pupil) => query.within(pupil),
        None => query,
    };
    let mut before = after.and_then(|after| after.parse().ok()).unwrap_or(i64::MAX);
    let mut seen = match after {
        Some(_) => search::found_from(&mut conn, &query, before).await?,
        None => HashSet::new(),
    };
    let mut found: Vec<ConversationEntry> = Vec::new();
    let mut excerpts = HashMap::new();
    // Most first pages are full after as many matches as they have rows.
    let mut batch = i64::try_from(limit).unwrap_or(BATCH).min(BATCH);
    loop {
        let matches = search::find(&mut conn, &query, before, batch).await?;
        let last_batch = i64::try_from(matches.len()).unwrap_or(i64::MAX) < batch;
        for one in matches {
            before = one.number;
            let id = one.conversation.id;
            if !seen.insert(id) || !within.holds(&one.conversation) {
                continue;
            }
            excerpts.insert(id, excerpt::excerpt_around(&one.body, query.prefixes()));
            found.push(one.conversation);
            if found.len() == limit {
                let rows = rows(&mut conn, me, found, excerpts).await?;
                let after = Some(before.to_string());
                return Ok(Page { rows, after });
            }
        }
        if last_batch {
            let rows = rows(&mut conn, me, found, excerpts).await?;
            return Ok(Page { rows, after: None });
        }
        batch = BATCH;
    }
}
