//! A pupil's history as a file: PDF or CSV, noted in the audit trail before it is written.

use std::collections::HashSet;

use lac_domain::{PupilId, UserId};
use lac_wire::{Conversation, Entity, ExportFormat, ExportNoted, MaybeEntity, Message, NoteExport, Pupil};
use reqwest::Method;

use super::files::save;
use crate::account::OpenAccount;
use crate::export::{Export, Part, csv, pdf};
use crate::failure::{Failure, gone};
use crate::host::Host;
use crate::local::people;
use crate::local::search::{self, Reading, Typed};
use crate::view::*;
use crate::{App, sync};

/// What came of a pupil's history.
#[derive(Default)]
struct History {
    pupil: Option<Pupil>,
    conversations: Vec<Conversation>,
    messages: Vec<Message>,
}

impl History {
    fn of(entities: Vec<MaybeEntity>) -> Self {
        let mut history = Self::default();
        for entity in entities {
            let MaybeEntity::Known(entity) = entity else { continue };
            match *entity {
                Entity::Pupil(pupil) => history.pupil = Some(pupil),
                // Notices are written to one person, and are no conversation about the pupil.
                Entity::Conversation(conversation) if conversation.notice.is_none() => {
                    history.conversations.push(conversation);
                }
                Entity::Message(message) => history.messages.push(message),
                _ => {}
            }
        }
        let ids: HashSet<_> = history.conversations.iter().map(|one| one.id).collect();
        history
            .messages
            .retain(|message| ids.contains(&message.conversation_id));
        history.messages.sort_by_key(|message| message.number);
        history
    }

    /// Everyone who is named in it.
    fn people(&self) -> HashSet<UserId> {
        let participants = self.conversations.iter().flat_map(|one| &one.participants);
        let authors = self.messages.iter().filter_map(|message| message.author_id);
        let withdrew = self
            .messages
            .iter()
            .filter_map(|message| Some(message.withdrawn.as_ref()?.by));
        participants
            .map(|one| one.user_id)
            .chain(authors)
            .chain(withdrew)
            .collect()
    }

    /// Its conversations in the order in which they were begun, each with its messages.
    fn parts(self) -> Vec<Part> {
        let mut parts: Vec<Part> = self.conversations.into_iter().map(Part::new).collect();
        for message in self.messages {
            if let Some(part) = parts
                .iter_mut()
                .find(|part| part.conversation.id == message.conversation_id)
            {
                part.messages.push(message);
            }
        }
        parts.retain(|part| !part.messages.is_empty());
        parts.sort_by_key(|part| part.messages.first().map(|message| message.number));
        parts
    }
}

impl<H: Host> App<H> {
    /// Writes what was written about a pupil, or what a search finds of it, into a file where the person chooses; none
    /// when they change their mind. The store notes it first, with the reason.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached, nothing is found, or the file cannot be written.
    pub async fn export_history(
        &self,
        account: AccountId,
        request: ExportHistory,
    ) -> Result<Option<ExportedHistory>, Problem> {
        let open = self.readable(account)?;
        let reason = request.reason.reveal().trim().to_owned();
        if reason.is_empty() {
            return Err(Problem {
                field: Some("reason".to_owned()),
                ..Problem::local(LocalCode::Invalid, "Enter why the messages are exported.")
            });
        }
        let mut history = History::of(open.ask(sync::whole_history(&open, request.pupil_id)).await?);
        let pupil = history.pupil.take().ok_or_else(|| gone("This pupil's page"))?;
        let filter = request.search.as_ref().map(|text| text.reveal().trim().to_owned());
        let filter = filter.filter(|text| !text.is_empty());
        if let Some(typed) = &filter {
            let found = found(&open, request.pupil_id, typed).await?;
            history.messages.retain(|message| found.contains(&message.number));
        }
        let messages = history.messages.len();
        if messages == 0 {
            return Err(Problem::local(
                LocalCode::Invalid,
                "There is no message to export. Change the filter.",
            ));
        }
        let note = NoteExport {
            format: request.format,
            reason: reason.as_str().into(),
            messages: i64::try_from(messages).unwrap_or(i64::MAX),
            filtered: filter.is_some(),
        };
        let path = format!("/v1/pupils/{}/history/exports", request.pupil_id);
        let noted: ExportNoted = open.ask(open.api.change(Method::POST, &path, &note)).await?;
        let me = open.me();
        let mut names: std::collections::HashMap<UserId, String> =
            people::get_all(&mut *open.local.reader().await?, history.people())
                .await?
                .into_iter()
                .map(|(id, person)| (id, format!("{} {}", person.first_name, person.last_name)))
                .collect();
        let my_name = me.map(|me| (me.id, format!("{} {}", me.first_name, me.last_name)));
        names.extend(my_name.clone());
        let export = Export {
            pupil: pupil.known_as.into_inner(),
            by: my_name.map(|(_, name)| name).unwrap_or_default(),
            at: noted.at,
            reason,
            filter,
            names,
            parts: history.parts(),
        };
        let suggested = export.file_name(request.format);
        let format = request.format;
        let written = tokio::task::spawn_blocking(move || match format {
            ExportFormat::Csv => Ok(csv(&export)),
            ExportFormat::Pdf | ExportFormat::Unknown => pdf(&export),
        });
        let bytes = written
            .await
            .map_err(|_| "the writer stopped".to_owned())
            .and_then(|bytes| bytes)
            .map_err(|error| {
                tracing::error!(%error, "an export could not be written");
                Problem::local(
                    LocalCode::Internal,
                    "The file could not be made. Export a CSV file instead, and tell your IT support.",
                )
            })?;
        let Some(path) = self.host.save_file(&suggested).await else {
            return Ok(None);
        };
        save(&path, bytes).await?;
        Ok(Some(ExportedHistory {
            path: path.to_string_lossy().into_owned(),
            messages: u32::try_from(messages).unwrap_or(u32::MAX),
        }))
    }
}

/// The numbers of the messages about a pupil that a search finds.
async fn found(open: &OpenAccount, pupil: PupilId, typed: &str) -> Result<HashSet<i64>, Problem> {
    let me = open.my_id()?;
    let typed = Typed::read(typed, open.computer.now().london_date());
    let mut conn = open.local.reader().await?;
    let reading = Reading::of(&mut conn, me, typed).await?;
    if let Some(problem) = reading.problems.first() {
        return Err(Problem {
            field: Some("filter".to_owned()),
            ..Problem::local(LocalCode::Invalid, problem.clone())
        });
    }
    let Some(query) = reading.query else {
        return Ok(HashSet::new());
    };
    let found: Result<_, Failure> = search::numbers(&mut conn, &query.within(pupil)).await;
    Ok(found?)
}
