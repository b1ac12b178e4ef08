//! The words in which the audit trail is told.

use lac_domain::{Capacity, Role};
use serde_json::Value;

/// What an action means, in a few words.
pub(super) fn phrase(action: &str, detail: &Value) -> String {
    let text = |name: &str| detail.get(name).and_then(Value::as_str);
    let known = match action {
        "user.created" => match text("role").and_then(|role| Role::parse(role).ok()) {
            Some(role) => return format!("Added the user as {}", role.display_name()),
            None => "Added the user",
        },
        "user.changed" => "Changed the user",
        "user.invited" => "Sent an invitation",
        "user.handed_over" => "Handed the pupils over",
        "user.took_over" => "Took pupils over",
        "user.left_pupils" => "Left the pupils without",
        "invitation.accepted" => "Took up the invitation",
        "invitation.undelivered" => "The e-mail with the invitation could not be delivered",
        "session.begun" => "Signed in",
        "session.ended" => "Signed out of a device",
        "session.confirmed" => "Gave the password again",
        "link.created" => return capacity("Linked", detail),
        "link.changed" => return capacity("Changed the link", detail),
        "link.ended" => return capacity("Ended the link", detail),
        "link.removed" => return capacity("Took the link away", detail),
        "assignment.created" | "pupil.assigned" => return dated("Assigned a pupil", detail),
        "assignment.changed" | "pupil.assignment_changed" => return dated("Changed an assignment", detail),
        "assignment.ended" | "pupil.assignment_ended" => return dated("Ended an assignment", detail),
        "assignment.removed" | "pupil.assignment_removed" => "Took an assignment away",
        "access.granted" => "Came to see the pupil",
        "access.revoked" => "No longer sees the pupil",
        "colleague.asked" => "Asked for a colleague",
        "colleague.approved" => "Approved the request for a colleague",
        "colleague.refused" => "Refused the request for a colleague",
        "pupil.created" => "Added the pupil",
        "pupil.changed" => "Changed the pupil",
        "pupil.read" => "Opened the pupil's page",
        "history.read" => "Read the pupil's messages",
        "held.fetched" => "Fetched what this device holds",
        "conversation.started" => "Began a conversation",
        "conversation.read" => "Read a conversation",
        "conversation.marked_unread" => "Marked a conversation unread",
        "message.sent" => "Sent a message",
        "import.judged" => "Had a file checked",
        "import.committed" => "Committed a bulk add",
        "import.file_deleted" => "A bulk add's file was deleted",
        "establishments.imported" => "Imported establishments",
        "establishment.updated" => "Changed the establishment",
        "request.denied" => "Was refused something that they may not do or see",
        "user_action.begun" => "Began something with many users",
        "user_action.cancelled" => "Cancelled something with many users",
        "user_action.ended" => "Ended something with many users",
        "store.initialised" => "Set the store up",
        // An action that this table does not know keeps its own word, readable enough.
        other => return other.replace(['.', '_'], " "),
    };
    known.to_owned()
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
        assert_eq!(phrase("moon.full", &link), "moon full");
    }
}
