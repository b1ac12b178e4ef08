//! Lists of values as one JSON parameter: `IN (SELECT unhex(value) FROM json_each($1))`.

use uuid::Uuid;

/// Ids as a JSON list of hexadecimal text, for `unhex`.
pub(crate) fn hex_list<T: Into<Uuid> + Copy>(ids: impl IntoIterator<Item = T>) -> String {
    let mut text = String::from("[");
    for id in ids {
        if text.len() > 1 {
            text.push(',');
        }
        text.push('"');
        text.push_str(&hex::encode(id.into().as_bytes()));
        text.push('"');
    }
    text.push(']');
    text
}

/// Numbers as a JSON list.
pub(crate) fn number_list(numbers: impl IntoIterator<Item = i64>) -> String {
    let mut text = String::from("[");
    for number in numbers {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&number.to_string());
    }
    text.push(']');
    text
}
