//! Establishments that GIAS does not know: added and edited by hand.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lac_domain::{EstablishmentId, EstablishmentStatus, name_key};
use lac_wire::{AddEstablishment, EditEstablishment, ErrorCode, EstablishmentEntry};

use super::rows::{COLUMNS, Row};
use super::{gias, write};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Job, Tx};

/// The longest name, and the longest line of an address, in characters.
const NAME_CHARS: usize = 200;
/// The longest other text, in characters.
const TEXT_CHARS: usize = 100;
/// The most lines of an address.
const ADDRESS_LINES: usize = 6;

/// Adds one.
pub(super) struct Add(pub AddEstablishment);

/// Edits one.
pub(super) struct Edit {
    pub id: EstablishmentId,
    pub edit: EditEstablishment,
}

/// An entry, tidied: spaces around and line breaks within its texts are gone.
fn judge(entry: &EstablishmentEntry, today: chrono::NaiveDate) -> Result<EstablishmentEntry, Refusal> {
    let name = text("name", "name", &entry.name, NAME_CHARS)?;
    if name.is_empty() {
        return Err(Refusal::field("name", "Enter the name of the establishment."));
    }
    let mut address = Vec::new();
    for line in &entry.address {
        let line = text("address", "line of the address", line, NAME_CHARS)?;
        if !line.is_empty() {
            address.push(line);
        }
    }
    if address.len() > ADDRESS_LINES {
        let message = format!("An address can have at most {ADDRESS_LINES} lines. Put two lines into one.");
        return Err(Refusal::field("address", message));
    }
    let ofsted_number = text("ofsted_number", "Ofsted number", &entry.ofsted_number, 20)?.to_uppercase();
    if !ofsted_number.chars().all(|c| c.is_ascii_alphanumeric()) {
        let message =
            "An Ofsted number has letters and digits only, such as EY123456. Type it again, or leave it empty.";
        return Err(Refusal::field("ofsted_number", message));
    }
    if entry.closed_on.is_some_and(|on| on > today) {
        let message = "This day has not come yet. Enter the closing date once the establishment has closed.";
        return Err(Refusal::field("closed_on", message));
    }
    Ok(EstablishmentEntry {
        name,
        kind: entry.kind,
        address,
        postcode: text("postcode", "postcode", &entry.postcode, 20)?.to_uppercase(),
        phone: text("phone", "phone number", &entry.phone, TEXT_CHARS)?,
        website: text("website", "website", &entry.website, NAME_CHARS)?,
        head: text("head", "name", &entry.head, TEXT_CHARS)?,
        ofsted_number,
        closed_on: entry.closed_on,
    })
}

fn text(field: &str, what: &str, text: &str, most: usize) -> Result<String, Refusal> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > most {
        let message = format!("This {what} is longer than {most} characters. Shorten it.");
        return Err(Refusal::field(field, message));
    }
    if text.contains(char::is_control) {
        let message = format!("This {what} has a character that cannot be seen. Type it again.");
        return Err(Refusal::field(field, message));
    }
    Ok(text)
}

fn status(entry: &EstablishmentEntry) -> EstablishmentStatus {
    if entry.closed_on.is_some() {
        EstablishmentStatus::Closed
    } else {
        EstablishmentStatus::Open
    }
}

/// The lines as they are stored, the postcode the last of them.
fn lines(entry: &EstablishmentEntry) -> Result<String, serde_json::Error> {
    let postcode = (!entry.postcode.is_empty()).then_some(&entry.postcode);
    serde_json::to_string(&entry.address.iter().chain(postcode).collect::<Vec<_>>())
}

fn town(entry: &EstablishmentEntry) -> &str {
    entry
        .address
        .get(1..)
        .and_then(<[String]>::last)
        .map_or("", String::as_str)
}

fn words(entry: &EstablishmentEntry) -> BTreeSet<String> {
    gias::words(&entry.name, None, &entry.postcode)
}

/// Refuses a name that another has already.
async fn require_new(tx: &mut Tx, name: &str, but: Option<EstablishmentId>) -> Result<(), Failure> {
    let sql = "SELECT id, name, town, postcode FROM establishments WHERE name_key = $1 AND joined_to IS NULL ORDER BY id LIMIT 2";
    let same: Vec<(EstablishmentId, String, String, String)> =
        both!(tx.conn(), c => sqlx::query_as(sql).bind(name_key(name)).fetch_all(c).await)?;
    let Some((_, name, town, postcode)) = same.into_iter().find(|(id, ..)| Some(*id) != but) else {
        return Ok(());
    };
    let place = [town, postcode]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    let place = if place.is_empty() {
        String::new()
    } else {
        format!(" ({place})")
    };
    let message = format!(
        "There is an establishment called {name}{place} already. Use that one, or say that this is another of the same name."
    );
    Err(Refusal::new(ErrorCode::EstablishmentSimilar, message)
        .about("name")
        .into())
}

