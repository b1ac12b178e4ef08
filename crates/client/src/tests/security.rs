//! The session's token made anew, and a store that asks for a second step first.

use std::time::Duration;

use lac_wire::ErrorCode;

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use crate::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_a_day_old_is_made_anew_kept_and_used() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    assert!(store.inside(|inside| !inside.tokens.iter().any(|token| token == "another-token")));
    desk.app.close().await;
    let desk = Desk::open_after(desk.host, Duration::from_hours(25)).await;
    let used = |wanted: &str| {
        let wanted = wanted.to_owned();
        store.inside(|inside| inside.tokens.last() == Some(&wanted))
    };
    desk.until_so(async || {
        desk.app.sync_now(desk.account, ()).await.unwrap();
        used("another-token")
    })
    .await;
    let asked = || {
        let made = |(_, path, _): &&(String, String, String)| path == "/v1/session/token";
        store.inside(|inside| inside.asked.iter().filter(made).count())
    };
    assert_eq!(asked(), 1, "once");
    // It outlives the application.
    let desk = desk.reopen().await;
    desk.until_so(async || {
        desk.app.sync_now(desk.account, ()).await.unwrap();
        used("another-token")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_waits_while_the_store_asks_for_a_second_step() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let needed = ProblemCode::Store(ErrorCode::SecondFactorNeeded);
    store.next("/v1/changes", Answer::Refuse(ErrorCode::SecondFactorNeeded));
    store.next("/v1/commands", Answer::Refuse(ErrorCode::SecondFactorNeeded));
    store.poke();
    desk.until(|state| {
        state.accounts[0]
            .problem
            .as_ref()
            .is_some_and(|problem| problem.code == needed)
    })
    .await;
    let locked = desk
        .app
        .list_pupils(desk.account, lac_wire::PupilFilter::default())
        .await;
    assert_eq!(locked.unwrap_err().code, needed, "nothing is shown meanwhile");
    desk.send("Waits", "Until the second step is set up").await;
    // The next pull is answered: the store no longer asks, and what waited leaves.
    desk.until(|state| state.accounts[0].problem.is_none()).await;
    desk.until_so(async || store.inside(|inside| !inside.commands.is_empty()))
        .await;
    desk.until_so(async || desk.outbox().await.is_empty()).await;
}
