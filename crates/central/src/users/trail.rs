//! A user's own audit trail, in words: what they did, and what was done to them, the newest first.

use std::collections::HashMap;

use lac_domain::{EstablishmentId, ImportId, PupilId, Timestamp, UserId};
use lac_wire::{Page, Private, TrailRow};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::trail_words::{fields_of, phrase, reason_of};
use crate::both;
use crate::error::Failure;
use crate::keyset::{page_of, page_size, read_after, rows_to_read};
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// A row of the trail, as it is kept.
#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) number: i64,
    at: Timestamp,
    actor: Option<UserId>,
    action: String,
    object_kind: String,
    object_id: Option<Uuid>,
    import_id: Option<ImportId>,
    detail: String,
}

pub(crate) const COLUMNS: &str = "e.number, e.at, e.actor, e.action, e.object_kind, e.object_id, e.import_id, e.detail";

/// A page of a user's trail; for LA Super Users alone. Names of pupils whom the reader may not see are left out.
///
/// # Errors
/// A refusal for other roles, or what failed.
pub(super) async fn trail(
    conn: &mut Conn,
    scope: Scope,
    user: UserId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<TrailRow>, Failure> {
    scope.require_super_user()?;
    let before: i64 = read_after(after)?.unwrap_or(i64::MAX);
    let size = page_size(limit);
    // Each half comes from an index of its own.
    let sql = format!(
        "SELECT * FROM (SELECT * FROM (SELECT {COLUMNS} FROM audit_events e WHERE e.object_id = $1 AND e.number < $2
             ORDER BY e.number DESC LIMIT $3) AS done_to
           UNION ALL SELECT * FROM (SELECT {COLUMNS} FROM audit_events e WHERE e.actor = $1 AND e.number < $2
             AND (e.object_id IS NULL OR e.object_id <> $1) ORDER BY e.number DESC LIMIT $3) AS done_by) AS every
         ORDER BY number DESC LIMIT $3"
    );
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(user).bind(before).bind(rows_to_read(size)).fetch_all(c).await)?;
    let page = page_of(rows, size, |row| row.number)?;
    Ok(Page {
        rows: told(conn, scope, Some(user), page.rows).await?,
        after: page.after,
    })
}

/// Rows of the trail in words: of one user, or of the whole authority. Names of pupils whom the reader may not see are
/// left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn told(
    conn: &mut Conn,
    scope: Scope,
    user: Option<UserId>,
    rows: Vec<Row>,
) -> Result<Vec<TrailRow>, Failure> {
    let mut details = Vec::with_capacity(rows.len());
    for row in &rows {
        details.push(serde_json::from_str::<Value>(&row.detail)?);
    }
    let names = Names::load(conn, scope, &rows, &details).await?;
    let rows = rows.into_iter().zip(details);
    Ok(rows.map(|(row, detail)| names.tell(user, row, &detail)).collect())
}

/// The id that a detail holds under a name.
fn id_in(detail: &Value, name: &str) -> Option<Uuid> {
    detail.get(name)?.as_str()?.parse().ok()
}

/// Names of whom and what the rows of a page are about.
struct Names {
    users: HashMap<UserId, String>,
    pupils: HashMap<PupilId, String>,
    establishments: HashMap<EstablishmentId, String>,
}

impl Names {
    async fn load(conn: &mut Conn, scope: Scope, rows: &[Row], details: &[Value]) -> Result<Self, Failure> {
        let objects = |kind: &'static str| {
            let of_kind = rows.iter().filter(move |row| row.object_kind == kind);
            of_kind.filter_map(|row| row.object_id)
        };
        let in_details = |name: &'static str| details.iter().filter_map(move |detail| id_in(detail, name));
        let users = objects("user").chain(rows.iter().filter_map(|row| row.actor.map(|actor| actor.0)));
        let users = users.chain(["user", "to", "from_user"].into_iter().flat_map(in_details));
        let (users, pupils) = (hex_ids(users), hex_ids(objects("pupil").chain(in_details("pupil"))));
        let establishments = hex_ids(objects("establishment").chain(in_details("establishment")));
        let sql = format!(
            "SELECT id, first_name, last_name FROM users WHERE id IN {}",
            conn.engine().ids("$1")
        );
        let users: Vec<(UserId, String, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(users).fetch_all(c).await)?;
        let sql = format!(
            "SELECT p.id, p.known_as FROM pupils p WHERE p.id IN {} AND {}",
            conn.engine().ids("$2"),
            scope.sees_pupil("p.id")
        );
        let pupils: Vec<(PupilId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(scope.user).bind(pupils).fetch_all(c).await)?;
        let sql = format!(
            "SELECT id, name FROM establishments WHERE id IN {}",
            conn.engine().ids("$1")
        );
        let establishments: Vec<(EstablishmentId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(establishments).fetch_all(c).await)?;
        let users = users.into_iter();
        Ok(Self {
            users: users.map(|(id, first, last)| (id, format!("{first} {last}"))).collect(),
            pupils: pupils.into_iter().collect(),
            establishments: establishments.into_iter().collect(),
        })
    }

    fn user(&self, id: Uuid) -> Option<String> {
        self.users.get(&UserId(id)).cloned()
    }

    fn tell(&self, user: Option<UserId>, row: Row, detail: &Value) -> TrailRow {
        let whose = row.object_id.filter(|id| user.is_none_or(|user| *id != user.0));
        let about = match row.object_kind.as_str() {
            // Where it was done to this user, whom else it concerns.
            "user" => match whose {
                Some(other) => self.user(other),
                None => ["pupil", "establishment", "to", "from_user"]
                    .iter()
                    .find_map(|name| self.named(name, id_in(detail, name)?)),
            },
            "pupil" => whose.and_then(|id| self.pupils.get(&PupilId(id)).cloned()),
            "establishment" => whose.and_then(|id| self.establishments.get(&EstablishmentId(id)).cloned()),
            _ => None,
        };
        let seen = |id: Uuid| row.object_kind == "pupil" && self.pupils.contains_key(&PupilId(id));
        let reason = row
            .object_id
            .filter(|id| seen(*id))
            .map(|_| reason_of(detail))
            .unwrap_or_default();
        TrailRow {
            number: row.number,
            at: row.at,
            by: row.actor.and_then(|actor| self.user(actor.0)),
            what: format!("{}{}{reason}", phrase(&row.action, detail), fields_of(detail)),
            about: about.map(Private::from),
            import_id: row.import_id,
        }
    }

    fn named(&self, name: &str, id: Uuid) -> Option<String> {
        match name {
            "pupil" => self.pupils.get(&PupilId(id)).cloned(),
            "establishment" => self.establishments.get(&EstablishmentId(id)).cloned(),
            _ => self.user(id),
        }
    }
}
