//! Finding anything that this device holds: pupils, people, establishments and conversations by the beginnings of words.

use lac_wire::{Establishment, Pupil, PupilFilter};

use super::home::in_short;
use super::recipients::detail;
use super::search::{Within, search};
use crate::App;
use crate::failure::Failure;
use crate::host::Host;
use crate::local::pupil_lists::{self, PupilList};
use crate::local::{establishments, people, words_of};
use crate::view::*;

/// How many of each are shown.
const SHOWN: usize = 6;

impl<H: Host> App<H> {
    /// What is held that has words which begin with what was typed, a few of each.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn find_anything(&self, account: AccountId, request: FindAnything) -> Result<FoundAnything, Problem> {
        let open = self.readable(account)?;
        let prefixes: Vec<String> = words_of([request.search.as_str()]).into_iter().collect();
        if prefixes.is_empty() {
            return Ok(FoundAnything::default());
        }
        let limit = i64::try_from(SHOWN).unwrap_or(i64::MAX);
        let today = open.computer.now().london_date();
        let filter = PupilFilter::default();
        let list = PupilList {
            filter: &filter,
            prefixes: &prefixes,
            today,
        };
        let held = async {
            let mut conn = open.local.reader().await?;
            let pupils = pupil_lists::list(&mut conn, &list, None, SHOWN).await?;
            let people = people::find(&mut conn, &prefixes, limit).await?;
            let any = establishments::Only::default();
            let places = establishments::find(&mut conn, &prefixes, &any, None, limit).await?;
            Ok::<_, Failure>((pupils, people, places))
        };
        let messages = async {
            let anywhere = Within {
                folder: None,
                pupil_id: None,
            };
            search(&open, &request.search, &anywhere, None, SHOWN).await
        };
        let ((pupils, people, places), conversations) = tokio::try_join!(held, messages)?;
        let pupil = |pupil: Pupil| FoundPupil {
            id: pupil.id,
            detail: in_short(&pupil, today),
            known_as: pupil.known_as,
        };
        let person = |person: lac_wire::Person| FoundPerson {
            id: person.id,
            detail: detail(&person),
            name: format!("{} {}", person.first_name, person.last_name),
            role: person.role,
            may_write: person.may_write,
        };
        Ok(FoundAnything {
            pupils: pupils.into_iter().map(|(_, one)| pupil(one)).collect(),
            people: people.into_iter().map(person).collect(),
            establishments: places.into_iter().map(|(_, place)| found(place)).collect(),
            conversations: conversations.rows,
        })
    }
}

fn found(place: Establishment) -> FoundEstablishment {
    let urn = place.urn.as_ref().map(|urn| format!("URN {}", urn.as_str()));
    let detail: Vec<String> = [Some(place.town), urn]
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    FoundEstablishment {
        id: place.id,
        name: place.name,
        detail: detail.join(", "),
    }
}
