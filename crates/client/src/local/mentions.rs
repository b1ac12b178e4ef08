//! Which pupils a text names: by first and last name, or by UPN. Whole words, whatever their case and accents.

use std::collections::HashSet;

use lac_domain::{Upn, name_key};
use lac_wire::{Private, Pupil};
use sqlx::SqliteConnection;

use super::words_of;
use crate::failure::Failure;

/// How many pupils are told of.
const MOST: usize = 5;
/// How many characters a UPN has.
const UPN: usize = 13;

/// Words that are names too. A name of such words alone counts only where both begin with a capital letter: "will may"
/// names nobody.
const COMMON: &[&str] = &[
    "amber",
    "april",
    "art",
    "august",
    "autumn",
    "banks",
    "best",
    "bill",
    "black",
    "bright",
    "brook",
    "brown",
    "case",
    "chance",
    "chase",
    "christian",
    "church",
    "cook",
    "daisy",
    "dale",
    "dawn",
    "day",
    "dean",
    "drew",
    "east",
    "english",
    "eve",
    "faith",
    "field",
    "fisher",
    "ford",
    "frank",
    "french",
    "gale",
    "gay",
    "good",
    "grace",
    "grant",
    "gray",
    "green",
    "grey",
    "guy",
    "hall",
    "happy",
    "heath",
    "hill",
    "hope",
    "hunter",
    "iris",
    "ivy",
    "jack",
    "jade",
    "joy",
    "june",
    "king",
    "lane",
    "law",
    "little",
    "long",
    "love",
    "major",
    "mark",
    "marsh",
    "mason",
    "may",
    "miles",
    "moody",
    "north",
    "olive",
    "page",
    "park",
    "parker",
    "pat",
    "pearl",
    "penny",
    "poppy",
    "price",
    "ray",
    "read",
    "reed",
    "rich",
    "river",
    "rob",
    "rose",
    "ruby",
    "sharp",
    "short",
    "sky",
    "small",
    "star",
    "stone",
    "storm",
    "strong",
    "sue",
    "summer",
    "swift",
    "violet",
    "wells",
    "west",
    "white",
    "will",
    "winter",
    "wise",
    "wood",
    "young",
];

/// A word of a text.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    /// Folded, letters and digits alone.
    text: String,
    /// The same without what makes it somebody's: "Reed's".
    owner: Option<String>,
    capital: bool,
}

impl Word {
    fn is(&self, name: &str) -> bool {
        self.text == name || self.owner.as_deref() == Some(name)
    }
}

const APOSTROPHES: [char; 3] = ['\'', '\u{2019}', '\u{2018}'];

/// The words of a text, in order.
fn words(text: &str) -> Vec<Word> {
    text.split(|c: char| !c.is_alphanumeric() && !APOSTROPHES.contains(&c))
        .filter_map(|raw| {
            let raw = raw.trim_matches(APOSTROPHES);
            let folded = words_of([raw]).into_iter().next()?;
            let begin = raw
                .strip_suffix(['s', 'S'])
                .and_then(|begin| begin.strip_suffix(APOSTROPHES));
            Some(Word {
                text: folded,
                owner: begin.and_then(|begin| words_of([begin]).into_iter().next()),
                capital: raw.chars().next().is_some_and(char::is_uppercase),
            })
        })
        .collect()
}

/// Whether some words stand next to each other, in this order.
fn stands(text: &[Word], name: &[&str]) -> bool {
    let common = name.iter().all(|word| COMMON.contains(word));
    text.windows(name.len()).any(|part| {
        part.iter()
            .zip(name)
            .all(|(word, name)| word.is(name) && (word.capital || !common))
    })
}

/// Whether a text names someone of this name: all of it, its first and last word, or the last before the first.
fn names(text: &[Word], name: &str) -> bool {
    let name = words(name);
    let parts: Vec<&str> = name.iter().map(|word| word.text.as_str()).collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    // A single name is too many people's.
    parts.len() >= 2 && (stands(text, &parts) || stands(text, &[first, last]) || stands(text, &[last, first]))
}

/// Whether a text names a pupil.
fn names_pupil(text: &[Word], pupil: &Pupil) -> bool {
    let upn = pupil.upn.as_ref().map(Upn::as_str).map(name_key);
    let legal = [&pupil.legal_first_name, &pupil.legal_last_name].map(|name| name.as_ref().map(Private::reveal));
    let legal = match legal {
        [Some(first), Some(last)] => format!("{first} {last}"),
        _ => String::new(),
    };
    names(text, pupil.known_as.reveal())
        || names(text, &legal)
        || upn.is_some_and(|upn| text.iter().any(|word| word.text == upn))
}

/// The pupils held whom some texts name, in order of name; of many, the first few.
pub(crate) async fn pupils_named(conn: &mut SqliteConnection, texts: &[&str]) -> Result<Vec<Pupil>, Failure> {
    let texts: Vec<Vec<Word>> = texts.iter().map(|text| words(text)).collect();
    let all: HashSet<&str> = texts
        .iter()
        .flatten()
        .flat_map(|word| [Some(word.text.as_str()), word.owner.as_deref()])
        .flatten()
        .collect();
    // Whoever may be meant has two of the words, or the one that is a UPN.
    let sql = "SELECT p.payload FROM pupils p WHERE p.id IN (
                 SELECT pupil_id FROM pupil_words WHERE word IN (SELECT value FROM json_each($1))
                 GROUP BY pupil_id HAVING COUNT(*) >= 2 OR MAX(LENGTH(word)) >= $2)
               ORDER BY p.sort_key, p.id";
    let payloads: Vec<String> = sqlx::query_scalar(sql)
        .bind(serde_json::to_string(&all)?)
        .bind(i64::try_from(UPN).unwrap_or(i64::MAX))
        .fetch_all(conn)
        .await?;
    let mut named = Vec::new();
    for payload in payloads {
        let pupil: Pupil = serde_json::from_str(&payload)?;
        if texts.iter().any(|text| names_pupil(text, &pupil)) {
            named.push(pupil);
            if named.len() == MOST {
                break;
            }
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_text(text: &str, name: &str) -> bool {
        names(&words(text), name)
    }

    #[test]
    fn a_name_is_found_whole_whatever_its_case_and_accents() {
        for text in [
            "Tom Reed was late",
            "about TOM REED.",
            "tom reed",
            "(Tom Reed)",
            "Tom Reed's bus",
            "Tom Reed\u{2019}s bus",
            "REED, Tom",
            "Tom_Reed_PEP.pdf",
            "Tom  \n Reed",
        ] {
            assert!(in_text(text, "Tom Reed"), "{text}");
        }
        assert!(in_text("sian oneil-marsh rang", "Siân O\u{2019}Neil-Marsh"));
        assert!(in_text("Siân O'Neil-Marsh's file", "Sian O'Neil-Marsh"));
        assert!(in_text("Tom Reed", "Tom James Reed"), "without the name between");
    }

    #[test]
    fn what_names_nobody_asks_nothing() {
        for text in [
            "Tom was late",
            "Atom Reedy",
            "Tom and Reed",
            "Reed",
            "",
            "Tom said. Then Reed",
            "Tomreed",
        ] {
            assert!(!in_text(text, "Tom Reed"), "{text}");
        }
        assert!(!in_text("I think it will may be", "Will May"));
        assert!(!in_text("we hope grace will", "Hope Grace"));
        assert!(in_text("Will May was late", "Will May"));
        assert!(!in_text("Tom", "Tom"), "a single name is too many people's");
    }
}
