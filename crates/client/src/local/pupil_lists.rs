//! Lists of the pupils whom this device holds: searched, filtered, sorted, page by page.

use chrono::NaiveDate;
use lac_domain::PupilId;
use lac_wire::{Pupil, PupilFilter, PupilSort};
use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use super::words::prefix_end;
use crate::failure::Failure;

/// Where a page ends: in which part of the list, and after which row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PupilKey {
    part: Part,
    sort: String,
    id: Uuid,
}

/// The parts of a list, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The user's own focus list.
    Mine,
    /// All others.
    Others,
    /// No parts: everyone.
    All,
}

impl PupilKey {
    /// The key as the page sends it back.
    pub(crate) fn text(&self) -> String {
        let part = match self.part {
            Part::Mine => "mine",
            Part::Others => "others",
            Part::All => "all",
        };
        format!("{part}~{}~{}", self.sort, self.id)
    }

    /// Reads a key that [`PupilKey::text`] gave out.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (part, rest) = text.split_once('~')?;
        let (sort, id) = rest.rsplit_once('~')?;
        Some(Self {
            part: match part {
                "mine" => Part::Mine,
                "others" => Part::Others,
                "all" => Part::All,
                _ => return None,
            },
            sort: sort.to_owned(),
            id: id.parse().ok()?,
        })
    }
}

/// What a list asks for.
pub(crate) struct PupilList<'a> {
    /// The conditions and the order.
    pub(crate) filter: &'a PupilFilter,
    /// Beginnings of words, all of which must be found.
    pub(crate) prefixes: &'a [String],
    /// The London day.
    pub(crate) today: NaiveDate,
}

/// Pupils after a key, at most `limit`, each with its key.
pub(crate) async fn list(
    conn: &mut SqliteConnection,
    list: &PupilList<'_>,
    after: Option<PupilKey>,
    limit: usize,
) -> Result<Vec<(PupilKey, Pupil)>, Failure> {
    let mine = list.filter.mine == Some(true);
    let first = match list.filter.sort.unwrap_or_default() {
        _ if mine => Part::Mine,
        PupilSort::Name => Part::Mine,
        PupilSort::Youngest | PupilSort::Oldest => Part::All,
    };
    let part = after.as_ref().map_or(first, |key| key.part);
    let mut found = list.part(conn, part, after, limit).await?;
    if part == Part::Mine && !mine && found.len() < limit {
        let others = list.part(conn, Part::Others, None, limit - found.len()).await?;
        found.extend(others);
    }
    Ok(found)
}

impl PupilList<'_> {
    async fn part(
        &self,
        conn: &mut SqliteConnection,
        part: Part,
        after: Option<PupilKey>,
        limit: usize,
    ) -> Result<Vec<(PupilKey, Pupil)>, Failure> {
        let mut binds = Vec::new();
        let sql = self.sql(part, after.is_some(), &mut binds);
        let (sort, id) = after.map_or((String::new(), Uuid::nil()), |key| (key.sort, key.id));
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(sort)
            .bind(id)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX));
        for bind in binds {
            query = query.bind(bind);
        }
        let rows: Vec<(String, PupilId, String)> = query.fetch_all(conn).await?;
        rows.into_iter()
            .map(|(sort, id, payload)| {
                let key = PupilKey { part, sort, id: id.0 };
                Ok((key, serde_json::from_str(&payload)?))
            })
            .collect()
    }

    fn sql(&self, part: Part, goes_on: bool, binds: &mut Vec<String>) -> String {
        let (column, order, beyond) = match self.filter.sort.unwrap_or_default() {
            PupilSort::Name => ("t.sort_key", "ASC", ">"),
            PupilSort::Youngest => ("t.born", "DESC", "<"),
            PupilSort::Oldest => ("t.born", "ASC", ">"),
        };
        let mut conditions = vec![
            match part {
                Part::Mine => "t.mine = 1",
                Part::Others => "t.mine = 0",
                Part::All => "true",
            }
            .to_owned(),
        ];
        if goes_on {
            conditions.push(format!("({column}, t.id) {beyond} ($1, $2)"));
        }
        self.conditions(&mut conditions, binds);
        format!(
            "SELECT {column}, t.id, t.payload FROM pupils t WHERE {}
             ORDER BY {column} {order}, t.id {order} LIMIT $3",
            conditions.join(" AND ")
        )
    }

    fn conditions(&self, conditions: &mut Vec<String>, binds: &mut Vec<String>) {
        let filter = self.filter;
        let mut bind = |text: String| {
            binds.push(text);
            format!("${}", binds.len() + 3)
        };
        let today = bind(self.today.to_string());
        let at_today = format!(
            "FROM json_each(t.payload, '$.enrolments') e WHERE e.value ->> 'start' <= {today}
               AND (e.value ->> 'end' IS NULL OR e.value ->> 'end' >= {today})"
        );
        if let Some(establishment) = filter.establishment_id {
            let at = bind(establishment.to_string());
            conditions.push(format!(
                "EXISTS (SELECT 1 {at_today} AND e.value ->> 'establishment_id' = {at})"
            ));
        }
        if filter.no_school == Some(true) {
            conditions.push(format!("NOT EXISTS (SELECT 1 {at_today})"));
        }
        if let Some(looked_after) = filter.looked_after {
            conditions.push(format!("t.payload ->> 'looked_after' = {}", i32::from(looked_after)));
        }
        if let Some(year) = filter.year_group {
            conditions.push(format!("t.payload ->> 'year_group' = {year}"));
        }
        if filter.no_social_worker == Some(true) {
            conditions.push("t.payload ->> 'social_worker' IS NULL".to_owned());
        }
        for prefix in self.prefixes {
            let (from, to) = (bind(prefix.clone()), bind(prefix_end(prefix)));
            conditions.push(format!(
                "t.id IN (SELECT w.pupil_id FROM pupil_words w WHERE w.word >= {from} AND w.word < {to})"
            ));
        }
    }
}
