//! What desktops hold: after random histories what the user may see now, no more and no less; no byte of what the user
//! may no longer see; nothing of a namesake at another school. A real store inside the test, on a clock that the test
//! turns, and real desktops without a window, over real HTTP.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "what fails in a helper fails the test"
)]

mod bytes;
mod desktop;
mod history;
mod namesakes;
mod served;

use lac_central::test_support::{TestStore, store_cases};
use proptest::test_runner::{Config, TestRunner};

use history::{Event, events};

#[tokio::test(flavor = "multi_thread")]
async fn desktops_hold_their_held_set_after_any_history() {
    let mut runner = TestRunner::new(Config {
        cases: store_cases(20),
        max_shrink_iters: 30,
        source_file: Some(file!()),
        ..Config::default()
    });
    let now = tokio::runtime::Handle::current();
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&proptest::collection::vec(events(), 4..14), |events: Vec<Event>| {
            now.block_on(TestStore::with(
                lac_central::storage::Engine::Sqlite,
                async |store: &TestStore| history::happens(store, events).await,
            ));
            Ok(())
        })
    });
    outcome.unwrap_or_else(|error| panic!("{error}\n{runner}"));
}
