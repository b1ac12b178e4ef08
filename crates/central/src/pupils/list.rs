//! The list of pupils, as far as the reader may see them.

use chrono::NaiveDate;
use lac_domain::PupilId;
use lac_domain::calendar::academic_year;
use lac_wire::{Page, Pupil, PupilFilter, PupilSort};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::rows::load_pupils;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::search::prefixes;
use crate::storage::Conn;

/// Where a page ends: in which part of the list, and after which row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Key {
    part: Part,
    sort: String,
    id: PupilId,
}

/// The parts of a list, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Part {
    /// The reader's own focus list.
    Mine,
    /// All others.
    Others,
    /// No parts: everyone.
    All,
}

/// A parameter of a query.
#[derive(Debug, Clone)]
pub(super) enum Bind {
    Id(Uuid),
    Day(NaiveDate),
    Text(String),
    Number(i64),
}

/// A query of the keys of a page, with its parameters.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub sql: String,
    pub binds: Vec<Bind>,
}

impl Query {
    fn bind(&mut self, bind: Bind) -> String {
        self.binds.push(bind);
        format!("${}", self.binds.len())
    }

    /// Runs it, or something that was put before its text.
    pub(super) async fn fetch<T>(self, conn: &mut Conn) -> Result<Vec<T>, StoreError>
    where
        T: for<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow>
            + for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow>
            + Send
            + Unpin,
    {
        Ok(both!(conn, c => {
            let mut query = sqlx::query_as(AssertSqlSafe(self.sql));
            for bind in self.binds {
                query = match bind {
                    Bind::Id(id) => query.bind(id),
                    Bind::Day(day) => query.bind(day),
                    Bind::Text(text) => query.bind(text),
                    Bind::Number(number) => query.bind(number),
                };
            }
            query.fetch_all(c).await
        })?)
    }
}

/// A page of the pupils that a filter asks for.
pub(super) async fn list(conn: &mut Conn, scope: Scope, filter: &PupilFilter) -> Result<Page<Pupil>, Failure> {
    let after: Option<Key> = read_after(filter.after.as_deref())?;
    let size = page_size(filter.limit);
    let mine = scope.is_la() && filter.mine == Some(true);
    let first = match filter.sort.unwrap_or_default() {
        _ if mine => Part::Mine,
        PupilSort::Name if scope.is_la() => Part::Mine,
        PupilSort::Name | PupilSort::Youngest | PupilSort::Oldest => Part::All,
    };
    let (part, after) = match after {
        Some(key) => (key.part, Some((key.sort, key.id))),
        None => (first, None),
    };
    let wanted = rows_to_read(size);
    let mut keys = keys_of(conn, scope, filter, part, after, wanted).await?;
    let short = wanted - i64::try_from(keys.len()).unwrap_or(wanted);
    if part == Part::Mine && !mine && short > 0 {
        keys.extend(keys_of(conn, scope, filter, Part::Others, None, short).await?);
    }
    let page = page_of(keys, size, Key::clone)?;
    let mut rows = load_pupils(conn, scope, page.rows.iter().map(|key| key.id)).await?;
    let place = |id: PupilId| page.rows.iter().position(|key| key.id == id);
    rows.sort_by_key(|pupil| place(pupil.id));
    Ok(Page {
        rows,
        after: page.after,
    })
}

async fn keys_of(
    conn: &mut Conn,
    scope: Scope,
    filter: &PupilFilter,
    part: Part,
    after: Option<(String, PupilId)>,
    limit: i64,
) -> Result<Vec<Key>, Failure> {
    let query = query(scope, filter, part, after, limit)?;
    let key = |sort, id| Key { part, sort, id };
    Ok(if by_age(filter) {
        let rows: Vec<(NaiveDate, PupilId)> = query.fetch(conn).await?;
        rows.into_iter().map(|(born, id)| key(born.to_string(), id)).collect()
    } else {
        let rows: Vec<(String, PupilId)> = query.fetch(conn).await?;
        rows.into_iter().map(|(name, id)| key(name, id)).collect()
    })
}

fn by_age(filter: &PupilFilter) -> bool {
    filter.sort.unwrap_or_default() != PupilSort::Name
}

