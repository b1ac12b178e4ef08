//! Bulk add: 100,000 rows judged and committed, beside the same rows put into the same tables and indexes of another
//! database by bare multi-row inserts in one transaction. Both sides run in turn, on each engine, and the ratio of
//! each round is printed. Run by `cargo xtask bench bulk_add`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lac_central::storage::Db;
use lac_central::{Config, Database, FirstUser, ImportCommand, Keys, Setup, Store, SystemClock, read_gias};
use lac_domain::Role;
use lac_import::ExistingUsers;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Column, Connection, PgConnection, QueryBuilder, Row, TypeInfo};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const ROWS: usize = 100_000;
const ESTABLISHMENTS: usize = 2_000;
const ROUNDS: usize = 3;
/// Rows in one bare statement.
const TOGETHER: usize = 500;
/// The tables that a commit writes, parents first.
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

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut engines = vec![None];
    engines.extend(std::env::var("LAC_TEST_POSTGRES").ok().map(Some));
    for postgres in engines {
        let name = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
        for round in 1..=ROUNDS {
            let (bulk, bare, rows) = measure(postgres.as_deref()).await?;
            println!(
                "{name}, round {round}: bulk add {bulk:.2?}, bare inserts of its {rows} rows {bare:.2?}: {:.2} x (goal: at most 2 x)",
                bulk.as_secs_f64() / bare.as_secs_f64()
            );
        }
    }
    Ok(())
}

/// One round: how long the bulk add took, how long the bare inserts did, and how many rows those are.
async fn measure(postgres: Option<&str>) -> Outcome<(Duration, Duration, usize)> {
    let folder = tempfile::tempdir()?;
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));
    let (config, empty) = (
        configuration(&one, postgres).await?,
        configuration(&other, postgres).await?,
    );
    let gias = read_gias(establishments()?.as_bytes())?;
    let file = folder.path().join("staff.csv");
    std::fs::write(&file, users()?)?;

    let store = prepare(config.clone(), &gias).await?;
    let add = ImportCommand::Users {
        file,
        role: Role::DesignatedTeacher,
        dry_run: false,
        existing: ExistingUsers::Refuse,
        all_or_nothing: true,
        invite: true,
    };
    let mut out = Vec::new();
    let begun = Instant::now();
    let code = add.run(&store, &mut out).await.map_err(|error| error.to_string())?;
    let bulk = begun.elapsed();
    if code != 0 {
        return Err(String::from_utf8_lossy(&out).into_owned().into());
    }
    store.close().await;

    let target = prepare(empty.clone(), &gias).await?;
    target.close().await;
    let (from, into) = (open(&config).await?, open(&empty).await?);
    let (bare, rows) = match (&from, &into) {
        (Db::Sqlite { write: from, .. }, Db::Sqlite { write: into, .. }) => sqlite::copy(from, into).await?,
        (Db::Postgres(from), Db::Postgres(into)) => postgres::copy(from, into).await?,
        _ => return Err("the two sides are on different engines".into()),
    };
    from.close().await;
    into.close().await;
    for config in [config, empty] {
        drop_database(&config, postgres).await?;
    }
    Ok((bulk, bare, rows))
}

async fn configuration(folder: &Path, postgres: Option<&str>) -> Outcome<Config> {
    let mut config = Config::in_folder(folder);
    if let Some(url) = postgres {
        let options: PgConnectOptions = url.parse()?;
        let name = format!("lac_bench_{}", uuid::Uuid::from_bytes(random()?).simple());
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        config.database = Database::Postgres(sqlx::ConnectOptions::to_url_lossy(&options.database(&name)).to_string());
    }
    Ok(config)
}

async fn drop_database(config: &Config, postgres: Option<&str>) -> Outcome<()> {
    let (Database::Postgres(url), Some(server)) = (&config.database, postgres) else {
        return Ok(());
    };
    let options: PgConnectOptions = url.parse()?;
    let name = options.get_database().unwrap_or_default().to_owned();
    let mut connection = PgConnection::connect(server).await?;
    sqlx::query(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
        .execute(&mut connection)
        .await?;
    Ok(())
}

fn random() -> Outcome<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A store with its establishments and nobody but its first user.
async fn prepare(config: Config, gias: &lac_central::GiasFileRead) -> Outcome<Store> {
    let first_user = FirstUser {
        first_name: "Septimus".to_owned(),
        last_name: "Harding".to_owned(),
        email: "septimus.harding@example.org".to_owned(),
    };
    let setup = Setup {
        authority_name: "Barsetshire Virtual School".to_owned(),
        danger_phone: String::new(),
        first_user,
    };
    let (store, _) = Store::init(config, Arc::new(SystemClock), setup).await?;
    store
        .import_establishments(gias)
        .await
        .map_err(|error| error.to_string())?;
    Ok(store)
}

async fn open(config: &Config) -> Outcome<Db> {
    let keys = Keys::read(&config.key_file)?;
    Ok(Db::open(&config.database, &keys.database, false).await?)
}

fn establishments() -> Outcome<String> {
    let mut file = "URN,EstablishmentName,EstablishmentStatus (name),Postcode\n".to_owned();
    for number in 0..ESTABLISHMENTS {
        writeln!(
            file,
            "{},School Number {number},Open,BA1 {}AB",
            100_000 + number,
            number % 10
        )?;
    }
    Ok(file)
}

fn users() -> Outcome<String> {
    const FIRST: [&str; 8] = [
        "Amara", "Benjamin", "Chloe", "Dilip", "Eleanor", "Farah", "Gareth", "Hanna",
    ];
    const LAST: [&str; 8] = [
        "Okafor",
        "Hartley",
        "Pemberton",
        "Raman",
        "Whitlock",
        "Siddiqui",
        "Llewellyn",
        "Kowalczyk",
    ];
    let mut file = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN)\n".to_owned();
    for number in 0..ROWS {
        let (first, last) = (FIRST[number % 8], LAST[number / 8 % 8]);
        let urn = 100_000 + number % ESTABLISHMENTS;
        writeln!(
            file,
            "{first},{last}{number},Designated Teacher,{first}.{last}{number}@example.org,01632 {number:06},{urn}"
        )?;
    }
    Ok(file)
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