#[async_trait]
impl Job for Add {
    type Output = EstablishmentId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentId, Failure> {
        let entry = judge(&self.0.entry, tx.today())?;
        if !self.0.although_similar {
            require_new(tx, &entry.name, None).await?;
        }
        let id: EstablishmentId = tx.new_id()?;
        let sql =
            "INSERT INTO establishments (id, urn, name, name_key, type_name, phase, status, la_name, town, postcode,
                     address, phone, website, head, closed_on, kind, ofsted_number)
                   VALUES ($1, NULL, $2, $3, $4, '', $5, '', $6, $7, $8, $9, $10, $11, $12, $13, $14)";
        let address = lines(&entry)?;
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&entry.name).bind(name_key(&entry.name)).bind(entry.kind.display_name())
            .bind(status(&entry).as_str()).bind(town(&entry)).bind(&entry.postcode).bind(address).bind(&entry.phone)
            .bind(&entry.website).bind(&entry.head).bind(entry.closed_on).bind(entry.kind.as_str())
            .bind(&entry.ofsted_number).execute(c).await.map(|_| ()))?;
        let found_by = words(&entry).into_iter().map(|word| (word, id)).collect();
        write::insert_words(tx, found_by).await?;
        let detail = serde_json::json!({ "kind": entry.kind.as_str() });
        tx.audit("establishment.created", "establishment", Some(id.0), &detail);
        Ok(id)
    }
}

#[async_trait]
impl Job for Edit {
    type Output = EstablishmentId;

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentId, Failure> {
        let id = self.id;
        let sql = format!("SELECT {COLUMNS} FROM establishments e WHERE e.id = $1 AND e.joined_to IS NULL");
        let row: Option<Row> =
            both!(tx.conn(), c => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(c).await)?;
        let row = row.ok_or_else(|| Refusal::not_found().denied("establishment.edit", "establishment", id.0))?;
        if row.urn.is_some() {
            let message = "The details of this establishment come from the DfE’s file, and change when it is read again. They cannot be edited here.";
            return Err(Refusal::field("name", message).into());
        }
        if row.revision != self.edit.revision {
            let message = "Someone else changed this establishment since you opened it. Open it again to see what changed, and make your change anew.";
            return Err(Refusal::new(ErrorCode::ChangedMeanwhile, message).into());
        }
        let entry = judge(&self.edit.entry, tx.today())?;
        if row.name_key != name_key(&entry.name) {
            require_new(tx, &entry.name, Some(id)).await?;
        }
        let address = lines(&entry)?;
        let fields: Vec<&str> = [
            ("name", row.name != entry.name),
            ("kind", row.kind.as_deref() != Some(entry.kind.as_str())),
            ("address", row.address != address || row.postcode != entry.postcode),
            ("phone", row.phone != entry.phone),
            ("website", row.website != entry.website),
            ("head", row.head != entry.head),
            ("ofsted_number", row.ofsted_number != entry.ofsted_number),
            ("closed_on", row.closed_on != entry.closed_on),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect();
        if fields.is_empty() {
            return Ok(id);
        }
        let sql = "UPDATE establishments SET name = $2, name_key = $3, type_name = $4, status = $5, town = $6,
                     postcode = $7, address = $8, phone = $9, website = $10, head = $11, closed_on = $12, kind = $13,
                     ofsted_number = $14, revision = revision + 1 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&entry.name).bind(name_key(&entry.name)).bind(entry.kind.display_name())
            .bind(status(&entry).as_str()).bind(town(&entry)).bind(&entry.postcode).bind(address).bind(&entry.phone)
            .bind(&entry.website).bind(&entry.head).bind(entry.closed_on).bind(entry.kind.as_str())
            .bind(&entry.ofsted_number).execute(c).await.map(|_| ()))?;
        let before = gias::words(&row.name, None, &row.postcode);
        write::delete_words(tx, before.into_iter().map(|word| (word, id)).collect()).await?;
        write::insert_words(tx, words(&entry).into_iter().map(|word| (word, id)).collect()).await?;
        let detail = serde_json::json!({ "fields": fields });
        tx.audit("establishment.changed", "establishment", Some(id.0), &detail);
        let renamed = if row.name == entry.name { vec![] } else { vec![id] };
        write::tell(tx, &[id], &renamed).await?;
        Ok(id)
    }
}
