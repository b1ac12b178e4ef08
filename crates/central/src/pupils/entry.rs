//! What a person enters about a pupil, judged and tidied.

use lac_domain::Upn;
use lac_domain::calendar::{academic_year, reception_year};
use lac_wire::{AddPupil, PupilEntry};

use super::dates;
use crate::error::Refusal;

/// The longest name, in characters.
const NAME_CHARS: usize = 100;
/// The longest text other than a name.
const TEXT_CHARS: usize = 300;
/// The longest reference and telephone number.
const SHORT_CHARS: usize = 40;
/// The year groups that may be set by hand: from two years before Reception to Year 14.
const YEAR_GROUPS: std::ops::RangeInclusive<i32> = -2..=14;

/// The four texts that both adding and editing ask for.
pub(crate) struct Names {
    pub known_as: String,
    pub legal_first_name: String,
    pub legal_last_name: String,
    pub reference: Option<String>,
}

impl Names {
    /// Of a pupil who is added.
    ///
    /// # Errors
    /// A refusal that names the field.
    pub fn to_add(entry: &AddPupil) -> Result<Self, Refusal> {
        Self::judge(
            entry.legal_first_name.reveal(),
            entry.legal_last_name.reveal(),
            entry.known_as.reveal(),
            entry.reference.as_deref(),
        )
    }

    fn judge(first: &str, last: &str, known_as: &str, reference: Option<&str>) -> Result<Self, Refusal> {
        let required = |field: &str, what: &str, text: &str| match text_of(field, what, text, NAME_CHARS)? {
            text if text.is_empty() => Err(Refusal::field(field, format!("Enter the pupil’s {what}."))),
            text => Ok(text),
        };
        let legal_first_name = required("legal_first_name", "legal first name", first)?;
        let legal_last_name = required("legal_last_name", "legal last name", last)?;
        let mut known_as = text_of("known_as", "name", known_as, NAME_CHARS)?;
        if known_as.is_empty() {
            known_as = format!("{legal_first_name} {legal_last_name}");
        }
        let reference = text_of("reference", "reference", reference.unwrap_or_default(), SHORT_CHARS)?;
        Ok(Self {
            known_as,
            legal_first_name,
            legal_last_name,
            reference: Some(reference).filter(|text| !text.is_empty()),
        })
    }
}

/// A text without blanks around it, not too long, and with nothing in it that cannot be seen.
fn text_of(field: &str, what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.trim().to_owned();
    if text.chars().count() > most {
        return Err(Refusal::field(
            field,
            format!("This {what} is longer than {most} characters. Shorten it."),
        ));
    }
    if text.contains(char::is_control) {
        let message = format!("This {what} has a character that cannot be seen. Type it again.");
        return Err(Refusal::field(field, message));
    }
    Ok(text)
}

/// An entry, judged: what the pupil's row shall hold.
pub(super) struct Judged {
    pub names: Names,
    pub former_names: String,
    pub upn: Option<Upn>,
    /// Where the year group was set by hand to another than the date of birth gives.
    pub reception_year: Option<i64>,
    pub social_worker_name: String,
    pub social_worker_team: String,
    pub social_worker_phone: String,
    pub no_school_reason: String,
}

/// Judges what a person entered; whether users exist and numbers are free is asked elsewhere.
///
/// # Errors
/// A refusal that names the field.
pub(super) fn judge(entry: &PupilEntry, today: chrono::NaiveDate) -> Result<Judged, Refusal> {
    let names = Names::judge(
        entry.legal_first_name.reveal(),
        entry.legal_last_name.reveal(),
        entry.known_as.reveal(),
        entry.reference.as_deref(),
    )?;
    dates::born(entry.born, today)?;
    let reception_year = match entry.year_group {
        Some(year) if !YEAR_GROUPS.contains(&year) => {
            let message = "A year group is a number from 1 to 14, 0 for Reception, or −1 or −2 for nursery. Check it.";
            return Err(Refusal::field("year_group", message));
        }
        Some(year) => Some(academic_year(today) - year)
            .filter(|set| *set != reception_year(entry.born))
            .map(i64::from),
        None => None,
    };
    if let Some(since) = entry.no_school_since.filter(|since| *since < entry.born) {
        let message = format!(
            "The pupil cannot have had no school place since {}, before they were born. Check both dates.",
            super::sentences::shown(since)
        );
        return Err(Refusal::field("no_school_since", message));
    }
    let reason = text_of(
        "no_school_reason",
        "reason",
        entry.no_school_reason.reveal(),
        TEXT_CHARS,
    )?;
    if entry.no_school_since.is_none() && !reason.is_empty() {
        let message = "Enter the day since which the pupil has had no school place, or take the reason away.";
        return Err(Refusal::field("no_school_since", message));
    }
    if entry.no_school_since.is_some() && reason.is_empty() {
        let message = "Enter why the pupil has no school place, for example “Waiting for a place at a special school”.";
        return Err(Refusal::field("no_school_reason", message));
    }
    let name = text_of(
        "social_worker_name",
        "name",
        entry.social_worker_name.reveal(),
        NAME_CHARS,
    )?;
    if entry.social_worker_id.is_some() && !name.is_empty() {
        let message = "Choose the social worker from the users, or type a name, but not both.";
        return Err(Refusal::field("social_worker_name", message));
    }
    Ok(Judged {
        names,
        former_names: text_of("former_names", "text", entry.former_names.reveal(), TEXT_CHARS)?,
        upn: entry.upn.clone(),
        reception_year,
        social_worker_name: name,
        social_worker_team: text_of("social_worker_team", "team", &entry.social_worker_team, NAME_CHARS)?,
        social_worker_phone: text_of(
            "social_worker_phone",
            "phone number",
            &entry.social_worker_phone,
            SHORT_CHARS,
        )?,
        no_school_reason: reason,
    })
}
