//! What was done to an establishment, in words, from the audit trail: its own events, and those of links to it.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{Capacity, EstablishmentId, EstablishmentStatus, Timestamp, UserId};
use lac_wire::{HistoryEntry, HistoryFilter, Page};
use serde::Deserialize;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::page;
use super::words::day;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

#[derive(sqlx::FromRow)]
struct Row {
    number: i64,
    at: Timestamp,
    actor: Option<UserId>,
    action: String,
    object_id: Option<Uuid>,
    detail: String,
}

/// What the trail says beside the action; each action has some of it.
#[derive(Deserialize, Default)]
struct Detail {
    #[serde(default)]
    fields: Vec<String>,
    status: Option<String>,
    from: Option<EstablishmentId>,
    to: Option<EstablishmentId>,
    to_urn: Option<String>,
    on: Option<NaiveDate>,
    capacity: Option<String>,
    start: Option<NaiveDate>,
    end: Option<NaiveDate>,
}

/// The statement: two ranges of the trail's index of objects, the newest first.
pub(super) fn statement(goes_on: bool) -> String {
    let goes_on = if goes_on { "AND a.number < $4" } else { "" };
    let columns = "a.number, a.at, a.actor, a.action, a.object_id, a.detail";
    format!(
        "SELECT number, at, actor, action, object_id, detail FROM (
           SELECT {columns} FROM audit_events a WHERE a.object_id = $1 AND a.object_kind = 'establishment'
             AND a.action LIKE 'establishment.%' {goes_on}
           UNION ALL
           SELECT {columns} FROM (SELECT DISTINCT user_id FROM establishment_links WHERE establishment_id = $1) tied
             JOIN audit_events a ON a.object_id = tied.user_id
             WHERE a.action IN ('link.created', 'link.changed', 'link.ended', 'link.removed', 'link.moved')
               AND a.detail LIKE $2 {goes_on}
         ) AS every ORDER BY number DESC LIMIT $3"
    )
}

/// A page of the history, the newest first; for LA roles.
pub(super) async fn history(
    conn: &mut Conn,
    scope: Scope,
    id: EstablishmentId,
    filter: &HistoryFilter,
) -> Result<Page<HistoryEntry>, Failure> {
    page::find(conn, scope, id, "establishment.read_history").await?;
    let after: Option<i64> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let sql = statement(after.is_some());
    let of_here = format!("%\"establishment\":\"{id}\"%");
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(id).bind(of_here).bind(rows_to_read(size)).bind(after).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.number)?;
    let details = page.rows.iter().map(|row| serde_json::from_str::<Detail>(&row.detail));
    let details: Vec<Detail> = details.collect::<Result<_, _>>()?;
    let users = page.rows.iter().flat_map(|row| {
        let object = row.action.starts_with("link.").then_some(row.object_id).flatten();
        row.actor.into_iter().chain(object.map(UserId))
    });
    let users = user_names(conn, users).await?;
    let places = details
        .iter()
        .flat_map(|detail| detail.from.into_iter().chain(detail.to));
    let places = place_names(conn, places).await?;
    let entry = |(row, detail): (Row, Detail)| {
        let user = row.object_id.and_then(|id| users.get(&UserId(id)).cloned());
        HistoryEntry {
            number: row.number,
            at: row.at,
            by: row.actor.and_then(|actor| users.get(&actor).cloned()),
            what: sentence(&row.action, &detail, user.as_deref(), &places),
        }
    };
    Ok(Page {
        rows: page.rows.into_iter().zip(details).map(entry).collect(),
        after: page.after,
    })
}

async fn user_names(conn: &mut Conn, ids: impl Iterator<Item = UserId>) -> Result<HashMap<UserId, String>, StoreError> {
    let sql = format!(
        "SELECT id, first_name, last_name FROM users WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(ids);
    let rows: Vec<(UserId, String, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, first_name, last_name)| (id, format!("{first_name} {last_name}")))
        .collect())
}

async fn place_names(
    conn: &mut Conn,
    ids: impl Iterator<Item = EstablishmentId>,
) -> Result<HashMap<EstablishmentId, String>, StoreError> {
    let sql = format!(
        "SELECT id, name FROM establishments WHERE id IN {}",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(ids);
    let rows: Vec<(EstablishmentId, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    Ok(rows.into_iter().collect())
}

/// The words for a field that changed.
fn field(name: &str) -> &str {
    match name {
        "phone" => "telephone",
        "head" => "head",
        "ofsted_number" => "Ofsted number",
        "closed_on" => "closing date",
        "local_authority" => "local authority",
        other => other,
    }
}

fn sentence(action: &str, detail: &Detail, user: Option<&str>, places: &HashMap<EstablishmentId, String>) -> String {
    let place = |id: Option<EstablishmentId>| {
        id.and_then(|id| places.get(&id))
            .map_or("another establishment", String::as_str)
    };
    let fields = || {
        detail
            .fields
            .iter()
            .map(|name| field(name))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let on = detail.on.map(|on| format!(" on {}", day(on))).unwrap_or_default();
    let user = user.unwrap_or("A user");
    let capacity = detail.capacity.as_deref().and_then(|word| Capacity::parse(word).ok());
    let capacity = capacity.map_or("user", Capacity::display_name);
    let from_day = detail
        .start
        .map(|start| format!(" from {}", day(start)))
        .unwrap_or_default();
    let until = detail.end.map(|end| format!(" until {}", day(end))).unwrap_or_default();
    match action {
        "establishment.created" => "Added by hand.".to_owned(),
        "establishment.changed" => format!("Changed by hand: {}.", fields()),
        "establishment.updated" => {
            let status = detail
                .status
                .as_deref()
                .and_then(|word| EstablishmentStatus::parse(word).ok());
            let status = status.map(|status| format!(" It is now {}.", status.display_name().to_lowercase()));
            format!(
                "Updated from the DfE’s file: {}.{}",
                fields(),
                status.unwrap_or_default()
            )
        }
        "establishment.moved" => format!("Users and enrolments were moved to {}{on}.", place(detail.to)),
        "establishment.took_over" => format!("Users and enrolments came from {}{on}.", place(detail.from)),
        "establishment.joined" => format!("Joined to {}.", place(detail.to)),
        "establishment.took_in" => format!("{} was joined to this establishment.", place(detail.from)),
        "establishment.left" => format!(
            "Users and enrolments were left here, though the establishment with URN {} came after.",
            detail.to_urn.as_deref().unwrap_or_default()
        ),
        "link.created" => format!("{user} was linked as {capacity}{from_day}{until}."),
        "link.moved" => format!(
            "{user}’s link as {capacity} came from {}{from_day}.",
            place(detail.from)
        ),
        "link.ended" => format!("{user}’s link as {capacity} was ended: it holds{until}."),
        "link.changed" => format!("{user}’s link was changed: {capacity}{from_day}{until}."),
        "link.removed" => format!("{user}’s link as {capacity} was removed."),
        _ => "Something was changed.".to_owned(),
    }
}
