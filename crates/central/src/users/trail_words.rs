//! The words in which the audit trail is told.

use lac_domain::{Capacity, Role};
use serde_json::Value;

use crate::audit::actions::{words_of, words_of_try};

/// What an action means, in a few words.
pub(super) fn phrase(action: &str, detail: &Value) -> String {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    // An action of another version keeps its own word, readable enough.
    let words = words_of(action).map_or_else(|| action.replace(['.', '_'], " "), str::to_owned);
    match action {
        "user.created" => match text("role").and_then(|role| Role::parse(role).ok()) {
            Some(role) => format!("{words} as {}", role.display_name()),
            None => words,
        },
        "request.denied" => match text("asked").and_then(words_of_try) {
            Some(tried) => format!("Tried to {tried}, and was refused"),
            None => words,
        },
        _ if action.starts_with("link.") => capacity(&words, detail),
        _ if action.contains("assign") && !action.ends_with("removed") => dated(&words, detail),
        _ => words,
    }
}

/// Why something was done, where that was said: a person's own text, for those alone who may see whom it is about.
pub(super) fn reason_of(detail: &Value) -> String {
    detail
        .get("reason")
        .and_then(Value::as_str)
        .map(|reason| format!(", for: {reason}"))
        .unwrap_or_default()
}

/// "Linked as Deputy, from 2026-09-01".
fn capacity(what: &str, detail: &Value) -> String {
    let word = detail.get("capacity").and_then(Value::as_str);
    match word.and_then(|word| Capacity::parse(word).ok()) {
        Some(capacity) => dated(&format!("{what} as {}", capacity.display_name()), detail),
        None => dated(what, detail),
    }
}

fn day(detail: &Value, name: &str) -> Option<String> {
    let day: chrono::NaiveDate = detail.get(name)?.as_str()?.parse().ok()?;
    Some(day.format("%-d %B %Y").to_string())
}

fn dated(what: &str, detail: &Value) -> String {
    match (day(detail, "start"), day(detail, "end")) {
        (Some(start), Some(end)) => format!("{what}, from {start} to {end}"),
        (Some(start), None) => format!("{what}, from {start}"),
        (None, _) => what.to_owned(),
    }
}

/// The fields that were changed: ": job title, e-mail".
pub(super) fn fields_of(detail: &Value) -> String {
    let fields: Vec<String> = detail
        .get("fields")
        .and_then(Value::as_array)
        .map(|fields| fields.iter().filter_map(Value::as_str).map(field).collect())
        .unwrap_or_default();
    if fields.is_empty() {
        String::new()
    } else {
        format!(": {}", fields.join(", "))
    }
}

fn field(name: &str) -> String {
    match name {
        "email" => "e-mail".to_owned(),
        other => other.replace('_', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_in_words() {
        let changed = serde_json::json!({ "fields": ["job_title", "email"] });
        assert_eq!(
            format!("{}{}", phrase("user.changed", &changed), fields_of(&changed)),
            "Changed the user: job title, e-mail"
        );
        let link = serde_json::json!({ "capacity": "deputy", "start": "2026-09-01", "end": null });
        assert_eq!(phrase("link.created", &link), "Linked as Deputy, from 1 September 2026");
        let denied = serde_json::json!({ "asked": "pupil.read" });
        assert_eq!(
            phrase("request.denied", &denied),
            "Tried to see a pupil, and was refused"
        );
        assert_eq!(phrase("moon.full", &link), "moon full");
    }
}
