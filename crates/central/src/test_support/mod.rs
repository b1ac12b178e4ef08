//! A store for tests: on either engine, with a clock that stands still, users, establishments and pupils, and
//! clients that sign in as anyone does.

mod client;
mod postgres;
mod user;
mod words;
mod world;

use std::sync::Arc;

use tempfile::TempDir;

pub use client::{Reply, TestClient, new_uuid};
pub use user::TestUser;
pub use words::{answer, body, conversation, message, to};
pub use world::{TestPupil, wipe};

use crate::clock::SetClock;
use crate::config::Config;
use crate::storage::Engine;
use crate::{Database, FirstUser, Setup, Store};

/// Stamps tests onto both engines: `both_engines! { async fn name(store: &TestStore) { … } }`. The half on
/// PostgreSQL needs the variable `LAC_TEST_POSTGRES` and fails without it.
#[macro_export]
macro_rules! both_engines {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: &TestStore) $body:block)+) => {$(
        $(#[$attribute])*
        mod $name {
            #[allow(unused_imports, reason = "a test need not use what its neighbours do")]
            use super::*;

            async fn body($store: &$crate::test_support::TestStore) $body

            #[tokio::test]
            async fn sqlite() {
                $crate::test_support::TestStore::with($crate::storage::Engine::Sqlite, body).await;
            }

            #[tokio::test]
            async fn postgres() {
                $crate::test_support::TestStore::with($crate::storage::Engine::Postgres, body).await;
            }
        }
    )+};
}

/// Cases of a random test that has a store for each: so few; in a soak (`LAC_CASES`) a hundredth of what is asked.
#[must_use]
pub fn store_cases(few: u32) -> u32 {
    let asked = std::env::var("LAC_CASES").ok().and_then(|cases| cases.parse().ok());
    asked.map_or(few, |cases: u32| (cases / 100).max(few))
}

/// The instant at which every test begins: Monday 23 November 2026, nine o'clock.
pub const BEGINNING: &str = "2026-11-23T09:00:00Z";
/// The password of every user of a test.
pub const PASSWORD: &str = "walnut ferry quilted";

/// How many cases a test of random histories runs: what the variable `LAC_CASES` says, or an ordinary number.
#[must_use]
pub fn cases(ordinarily: u32) -> u32 {
    match std::env::var("LAC_CASES") {
        Ok(text) => text.parse().expect("LAC_CASES is a number"),
        Err(_) => ordinarily,
    }
}

/// A store of a test's own.
pub struct TestStore {
    /// The store.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<SetClock>,
    /// Its first LA Super User, who has signed in.
    pub super_user: TestUser,
    folder: TempDir,
    database: Option<postgres::TestDatabase>,
}

impl TestStore {
    /// Makes a store, runs a test on it, and takes it away again, also when the test failed.
    pub async fn with(engine: Engine, test: impl AsyncFnOnce(&Self)) {
        use futures_util::FutureExt;
        let made = Self::make(engine).await;
        let outcome = std::panic::AssertUnwindSafe(test(&made)).catch_unwind().await;
        made.store.close().await;
        if let Some(database) = &made.database {
            database.drop().await;
        }
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
    }

    /// Makes a store; [`TestStore::with`] also takes it away.
    pub async fn make(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(postgres::TestDatabase::create().await),
        };
        let mut config = Config::in_folder(folder.path());
        config.mail_dir = Some(folder.path().join("mail"));
        if let Some(database) = &database {
            config.database = Database::Postgres(database.url.clone());
        }
        let clock = Arc::new(SetClock::at(serde_json::from_value(BEGINNING.into()).unwrap()));
        let setup = Setup {
            authority_name: "Barsetshire Virtual School".to_owned(),
            danger_phone: "01632 960000".to_owned(),
            first_user: FirstUser {
                first_name: "Septimus".to_owned(),
                last_name: "Harding".to_owned(),
                email: "septimus.harding@example.org".to_owned(),
            },
        };
        let (store, code) = Store::init(config, clock.clone(), setup).await.unwrap();
        let super_user = TestUser::accept(&store, &code).await;
        Self {
            store,
            clock,
            super_user,
            folder,
            database,
        }
    }

    /// The folder that the store's files lie in; mails in `mail` below it.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Which engine it is on.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.store.engine()
    }

    /// The texts of the mails sent so far, the oldest first.
    pub async fn mails(&self) -> Vec<String> {
        self.store.send_mails().await.unwrap_or_else(|error| panic!("{error}"));
        let Ok(folder) = std::fs::read_dir(self.folder.path().join("mail")) else {
            return Vec::new();
        };
        let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap())
            .collect()
    }
}
