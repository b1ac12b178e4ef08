//! What was changed of a user since an edit began: noted with each change, told to the second of two people who edit
//! the same user.

use lac_domain::{Timestamp, UserId};
use lac_wire::{ChangedSince, ErrorCode, OneChange};

use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, Refusal};
use crate::storage::{Column, JsonRows};
use crate::writer::Tx;

/// Users in one statement.
const BATCH: usize = 10_000;
/// The most changes that are told.
const TOLD: i64 = 20;

impl Tx {
    /// Notes which fields the newest revision of a user changed; call it after the row was written.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn note_user_change(&mut self, user: UserId, fields: &[&str]) -> Result<(), Failure> {
        self.note_user_changes(&[(user, fields.to_vec())]).await
    }

    /// The same of many users.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn note_user_changes(&mut self, changed: &[(UserId, Vec<&str>)]) -> Result<(), Failure> {
        let (now, actor) = (self.now(), self.actor());
        let columns = [Column::Id("id"), Column::Text("fields")];
        for batch in changed.chunks(BATCH) {
            let mut rows = JsonRows::new();
            for (user, fields) in batch {
                rows.push(&[user, &serde_json::to_string(fields)?]);
            }
            let sql = format!(
                "INSERT INTO user_changes (user_id, revision, at, changed_by, fields)
                 SELECT u.id, u.revision, $2, $3, r.fields FROM {} AS r JOIN users u ON u.id = r.id",
                self.engine().rows("$1", &columns)
            );
            let json = rows.json();
            both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql))
                .bind(json).bind(now).bind(actor).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    at: Timestamp,
    fields: String,
    first_name: Option<String>,
    last_name: Option<String>,
}

/// The refusal of an edit that began from an older revision, with what was changed since.
///
/// # Errors
/// When the database fails.
pub(super) async fn changed_since(tx: &mut Tx, user: UserId, from: i64, now: i64) -> Result<Refusal, Failure> {
    let sql = "SELECT x.at, x.fields, u.first_name, u.last_name
               FROM user_changes x LEFT JOIN users u ON u.id = x.changed_by
               WHERE x.user_id = $1 AND x.revision > $2 ORDER BY x.revision DESC LIMIT $3";
    let rows: Vec<Row> = both!(tx.conn(), c => sqlx::query_as(sql)
        .bind(user).bind(from).bind(TOLD).fetch_all(c).await)?;
    let mut changes = Vec::with_capacity(rows.len());
    for row in rows {
        let by = row.first_name.zip(row.last_name);
        changes.push(OneChange {
            by: by.map(|(first, last)| format!("{first} {last}")),
            at: row.at,
            fields: serde_json::from_str(&row.fields)?,
        });
    }
    Ok(Refusal {
        changed: Some(ChangedSince { revision: now, changes }),
        ..Refusal::new(ErrorCode::ChangedMeanwhile, sentence())
    })
}

fn sentence() -> &'static str {
    "Someone else changed this user since you opened them. See what changed, then save yours again or take theirs."
}
