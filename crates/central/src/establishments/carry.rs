//! Carrying links and enrolments from one establishment to another, from a day on or whole, so that none is there
//! twice: where one meets another of the same user or pupil there, the two become one that covers both.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::calendar::{VISIBLE_WORKING_DAYS_BEFORE, working_days_before};
use lac_domain::{Capacity, EnrolmentId, EnrolmentKind, EstablishmentId, LinkId, PupilId, UserId};
use serde_json::json;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::carry_steps::{Piece, Step, steps};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::users::{NewLink, insert_links};
use crate::writer::Tx;

/// From where to where, and from which day on; whole, ended ones too, when there is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub from: EstablishmentId,
    pub to: EstablishmentId,
    pub on: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    id: LinkId,
    user_id: UserId,
    #[sqlx(try_from = "String")]
    capacity: Capacity,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    id: EnrolmentId,
    pupil_id: PupilId,
    #[sqlx(try_from = "String")]
    kind: EnrolmentKind,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
    visible_from: NaiveDate,
}

fn gone_meanwhile() -> Refusal {
    Refusal::new(
        lac_wire::ErrorCode::ChangedMeanwhile,
        "Something of what you chose has been changed or ended meanwhile. Look at the list again, and choose anew.",
    )
}

/// SQL that leaves out what ended before today, or before the day of the change. `$2` and `$3` are the two days.
fn going_on(whole: bool) -> &'static str {
    if whole {
        "($2 IS NULL OR TRUE) AND ($3 IS NULL OR TRUE)"
    } else {
        "(end_on IS NULL OR (end_on >= $2 AND end_on >= $3))"
    }
}

async fn links_at(tx: &mut Tx, at: EstablishmentId, on: Option<NaiveDate>) -> Result<Vec<LinkRow>, StoreError> {
    let today = tx.today();
    let sql = format!(
        "SELECT id, user_id, capacity, start_on, end_on FROM establishment_links
         WHERE establishment_id = $1 AND {} ORDER BY start_on, id",
        going_on(on.is_none())
    );
    Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(at).bind(today).bind(on.unwrap_or(today)).fetch_all(c).await)?)
}

async fn enrolments_at(
    tx: &mut Tx,
    at: EstablishmentId,
    on: Option<NaiveDate>,
) -> Result<Vec<EnrolmentRow>, StoreError> {
    let today = tx.today();
    let sql = format!(
        "SELECT id, pupil_id, kind, start_on, end_on, visible_from FROM enrolments
         WHERE establishment_id = $1 AND {} ORDER BY start_on, id",
        going_on(on.is_none())
    );
    Ok(both!(tx.conn(), c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(at).bind(today).bind(on.unwrap_or(today)).fetch_all(c).await)?)
}

