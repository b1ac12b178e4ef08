//! Who changed what on a pupil's record, from the audit trail, in words.

use std::collections::HashMap;

use lac_domain::{CareEndReason, EstablishmentId, PupilId, Timestamp, UserId};
use lac_wire::{Page, PupilNote};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::sentences::{field_words, list_of, shown};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at: Timestamp,
    action: String,
    detail: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// A page of the notes of a pupil, the newest first, for LA roles. Reads and refusals stand in the trail alone.
///
/// # Errors
/// The refusal for a pupil who does not exist or may not be seen.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    pupil: PupilId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<PupilNote>, Failure> {
    scope.require_la()?;
    if !scope.may_see_pupil(conn, pupil).await? {
        return Err(Refusal::not_found().denied("pupil.read", "pupil", pupil.0).into());
    }
    let before: i64 = read_after(after)?.unwrap_or(i64::MAX);
    let size = page_size(limit);
    let sql = "SELECT a.number, a.at, a.action, a.detail, u.first_name, u.last_name
               FROM audit_events a LEFT JOIN users u ON u.id = a.actor
               WHERE a.object_id = $1 AND a.number < $2 AND a.action LIKE 'pupil.%' AND a.action <> 'pupil.read'
               ORDER BY a.number DESC LIMIT $3";
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql)
        .bind(pupil).bind(before).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.number)?;
    let details: Vec<Value> = page
        .rows
        .iter()
        .map(|row| serde_json::from_str(&row.detail))
        .collect::<Result<_, _>>()?;
    let names = Names::load(conn, &details).await?;
    let rows = page.rows.into_iter().zip(&details).map(|(row, detail)| PupilNote {
        at: row.at,
        who: row
            .first_name
            .zip(row.last_name)
            .map(|(first, last)| format!("{first} {last}")),
        text: names.sentence(&row.action, detail),
    });
    Ok(Page {
        rows: rows.collect(),
        after: page.after,
    })
}

/// The names of what the details have by id.
struct Names {
    users: HashMap<UserId, String>,
    places: HashMap<EstablishmentId, String>,
}

fn id_of(value: &Value) -> Option<Uuid> {
    value.as_str()?.parse().ok()
}

impl Names {
    async fn load(conn: &mut Conn, details: &[Value]) -> Result<Self, StoreError> {
        let named = details
            .iter()
            .flat_map(|detail| detail["named"].as_array().into_iter().flatten());
        let users = details
            .iter()
            .map(|detail| &detail["user"])
            .chain(named)
            .filter_map(id_of);
        let users = hex_ids(users);
        let places = details
            .iter()
            .flat_map(|detail| [&detail["establishment"], &detail["open_again"]]);
        let places = hex_ids(places.filter_map(id_of));
        let sql = format!(
            "SELECT id, first_name, last_name FROM users WHERE id IN {}",
            conn.engine().ids("$1")
        );
        let users: Vec<(UserId, String, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(users).fetch_all(c).await)?;
        let sql = format!(
            "SELECT id, name FROM establishments WHERE id IN {}",
            conn.engine().ids("$1")
        );
        let places: Vec<(EstablishmentId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(places).fetch_all(c).await)?;
        let users = users
            .into_iter()
            .map(|(id, first, last)| (id, format!("{first} {last}")));
        Ok(Self {
            users: users.collect(),
            places: places.into_iter().collect(),
        })
    }

    fn user(&self, value: &Value) -> &str {
        let found = id_of(value).and_then(|id| self.users.get(&UserId(id)));
        found.map_or("a user who is no longer there", String::as_str)
    }

    fn place(&self, value: &Value) -> &str {
        let found = id_of(value).and_then(|id| self.places.get(&EstablishmentId(id)));
        found.map_or("an establishment", String::as_str)
    }

    fn sentence(&self, action: &str, detail: &Value) -> String {
        let day = |field: &str| detail[field].as_str().and_then(|text| text.parse().ok()).map(shown);
        let since = |prefix: &str| day("start").map_or(String::new(), |start| format!("{prefix}{start}"));
        let until = |prefix: &str| day("end").map_or(String::new(), |end| format!("{prefix}{end}"));
        let place = self.place(&detail["establishment"]);
        match action {
            "pupil.created" => "Added the pupil.".to_owned(),
            "pupil.changed" => {
                let fields = detail["fields"].as_array().into_iter().flatten();
                let fields = list_of(fields.filter_map(Value::as_str).map(field_words));
                format!("Changed {fields}.")
            }
            "pupil.care_added" => format!("Added a care period{}{}.", since(" from "), until(" to ")),
            "pupil.care_changed" => {
                let was = day("was_start").unwrap_or_default();
                let until = until(", ended on ");
                format!(
                    "Changed the care period that started on {was}: now{}{until}.",
                    since(" from ")
                )
            }
            "pupil.care_removed" => format!("Removed the care period{} as a mistake.", since(" that started on ")),
            "pupil.enrolment_added" if detail["moved"] == Value::Bool(true) => {
                format!("Moved the pupil to {place}{}.", since(" from "))
            }
            "pupil.enrolment_added" => format!("Added an enrolment at {place}{}{}.", since(" from "), until(" to ")),
            "pupil.enrolment_changed" => {
                format!(
                    "Changed the enrolment at {place}: now{}{}.",
                    since(" from "),
                    until(", last day ")
                )
            }
            "pupil.enrolment_removed" if detail["cancelled"] == Value::Bool(true) => {
                let again = &detail["open_again"];
                let again = if again.is_null() {
                    String::new()
                } else {
                    format!(" The enrolment at {} goes on.", self.place(again))
                };
                format!("Cancelled the move to {place}{}.{again}", since(" on "))
            }
            "pupil.enrolment_removed" => {
                format!(
                    "Removed the enrolment at {place}{} as a mistake.",
                    since(" that started on ")
                )
            }
            "pupil.handover_ended" => format!("Ended the access of {place} before the next school begins."),
            "pupil.barred" => format!("Barred {}: they never see this pupil.", self.user(&detail["user"])),
            "pupil.bar_lifted" => format!("Took away the bar of {}.", self.user(&detail["user"])),
            "pupil.restricted" => format!("Restricted the pupil to {}.", self.named(detail)),
            "pupil.restriction_changed" => format!("Changed who sees this restricted pupil: {}.", self.named(detail)),
            "pupil.restriction_lifted" => "Lifted the restriction.".to_owned(),
            "pupil.adopted" => {
                let on = day("on").map_or(String::new(), |on| format!(" on {on}"));
                format!(
                    "Closed the record for good ({}{on}).",
                    CareEndReason::Adopted.display_name().to_lowercase()
                )
            }
            "pupil.restored" => "Took back what an import had changed.".to_owned(),
            _ => "Changed the record.".to_owned(),
        }
    }

    fn named(&self, detail: &Value) -> String {
        list_of(detail["named"].as_array().into_iter().flatten().map(|id| self.user(id)))
    }
}
