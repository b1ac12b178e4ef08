//! Adding a pupil by hand.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use lac_domain::calendar::{VISIBLE_WORKING_DAYS_BEFORE, working_days_before};
use lac_domain::{CarePeriodId, EnrolmentId, EstablishmentId, PupilId, name_key};
use lac_wire::{AddPupil, ErrorCode};
use sqlx::AssertSqlSafe;

use super::dates;
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::search::add_words;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, Job, Tx};

/// The longest name, in characters.
const NAME_CHARS: usize = 100;
/// The longest reference, in characters.
const REFERENCE_CHARS: usize = 40;
/// The most care periods and enrolments each.
const MOST_DATES: usize = 100;

/// Adds a pupil; answers their id.
pub(super) struct Add(pub AddPupil);

/// The entry's texts, tidied.
struct Texts {
    known_as: String,
    legal_first_name: String,
    legal_last_name: String,
    reference: Option<String>,
}

#[async_trait]
impl Job for Add {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let entry = &self.0;
        let texts = texts(entry)?;
        dates::born(entry.born, tx.today())?;
        if entry.care_periods.len() > MOST_DATES || entry.enrolments.len() > MOST_DATES {
            return Err(Refusal::new(
                ErrorCode::Dates,
                "These are more dates than one pupil can have. Check them.",
            )
            .into());
        }
        dates::care_periods(entry.born, &entry.care_periods)?;
        dates::enrolments(entry.born, &entry.enrolments)?;
        require_establishments(tx, entry).await?;
        require_unused(tx, entry, &texts).await?;

        let id: PupilId = tx.new_id()?;
        let now = tx.now();
        let upn = entry.upn.as_ref().map(|upn| upn.as_str().to_owned());
        let sql =
            "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born, upn,
                     reference, restricted, adopted, held_from_schools_until, created_at)
                   VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, FALSE, FALSE, NULL, $9)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&texts.known_as).bind(name_key(&texts.known_as)).bind(&texts.legal_first_name)
            .bind(&texts.legal_last_name).bind(entry.born).bind(upn).bind(&texts.reference).bind(now)
            .execute(c).await.map(|_| ()))?;
        insert_words(tx, id, entry, &texts).await?;
        insert_care_periods(tx, id, entry).await?;
        let places = insert_enrolments(tx, id, entry).await?;
        tx.refresh_access(&Affected::Pupils(vec![id])).await?;
        tx.change(Audience::LaRoles, Changed::Pupil(id));
        tx.change(Audience::Pupil(id), Changed::Pupil(id));
        for place in &places {
            // The establishment may be in use for the first time.
            tx.change(Audience::LaRoles, Changed::Establishment(*place));
        }
        let detail = serde_json::json!({ "care_periods": entry.care_periods.len(), "enrolled_at": places });
        tx.audit("pupil.created", "pupil", Some(id.0), &detail);
        Ok(id)
    }
}

fn texts(entry: &AddPupil) -> Result<Texts, Refusal> {
    let name = |field: &str, what: &str, text: &str| {
        let text = text.trim().to_owned();
        if text.chars().count() > NAME_CHARS {
            return Err(Refusal::field(
                field,
                format!("This {what} is longer than {NAME_CHARS} characters. Shorten it."),
            ));
        }
        if text.contains(char::is_control) {
            let message = format!("This {what} has a character that cannot be seen. Type it again.");
            return Err(Refusal::field(field, message));
        }
        Ok(text)
    };
    let required = |field: &str, what: &str, text: &str| match name(field, what, text)? {
        text if text.is_empty() => Err(Refusal::field(field, format!("Enter the pupil’s {what}."))),
        text => Ok(text),
    };
    let legal_first_name = required("legal_first_name", "legal first name", entry.legal_first_name.reveal())?;
    let legal_last_name = required("legal_last_name", "legal last name", entry.legal_last_name.reveal())?;
    let mut known_as = name("known_as", "name", entry.known_as.reveal())?;
    if known_as.is_empty() {
        known_as = format!("{legal_first_name} {legal_last_name}");
    }
    let reference = entry
        .reference
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(ToOwned::to_owned);
    if let Some(text) = &reference
        && (text.chars().count() > REFERENCE_CHARS || text.contains(char::is_control))
    {
        return Err(Refusal::field(
            "reference",
            format!(
                "This reference is longer than {REFERENCE_CHARS} characters, or has one that cannot be seen. Check it."
            ),
        ));
    }
    Ok(Texts {
        known_as,
        legal_first_name,
        legal_last_name,
        reference,
    })
}

