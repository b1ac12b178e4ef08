//! Signing out.

use super::fake_store::FakeStore;
use crate::view::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsent_is_not_given_up_unasked() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    store.stop().await;
    desk.draft(NewDraft::default(), "Draft", "Text").await;
    desk.send("Waiting", "Text").await;
    let problem = desk
        .app
        .sign_out(desk.account, SignOut { discard_unsent: false })
        .await
        .unwrap_err();
    assert!(problem.is_local(LocalCode::UnsentWaiting));
    assert!(
        problem.message.contains("1 draft") && problem.message.contains("1 message that waits"),
        "{}",
        problem.message
    );
    assert_eq!(desk.outbox().await.len(), 1);

    desk.app
        .sign_out(desk.account, SignOut { discard_unsent: true })
        .await
        .unwrap();
    assert!(desk.app.app_state(()).await.unwrap().accounts.is_empty());
    assert!(desk.host.secret_names().is_empty(), "the key goes");
    assert_eq!(
        std::fs::read_dir(folder.path().join("accounts")).unwrap().count(),
        0,
        "and the file"
    );
    let again = desk.app.list_drafts(desk.account, ()).await.unwrap_err();
    assert!(again.is_local(LocalCode::AccountUnknown));
    let desk = desk.reopen().await;
    assert!(desk.app.app_state(()).await.unwrap().accounts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_unsent_the_session_ends_at_the_store_too() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    desk.app
        .sign_out(desk.account, SignOut { discard_unsent: false })
        .await
        .unwrap();
    assert!(store.inside(|inside| {
        inside
            .asked
            .iter()
            .any(|(method, path, _)| method == "DELETE" && path == "/v1/session")
    }));
}
