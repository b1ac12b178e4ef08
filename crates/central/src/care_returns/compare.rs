//! A return beside what is held: which pupils it knows, and what it proposes for each.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, PupilId, Upn};
use lac_import::{Beside, HeldPeriod, ReturnedChild, beside};
use lac_wire::CareReturnCompared;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// Something that a person may confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proposal {
    pub pupil: PupilId,
    /// The care period that would get its end; none where one would be added.
    pub period: Option<CarePeriodId>,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
}

/// What a return comes to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub counts: CareReturnCompared,
    pub proposals: Vec<Proposal>,
    pub not_known: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct PupilRow {
    id: PupilId,
    reference: Option<String>,
    upn: Option<String>,
    born: NaiveDate,
}

/// Compares the children of a return with the pupils whom the reader may see. A record that was closed by adoption is
/// not looked at: nothing leads to it any more.
///
/// # Errors
/// When the database fails.
pub(super) async fn compare(
    conn: &mut Conn,
    scope: Option<Scope>,
    children: &[ReturnedChild],
    as_at: NaiveDate,
) -> Result<Compared, StoreError> {
    let known = Known::load(conn, scope, children).await?;
    let mut compared = Compared::default();
    for child in children {
        let Some(pupil) = known.pupil(child) else {
            if !child.periods.is_empty() {
                compared.not_known.push(child.reference.clone());
            }
            continue;
        };
        compared.counts.known += 1;
        let none = Vec::new();
        let held = known.periods.get(&pupil).unwrap_or(&none);
        for period in &child.periods {
            let (start, proposed) = (period.start, &mut compared.proposals);
            let counts = &mut compared.counts;
            match beside(period, held, as_at) {
                Beside::Same => counts.same += 1,
                Beside::LaterHere => counts.later_here += 1,
                Beside::Differs { .. } => counts.differ += 1,
                Beside::Open { start, end } => {
                    counts.to_open += 1;
                    proposed.push(Proposal {
                        pupil,
                        period: None,
                        start,
                        end,
                    });
                }
                Beside::Close { period, end } => {
                    counts.to_close += 1;
                    proposed.push(Proposal {
                        pupil,
                        period: Some(period),
                        start,
                        end: Some(end),
                    });
                }
            }
        }
    }
    Ok(compared)
}

/// The pupils whom the children may be.
struct Known {
    by_reference: HashMap<String, (PupilId, NaiveDate)>,
    by_upn: HashMap<String, (PupilId, NaiveDate)>,
    periods: HashMap<PupilId, Vec<HeldPeriod>>,
}

impl Known {
    async fn load(conn: &mut Conn, scope: Option<Scope>, children: &[ReturnedChild]) -> Result<Self, StoreError> {
        let references: Vec<&str> = children.iter().map(|child| child.reference.as_str()).collect();
        let upns: Vec<&str> = children
            .iter()
            .filter_map(|child| child.upn.as_ref().map(Upn::as_str))
            .collect();
        let sees = scope.map_or("($1 IS NULL OR TRUE)".to_owned(), |scope| scope.sees_pupil("p.id"));
        let engine = conn.engine();
        let sql = format!(
            "SELECT p.id, p.reference, p.upn, p.born FROM pupils p
             WHERE NOT p.adopted AND (p.reference IN {} OR p.upn IN {}) AND {sees}",
            engine.texts("$2"),
            engine.texts("$3")
        );
        let reader = scope.map(|scope| scope.user);
        let (references, upns) = (json!(references).to_string(), json!(upns).to_string());
        let rows: Vec<PupilRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(reader).bind(references).bind(upns).fetch_all(c).await)?;
        let sql = format!(
            "SELECT id, pupil_id, start_on, end_on FROM care_periods WHERE pupil_id IN {}",
            engine.ids("$1")
        );
        let ids = hex_ids(rows.iter().map(|row| row.id));
        type PeriodRow = (CarePeriodId, PupilId, NaiveDate, Option<NaiveDate>);
        let periods: Vec<PeriodRow> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
        let mut known = Self {
            by_reference: HashMap::new(),
            by_upn: HashMap::new(),
            periods: HashMap::new(),
        };
        for (id, pupil, start, end) in periods {
            known
                .periods
                .entry(pupil)
                .or_default()
                .push(HeldPeriod { id, start, end });
        }
        for row in rows {
            if let Some(reference) = row.reference {
                known.by_reference.insert(reference, (row.id, row.born));
            }
            if let Some(upn) = row.upn {
                known.by_upn.insert(upn, (row.id, row.born));
            }
        }
        Ok(known)
    }

    /// The authority's own number tells a child; a UPN does where the date of birth, if there is one, is the same.
    fn pupil(&self, child: &ReturnedChild) -> Option<PupilId> {
        if let Some((pupil, _)) = self.by_reference.get(&child.reference) {
            return Some(*pupil);
        }
        let (pupil, born) = self.by_upn.get(child.upn.as_ref()?.as_str())?;
        child.born.is_none_or(|said| said == *born).then_some(*pupil)
    }
}
