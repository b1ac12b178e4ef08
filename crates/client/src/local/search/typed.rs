//! What a person types into the search for messages: words, phrases in quotation marks, and conditions such as
//! `from:priya` or `before:4/3/2026`.

use chrono::{Datelike, NaiveDate};

/// The most words that are looked for.
const WORDS: usize = 20;

/// What was typed, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// Words: each is found by its beginning.
    pub(crate) words: Vec<String>,
    /// Words that stand together.
    pub(crate) phrases: Vec<String>,
    /// Who wrote it.
    pub(crate) from: Vec<String>,
    /// Whom it went to.
    pub(crate) to: Vec<String>,
    /// The pupil that it is about.
    pub(crate) pupil: Vec<String>,
    /// Sent before this day.
    pub(crate) before: Option<NaiveDate>,
    /// Sent on this day or later.
    pub(crate) after: Option<NaiveDate>,
    /// A file came with it.
    pub(crate) attachment: bool,
    /// What is not understood, in sentences.
    pub(crate) problems: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    From,
    To,
    Pupil,
    Before,
    After,
    Until,
    Has,
}

impl Key {
    fn read(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "from" => Some(Self::From),
            "to" => Some(Self::To),
            "pupil" | "about" => Some(Self::Pupil),
            "before" => Some(Self::Before),
            "after" | "since" => Some(Self::After),
            "until" => Some(Self::Until),
            "has" => Some(Self::Has),
            _ => None,
        }
    }
}

/// A part of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Word(String),
    Quoted(String),
}

impl Part {
    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Quoted(text) => text,
        }
    }
}

impl Typed {
    /// Takes apart what a person typed on a day. Whatever it is, it is no error: what is not understood is said.
    pub(crate) fn read(typed: &str, today: NaiveDate) -> Self {
        let mut read = Self::default();
        let parts = parts(typed);
        let mut at = 0;
        while let Some(part) = parts.get(at) {
            at += 1;
            let Part::Word(word) = part else {
                read.phrases.push(part.text().to_owned());
                continue;
            };
            let Some((key, rest)) = word
                .split_once(':')
                .and_then(|(key, rest)| Some((Key::read(key)?, rest)))
            else {
                read.words.push(word.clone());
                continue;
            };
            // What follows the colon, or the next part where nothing does.
            let value = if rest.is_empty() {
                let next = parts.get(at).map(|next| next.text().to_owned());
                at += usize::from(next.is_some());
                next
            } else {
                Some(rest.to_owned())
            };
            let Some(value) = value else {
                read.problems.push(format!("Write after “{word}” what to look for."));
                continue;
            };
            if matches!(key, Key::Before | Key::After | Key::Until) {
                // A date may be written in several words: as many as make one.
                let more = (0..=2).rev().find_map(|more| {
                    let rest = parts.get(at..at + more)?;
                    let text = std::iter::once(value.as_str()).chain(rest.iter().map(Part::text));
                    let text = text.collect::<Vec<_>>().join(" ");
                    Some((more, day(&text, today)?))
                });
                let Some((more, found)) = more else {
                    let sentence = format!(
                        "“{value}” is not a date that is understood. Write it as 4/3/2026, 4 March 2026 or March 2026."
                    );
                    read.problems.push(sentence);
                    continue;
                };
                at += more;
                if key == Key::After {
                    read.after = Some(read.after.map_or(found, |other| other.max(found)));
                } else {
                    let end = if key == Key::Until {
                        found.succ_opt().unwrap_or(found)
                    } else {
                        found
                    };
                    read.before = Some(read.before.map_or(end, |other| other.min(end)));
                }
                continue;
            }
            match key {
                Key::From => read.from.push(value),
                Key::To => read.to.push(value),
                Key::Pupil => read.pupil.push(value),
                _ if matches!(
                    value.to_ascii_lowercase().as_str(),
                    "attachment" | "attachments" | "file" | "files"
                ) =>
                {
                    read.attachment = true;
                }
                _ => read
                    .problems
                    .push(format!("“has:{value}” is not understood. Write has:attachment.")),
            }
        }
        if let (Some(after), Some(before)) = (read.after, read.before)
            && after >= before
        {
            read.problems
                .push("No day is both on or after the first date and before the second.".to_owned());
        }
        read
    }

    /// Whether anything is looked for.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The search in the language of FTS5: only quoted strings, so that nothing in it is an operator. None where there
    /// is no letter and no digit.
    pub(super) fn fts(&self) -> Option<String> {
        let words = self
            .words
            .iter()
            .flat_map(|word| tokens(word))
            .map(|word| format!("\"{word}\"*"));
        let phrases = self.phrases.iter().filter_map(|phrase| {
            let words: Vec<&str> = tokens(phrase).collect();
            (!words.is_empty()).then(|| format!("\"{}\"", words.join(" ")))
        });
        let terms: Vec<String> = words.chain(phrases).take(WORDS).collect();
        (!terms.is_empty()).then(|| terms.join(" "))
    }

