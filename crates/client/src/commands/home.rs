//! What needs the user today: from this device, and the rest from the store.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_wire::{Pupil, StoreHome};
use sqlx::SqliteConnection;

use super::{reminders as reminder_rows, rows};
use crate::App;
use crate::failure::Failure;
use crate::host::Host;
use crate::local::conversations::FolderPage;
use crate::local::{ConversationEntry, conversations, drafts, outbox, pupils, reminders};
use crate::view::*;

/// How many of each are shown.
const SHOWN: i64 = 5;
/// How many pupils who are new are shown.
const NEW_PUPILS: i64 = 20;

impl<H: Host> App<H> {
    /// What needs the user today, as far as this device knows it.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn home(&self, account: AccountId, _: ()) -> Result<Home, Problem> {
        let open = self.readable(account)?;
        let (me, now) = (open.my_id()?, open.computer.now());
        let is_la = open.me().is_some_and(|me| me.role.is_la());
        let today = now.london_date();
        let mut conn = open.local.reader().await?;
        let unread = conversations::list(&mut conn, FolderPage::UnreadOfPeople, None, SHOWN).await?;
        let notices = conversations::count_unread_notices(&mut conn).await?;
        let new = conversations::list(&mut conn, FolderPage::UnreadOfNewPupils, None, NEW_PUPILS).await?;
        let due = reminders::due(&mut conn, now, SHOWN).await?;
        let counted = if is_la {
            let no_social_worker = pupils::count_without_social_worker(&mut conn).await?;
            Some((no_social_worker, pupils::count_without_school(&mut conn, today).await?))
        } else {
            None
        };
        Ok(Home {
            unread: conversations::count_unread_conversations(&mut conn)
                .await?
                .saturating_sub(notices),
            unread_rows: rows::rows(&mut conn, me, unread, HashMap::new()).await?,
            notices,
            due: reminders::count_due(&mut conn, now).await?,
            due_rows: reminder_rows::rows(&mut conn, due).await?,
            new_pupils: new_pupils(&mut conn, new, today).await?,
            not_sent: outbox::counts(&mut conn).await?.1,
            drafts: drafts::count(&mut conn).await?,
            no_social_worker: counted.map(|(no_social_worker, _)| no_social_worker),
            no_school: counted.map(|(_, no_school)| no_school),
        })
    }

    /// What needs someone of the authority today, as far as only the store knows it.
    ///
    /// # Errors
    /// When the role does not allow it, or the store cannot be reached.
    pub async fn store_home(&self, account: AccountId, _: ()) -> Result<StoreHome, Problem> {
        let open = self.opened(account)?;
        open.ask(open.api.get("/v1/home", &())).await
    }
}

/// The pupils of notices that they are new, each once.
async fn new_pupils(
    conn: &mut SqliteConnection,
    notices: Vec<ConversationEntry>,
    today: NaiveDate,
) -> Result<Vec<NewPupil>, Failure> {
    let mut new: Vec<NewPupil> = Vec::new();
    for notice in notices {
        let Some(pupil_id) = notice.pupil_id.filter(|id| !new.iter().any(|one| one.pupil_id == *id)) else {
            continue;
        };
        // Of a pupil who is no longer held there is nothing to show.
        if let Some(pupil) = pupils::get(&mut *conn, pupil_id).await? {
            new.push(NewPupil {
                conversation_id: notice.id,
                pupil_id,
                detail: in_short(&pupil, today),
                known_as: pupil.known_as,
            });
        }
    }
    Ok(new)
}

/// The year group, and where a pupil is.
pub(super) fn in_short(pupil: &Pupil, today: NaiveDate) -> String {
    let year = match pupil.year_group {
        ..0 => "Before Reception".to_owned(),
        0 => "Reception".to_owned(),
        1..=13 => format!("Year {}", pupil.year_group),
        _ => "After Year 13".to_owned(),
    };
    let mut places: Vec<&str> = pupil
        .enrolments
        .iter()
        .filter(|one| one.start <= today && one.end.is_none_or(|end| end >= today))
        .map(|one| one.establishment_name.as_str())
        .collect();
    places.dedup();
    std::iter::once(year.as_str())
        .chain(places)
        .collect::<Vec<_>>()
        .join(", ")
}
