//! Whom a message may be for: people and groups, from what this device holds. Who is entitled to a pupil is the
//! store's decision, when it takes the message.

use std::collections::HashSet;

use chrono::NaiveDate;
use lac_domain::{UserId, UserStatus, name_key};
use lac_wire::{Establishment, Person, Pupil, Recipient};
use sqlx::SqliteConnection;

use crate::App;
use crate::account::OpenAccount;
use crate::failure::Failure;
use crate::host::Host;
use crate::local::{establishments, people, pupils, words_of};
use crate::view::*;

/// How many people are offered.
const PEOPLE: i64 = 20;
/// How many establishments' groups are offered.
const PLACES: i64 = 10;
/// How many people are offered before anything is typed.
const LIKELY: i64 = 8;

impl<H: Host> App<H> {
    /// People and groups whose names have words that begin with what was typed; with nothing typed, those likeliest.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn find_recipients(
        &self,
        account: AccountId,
        request: FindRecipients,
    ) -> Result<Vec<RecipientChoice>, Problem> {
        let open = self.readable(account)?;
        let me = open.my_id()?;
        let typed: Vec<String> = words_of([request.search.as_str()]).into_iter().collect();
        if typed.is_empty() && !request.search.trim().is_empty() {
            return Ok(Vec::new());
        }
        let mut conn = open.local.reader().await?;
        let pupil = match request.pupil_id {
            Some(id) => pupils::get(&mut conn, id).await?,
            None => None,
        };
        let mut choices = Vec::new();
        let virtual_school = virtual_school(&mut conn, me).await?;
        if fits(&typed, &[&virtual_school.name, "VS LA local authority"]) {
            choices.push(virtual_school);
        }
        if let Some(pupil) = &pupil {
            let around = around(&mut conn, me, pupil).await?;
            if fits(&typed, &[&around.name]) {
                choices.push(around);
            }
        }
        choices.extend(own_lists(&open, &mut conn, &typed).await?);
        let found: Vec<Person> = if typed.is_empty() {
            choices.extend(teachers_of(&mut conn, me, pupil.as_ref()).await?);
            people::recent(&mut conn, me, LIKELY).await?
        } else {
            // "Designated Teachers at" is the group's own name: what else was typed names the place.
            let place: Vec<String> = typed
                .iter()
                .filter(|word| !["designated", "teachers", "teacher", "at"].contains(&word.as_str()))
                .cloned()
                .collect();
            for establishment in establishments::find_with_teachers(&mut conn, &place, PLACES).await? {
                choices.extend(teachers_at(&mut conn, me, &establishment).await?);
            }
            people::find_reachable(&mut conn, &typed, PEOPLE).await?
        };
        let today = open.computer.now().london_date();
        choices.extend(
            found
                .iter()
                .filter(|person| person.id != me)
                .map(|found| offered(found, today)),
        );
        Ok(choices)
    }
}

/// Whether every word that was typed begins one of these texts' words.
fn fits(typed: &[String], texts: &[&str]) -> bool {
    let words = words_of(texts.iter().copied());
    typed
        .iter()
        .all(|prefix| words.iter().any(|word| word.starts_with(prefix.as_str())))
}

/// A person, as someone to write to.
pub(super) fn person(person: &Person) -> RecipientChoice {
    RecipientChoice {
        recipient: Recipient::User { id: person.id },
        name: format!("{} {}", person.first_name, person.last_name),
        detail: detail(person),
        people: 1,
    }
}

/// The same, as they are offered: with the day until which they are away.
fn offered(found: &Person, today: NaiveDate) -> RecipientChoice {
    let choice = person(found);
    match found.away.filter(|away| away.until > today) {
        Some(away) => RecipientChoice {
            detail: format!("{}, away until {}", choice.detail, away.until.format("%-d %B")),
            ..choice
        },
        None => choice,
    }
}

