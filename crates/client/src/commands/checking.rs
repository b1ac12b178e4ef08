//! What is said of a message before it is sent: of those whom it is for, and of pupils whom it names.

use std::collections::HashSet;

use lac_domain::{Role, UserId, name_key};
use lac_wire::{CheckRecipients, Person, Pupil, Recipient, RecipientsChecked};
use reqwest::Method;
use sqlx::SqliteConnection;

use super::recipients;
use crate::App;
use crate::account::OpenAccount;
use crate::failure::{Failure, gone};
use crate::host::Host;
use crate::local::{attachments, conversations, drafts, mentions, people, pupils};
use crate::view::*;

impl<H: Host> App<H> {
    /// What is to be said of those whom a message is for. Who is entitled to the pupil is asked of the store; with no
    /// network it is what this device knows.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn check_recipients(
        &self,
        account: AccountId,
        request: ChosenRecipients,
    ) -> Result<RecipientReport, Problem> {
        let open = self.readable(account)?;
        let by_name: Vec<UserId> = request.recipients.iter().filter_map(user_of).collect();
        let mut conn = open.local.reader().await?;
        let held = people::get_all(&mut conn, by_name.iter().copied()).await?;
        let chosen: Vec<&Person> = by_name.iter().filter_map(|id| held.get(id)).collect();
        let mut report = RecipientReport {
            inactive: chosen
                .iter()
                .filter(|person| !recipients::is_reachable(person))
                .map(|p| named(p))
                .collect(),
            away: away(&mut conn, &open, &by_name, &chosen).await?,
            ..RecipientReport::default()
        };
        let pupil = match request.pupil_id {
            Some(id) => pupils::get(&mut conn, id).await?,
            None => None,
        };
        drop(conn);
        match ask_store(&open, request).await {
            Some(checked) => {
                report.people = Some(checked.people);
                report.sure = true;
                report.left_out = checked.left_out;
                report.not_entitled = checked
                    .not_entitled
                    .iter()
                    .filter_map(|id| held.get(id).map(named))
                    .collect();
            }
            None => {
                let unsure = chosen.iter().filter(|person| {
                    let surely_not = pupil.as_ref().is_some_and(|pupil| cannot_see(person, pupil));
                    surely_not && recipients::is_reachable(person)
                });
                report.not_entitled = unsure.map(|person| named(person)).collect();
            }
        }
        Ok(report)
    }

    /// The pupils whom a message about none names, of those whom the sender can see: in its subject, its text and the
    /// names of its files.
    ///
    /// # Errors
    /// When it is no longer there, or what is held may not be read now.
    pub async fn pupils_named(&self, account: AccountId, request: DraftRef) -> Result<Vec<Pupil>, Problem> {
        let open = self.readable(account)?;
        let mut conn = open.local.reader().await?;
        let draft = drafts::get(&mut conn, request.id)
            .await?
            .ok_or_else(|| gone("This draft"))?;
        let about = match draft.conversation_id {
            Some(id) => conversations::get(&mut conn, id).await?.and_then(|held| held.pupil_id),
            None => draft.pupil_id,
        };
        if about.is_some() {
            return Ok(Vec::new());
        }
        let files = attachments::of_draft(&mut conn, draft.id).await?;
        let mut texts = vec![draft.subject.reveal(), draft.body.reveal()];
        texts.extend(files.iter().map(|file| file.name.as_str()));
        Ok(mentions::pupils_named(&mut conn, &texts).await?)
    }
}

fn user_of(recipient: &Recipient) -> Option<UserId> {
    match recipient {
        Recipient::User { id } => Some(*id),
        _ => None,
    }
}

/// Asks the store. None where it cannot be reached, or has nothing to say of these.
async fn ask_store(open: &OpenAccount, request: ChosenRecipients) -> Option<RecipientsChecked> {
    if !open.is_online() || request.recipients.is_empty() {
        return None;
    }
    let asked = CheckRecipients {
        pupil_id: request.pupil_id,
        recipients: request.recipients,
    };
    let asking = open.api.change(Method::POST, "/v1/recipients/check", &asked);
    // A refusal is told when the message is sent, with its reason.
    open.ask(asking).await.ok()
}

/// Whether it is certain, as far as this device knows, that somebody may not see a pupil: a Designated Teacher of other
/// establishments. Of others it knows nothing.
fn cannot_see(person: &Person, pupil: &Pupil) -> bool {
    let places: HashSet<String> = pupil
        .enrolments
        .iter()
        .map(|enrolment| name_key(&enrolment.establishment_name))
        .collect();
    person.role == Role::DesignatedTeacher
        && !person
            .establishments
            .iter()
            .any(|place| places.contains(&name_key(place)))
}

fn named(person: &Person) -> NamedPerson {
    NamedPerson {
        user_id: person.id,
        name: format!("{} {}", person.first_name, person.last_name),
    }
}

/// Those who are away today, each with who covers for them.
async fn away(
    conn: &mut SqliteConnection,
    open: &OpenAccount,
    by_name: &[UserId],
    chosen: &[&Person],
) -> Result<Vec<AwayPerson>, Failure> {
    let today = open.computer.now().london_date();
    let mut found = Vec::new();
    for person in chosen {
        let Some(away) = person.away.filter(|away| away.until > today) else {
            continue;
        };
        let cover = match away.cover.filter(|cover| !by_name.contains(cover)) {
            Some(cover) => people::get(&mut *conn, cover).await?.filter(recipients::is_reachable),
            None => None,
        };
        found.push(AwayPerson {
            user_id: person.id,
            name: named(person).name,
            until: away.until,
            cover: cover.as_ref().map(recipients::person),
        });
    }
    Ok(found)
}
