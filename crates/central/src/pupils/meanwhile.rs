//! What changed on a pupil's record since a revision, for the second of two editors.

use lac_domain::{PupilId, Timestamp};
use lac_wire::ErrorCode;

use super::sentences::{field_words, list_of};
use crate::both;
use crate::error::{Refusal, StoreError};
use crate::writer::Tx;

/// The most changes that the sentence names.
const NAMED: usize = 3;
/// How many events are looked at.
const LOOKED_AT: i64 = 50;

/// The refusal that says who changed what since a revision.
///
/// # Errors
/// When the database fails.
pub(super) async fn refusal(tx: &mut Tx, pupil: PupilId, since: i64) -> Result<Refusal, StoreError> {
    let sql = "SELECT a.at, a.action, a.detail, u.first_name, u.last_name
               FROM audit_events a LEFT JOIN users u ON u.id = a.actor
               WHERE a.object_id = $1 AND a.action LIKE 'pupil.%' ORDER BY a.number DESC LIMIT $2";
    type Row = (Timestamp, String, String, Option<String>, Option<String>);
    let rows: Vec<Row> = both!(tx.conn(), c => sqlx::query_as(sql).bind(pupil).bind(LOOKED_AT).fetch_all(c).await)?;
    let mut changes = Vec::new();
    for (at, action, detail, first, last) in rows {
        let detail: serde_json::Value = serde_json::from_str(&detail)?;
        if detail["revision"].as_i64().is_none_or(|revision| revision <= since) {
            continue;
        }
        let who = match (first, last) {
            (Some(first), Some(last)) => format!("{first} {last}"),
            _ => "An import".to_owned(),
        };
        let what = match action.as_str() {
            "pupil.changed" => {
                let fields = detail["fields"].as_array().into_iter().flatten();
                list_of(fields.filter_map(|field| field.as_str()).map(field_words))
            }
            "pupil.care_added" | "pupil.care_changed" | "pupil.care_removed" => "the care periods".to_owned(),
            "pupil.enrolment_added"
            | "pupil.enrolment_changed"
            | "pupil.enrolment_removed"
            | "pupil.handover_ended" => "the enrolments".to_owned(),
            "pupil.restored" => "back what an import had changed".to_owned(),
            _ => "who is kept out".to_owned(),
        };
        let when = at.london().format("%H:%M on %-d %B %Y");
        changes.push(format!("{who} changed {what} at {when}"));
    }
    changes.truncate(NAMED);
    let what = if changes.is_empty() {
        String::new()
    } else {
        format!(": {}", changes.join("; "))
    };
    Ok(Refusal::new(
        ErrorCode::ChangedMeanwhile,
        format!(
            "This pupil’s record was changed since you opened it{what}. Look at what is there now, and save again what you want to keep."
        ),
    ))
}
