//! Rows written by the thousand into one table.
//!
//! On SQLite they are bound values: its JSON functions would make the text of each row anew, and parse it, for every
//! cell. On PostgreSQL they are one JSON parameter. What is the same in every row is sent once per statement.

use std::fmt::Write as _;
use std::sync::Arc;

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteArguments;

use super::{Cell, Column, Conn, Engine, JsonRows};
use crate::error::StoreError;

/// Values in one statement on SQLite, which takes 32,766 at most: thousands of rows share what a statement costs.
const VALUES: usize = 30_000;
/// Up to so many rows are written so often that the statement is kept.
const FEW: usize = 16;
/// Rows in one statement on PostgreSQL.
const ROWS: usize = 5_000;

/// Rows on their way into a table. They are written whenever enough have gathered, and by [`Bulk::finish`].
pub(crate) struct Bulk {
    table: &'static str,
    columns: &'static [Column],
    /// What is the same in every row.
    same: Vec<&'static str>,
    /// What follows the rows, such as `ON CONFLICT DO NOTHING`.
    tail: &'static str,
    rows: Rows,
    /// The statement for as many rows as are written together.
    statement: Option<Arc<str>>,
}

/// What has gathered.
enum Rows {
    Sqlite {
        same: SqliteArguments,
        values: SqliteArguments,
        count: usize,
    },
    Postgres {
        columns_of_same: Vec<Column>,
        same: String,
        rows: JsonRows,
    },
}

impl Bulk {
    /// Begins to write rows with these columns into a table. If a row is refused, those before it may stay, so that no
    /// copy of every page need be kept for each statement: a job that fails is rolled back as a whole.
    pub fn into(engine: Engine, table: &'static str, columns: &'static [Column]) -> Self {
        let rows = match engine {
            Engine::Sqlite => Rows::Sqlite {
                same: SqliteArguments::default(),
                values: SqliteArguments::default(),
                count: 0,
            },
            Engine::Postgres => Rows::Postgres {
                columns_of_same: Vec::new(),
                same: String::new(),
                rows: JsonRows::new(),
            },
        };
        Self {
            table,
            columns,
            same: Vec::new(),
            tail: "",
            rows,
            statement: None,
        }
    }

    /// Adds columns that are the same in every row.
    ///
    /// # Errors
    /// When a value cannot be bound.
    pub fn same(mut self, columns: &[Column], cells: &[&dyn Cell]) -> Result<Self, StoreError> {
        self.same = columns.iter().map(|column| column.name()).collect();
        match &mut self.rows {
            Rows::Sqlite { same, .. } => {
                for cell in cells {
                    cell.bind(same).map_err(sqlx::Error::Encode)?;
                }
            }
            Rows::Postgres {
                columns_of_same, same, ..
            } => {
                columns_of_same.extend_from_slice(columns);
                let mut one = JsonRows::new();
                one.push(cells);
                *same = one.into_json();
            }
        }
        self.begin();
        Ok(self)
    }

    /// Passes over rows that are there already.
    pub fn or_nothing(mut self) -> Self {
        self.tail = "ON CONFLICT DO NOTHING";
        self
    }

    /// Adds a row, with its cells in the order of the columns.
    ///
    /// # Errors
    /// When the database fails, or a rule of the table is broken.
    pub async fn add(&mut self, conn: &mut Conn, cells: &[&dyn Cell]) -> Result<(), StoreError> {
        let full = match &mut self.rows {
            Rows::Sqlite { values, count, .. } => {
                for cell in cells {
                    cell.bind(values).map_err(sqlx::Error::Encode)?;
                }
                *count += 1;
                *count == together(self.columns)
            }
            Rows::Postgres { rows, .. } => {
                rows.push(cells);
                rows.len() == ROWS
            }
        };
        if full { self.write(conn).await } else { Ok(()) }
    }

