//! The beginning of a message, or the words around what was searched for, on one line.

use lac_domain::name_key;

/// How many characters an excerpt has at most.
const LENGTH: usize = 160;
/// How many characters of a body are kept beside its conversation.
pub(crate) const KEPT: usize = 300;

/// The beginning of a text on one line.
pub(crate) fn excerpt(text: &str) -> String {
    let line = one_line(text.chars().take(KEPT * 2));
    cut(&line, LENGTH)
}

/// As much of a text as is kept beside its conversation.
pub(crate) fn kept(text: &str) -> &str {
    text.char_indices().nth(KEPT).map_or(text, |(end, _)| &text[..end])
}

/// The words around the first of these beginnings of words, or the beginning where none is found.
pub(crate) fn excerpt_around(text: &str, prefixes: &[String]) -> String {
    let line = one_line(text.chars());
    let found = word_starts(&line).find(|start| {
        let word = line[*start..].split(' ').next().unwrap_or_default();
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        prefixes.iter().any(|prefix| begins(word, prefix))
    });
    let Some(at) = found else { return cut(&line, LENGTH) };
    let before: usize = line[..at].chars().count();
    if before < LENGTH / 2 {
        return cut(&line, LENGTH);
    }
    // Some words before the one that was found, from the beginning of a word.
    let from = word_starts(&line[..at])
        .find(|start| line[*start..at].chars().count() <= LENGTH / 3)
        .unwrap_or(at);
    format!("…{}", cut(&line[from..], LENGTH))
}

/// Whether a word begins with this folded beginning.
fn begins(word: &str, prefix: &str) -> bool {
    match word.as_bytes().get(..prefix.len()) {
        // Folding takes long, and most words need none.
        Some(start) if start.is_ascii() => start.eq_ignore_ascii_case(prefix.as_bytes()),
        _ if word.is_ascii() => false,
        _ => name_key(word).starts_with(prefix),
    }
}

fn word_starts(line: &str) -> impl Iterator<Item = usize> + '_ {
    std::iter::once(0).chain(line.match_indices(' ').map(|(space, _)| space + 1))
}

fn one_line(text: impl Iterator<Item = char>) -> String {
    let mut line = String::new();
    let mut space = false;
    for c in text {
        if c.is_whitespace() {
            space = !line.is_empty();
        } else {
            if space {
                line.push(' ');
            }
            space = false;
            line.push(c);
        }
    }
    line
}

fn cut(line: &str, length: usize) -> String {
    match line.char_indices().nth(length) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_line() {
        assert_eq!(excerpt("Dear all,\r\n\r\n  see  you"), "Dear all, see you");
        assert_eq!(excerpt(&"x".repeat(400)).chars().count(), LENGTH + 1);
        assert_eq!(kept(&"é".repeat(400)).chars().count(), KEPT);
    }

    #[test]
    fn the_words_around_what_was_found() {
        let text = format!("{} the Attendance of Tom {}", "word ".repeat(60), "word ".repeat(60));
        let around = excerpt_around(&text, &["attend".to_owned()]);
        assert!(
            around.starts_with('…') && around.contains("Attendance of Tom"),
            "{around}"
        );
        assert_eq!(
            excerpt_around("(attendance) early", &["attend".to_owned()]),
            "(attendance) early"
        );
        let accents = format!("{} à la Crèche {}", "word ".repeat(60), "word ".repeat(60));
        assert!(excerpt_around(&accents, &["crech".to_owned()]).contains("Crèche"));
        assert_eq!(excerpt_around("nothing here", &["absent".to_owned()]), "nothing here");
    }
}
