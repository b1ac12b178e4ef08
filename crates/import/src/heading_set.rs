//! The headings of a file as a set: what was said of them once is found again, whatever their order and spelling.

use std::collections::HashMap;

use crate::headings::key;

/// The headings of a file, each by a name that does not change with the order of the columns, with letter case or
/// with punctuation. Of headings that are the same, the first in the file comes first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeadingSet(Vec<String>);

impl HeadingSet {
    /// The set of a file's headings.
    #[must_use]
    pub fn of(headings: &[String]) -> Self {
        let mut seen: HashMap<String, u32> = HashMap::new();
        let name = |heading: &String| {
            let key = key(heading);
            let nth = seen.entry(key.clone()).or_default();
            *nth += 1;
            format!("{key} {nth}")
        };
        Self(headings.iter().map(name).collect())
    }

    /// The names of the columns, in the file's order.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// One text for the whole set, the same for each order of the columns.
    #[must_use]
    pub fn whole(&self) -> String {
        let mut names = self.0.clone();
        names.sort_unstable();
        names.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(headings: &[&str]) -> HeadingSet {
        HeadingSet::of(&headings.iter().map(|heading| (*heading).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn order_case_and_punctuation_make_no_difference() {
        let one = set(&["Given", "Family-Name", "E-mail", "E-mail"]);
        let other = set(&["e mail", "FAMILY NAME", "given", "E_Mail"]);
        assert_eq!(one.whole(), other.whole());
        assert_eq!(
            (&one.names()[2], &one.names()[3]),
            (&other.names()[0], &other.names()[3])
        );
        assert_ne!(one.whole(), set(&["Given", "Family-Name", "E-mail"]).whole());
    }
}