async fn require_establishments(tx: &mut Tx, entry: &AddPupil) -> Result<(), Failure> {
    let wanted: BTreeSet<EstablishmentId> = entry.enrolments.iter().map(|one| one.establishment_id).collect();
    let sql = format!(
        "SELECT COUNT(*) FROM establishments WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(wanted.iter().copied());
    let found: i64 = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).fetch_one(c).await)?;
    if usize::try_from(found) == Ok(wanted.len()) {
        return Ok(());
    }
    Err(Refusal::field(
        "enrolments",
        "An establishment of these enrolments could not be found. Choose it again.",
    )
    .into())
}

/// What unique indexes would refuse, said in words. The pupil who has it is not named: the reader may not see them.
async fn require_unused(tx: &mut Tx, entry: &AddPupil, texts: &Texts) -> Result<(), Failure> {
    if let Some(upn) = &entry.upn {
        let sql = "SELECT COUNT(*) FROM pupils WHERE upn = $1";
        let count: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(upn.as_str()).fetch_one(c).await)?;
        if count > 0 {
            let message =
                "This UPN belongs to another pupil of this authority. Check it, or look for that pupil first.";
            return Err(Refusal::new(ErrorCode::UpnInUse, message).about("upn").into());
        }
    }
    if let Some(reference) = &texts.reference {
        let sql = "SELECT COUNT(*) FROM pupils WHERE reference = $1";
        let count: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(reference).fetch_one(c).await)?;
        if count > 0 {
            let message =
                "This reference belongs to another pupil of this authority. Check it, or look for that pupil first.";
            return Err(Refusal::field("reference", message).into());
        }
    }
    Ok(())
}

async fn insert_words(tx: &mut Tx, id: PupilId, entry: &AddPupil, texts: &Texts) -> Result<(), StoreError> {
    let mut open = BTreeSet::new();
    add_words(&mut open, &texts.known_as);
    add_words(&mut open, entry.upn.as_ref().map_or("", |upn| upn.as_str()));
    let mut la_only = BTreeSet::new();
    for text in [&texts.legal_first_name, &texts.legal_last_name] {
        add_words(&mut la_only, text);
    }
    add_words(&mut la_only, texts.reference.as_deref().unwrap_or_default());
    let mut words: BTreeMap<String, bool> = la_only.into_iter().map(|word| (word, true)).collect();
    words.extend(open.into_iter().map(|word| (word, false)));
    let mut rows = JsonRows::new();
    for (word, la_only) in &words {
        rows.push(&[word, &id, la_only]);
    }
    let columns = [Column::Text("word"), Column::Id("pupil_id"), Column::Bool("la_only")];
    let source = tx.engine().rows("$1", &columns);
    let sql =
        format!("INSERT INTO pupil_words (word, pupil_id, la_only) SELECT word, pupil_id, la_only FROM {source} AS r");
    execute(tx, sql, &rows).await
}

async fn insert_care_periods(tx: &mut Tx, pupil: PupilId, entry: &AddPupil) -> Result<(), StoreError> {
    let mut rows = JsonRows::new();
    for period in &entry.care_periods {
        rows.push(&[&tx.new_id::<CarePeriodId>()?, &pupil, &period.start, &period.end]);
    }
    let columns = [
        Column::Id("id"),
        Column::Id("pupil_id"),
        Column::Day("start_on"),
        Column::Day("end_on"),
    ];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "INSERT INTO care_periods (id, pupil_id, start_on, end_on) SELECT id, pupil_id, start_on, end_on FROM {source} AS r"
    );
    execute(tx, sql, &rows).await
}

/// Writes the enrolments; answers the establishments.
async fn insert_enrolments(
    tx: &mut Tx,
    pupil: PupilId,
    entry: &AddPupil,
) -> Result<BTreeSet<EstablishmentId>, StoreError> {
    let mut rows = JsonRows::new();
    for one in &entry.enrolments {
        let visible_from = one
            .visible_from
            .unwrap_or_else(|| working_days_before(one.start, VISIBLE_WORKING_DAYS_BEFORE));
        rows.push(&[
            &tx.new_id::<EnrolmentId>()?,
            &pupil,
            &one.establishment_id,
            &one.kind.as_str(),
            &one.start,
            &one.end,
            &visible_from,
        ]);
    }
    let columns = [
        Column::Id("id"),
        Column::Id("pupil_id"),
        Column::Id("establishment_id"),
        Column::Text("kind"),
        Column::Day("start_on"),
        Column::Day("end_on"),
        Column::Day("visible_from"),
    ];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, handover_ended)
         SELECT id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, FALSE FROM {source} AS r"
    );
    execute(tx, sql, &rows).await?;
    Ok(entry.enrolments.iter().map(|one| one.establishment_id).collect())
}

async fn execute(tx: &mut Tx, sql: String, rows: &JsonRows) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes that a pupil's page was read.
pub(super) struct NoteRead(pub PupilId);

#[async_trait]
impl Job for NoteRead {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit("pupil.read", "pupil", Some(self.0.0), &serde_json::json!({}));
        Ok(())
    }
}
