//! The rows of a pupil as they are written: words, care periods, enrolments, and what must be unique.

use std::collections::{BTreeMap, BTreeSet};

use lac_domain::calendar::{VISIBLE_WORKING_DAYS_BEFORE, working_days_before};
use lac_domain::{CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, ImportId, PupilId, Upn};
use lac_wire::{CarePeriodEntry, EnrolmentEntry, ErrorCode};
use sqlx::AssertSqlSafe;

use super::entry::Names;
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::notices::Cause;
use crate::search::add_words;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::Tx;

/// Rows in one statement.
pub(crate) const BATCH: usize = 10_000;

/// Refuses where an establishment is not there.
///
/// # Errors
/// A refusal about `field`.
pub(super) async fn require_establishments(
    tx: &mut Tx,
    field: &str,
    wanted: impl IntoIterator<Item = EstablishmentId>,
) -> Result<(), Failure> {
    let wanted: BTreeSet<EstablishmentId> = wanted.into_iter().collect();
    let sql = format!(
        "SELECT COUNT(*) FROM establishments WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(wanted.iter().copied());
    let found: i64 = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).fetch_one(c).await)?;
    if usize::try_from(found) == Ok(wanted.len()) {
        return Ok(());
    }
    let message = "An establishment of these enrolments could not be found. Choose it again.";
    Err(Refusal::field(field, message).into())
}

/// What unique indexes would refuse, said in words. The pupil who has it is not named: the reader may not see them.
///
/// # Errors
/// A refusal about the UPN or the reference.
pub(super) async fn require_unused(
    tx: &mut Tx,
    upn: Option<&Upn>,
    reference: Option<&str>,
    but: Option<PupilId>,
) -> Result<(), Failure> {
    let but = but.unwrap_or(PupilId(uuid::Uuid::nil()));
    if let Some(upn) = upn {
        let sql = "SELECT COUNT(*) FROM pupils WHERE upn = $1 AND id <> $2";
        let count: i64 =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(upn.as_str()).bind(but).fetch_one(c).await)?;
        if count > 0 {
            let message =
                "This UPN belongs to another pupil of this authority. Check it, or look for that pupil first.";
            return Err(Refusal::new(ErrorCode::UpnInUse, message).about("upn").into());
        }
    }
    if let Some(reference) = reference {
        let sql = "SELECT COUNT(*) FROM pupils WHERE reference = $1 AND id <> $2";
        let count: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(reference).bind(but).fetch_one(c).await)?;
        if count > 0 {
            let message =
                "This reference belongs to another pupil of this authority. Check it, or look for that pupil first.";
            return Err(Refusal::field("reference", message).into());
        }
    }
    Ok(())
}

/// Writes the words by which a pupil is found, in place of those before.
///
/// # Errors
/// When the database fails.
pub(super) async fn replace_words(
    tx: &mut Tx,
    id: PupilId,
    names: &Names,
    former_names: &str,
    upn: Option<&Upn>,
) -> Result<(), StoreError> {
    replace_words_of_many(tx, &[(id, words_of(names, former_names, upn))]).await
}

