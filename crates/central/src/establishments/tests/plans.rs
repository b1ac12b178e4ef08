//! Every list rests on an index: no statement looks through a whole table.

use lac_wire::{EstablishmentFilter, EstablishmentSort};
use sqlx::AssertSqlSafe;

use super::*;
use crate::establishments::list::{self, Use};
use crate::establishments::{history, successions};
use crate::scope::Scope;
use crate::storage::Engine;

fn filters() -> Vec<(&'static str, EstablishmentFilter)> {
    let filter = EstablishmentFilter::default;
    let searching = || Some("north academy".to_owned());
    vec![
        (
            "all",
            EstablishmentFilter {
                closed: true,
                ..filter()
            },
        ),
        ("open", filter()),
        (
            "in use",
            EstablishmentFilter {
                in_use: true,
                ..filter()
            },
        ),
        (
            "attention",
            EstablishmentFilter {
                attention: Some(true),
                ..filter()
            },
        ),
        (
            "searched",
            EstablishmentFilter {
                search: searching(),
                ..filter()
            },
        ),
        (
            "in use and searched",
            EstablishmentFilter {
                search: searching(),
                in_use: true,
                ..filter()
            },
        ),
        (
            "by hand",
            EstablishmentFilter {
                by_hand: Some(true),
                ..filter()
            },
        ),
        (
            "closed",
            EstablishmentFilter {
                only_closed: Some(true),
                ..filter()
            },
        ),
        (
            "of a phase",
            EstablishmentFilter {
                phase: Some("Primary".to_owned()),
                ..filter()
            },
        ),
        (
            "of an authority",
            EstablishmentFilter {
                la_name: Some("Camden".to_owned()),
                ..filter()
            },
        ),
        (
            "by authority",
            EstablishmentFilter {
                sort: Some(EstablishmentSort::LocalAuthority),
                ..filter()
            },
        ),
        (
            "by phase",
            EstablishmentFilter {
                sort: Some(EstablishmentSort::Phase),
                ..filter()
            },
        ),
    ]
}

/// A statement with its parameters in place, which all are texts or ids of no weight.
fn filled(sql: &str, engine: Engine, texts: &[String]) -> String {
    let id = match engine {
        Engine::Sqlite => "x'00000000000000000000000000000000'",
        Engine::Postgres => "'00000000-0000-0000-0000-000000000000'::uuid",
    };
    let mut sql = sql.to_owned();
    for (at, text) in texts.iter().enumerate().rev() {
        sql = sql.replace(&format!("${}", at + 7), &format!("'{text}'"));
    }
    for (parameter, value) in [
        ("$6", id),
        ("$5", "'m'"),
        ("$4", "'m'"),
        ("$3", "51"),
        ("$2", "'2026-11-23'"),
        ("$1", id),
    ] {
        sql = sql.replace(parameter, value);
    }
    sql
}

async fn plan(store: &TestStore, sql: &str) -> String {
    let mut conn = store.store.read().await.unwrap();
    if store.store.engine() == Engine::Postgres {
        // A small table is quicker looked through; with that forbidden, what is left is what an index cannot do.
        both!(&mut conn, c => sqlx::query("SELECT set_config('enable_seqscan', 'off', true)").execute(c).await.map(|_| ())).unwrap();
        let rows: Vec<String> =
            both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(format!("EXPLAIN {sql}"))).fetch_all(c).await)
                .unwrap();
        return rows.join("\n");
    }
    let rows: Vec<(i64, i64, i64, String)> =
        both!(&mut conn, c => sqlx::query_as(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(c).await)
            .unwrap();
    rows.into_iter().map(|row| row.3).collect::<Vec<_>>().join("\n")
}

/// Whether a plan looks through a table without an index.
fn looks_through(plan: &str) -> bool {
    plan.lines().any(|line| {
        let line = line.trim();
        line.contains("Seq Scan")
            || (line.starts_with("SCAN ")
                && !line.contains("USING")
                && !line.contains("json_each")
                && ["SCAN e", "SCAN s", "SCAN t", "SCAN l", "SCAN n", "SCAN a", "SCAN w"].contains(&line))
    })
}

both_engines! {
    async fn every_list_of_establishments_uses_an_index(store: &TestStore) {
        import(store, GIAS).await;
        let engine = store.store.engine();
        let teacher = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        for user in [&store.super_user, &teacher] {
            let scope: Scope = user.scope(store);
            for (what, filter) in filters() {
                for goes_on in [false, true] {
                    let (sql, texts) = list::statement(scope, &filter, Use::Asked, goes_on);
                    let plan = plan(store, &filled(&sql, engine, &texts)).await;
                    assert!(!looks_through(&plan), "{what}, {}: {plan}\n{sql}", scope.role);
                }
            }
        }
        let id = if engine == Engine::Sqlite { "x'00'" } else { "'00000000-0000-0000-0000-000000000000'::uuid" };
        let scope = store.super_user.scope(store);
        for goes_on in [false, true] {
            let sql = successions::statement(scope, goes_on).replace("$6", "'100000'").replace("$5", id);
            let plan = plan(store, &filled(&sql, engine, &[])).await;
            assert!(!looks_through(&plan), "changes to look at: {plan}");
        }
        let sql = history::statement(true).replace("$4", "9").replace("$3", "51").replace("$2", "'%x%'").replace("$1", id);
        let plan = plan(store, &sql).await;
        assert!(!looks_through(&plan), "history: {plan}");
    }
}
