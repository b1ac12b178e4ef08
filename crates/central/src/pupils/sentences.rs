//! Words for days, fields and lists, as sentences about pupils need them.

use chrono::NaiveDate;

/// A day as people read it: 4 March 2026.
pub(crate) fn shown(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// Things in a row: "a, b and c".
pub(super) fn list_of<T: AsRef<str>>(things: impl IntoIterator<Item = T>) -> String {
    let things: Vec<T> = things.into_iter().collect();
    match things.split_last() {
        None => String::new(),
        Some((last, [])) => last.as_ref().to_owned(),
        Some((last, others)) => {
            let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", others.join(", "), last.as_ref())
        }
    }
}

/// The fields of a pupil's record as people know them.
const FIELDS: &[(&str, &str)] = &[
    ("legal_first_name", "the legal first name"),
    ("legal_last_name", "the legal last name"),
    ("former_names", "the former names"),
    ("known_as", "the name that schools see"),
    ("born", "the date of birth"),
    ("upn", "the UPN"),
    ("reference", "the reference"),
    ("year_group", "the year group"),
    ("caseworker_id", "the caseworker"),
    ("social_worker_id", "the social worker"),
    ("social_worker_name", "the social worker’s name"),
    ("social_worker_team", "the social worker’s team"),
    ("social_worker_phone", "the social worker’s phone number"),
    ("ehcp", "whether there is an EHCP"),
    ("out_of_authority", "whether the pupil is out of the authority"),
    ("no_school_since", "since when there is no school place"),
    ("no_school_reason", "why there is no school place"),
    ("held_from_schools_until", "until when the pupil is held from school"),
];

/// A field as people know it.
pub(super) fn field_words(field: &str) -> &'static str {
    FIELDS
        .iter()
        .find(|(name, _)| *name == field)
        .map_or("a field", |(_, words)| words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_fields_in_words() {
        assert_eq!(list_of(["a"; 0]), "");
        assert_eq!(list_of(["a"]), "a");
        assert_eq!(list_of(["a", "b", "c"]), "a, b and c");
        assert_eq!(field_words("upn"), "the UPN");
    }
}
