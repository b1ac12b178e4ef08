//! That every action of the store has words, and no word is there in vain.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;

fn is_word(text: &str) -> bool {
    let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    text.split('_').all(lower)
}

#[test]
fn actions_are_of_one_style_and_have_plain_words() {
    for list in [ACTIONS, TRIED] {
        assert!(list.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once");
        for (action, words) in list {
            let parts = action.split_once('.');
            assert!(
                parts.is_some_and(|(subject, verb)| is_word(subject) && is_word(verb)),
                "{action}"
            );
            assert!(!words.contains(['_', '.']) && words.len() > 5, "{action}: {words}");
        }
    }
    let begins = |words: &str, upper: bool| words.chars().next().is_some_and(|c| c.is_uppercase() == upper);
    assert!(ACTIONS.iter().all(|(_, words)| begins(words, true)));
    assert!(TRIED.iter().all(|(_, words)| begins(words, false)));
}

/// Every literal of the form `subject.verb` that stands where an action or something denied is named, or begins with
/// the subject of one.
fn literals(text: &str) -> BTreeSet<String> {
    let subjects: BTreeSet<&str> = ACTIONS
        .iter()
        .chain(TRIED)
        .filter_map(|(word, _)| word.split_once('.'))
        .map(|(subject, _)| subject)
        .collect();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices('"') {
        let rest = &text[at + 1..];
        let Some((literal, _)) = rest.split_once('"') else {
            continue;
        };
        let Some((subject, verb)) = literal.split_once('.') else {
            continue;
        };
        if !is_word(subject) || !is_word(verb) {
            continue;
        }
        let before: String = text[..at]
            .chars()
            .rev()
            .filter(|c| !c.is_whitespace())
            .take(7)
            .collect();
        let named = ["(tidua", "(deined"].iter().any(|call| before.starts_with(call));
        if named || (subjects.contains(subject) && verb != "csv" && verb != "db") {
            found.insert(literal.to_owned());
        }
    }
    found
}

fn look(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if name != "tests" && name != "test_support" {
                look(&path, found);
            }
        } else if !name.ends_with("tests.rs") && !path.ends_with("audit/actions.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(literals(text.split("#[cfg(test)]\nmod tests {").next().unwrap()));
        }
    }
}

#[test]
fn no_action_is_without_words_and_none_is_listed_in_vain() {
    let mut found = BTreeSet::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    let known = |word: &String| words_of(word).is_some() || words_of_try(word).is_some();
    let unknown: Vec<_> = found.iter().filter(|word| !known(word)).collect();
    assert!(
        unknown.is_empty(),
        "give these their words in audit/actions.rs: {unknown:?}"
    );
    let listed = ACTIONS.iter().chain(TRIED).map(|(word, _)| (*word).to_owned());
    let in_vain: Vec<_> = listed.filter(|word| !found.contains(word)).collect();
    assert!(in_vain.is_empty(), "nothing writes these: {in_vain:?}");
    assert_eq!(
        literals("tx.audit(\n \"moon.full\", x); r.denied(\"moon.see\")").len(),
        2
    );
}