/// The same for many pupils at once.
///
/// # Errors
/// When the database fails.
pub(crate) async fn replace_words_of_many(
    tx: &mut Tx,
    words: &[(PupilId, BTreeMap<String, bool>)],
) -> Result<(), StoreError> {
    let columns = [Column::Text("word"), Column::Id("pupil_id"), Column::Bool("la_only")];
    for batch in words.chunks(BATCH / 10) {
        let sql = format!("DELETE FROM pupil_words WHERE pupil_id IN {}", tx.engine().ids("$1"));
        let ids = hex_ids(batch.iter().map(|(pupil, _)| *pupil));
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
        let mut rows = JsonRows::new();
        for (pupil, words) in batch {
            for (word, la_only) in words {
                rows.push(&[word, pupil, la_only]);
            }
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO pupil_words (word, pupil_id, la_only) SELECT word, pupil_id, la_only FROM {source} AS r"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

/// The words by which a pupil is found, and whether LA roles alone find them by it.
pub(crate) fn words_of(names: &Names, former_names: &str, upn: Option<&Upn>) -> BTreeMap<String, bool> {
    let mut open = BTreeSet::new();
    add_words(&mut open, &names.known_as);
    add_words(&mut open, upn.map_or("", |upn| upn.as_str()));
    let mut la_only = BTreeSet::new();
    for text in [&*names.legal_first_name, &names.legal_last_name, former_names] {
        add_words(&mut la_only, text);
    }
    add_words(&mut la_only, names.reference.as_deref().unwrap_or_default());
    let mut words: BTreeMap<String, bool> = la_only.into_iter().map(|word| (word, true)).collect();
    words.extend(open.into_iter().map(|word| (word, false)));
    words
}

/// Writes care periods.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert_care_periods(
    tx: &mut Tx,
    pupil: PupilId,
    periods: &[CarePeriodEntry],
) -> Result<(), StoreError> {
    let periods: Vec<_> = periods.iter().map(|period| (pupil, period)).collect();
    insert_care_of_many(tx, None, &periods).await
}

/// Writes care periods of many pupils, perhaps made by an import.
///
/// # Errors
/// When the database fails.
pub(crate) async fn insert_care_of_many(
    tx: &mut Tx,
    import: Option<ImportId>,
    periods: &[(PupilId, &CarePeriodEntry)],
) -> Result<(), StoreError> {
    let columns = [
        Column::Id("id"),
        Column::Id("pupil_id"),
        Column::Day("start_on"),
        Column::Day("end_on"),
        Column::Text("end_reason"),
        Column::Id("import_id"),
    ];
    for batch in periods.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (pupil, period) in batch {
            if tx.is_news(period.start, period.end) {
                let (pupil, from) = (*pupil, period.start);
                tx.notice(Cause::NewToCare { pupil, from });
            }
            let reason = period.end_reason.map(|reason| reason.as_str().to_owned());
            rows.push(&[
                &tx.new_id::<CarePeriodId>()?,
                pupil,
                &period.start,
                &period.end,
                &reason,
                &import,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO care_periods (id, pupil_id, start_on, end_on, end_reason, import_id)
             SELECT id, pupil_id, start_on, end_on, end_reason, import_id FROM {source} AS r"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

/// From when an establishment sees the pupil of an enrolment.
pub(super) fn visible_from(entry: &EnrolmentEntry) -> chrono::NaiveDate {
    entry
        .visible_from
        .unwrap_or_else(|| working_days_before(entry.start, VISIBLE_WORKING_DAYS_BEFORE))
}

/// Writes enrolments; answers the establishments.
///
/// # Errors
/// When the database fails.
pub(super) async fn insert_enrolments(
    tx: &mut Tx,
    pupil: PupilId,
    enrolments: &[EnrolmentEntry],
) -> Result<BTreeSet<EstablishmentId>, StoreError> {
    let these: Vec<_> = enrolments.iter().map(|one| (pupil, one)).collect();
    insert_enrolments_of_many(tx, None, &these).await?;
    Ok(enrolments.iter().map(|one| one.establishment_id).collect())
}

/// Writes enrolments of many pupils, perhaps made by an import.
///
/// # Errors
/// When the database fails.
pub(crate) async fn insert_enrolments_of_many(
    tx: &mut Tx,
    import: Option<ImportId>,
    enrolments: &[(PupilId, &EnrolmentEntry)],
) -> Result<(), StoreError> {
    let columns = [
        Column::Id("id"),
        Column::Id("pupil_id"),
        Column::Id("establishment_id"),
        Column::Text("kind"),
        Column::Day("start_on"),
        Column::Day("end_on"),
        Column::Day("visible_from"),
        Column::Id("import_id"),
    ];
    for batch in enrolments.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for (pupil, one) in batch {
            let over = one.end.and_then(|end| end.succ_opt());
            if one.kind == EnrolmentKind::Main && tx.is_news(one.start, over) {
                let (pupil, on) = (*pupil, one.start);
                tx.notice(Cause::SchoolMove { pupil, on });
            }
            rows.push(&[
                &tx.new_id::<EnrolmentId>()?,
                pupil,
                &one.establishment_id,
                &one.kind.as_str(),
                &one.start,
                &one.end,
                &visible_from(one),
                &import,
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, handover_ended,
               import_id)
             SELECT id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, FALSE, import_id
             FROM {source} AS r"
        );
        execute(tx, sql, &rows).await?;
    }
    Ok(())
}

/// Runs a statement over rows, where there are any.
///
/// # Errors
/// When the database fails.
pub(crate) async fn execute(tx: &mut Tx, sql: String, rows: &JsonRows) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}