    /// Writes what has gathered and not been written yet.
    ///
    /// # Errors
    /// As [`Bulk::add`].
    pub async fn finish(mut self, conn: &mut Conn) -> Result<(), StoreError> {
        self.write(conn).await
    }

    /// Begins the values of a statement with those that are the same in every row.
    fn begin(&mut self) {
        if let Rows::Sqlite { same, values, .. } = &mut self.rows {
            *values = same.clone();
        }
    }

    async fn write(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        match &mut self.rows {
            Rows::Sqlite { count: 0, .. } => return Ok(()),
            Rows::Postgres { rows, .. } if rows.is_empty() => return Ok(()),
            Rows::Sqlite { values, count, .. } => {
                let (values, count) = (std::mem::take(values), std::mem::take(count));
                let whole = count == together(self.columns);
                let sql = match &self.statement {
                    Some(statement) if whole => Arc::clone(statement),
                    _ => self.sqlite(count),
                };
                if whole {
                    self.statement = Some(Arc::clone(&sql));
                }
                let Conn::Sqlite(transaction) = conn.counted() else {
                    return Err(StoreError::Inconsistent("rows for another engine"));
                };
                // One for the last rows of many would not be used again, and would only push others out.
                let query = sqlx::query_with(AssertSqlSafe(sql), values).persistent(whole || count <= FEW);
                query.execute(&mut **transaction).await?;
            }
            Rows::Postgres { same, rows, .. } => {
                let (json, same) = (std::mem::take(rows).into_json(), same.clone());
                let sql = match &self.statement {
                    Some(statement) => Arc::clone(statement),
                    None => self.postgres(),
                };
                self.statement = Some(Arc::clone(&sql));
                let query = |sql| sqlx::query(AssertSqlSafe(sql)).bind(json);
                let Conn::Postgres(transaction) = conn.counted() else {
                    return Err(StoreError::Inconsistent("rows for another engine"));
                };
                let query = if same.is_empty() {
                    query(sql)
                } else {
                    query(sql).bind(same)
                };
                query.execute(&mut **transaction).await?;
            }
        }
        self.begin();
        Ok(())
    }

    fn names(&self) -> String {
        let columns = self.columns.iter().map(|column| column.name());
        let names: Vec<&str> = self.same.iter().copied().chain(columns).collect();
        names.join(", ")
    }

    fn sqlite(&self, count: usize) -> Arc<str> {
        // Parameters have no numbers: SQLite and sqlx would look each of thousands up in a list.
        let row = vec!["?"; self.columns.len()].join(",");
        let mut sql = format!("INSERT OR FAIL INTO {} ({}) SELECT ", self.table, self.names());
        sql.push_str(&"?, ".repeat(self.same.len()));
        for nth in 1..=self.columns.len() {
            // Writing to a text cannot fail.
            let _ = write!(sql, "{}column{nth}", if nth == 1 { "" } else { ", " });
        }
        sql.push_str(" FROM (VALUES ");
        for nth in 0..count {
            let _ = write!(sql, "{}({row})", if nth == 0 { "" } else { "," });
        }
        sql.push(')');
        if !self.tail.is_empty() {
            let _ = write!(sql, " WHERE true {}", self.tail);
        }
        sql.into()
    }

    fn postgres(&self) -> Arc<str> {
        let rows = Engine::Postgres.rows("$1", self.columns);
        let same = match &self.rows {
            Rows::Postgres { columns_of_same, .. } if !columns_of_same.is_empty() => {
                format!(", {} AS s", Engine::Postgres.rows("$2", columns_of_same))
            }
            _ => String::new(),
        };
        let (table, names, tail) = (self.table, self.names(), self.tail);
        format!("INSERT INTO {table} ({names}) SELECT {names} FROM {rows} AS r{same} {tail}").into()
    }
}

/// How many rows are written together on SQLite.
fn together(columns: &[Column]) -> usize {
    (VALUES / columns.len().max(1)).max(1)
}
