//! What parts the cells of a file: told by Excel's `sep=` line, or guessed from the headings.

use serde::{Deserialize, Serialize};

use crate::Vocabulary;
use crate::records::{Record, Records};

/// How many rows at the top are looked at for headings: some systems put a line of their own above them.
pub(crate) const HEADING_WITHIN: usize = 3;

/// What parts the cells of a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`, which Excel writes where the comma is the decimal sign.
    Semicolon,
    /// A tab.
    Tab,
    /// A delimiter that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Delimiter {
    /// Those that are tried, the likeliest first.
    const TRIED: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    /// The delimiter as a byte; a comma when unknown.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma | Self::Unknown => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The delimiter as people call it.
    #[must_use]
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Unknown => "unknown",
        }
    }
}

/// Takes Excel's first line `sep=;` off the beginning of a text, which Excel itself does not show as a row.
/// Gives the delimiter that it names, if it is one of ours, and how many bytes it takes with its line break.
pub(crate) fn sep_line(start: &[u8]) -> Option<(Option<Delimiter>, usize)> {
    let quoted = start.first() == Some(&b'"');
    let inner = if quoted { &start[1..] } else { start };
    if inner.len() < 5 || !inner[..4].eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let named = Delimiter::TRIED.into_iter().find(|d| d.byte() == inner[4]);
    let line = start
        .iter()
        .position(|b| matches!(b, b'\r' | b'\n'))
        .unwrap_or(start.len());
    // More on the line than the delimiter and a closing quote is a heading that happens to begin so.
    if line > 6 + usize::from(quoted) {
        return None;
    }
    let break_len = match &start[line..] {
        [b'\r', b'\n', ..] => 2,
        [] => 0,
        _ => 1,
    };
    Some((named, line + break_len))
}

/// Guesses the delimiter from the top of a file's text: the one with which most headings are known, and of
/// equals the one that makes most cells. With none at all it is a comma.
pub(crate) fn guess(vocabulary: &Vocabulary, top: &[u8]) -> Delimiter {
    let score = |delimiter: Delimiter| {
        let mut records = Records::new(top, delimiter.byte());
        let mut record = Record::default();
        let mut best = (0, 0);
        for _ in 0..HEADING_WITHIN {
            // Bytes in memory are always readable, so an error cannot come here; it would only end the search.
            if !matches!(records.read(&mut record), Ok(true)) {
                break;
            }
            let known = (0..record.len())
                .filter(|i| vocabulary.known(&String::from_utf8_lossy(record.cell(*i))).is_some())
                .count();
            best = best.max((known, record.len()));
        }
        best
    };
    let mut found = (Delimiter::Comma, score(Delimiter::Comma));
    for delimiter in [Delimiter::Semicolon, Delimiter::Tab] {
        let this = score(delimiter);
        if this > found.1 {
            found = (delimiter, this);
        }
    }
    found.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_tell_the_delimiter() {
        assert_eq!(
            guess(Vocabulary::USERS, b"First name,Surname,Email\n"),
            Delimiter::Comma
        );
        assert_eq!(
            guess(Vocabulary::USERS, b"First name;Surname;\"Email, work\"\n"),
            Delimiter::Semicolon
        );
        assert_eq!(
            guess(Vocabulary::USERS, b"First name\tSurname\tEmail\n"),
            Delimiter::Tab
        );
        assert_eq!(
            guess(Vocabulary::USERS, b"\"a;b;c;d;e\",Surname,Email\n"),
            Delimiter::Comma
        );
        assert_eq!(
            guess(Vocabulary::USERS, b"version:v1.0\nFirst name;Surname;Email\n"),
            Delimiter::Semicolon
        );
        assert_eq!(
            guess(
                Vocabulary::USERS,
                b"Notes, as taken; on 1, 2, 3, 4; Surname;Email;Phone"
            ),
            Delimiter::Semicolon
        );
        assert_eq!(guess(Vocabulary::USERS, b"Email"), Delimiter::Comma);
        assert_eq!(guess(Vocabulary::USERS, b""), Delimiter::Comma);
    }

    #[test]
    fn excels_own_line_is_taken_off() {
        assert_eq!(sep_line(b"sep=;\r\nEmail"), Some((Some(Delimiter::Semicolon), 7)));
        assert_eq!(sep_line(b"\"SEP=\t\"\nEmail"), Some((Some(Delimiter::Tab), 8)));
        assert_eq!(sep_line(b"sep=|\nEmail"), Some((None, 6)));
        assert_eq!(sep_line(b"sep=,"), Some((Some(Delimiter::Comma), 5)));
        assert_eq!(sep_line(b"sep=1,2,3\n"), None);
        assert_eq!(sep_line(b"Email\n"), None);
    }
}
