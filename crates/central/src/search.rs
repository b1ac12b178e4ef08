//! Searching lists by the beginnings of words. Words are stored beside what they belong to, in tables of
//! `(word, id)`; a search is index-driven: each of its words is a range of the words' index.
//!
//! A word is letters and digits alone, in the form of `lac_domain::name_key`: "O’Neil" is found by `o'neil`,
//! `oneil` and `neil`, "EC3A 5DE" by `ec3a5de`, `ec3a 5de` and `ec3a`.

use std::collections::BTreeSet;

use lac_domain::name_key;

/// The most words of a search that are looked at; more only make it narrower.
const MOST_WORDS: usize = 8;
/// The longest word that is kept or looked for, in characters.
const LONGEST: usize = 60;

/// Adds the words by which a text is found.
pub(crate) fn add_words(words: &mut BTreeSet<String>, text: &str) {
    for token in name_key(text).split_whitespace() {
        add(words, token.chars().filter(|c| c.is_alphanumeric()));
        // A part of one letter ("s" of "Mary's") finds nothing that anyone looks for.
        let parts = token
            .split(|c: char| !c.is_alphanumeric())
            .filter(|part| part.chars().nth(1).is_some());
        for part in parts {
            add(words, part.chars());
        }
    }
}

/// Adds a text as one word, without its parts: a postcode with no space, an e-mail address.
pub(crate) fn add_whole(words: &mut BTreeSet<String>, text: &str) {
    add(words, name_key(text).chars().filter(|c| c.is_alphanumeric()));
}

fn add(words: &mut BTreeSet<String>, word: impl Iterator<Item = char>) {
    let word: String = word.take(LONGEST).collect();
    if !word.is_empty() {
        words.insert(word);
    }
}

/// A word that is looked for: the half-open range of words that begin with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// The first word of the range.
    pub from: String,
    /// Greater than every word of the range.
    pub to: String,
}

/// The words that a search asks for, all of which must be found; none for a blank search.
pub(crate) fn prefixes(search: Option<&str>) -> Vec<Prefix> {
    let mut words = BTreeSet::new();
    for token in name_key(search.unwrap_or_default()).split_whitespace() {
        add(&mut words, token.chars().filter(|c| c.is_alphanumeric()));
    }
    // The longest find the fewest rows.
    let mut words: Vec<String> = words.into_iter().collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.truncate(MOST_WORDS);
    words
        .into_iter()
        .map(|from| Prefix {
            to: format!("{from}\u{10FFFF}"),
            from,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = BTreeSet::new();
        add_words(&mut words, text);
        words.into_iter().collect()
    }

    fn finds(text: &str, search: &str) -> bool {
        prefixes(Some(search))
            .iter()
            .all(|p| words(text).iter().any(|w| *w >= p.from && *w < p.to))
    }

    #[test]
    fn words_are_found_as_people_type_them() {
        assert_eq!(
            words("St Mary\u{2019}s C.E. Primary"),
            ["ce", "mary", "marys", "primary", "st"]
        );
        for search in ["o'neil", "oneil", "neil", "O\u{2019}N", "josé o", "JOSE"] {
            assert!(finds("José O'Neil", search), "{search}");
        }
        assert!(finds("Saint-Étienne", "etienne"));
        assert!(finds("Rhys-Morgan", "rhys-m"));
        assert!(!finds("Rhys-Morgan", "organ"));
        assert!(!finds("Rhys-Morgan", "rhys tom"));
        assert_eq!(prefixes(Some(" - ")), []);
        assert_eq!(prefixes(None), []);
    }
}