/// The user's own lists whose names have the words that begin so; with nothing typed, all.
async fn own_lists(
    open: &OpenAccount,
    conn: &mut SqliteConnection,
    typed: &[String],
) -> Result<Vec<RecipientChoice>, Failure> {
    let mut choices = Vec::new();
    for list in open.me().map(|me| me.lists).unwrap_or_default() {
        if !fits(typed, &[list.name.reveal(), "list"]) {
            continue;
        }
        let held = people::get_all(&mut *conn, list.members.iter().copied()).await?;
        let reached = held.values().filter(|person| is_reachable(person)).count();
        let not_reached = list.members.len() - reached;
        choices.push(RecipientChoice {
            recipient: Recipient::OwnList { id: list.id },
            name: list.name.reveal().to_owned(),
            detail: match not_reached {
                0 => "Your list".to_owned(),
                1 => "Your list; 1 more can no longer be written to".to_owned(),
                more => format!("Your list; {more} more can no longer be written to"),
            },
            people: u32::try_from(reached).unwrap_or(u32::MAX),
        });
    }
    Ok(choices)
}

/// Whether the user may write to somebody, who may sign in.
pub(super) fn is_reachable(person: &Person) -> bool {
    person.may_write && person.status != UserStatus::Inactive
}

/// A person's role and place, in short.
pub(super) fn detail(person: &Person) -> String {
    let title = if person.job_title.is_empty() {
        person.role.display_name()
    } else {
        person.job_title.as_str()
    };
    match person.establishments.as_slice() {
        [] => title.to_owned(),
        [place] => format!("{title}, {place}"),
        [place, more @ ..] => format!("{title}, {place} and {} more", more.len()),
    }
}

async fn virtual_school(conn: &mut SqliteConnection, me: UserId) -> Result<RecipientChoice, Failure> {
    Ok(RecipientChoice {
        recipient: Recipient::VirtualSchool,
        name: "Virtual School".to_owned(),
        detail: "Everyone who works for the Virtual School".to_owned(),
        people: people::count_virtual_school(conn, me).await?,
    })
}

/// Everyone who can see a pupil. How many they are, as far as this device knows: the Virtual School, and the Designated
/// Teachers where the pupil is enrolled.
async fn around(conn: &mut SqliteConnection, me: UserId, pupil: &Pupil) -> Result<RecipientChoice, Failure> {
    let mut teachers: HashSet<UserId> = HashSet::new();
    for enrolment in &pupil.enrolments {
        teachers.extend(people::teachers_at(&mut *conn, &enrolment.establishment_name, me).await?);
    }
    let virtual_school = people::count_virtual_school(conn, me).await?;
    Ok(RecipientChoice {
        recipient: Recipient::AroundPupil { pupil_id: pupil.id },
        name: format!("Everyone who can see {}", pupil.known_as.reveal()),
        detail: "The Virtual School, Designated Teachers and others around the pupil".to_owned(),
        people: virtual_school + u32::try_from(teachers.len()).unwrap_or(u32::MAX),
    })
}

/// The Designated Teachers where a pupil is enrolled.
async fn teachers_of(
    conn: &mut SqliteConnection,
    me: UserId,
    pupil: Option<&Pupil>,
) -> Result<Vec<RecipientChoice>, Failure> {
    let mut choices = Vec::new();
    let mut seen = HashSet::new();
    for enrolment in pupil.iter().flat_map(|pupil| &pupil.enrolments) {
        if !seen.insert(enrolment.establishment_id) {
            continue;
        }
        let count = people::teachers_at(&mut *conn, &enrolment.establishment_name, me)
            .await?
            .len();
        if count > 0 {
            choices.push(RecipientChoice {
                recipient: Recipient::DesignatedTeachers {
                    establishment_id: enrolment.establishment_id,
                },
                name: format!("Designated Teachers at {}", enrolment.establishment_name),
                detail: String::new(),
                people: u32::try_from(count).unwrap_or(u32::MAX),
            });
        }
    }
    Ok(choices)
}

async fn teachers_at(
    conn: &mut SqliteConnection,
    me: UserId,
    place: &Establishment,
) -> Result<Option<RecipientChoice>, Failure> {
    let count = people::teachers_at(conn, &place.name, me).await?.len();
    if count == 0 {
        return Ok(None);
    }
    // Many schools share a name: the town and postcode tell them apart.
    let detail: Vec<&str> = [place.town.as_str(), place.postcode.as_str()]
        .into_iter()
        .filter(|text| !text.is_empty() && name_key(text) != name_key(&place.name))
        .collect();
    Ok(Some(RecipientChoice {
        recipient: Recipient::DesignatedTeachers {
            establishment_id: place.id,
        },
        name: format!("Designated Teachers at {}", place.name),
        detail: detail.join(", "),
        people: u32::try_from(count).unwrap_or(u32::MAX),
    }))
}
