//! What people, establishments and pupils have in common: a row with the payload that the store sent, a key to sort
//! by, and the words by which it is found.

use std::collections::{BTreeSet, HashMap};

use sqlx::{AssertSqlSafe, SqliteConnection};
use uuid::Uuid;

use super::lists::hex_list;
use super::words::prefix_end;
use crate::failure::Failure;

/// A table of named things. The texts are this crate's own, never a person's.
pub(super) struct Named {
    /// The table.
    pub(super) table: &'static str,
    /// The table of its words.
    pub(super) words: &'static str,
    /// The column of the words' table that names the row.
    pub(super) owner: &'static str,
}

/// A row to be kept.
pub(super) struct NamedRow {
    pub(super) id: Uuid,
    pub(super) sort_key: String,
    pub(super) payload: String,
    pub(super) words: BTreeSet<String>,
}

impl Named {
    /// Keeps rows; those that are held as they are keep their words. Gives the ids of those that changed.
    pub(super) async fn put(
        &self,
        conn: &mut SqliteConnection,
        rows: &[NamedRow],
        generation: i64,
    ) -> Result<Vec<Uuid>, Failure> {
        let (table, words, owner) = (self.table, self.words, self.owner);
        let ids = hex_list(rows.iter().map(|row| row.id));
        let sql = format!("SELECT id, payload FROM {table} WHERE id IN (SELECT unhex(value) FROM json_each($1))");
        let held: HashMap<Uuid, String> = sqlx::query_as(AssertSqlSafe(sql))
            .bind(&ids)
            .fetch_all(&mut *conn)
            .await?
            .into_iter()
            .collect();
        let changed: Vec<&NamedRow> = rows
            .iter()
            .filter(|row| held.get(&row.id) != Some(&row.payload))
            .collect();
        if changed.len() < rows.len() {
            let sql =
                format!("UPDATE {table} SET generation = $2 WHERE id IN (SELECT unhex(value) FROM json_each($1))");
            sqlx::query(AssertSqlSafe(sql))
                .bind(&ids)
                .bind(generation)
                .execute(&mut *conn)
                .await?;
        }
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let json: Vec<_> = changed
            .iter()
            .map(|row| (hex::encode(row.id.as_bytes()), &row.sort_key, &row.payload))
            .collect();
        let sql = format!(
            "INSERT INTO {table} (id, sort_key, generation, payload)
             SELECT unhex(value ->> 0), value ->> 1, $2, value ->> 2 FROM json_each($1) WHERE true
             ON CONFLICT (id) DO UPDATE SET
                sort_key = excluded.sort_key, generation = excluded.generation, payload = excluded.payload"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(serde_json::to_string(&json)?)
            .bind(generation)
            .execute(&mut *conn)
            .await?;
        if !held.is_empty() {
            let ids = hex_list(changed.iter().map(|row| row.id));
            let sql = format!("DELETE FROM {words} WHERE {owner} IN (SELECT unhex(value) FROM json_each($1))");
            sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(&mut *conn).await?;
        }
        let json: Vec<_> = changed
            .iter()
            .flat_map(|row| row.words.iter().map(|word| (word, hex::encode(row.id.as_bytes()))))
            .collect();
        let sql = format!(
            "INSERT INTO {words} (word, {owner})
             SELECT value ->> 0, unhex(value ->> 1) FROM json_each($1) WHERE true ON CONFLICT DO NOTHING"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(serde_json::to_string(&json)?)
            .execute(&mut *conn)
            .await?;
        Ok(changed.iter().map(|row| row.id).collect())
    }

    /// Drops rows.
    pub(super) async fn delete(&self, conn: &mut SqliteConnection, ids: &[Uuid]) -> Result<(), Failure> {
        let sql = format!(
            "DELETE FROM {} WHERE id IN (SELECT unhex(value) FROM json_each($1))",
            self.table
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(hex_list(ids.iter().copied()))
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Drops what an older first fetch brought.
    pub(super) async fn sweep(&self, conn: &mut SqliteConnection, generation: i64) -> Result<(), Failure> {
        let sql = format!("DELETE FROM {} WHERE generation < $1", self.table);
        sqlx::query(AssertSqlSafe(sql)).bind(generation).execute(conn).await?;
        Ok(())
    }

    /// The payload of one row.
    pub(super) async fn get(&self, conn: &mut SqliteConnection, id: Uuid) -> Result<Option<String>, Failure> {
        let sql = format!("SELECT payload FROM {} WHERE id = $1", self.table);
        Ok(sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(id)
            .fetch_optional(conn)
            .await?)
    }

    /// Payloads of rows that have words which begin with all of these, in order of their sort key, after a place in
    /// that order. `also` is a further condition on the row `t`; it may name one value, as `$4`.
    pub(super) async fn find(
        &self,
        conn: &mut SqliteConnection,
        prefixes: &[String],
        also: (&'static str, Option<String>),
        after: Option<(&str, Uuid)>,
        limit: i64,
    ) -> Result<Vec<(Uuid, String, String)>, Failure> {
        let (table, words, owner) = (self.table, self.words, self.owner);
        let mut sql = format!(
            "SELECT t.id, t.sort_key, t.payload FROM {table} t WHERE (t.sort_key, t.id) > ($1, $2) AND {}",
            also.0
        );
        for index in 0..prefixes.len() {
            let (from, to) = (index * 2 + 5, index * 2 + 6);
            sql.push_str(&format!(
                " AND t.id IN (SELECT w.{owner} FROM {words} w WHERE w.word >= ${from} AND w.word < ${to})"
            ));
        }
        sql.push_str(" ORDER BY t.sort_key, t.id LIMIT $3");
        let (sort_key, id) = after.unwrap_or(("", Uuid::nil()));
        let mut query = sqlx::query_as(AssertSqlSafe(sql))
            .bind(sort_key.to_owned())
            .bind(id)
            .bind(limit)
            .bind(also.1);
        for prefix in prefixes {
            query = query.bind(prefix.clone()).bind(prefix_end(prefix));
        }
        Ok(query.fetch_all(conn).await?)
    }
}