/// The query of a part's keys: driven by an index of who is asking where that is the smaller set, else by the order.
pub(super) fn query(
    scope: Scope,
    filter: &PupilFilter,
    part: Part,
    after: Option<(String, PupilId)>,
    limit: i64,
) -> Result<Query, Failure> {
    let mut query = Query {
        sql: String::new(),
        binds: vec![Bind::Id(scope.user.0), Bind::Day(scope.today)],
    };
    let own = "SELECT own.pupil_id FROM assignments own WHERE own.user_id = $1
                 AND own.start_on <= $2 AND (own.end_on IS NULL OR own.end_on >= $2)";
    let mut conditions = Vec::new();
    if scope.is_la() {
        conditions.push(scope.sees_pupil("p.id"));
    } else {
        // They see few: those lead, and not the order of all pupils' names.
        conditions.push("p.id IN (SELECT sight.pupil_id FROM pupil_access sight WHERE sight.user_id = $1)".to_owned());
    }
    match part {
        Part::Mine => conditions.push(format!("p.id IN ({own})")),
        Part::Others => conditions.push(format!("p.id NOT IN ({own})")),
        Part::All => {}
    }
    conditions.extend(filtered(scope, filter, &mut query));
    let (column, order, beyond) = match filter.sort.unwrap_or_default() {
        PupilSort::Name => ("p.known_as_key", "ASC", ">"),
        PupilSort::Youngest => ("p.born", "DESC", "<"),
        PupilSort::Oldest => ("p.born", "ASC", ">"),
    };
    if let Some((sort, id)) = after {
        let sort = if by_age(filter) {
            let born = sort.parse().map_err(|_| unknown_page())?;
            query.bind(Bind::Day(born))
        } else {
            query.bind(Bind::Text(sort))
        };
        let id = query.bind(Bind::Id(id.0));
        conditions.push(format!("({column}, p.id) {beyond} ({sort}, {id})"));
    }
    let limit = query.bind(Bind::Number(limit));
    query.sql = format!(
        "SELECT {column}, p.id FROM pupils p WHERE {} ORDER BY {column} {order}, p.id {order} LIMIT {limit}",
        conditions.join(" AND ")
    );
    Ok(query)
}

fn unknown_page() -> crate::error::Refusal {
    let message = "This page of the list is not known. Go back to the start of the list.";
    crate::error::Refusal::new(lac_wire::ErrorCode::Malformed, message).about("after")
}

/// The conditions that a filter sets.
fn filtered(scope: Scope, filter: &PupilFilter, query: &mut Query) -> Vec<String> {
    const TODAY: &str = "n.start_on <= $2 AND (n.end_on IS NULL OR n.end_on >= $2)";
    let mut conditions = Vec::new();
    if let Some(establishment) = filter.establishment_id {
        let at = query.bind(Bind::Id(establishment.0));
        conditions.push(format!(
            "p.id IN (SELECT n.pupil_id FROM enrolments n WHERE n.establishment_id = {at} AND {TODAY})"
        ));
    }
    if filter.no_school == Some(true) {
        conditions.push(format!(
            "NOT EXISTS (SELECT 1 FROM enrolments n WHERE n.pupil_id = p.id AND {TODAY})"
        ));
    }
    if let Some(looked_after) = filter.looked_after {
        let not = if looked_after { "" } else { "NOT " };
        conditions.push(format!("{not}{}", crate::scope::looked_after("p", scope.today)));
    }
    if let Some(year) = filter.year_group {
        conditions.push(in_year_group(scope.today, year, query));
    }
    if filter.no_social_worker == Some(true) && scope.is_la() {
        conditions.push(
            "p.social_worker_id IS NULL AND p.social_worker_name = '' AND NOT EXISTS (SELECT 1 FROM assignments has
               JOIN users worker ON worker.id = has.user_id AND worker.role = 'social_worker'
               WHERE has.pupil_id = p.id AND has.start_on <= $2 AND (has.end_on IS NULL OR has.end_on >= $2))"
                .to_owned(),
        );
    }
    // A search may not tell what the row does not show.
    let (open, shown) = if scope.is_la() {
        ("", "TRUE")
    } else {
        (" AND NOT w.la_only", "(n.end_on IS NULL OR n.end_on >= $2)")
    };
    for word in prefixes(filter.search.as_deref()) {
        let (from, to) = (query.bind(Bind::Text(word.from)), query.bind(Bind::Text(word.to)));
        conditions.push(format!(
            "p.id IN (SELECT w.pupil_id FROM pupil_words w WHERE w.word >= {from} AND w.word < {to}{open}
               UNION SELECT n.pupil_id FROM establishment_words at
                 JOIN enrolments n ON n.establishment_id = at.establishment_id
                 WHERE at.word >= {from} AND at.word < {to} AND {shown})"
        ));
    }
    conditions
}

/// In a year group today, by the date of birth or by hand.
fn in_year_group(today: NaiveDate, year: i32, query: &mut Query) -> String {
    let reception = academic_year(today).saturating_sub(year);
    let set = query.bind(Bind::Number(i64::from(reception)));
    // The pupils who are in Reception in an academic year were born in the one five years before.
    let born_in = reception.saturating_sub(5);
    let first = NaiveDate::from_ymd_opt(born_in, 9, 1).unwrap_or_default();
    let last = NaiveDate::from_ymd_opt(born_in.saturating_add(1), 8, 31).unwrap_or_default();
    let (first, last) = (query.bind(Bind::Day(first)), query.bind(Bind::Day(last)));
    format!("(p.reception_year = {set} OR (p.reception_year IS NULL AND p.born >= {first} AND p.born <= {last}))")
}
