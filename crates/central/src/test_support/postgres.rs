//! A PostgreSQL database of a test's own.

use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};
use uuid::Uuid;

/// The variable with the address of a server, as a user who may make databases.
const VARIABLE: &str = "LAC_TEST_POSTGRES";

pub(super) struct TestDatabase {
    maintenance: PgConnectOptions,
    name: String,
    pub(super) url: String,
}

impl TestDatabase {
    pub(super) async fn create() -> Self {
        let Ok(url) = std::env::var(VARIABLE) else {
            panic!(
                "this test needs a PostgreSQL: run it through `cargo xtask test`, or start one with `cargo xtask postgres` and set {VARIABLE} to the address that it prints"
            );
        };
        let maintenance = PgConnectOptions::from_str(&url).unwrap();
        let random: Uuid = Uuid::from_bytes(crate::random::random().unwrap());
        let name = format!("lac_test_{}", random.simple());
        let mut connection = PgConnection::connect_with(&maintenance).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let url = maintenance.clone().database(&name).to_url_lossy().to_string();
        Self { maintenance, name, url }
    }

    pub(super) async fn drop(&self) {
        let mut connection = PgConnection::connect_with(&self.maintenance).await.unwrap();
        let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    }
}
