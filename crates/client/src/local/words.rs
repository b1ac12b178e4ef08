//! Words by which people, establishments and pupils are found: whoever types the beginnings of some, in any order
//! and without accents, finds them.

use std::collections::BTreeSet;

use lac_domain::name_key;

/// The words of some texts, each once: folded, letters and digits only.
pub(crate) fn words_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in texts {
        for word in name_key(text).split(|c: char| c.is_whitespace() || c == '-') {
            // "O'Neil" is found as "oneil", and "St." as "st".
            let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
            if !word.is_empty() {
                words.insert(word);
            }
        }
    }
    words
}

/// The first text after all that begin with this one, for `word >= prefix AND word < end`.
pub(crate) fn prefix_end(prefix: &str) -> String {
    // Words hold letters and digits alone, so this sorts after every one of them.
    format!("{prefix}\u{10FFFF}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_parted() {
        let words = words_of(["Siân O\u{2019}Neil-Marsh", "St. Mary's  C.E."]);
        assert_eq!(
            words.into_iter().collect::<Vec<_>>(),
            ["ce", "marsh", "marys", "oneil", "sian", "st"]
        );
        assert!("riverside" >= "riv" && *"riverside" < *prefix_end("riv"));
    }
}
