//! When who could see which pupil, from the trail: access is noted there when it comes and when it goes.

use std::collections::HashMap;

use lac_domain::{PupilId, Timestamp, UserId};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::StoreError;
use crate::storage::{Conn, hex_ids};

/// A time during which a user could see a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    pub from: Timestamp,
    /// None while it lasts.
    pub until: Option<Timestamp>,
}

impl Time {
    /// What of it lies between two instants.
    pub(super) fn within(self, from: Timestamp, until: Option<Timestamp>) -> Option<Self> {
        let start = self.from.max(from);
        let end = match (self.until, until) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        end.is_none_or(|end| start <= end).then_some(Self {
            from: start,
            until: end,
        })
    }
}

/// Times by user and pupil, the earliest first.
pub(super) type Times = HashMap<(UserId, PupilId), Vec<Time>>;

/// The times during which anybody but the LA roles could see some pupils.
pub(super) async fn of_pupils(conn: &mut Conn, pupils: &[PupilId]) -> Result<Times, StoreError> {
    let sql = format!(
        "SELECT at, action, object_id, detail FROM audit_events WHERE object_id IN {}
           AND action IN ('access.granted', 'access.revoked') ORDER BY number",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(pupils.iter().copied());
    let rows: Vec<(Timestamp, String, Uuid, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
    let mut times = Times::new();
    for (at, action, pupil, detail) in rows {
        let detail: Value = serde_json::from_str(&detail)?;
        let user = detail
            .get("user")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok());
        let Some(user) = user else { continue };
        let times = times.entry((UserId(user), PupilId(pupil))).or_default();
        match times.last_mut().filter(|time| time.until.is_none()) {
            Some(time) if action == "access.revoked" => time.until = Some(at),
            Some(_) => {}
            None if action == "access.granted" => times.push(Time { from: at, until: None }),
            None => {}
        }
    }
    Ok(times)
}
