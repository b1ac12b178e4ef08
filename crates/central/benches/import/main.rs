//! Bulk add: files of users judged and committed, until every one of them is found by a search and every invitation
//! waits to be sent; beside the same rows put into the same tables and indexes of another database by bare multi-row
//! inserts in one transaction. Both sides run in turn, on each engine, and the ratio of each round is printed. At
//! 100,000 rows also how long others wait meanwhile; at the end, how the time grows with the rows. Run by
//! `cargo xtask bench import`; `LAC_BENCH_ROWS=100000` measures that size alone, `LAC_BENCH_ROUNDS=1` once.

mod bare;
mod beside;
mod files;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lac_domain::Role;
use lac_import::{Columns, Mapping, Shape, Table};

use beside::Senders;
use world::World;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 150_000];
/// The size that the goals are set for, and how often it is measured.
const MAIN: usize = 100_000;
const ROUNDS: usize = 3;

#[tokio::main]
async fn main() -> Outcome<()> {
    let asked: Option<usize> = std::env::var("LAC_BENCH_ROWS")
        .ok()
        .map(|rows| rows.parse())
        .transpose()?;
    let rounds = std::env::var("LAC_BENCH_ROUNDS").map_or(Ok(ROUNDS), |rounds| rounds.parse())?;
    let mut engines = vec![None];
    engines.extend(std::env::var("LAC_TEST_POSTGRES").ok().map(Some));
    let mut grown = vec![Vec::new(); engines.len()];
    for rows in SIZES
        .into_iter()
        .filter(|rows| asked.is_none_or(|asked| asked == *rows))
    {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("staff.csv");
        std::fs::write(&file, files::users(rows)?)?;
        for round in 1..=(if rows == MAIN { rounds } else { 1 }) {
            for (postgres, grown) in engines.iter().zip(&mut grown) {
                let name = name_of(postgres.as_deref());
                let times = measure(&file, postgres.as_deref()).await?;
                println!("{name}, {rows} rows, round {round}: {times}");
                grown.push((rows, times.whole()));
                if rows == MAIN {
                    waits(name, round, &file, postgres.as_deref()).await?;
                }
            }
        }
        for (number, postgres) in engines.iter().enumerate() {
            let data = folder.path().join(format!("memory{number}"));
            let world = World::make(&data, postgres.as_deref()).await?;
            world.store.close().await;
            if let Some(bytes) = beside::memory_of_the_store(&data, &world.config, &file)? {
                println!(
                    "{}, {rows} rows: the store held {} MB at most (goal: under 300 MB)",
                    name_of(postgres.as_deref()),
                    bytes / 1_000_000
                );
            }
            world::remove(&world.config, postgres.as_deref()).await?;
        }
        if let Some(reference) = beside::sqlite3(folder.path(), &file)? {
            println!("{rows} rows: sqlite3 .import into one table with one unique index {reference:.2?}");
        }
    }
    for (postgres, grown) in engines.iter().zip(&grown) {
        println!("{}: {}", name_of(postgres.as_deref()), growth(grown));
    }
    Ok(())
}

fn name_of(postgres: Option<&str>) -> &'static str {
    if postgres.is_some() { "PostgreSQL" } else { "SQLite" }
}

/// How long each row took at each size, the best round of it: the same where growth is linear.
fn growth(grown: &[(usize, Duration)]) -> String {
    let mut best = std::collections::BTreeMap::new();
    for (rows, whole) in grown {
        let one = whole.as_secs_f64() * 1e6 / f64::from(u32::try_from(*rows).unwrap_or(u32::MAX));
        let best = best.entry(*rows).or_insert(one);
        *best = one.min(*best);
    }
    let each: Vec<String> = best
        .iter()
        .map(|(rows, one)| format!("{one:.0} µs of {rows}"))
        .collect();
    format!(
        "the whole took for each row (linear where they are alike): {}",
        each.join(", ")
    )
}

/// How long each part took.
struct Times {
    read: Duration,
    judge: Duration,
    commit: Duration,
    after: Duration,
    bare: Duration,
    written: usize,
}

impl Times {
    fn whole(&self) -> Duration {
        self.judge + self.commit + self.after
    }
}

impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = self.whole();
        write!(
            f,
            "read {:.2?}, judge (with reading) {:.2?}, commit {:.2?}, words and invitations after it {:.2?}, whole {whole:.2?}; \
             bare inserts of its {} rows {:.2?}: {:.2} x (goal at 100,000: at most 2 x)",
            self.read,
            self.judge,
            self.commit,
            self.after,
            self.written,
            self.bare,
            whole.as_secs_f64() / self.bare.as_secs_f64()
        )
    }
}

async fn measure(file: &Path, postgres: Option<&str>) -> Outcome<Times> {
    let folder = tempfile::tempdir()?;
    let world = World::make(&folder.path().join("one"), postgres).await?;
    let empty = World::make(&folder.path().join("other"), postgres).await?;
    empty.store.close().await;
    let bytes = std::fs::read(file)?;

    let began = Instant::now();
    let table = Table::parse(&bytes)?;
    let columns = Columns::recognise(&table, &Mapping::new());
    drop(Shape::of(&table, &columns, Role::DesignatedTeacher));
    let read = began.elapsed();

    let id = world::new_uuid()?;
    let began = Instant::now();
    world.judge(id, "designated_teacher", bytes).await?;
    let judge = began.elapsed();
    let began = Instant::now();
    world.commit(id, true).await?;
    let commit = began.elapsed();
    let began = Instant::now();
    world.store.catch_up().await.map_err(|error| error.to_string())?;
    let after = began.elapsed();
    world.store.close().await;

    let (bare, written) = bare::copy(&world.config, &empty.config).await?;
    for config in [&world.config, &empty.config] {
        world::remove(config, postgres).await?;
    }
    Ok(Times {
        read,
        judge,
        commit,
        after,
        bare,
        written,
    })
}

/// How long others wait while the same is done, and what is left to be done after it.
async fn waits(name: &str, round: usize, file: &Path, postgres: Option<&str>) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let world = Arc::new(World::make(&folder.path().join("one"), postgres).await?);
    let conversation = world.begin_conversation().await?;
    let id = world::new_uuid()?;
    world.judge(id, "designated_teacher", std::fs::read(file)?).await?;
    let senders = Senders::start(Arc::clone(&world), conversation);
    world.commit(id, true).await?;
    world.store.catch_up().await.map_err(|error| error.to_string())?;
    let mut waits = senders.stop().await?;
    waits.sort_unstable();
    let at = |share: usize| {
        waits
            .get(waits.len() * share / 100)
            .or(waits.last())
            .copied()
            .unwrap_or_default()
    };
    println!(
        "{name}, round {round}: of {} messages sent meanwhile the longest waited {:.2?} (goal: at most 3 s), half under {:.2?}",
        waits.len(),
        at(100),
        at(50)
    );
    world.store.close().await;
    world::remove(&world.config, postgres).await
}
