//! The same rows into the same tables and indexes of another database, by bare multi-row inserts in one transaction.

use std::time::{Duration, Instant};

use lac_central::Config;
use lac_central::storage::Db;
use sqlx::{AssertSqlSafe, Column, QueryBuilder, Row, TypeInfo};

use crate::{Outcome, world};

/// Rows in one bare statement.
const TOGETHER: usize = 500;
/// The tables that a bulk add writes, parents first.
const TABLES: [&str; 8] = [
    "users",
    "user_words",
    "establishment_links",
    "invitations",
    "mails",
    "changes",
    "audit_events",
    "import_findings",
];

/// Copies what a bulk add wrote from one store into another that has only its establishments. Answers how long the
/// inserts took, and how many rows they were.
pub async fn copy(from: &Config, into: &Config) -> Outcome<(Duration, usize)> {
    let (from, into) = (world::open(from).await?, world::open(into).await?);
    let copied = match (&from, &into) {
        (Db::Sqlite { write: from, .. }, Db::Sqlite { write: into, .. }) => sqlite::copy(from, into).await?,
        (Db::Postgres(from), Db::Postgres(into)) => postgres::copy(from, into).await?,
        _ => return Err("the two sides are on different engines".into()),
    };
    from.close().await;
    into.close().await;
    Ok(copied)
}

macro_rules! copying {
    ($module:ident, $pool:ty, $row:ty, $database:ty, $cell:ident { $($kind:pat => $variant:ident($type:ty)),+ $(,)? }) => {
        mod $module {
            use super::*;

            /// A value with its column's type, which NULL has too.
            pub enum $cell {
                $(
                    #[allow(missing_docs)]
                    $variant(Option<$type>)
                ),+
            }

            fn cell(row: &$row, at: usize) -> Outcome<$cell> {
                Ok(match row.column(at).type_info().name() {
                    $($kind => $cell::$variant(row.try_get_unchecked(at)?),)+
                    other => return Err(format!("a column of type {other}").into()),
                })
            }

            /// Reads the rows first; then times putting them into the other database. Rows that are there already
            /// (of the first user, and of what made it) are left out.
            pub async fn copy(from: &$pool, into: &$pool) -> Outcome<(Duration, usize)> {
                let mut tables = Vec::new();
                for table in TABLES {
                    let only = match table {
                        "users" => "WHERE import_id IS NOT NULL",
                        "user_words" | "establishment_links" | "invitations" | "mails" => {
                            "WHERE user_id IN (SELECT id FROM users WHERE import_id IS NOT NULL)"
                        }
                        "audit_events" => "WHERE import_id IS NOT NULL",
                        _ => "",
                    };
                    let read: Vec<$row> =
                        sqlx::query(AssertSqlSafe(format!("SELECT * FROM {table} {only}"))).fetch_all(from).await?;
                    let Some(first) = read.first() else { continue };
                    let names: Vec<String> = first.columns().iter().map(|column| column.name().to_owned()).collect();
                    let cells = read
                        .iter()
                        .map(|row| (0..names.len()).map(|at| cell(row, at)).collect())
                        .collect::<Outcome<Vec<Vec<$cell>>>>()?;
                    tables.push((table, names, cells));
                }
                sqlx::query("DELETE FROM changes").execute(into).await?;
                // The establishments have other ids there; the links' own matter, not what they point to.
                let ids: Vec<uuid::Uuid> = sqlx::query_scalar("SELECT id FROM establishments").fetch_all(into).await?;
                for (table, names, rows) in &mut tables {
                    let Some(at) = names.iter().position(|name| name == "establishment_id" && *table == "establishment_links")
                    else {
                        continue;
                    };
                    for (number, row) in rows.iter_mut().enumerate() {
                        row[at] = ids[number % ids.len()].into();
                    }
                }
                let count = tables.iter().map(|(_, _, rows)| rows.len()).sum();
                let begun = Instant::now();
                let mut transaction = into.begin().await?;
                for (table, names, rows) in tables {
                    insert(&mut transaction, table, &names, rows).await?;
                }
                transaction.commit().await?;
                Ok((begun.elapsed(), count))
            }

            async fn insert(
                transaction: &mut sqlx::Transaction<'_, $database>,
                table: &str,
                names: &[String],
                rows: Vec<Vec<$cell>>,
            ) -> Outcome<()> {
                let mut rows = rows.into_iter().peekable();
                while rows.peek().is_some() {
                    let mut insert = QueryBuilder::<$database>::new(format!("INSERT INTO {table} ({}) ", names.join(", ")));
                    insert.push_values(rows.by_ref().take(TOGETHER), |mut values, row| {
                        for cell in row {
                            match cell {
                                $($cell::$variant(value) => values.push_bind(value)),+
                            };
                        }
                    });
                    insert.build().execute(&mut **transaction).await?;
                }
                Ok(())
            }
        }
    };
}

impl From<uuid::Uuid> for sqlite::Cell {
    fn from(id: uuid::Uuid) -> Self {
        Self::Bytes(Some(id.as_bytes().to_vec()))
    }
}

impl From<uuid::Uuid> for postgres::Cell {
    fn from(id: uuid::Uuid) -> Self {
        Self::Id(Some(id))
    }
}

copying!(sqlite, sqlx::SqlitePool, sqlx::sqlite::SqliteRow, sqlx::Sqlite, Cell {
    "INTEGER" => Number(i64),
    "TEXT" => Text(String),
    "BLOB" => Bytes(Vec<u8>),
});

copying!(postgres, sqlx::PgPool, sqlx::postgres::PgRow, sqlx::Postgres, Cell {
    "INT8" => Number(i64),
    "TEXT" => Text(String),
    "BYTEA" => Bytes(Vec<u8>),
    "UUID" => Id(uuid::Uuid),
    "BOOL" => Bool(bool),
    "TIMESTAMPTZ" => Instant(chrono::DateTime<chrono::Utc>),
    "DATE" => Day(chrono::NaiveDate),
});