/// Carries links; only those named, when some are. Answers whose.
pub(super) async fn links(tx: &mut Tx, way: Way, only: Option<&[LinkId]>) -> Result<BTreeSet<UserId>, Failure> {
    let mut rows = links_at(tx, way.from, way.on).await?;
    if let Some(only) = only {
        let only: BTreeSet<LinkId> = only.iter().copied().collect();
        rows.retain(|row| only.contains(&row.id));
        if rows.len() != only.len() {
            return Err(gone_meanwhile().about("links").into());
        }
    }
    let piece = |row: &LinkRow| Piece {
        id: row.id.0,
        of: row.user_id.0,
        days: Days {
            start: row.start_on,
            end: row.end_on,
        },
    };
    let there: Vec<Piece> = links_at(tx, way.to, None).await?.iter().map(piece).collect();
    let pieces: Vec<Piece> = rows.iter().map(piece).collect();
    let steps = steps(&pieces, &there, way.on);
    write(tx, "establishment_links", way, &steps).await?;
    let (mut new, mut users) = (Vec::new(), BTreeSet::new());
    for step in &steps {
        let Some(row) = rows.iter().find(|row| row.id.0 == step.id()) else {
            continue;
        };
        users.insert(row.user_id);
        let days = match step {
            Step::Cut { rest, .. } => *rest,
            Step::Into { days, .. } => *days,
            Step::Whole(_) => piece(row).days,
        };
        if matches!(step, Step::Cut { .. }) {
            new.push(NewLink {
                id: tx.new_id()?,
                user: row.user_id,
                establishment: way.to,
                capacity: row.capacity,
                days,
                import: None,
            });
        }
        let detail = json!({
            "link": row.id, "from": way.from, "establishment": way.to, "capacity": row.capacity.as_str(),
            "start": days.start, "end": days.end,
        });
        tx.audit("link.moved", "user", Some(row.user_id.0), &detail);
    }
    insert_links(tx, &new).await?;
    let sql = format!(
        "UPDATE users SET revision = revision + 1 WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(users.iter().copied());
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    let changed: Vec<_> = users.iter().map(|user| (*user, vec!["links"])).collect();
    tx.note_user_changes(&changed).await?;
    Ok(users)
}

/// Carries enrolments; only those named, when some are. Answers whose.
pub(super) async fn enrolments(
    tx: &mut Tx,
    way: Way,
    only: Option<&[EnrolmentId]>,
) -> Result<BTreeSet<PupilId>, Failure> {
    let mut rows = enrolments_at(tx, way.from, way.on).await?;
    if let Some(only) = only {
        let only: BTreeSet<EnrolmentId> = only.iter().copied().collect();
        rows.retain(|row| only.contains(&row.id));
        if rows.len() != only.len() {
            return Err(gone_meanwhile().about("enrolments").into());
        }
    }
    let piece = |row: &EnrolmentRow| Piece {
        id: row.id.0,
        of: row.pupil_id.0,
        days: Days {
            start: row.start_on,
            end: row.end_on,
        },
    };
    let already = enrolments_at(tx, way.to, None).await?;
    let there: Vec<Piece> = already.iter().map(piece).collect();
    let pieces: Vec<Piece> = rows.iter().map(piece).collect();
    let steps = steps(&pieces, &there, way.on);
    let kind_of = |rows: &[EnrolmentRow], id: Uuid| rows.iter().find(|row| row.id.0 == id).map(|row| row.kind);
    let of_two_kinds =
        |step: &Step| matches!(step, Step::Into { id, there, .. } if kind_of(&rows, *id) != kind_of(&already, *there));
    if steps.iter().any(of_two_kinds) {
        let message = "A pupil has enrolments of two kinds at the two establishments at the same time. End one of the two on the pupil’s page first.";
        return Err(Refusal::field("enrolments", message).into());
    }
    write(tx, "enrolments", way, &steps).await?;
    let (mut new, mut pupils) = (JsonRows::new(), BTreeSet::new());
    for step in &steps {
        let Some(row) = rows.iter().find(|row| row.id.0 == step.id()) else {
            continue;
        };
        pupils.insert(row.pupil_id);
        let days = match step {
            Step::Cut { rest, .. } => *rest,
            Step::Into { days, .. } => *days,
            Step::Whole(_) => piece(row).days,
        };
        if matches!(step, Step::Cut { .. }) {
            let id: EnrolmentId = tx.new_id()?;
            let visible = working_days_before(days.start, VISIBLE_WORKING_DAYS_BEFORE).max(row.visible_from);
            new.push(&[
                &id,
                &row.pupil_id,
                &way.to,
                &row.kind.as_str(),
                &days.start,
                &days.end,
                &visible,
                &false,
            ]);
        }
        let detail = json!({
            "enrolment": row.id, "from": way.from, "establishment": way.to, "kind": row.kind.as_str(),
            "start": days.start, "end": days.end, "moved": true,
        });
        tx.audit("pupil.enrolment_added", "pupil", Some(row.pupil_id.0), &detail);
    }
    insert_enrolments(tx, &new).await?;
    let sql = format!(
        "UPDATE pupils SET revision = revision + 1 WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(pupils.iter().copied());
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(pupils)
}

async fn insert_enrolments(tx: &mut Tx, rows: &JsonRows) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    let columns = [
        Column::Id("id"),
        Column::Id("pupil_id"),
        Column::Id("establishment_id"),
        Column::Text("kind"),
        Column::Day("start_on"),
        Column::Day("end_on"),
        Column::Day("visible_from"),
        Column::Bool("handover_ended"),
    ];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, handover_ended)
         SELECT id, pupil_id, establishment_id, kind, start_on, end_on, visible_from, handover_ended FROM {source} AS r"
    );
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Writes the steps into one of the two tables, a statement for each kind of step.
async fn write(tx: &mut Tx, table: &str, way: Way, steps: &[Step]) -> Result<(), StoreError> {
    let whole = steps.iter().filter_map(|step| match step {
        Step::Whole(id) => Some(*id),
        _ => None,
    });
    let (whole, engine) = (hex_ids(whole), tx.engine());
    let sql = format!(
        "UPDATE {table} SET establishment_id = $2 WHERE id IN {}",
        engine.ids("$1")
    );
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(whole).bind(way.to).execute(c).await.map(|_| ()))?;
    let gone = hex_ids(steps.iter().filter_map(|step| match step {
        Step::Into { id, gone: true, .. } => Some(*id),
        _ => None,
    }));
    let sql = format!("DELETE FROM {table} WHERE id IN {}", engine.ids("$1"));
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(gone).execute(c).await.map(|_| ()))?;
    if let Some(last) = way.on.and_then(|on| on.pred_opt()) {
        let cut = hex_ids(steps.iter().filter_map(|step| match step {
            Step::Cut { id, .. } | Step::Into { id, gone: false, .. } => Some(*id),
            _ => None,
        }));
        let sql = format!("UPDATE {table} SET end_on = $2 WHERE id IN {}", engine.ids("$1"));
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(cut).bind(last).execute(c).await.map(|_| ()))?;
    }
    let mut met = JsonRows::new();
    for step in steps {
        if let Step::Into { there, days, .. } = step {
            met.push(&[there, &days.start, &days.end]);
        }
    }
    if met.is_empty() {
        return Ok(());
    }
    // The last step that met one has the days of all of them: they only grow.
    let source = engine.rows(
        "$1",
        &[Column::Id("id"), Column::Day("start_on"), Column::Day("end_on")],
    );
    let sql = format!(
        "UPDATE {table} SET start_on = r.start_on, end_on = r.end_on
         FROM (SELECT id, MIN(start_on) AS start_on,
                 CASE WHEN COUNT(*) = COUNT(end_on) THEN MAX(end_on) END AS end_on FROM {source} AS every GROUP BY id) AS r
         WHERE {table}.id = r.id"
    );
    let json = met.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}