    /// The words that are to be marked where they are found.
    pub(super) fn marked(&self) -> impl Iterator<Item = &str> {
        self.words.iter().chain(&self.phrases).flat_map(|text| tokens(text))
    }
}

/// The words of a text as the index parts them: letters and digits.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// Words parted by spaces, and what stands between quotation marks; also `from:"Priya Shah"` is two parts.
fn parts(typed: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    // Every second piece stood between quotation marks.
    for (index, piece) in typed.split(['"', '\u{201C}', '\u{201D}', '\u{201E}']).enumerate() {
        if index % 2 == 1 {
            parts.push(Part::Quoted(piece.trim().to_owned()));
        } else {
            parts.extend(piece.split_whitespace().map(|word| Part::Word(word.to_owned())));
        }
    }
    parts
}

/// A date as people in the United Kingdom write it: the day first, a month by name, or a month or a year alone, which
/// is their first day. Without a year it is the last one that is not to come.
fn day(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let text = text.trim().trim_end_matches([',', '.']).to_lowercase();
    match text.as_str() {
        "today" => return Some(today),
        "yesterday" => return today.pred_opt(),
        _ => {}
    }
    if let Ok(iso) = text.parse::<NaiveDate>() {
        return Some(iso);
    }
    let parts: Vec<&str> = text
        .split(['/', '-', '.', ' ', ','])
        .filter(|part| !part.is_empty())
        .collect();
    match parts[..] {
        [d, m, y] => NaiveDate::from_ymd_opt(year(y)?, month(m)?, day_of_month(d)?),
        [m, y] if month_name(m).is_some() && y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, month(m)?, 1),
        [m, y] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, month(m)?, 1),
        [d, m] => {
            let (d, m) = (day_of_month(d)?, month(m)?);
            // The 29th of February may be some years ago.
            (0..8)
                .filter_map(|ago| NaiveDate::from_ymd_opt(today.year() - ago, m, d))
                .find(|day| *day <= today)
        }
        [y] if y.len() == 4 => NaiveDate::from_ymd_opt(year(y)?, 1, 1),
        _ => None,
    }
}

fn year(text: &str) -> Option<i32> {
    let number: i32 = text.parse().ok()?;
    match text.len() {
        2 => Some(2000 + number),
        4 if (1990..2200).contains(&number) => Some(number),
        _ => None,
    }
}

fn day_of_month(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    matches!(&text[digits.len()..], "" | "st" | "nd" | "rd" | "th")
        .then(|| digits.parse().ok())
        .flatten()
}

fn month(text: &str) -> Option<u32> {
    month_name(text).or_else(|| text.parse().ok())
}

fn month_name(text: &str) -> Option<u32> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let at = NAMES
        .iter()
        .position(|name| text.len() >= 3 && name.starts_with(text))?;
    u32::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn read(typed: &str) -> Typed {
        Typed::read(typed, on("2026-11-28"))
    }

    #[test]
    fn words_phrases_and_conditions_are_told_apart() {
        let typed = read("taxi from:priya to:\"Helen Okafor\" “late again” pupil: tom has:attachment 9:30");
        assert_eq!(typed.words, ["taxi", "9:30"]);
        assert_eq!(typed.phrases, ["late again"]);
        assert_eq!(
            (typed.from, typed.to, typed.pupil),
            (
                vec!["priya".to_owned()],
                vec!["Helen Okafor".to_owned()],
                vec!["tom".to_owned()]
            )
        );
        assert!(typed.attachment && typed.problems.is_empty());
        assert!(read("  ").is_empty() && !read("a").is_empty());
    }

    #[test]
    fn dates_are_read_as_people_here_write_them() {
        for text in [
            "4/3/2026",
            "04/03/26",
            "4-3-2026",
            "4.3.2026",
            "2026-03-04",
            "4 March 2026",
            "4th mar 2026",
            "\"4 March 2026\"",
            "4 March",
            "4/3",
        ] {
            assert_eq!(
                read(&format!("before:{text} taxi")).before,
                Some(on("2026-03-04")),
                "{text}"
            );
            assert_eq!(read(&format!("before:{text} taxi")).words, ["taxi"], "{text}");
        }
        assert_eq!(read("after:March 2026").after, Some(on("2026-03-01")));
        assert_eq!(read("after:2025").after, Some(on("2025-01-01")));
        assert_eq!(read("until:\"4 March 2026\"").before, Some(on("2026-03-05")));
        assert_eq!(read("after: yesterday").after, Some(on("2026-11-27")));
        assert_eq!(
            read("after:24 December").after,
            Some(on("2025-12-24")),
            "the last one, not one to come"
        );
        assert_eq!(read("after:1/2/2026 after:1/3/2026").after, Some(on("2026-03-01")));
    }

    #[test]
    fn what_is_not_understood_is_said() {
        for typed in [
            "before:31/2/2026",
            "after:soon",
            "has:pictures",
            "from:",
            "after:2/3/2026 before:2/3/2026",
        ] {
            assert_eq!(read(typed).problems.len(), 1, "{typed}");
        }
    }
}
