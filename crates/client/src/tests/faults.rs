//! A store, or something in its place, that does not answer as it should.

use lac_wire::{AddUser, ErrorCode, UserEntry};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use crate::test_support::TestHost;
use crate::view::*;

const PORTAL: &str = "<html><h1>Free Wi-Fi</h1></html>";

fn look(store: &FakeStore) -> StoreAddress {
    StoreAddress { address: store.url() }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_fault_has_a_sentence() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(TestHost::new(folder.path())).await;
    for (answer, code, word) in [
        (Answer::Raw(200, PORTAL, None), LocalCode::NotAStore, "address"),
        (Answer::Raw(302, "", None), LocalCode::NotAStore, "address"),
        (Answer::Raw(404, PORTAL, None), LocalCode::NotAStore, "address"),
        (Answer::Raw(502, PORTAL, None), LocalCode::Offline, "few minutes"),
        (Answer::Raw(429, "", Some(40)), LocalCode::Offline, "40 seconds"),
        (Answer::Raw(503, "", Some(600)), LocalCode::Offline, "10 minutes"),
    ] {
        store.next("/v1/about", answer.clone());
        let problem = desk.app.look_at_store(look(&store)).await.unwrap_err();
        assert!(problem.is_local(code), "{answer:?}: {problem:?}");
        assert!(problem.message.contains(word), "{problem:?}");
    }
    assert_eq!(
        desk.app.look_at_store(look(&store)).await.unwrap().authority_name,
        "Barsetshire Virtual School"
    );
    store.stop().await;
    let address = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let nobody = desk
        .app
        .look_at_store(StoreAddress {
            address: format!("http://{address}"),
        })
        .await
        .unwrap_err();
    assert!(
        nobody.is_local(LocalCode::Offline) && nobody.message.contains("Nothing answers"),
        "{nobody:?}"
    );
    let nowhere = desk
        .app
        .look_at_store(StoreAddress {
            address: "https://store.invalid".to_owned(),
        })
        .await
        .unwrap_err();
    assert!(
        nowhere.is_local(LocalCode::Offline) && nowhere.message.contains("store.invalid"),
        "{nowhere:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_s_certificate_is_not_trusted() {
    // Anything that is no TLS at all will do: the connection must not be taken for a safe one.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let talking = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::AsyncWriteExt;
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(TestHost::new(folder.path())).await;
    let problem = desk.app.look_at_store(StoreAddress { address }).await.unwrap_err();
    assert!(problem.is_local(LocalCode::Offline), "{problem:?}");
    talking.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_store_s_place_refuses_nothing_for_good() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    for answer in [
        Answer::Raw(200, PORTAL, None),
        Answer::Raw(403, PORTAL, None),
        Answer::Raw(404, PORTAL, None),
        Answer::Raw(500, "", None),
        Answer::Raw(503, "", Some(1)),
        Answer::Refuse(ErrorCode::Unavailable),
        Answer::Refuse(ErrorCode::TooMany),
        Answer::Refuse(ErrorCode::Internal),
    ] {
        store.next("/v1/commands", answer.clone());
        desk.send("Sent at last", "Text").await;
        desk.until(|state| state.accounts[0].sync.waiting == 0).await;
        assert_eq!(
            desk.app.folder_counts(desk.account, ()).await.unwrap().not_sent,
            0,
            "{answer:?}"
        );
    }
    assert_eq!(store.inside(|inside| inside.messages.len()), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_loses_nothing() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    desk.send("Before", "Text").await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
    store.next("/v1/commands", Answer::Refuse(ErrorCode::SignedOut));
    desk.send("After", "Text").await;
    desk.until(|state| {
        state.accounts[0]
            .problem
            .as_ref()
            .is_some_and(|problem| problem.is_local(LocalCode::SignedOut))
    })
    .await;
    assert_eq!(desk.outbox().await.len(), 1);
    let inbox = ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    assert!(
        desk.app
            .list_conversations(desk.account, inbox.clone())
            .await
            .unwrap_err()
            .is_local(LocalCode::SignedOut)
    );
    let asked = store.inside(|inside| inside.asked.len());
    assert!(
        desk.app
            .list_users(desk.account, lac_wire::UserFilter::default())
            .await
            .unwrap_err()
            .is_local(LocalCode::SignedOut)
    );
    assert_eq!(
        store.inside(|inside| inside.asked.len()),
        asked,
        "nothing is asked without a session"
    );

    // It stays so through a restart, until there is a session again.
    let desk = desk.reopen().await;
    assert!(desk.app.app_state(()).await.unwrap().accounts[0].problem.is_some());
    desk.app
        .sign_in_again(
            desk.account,
            SignInAgain {
                password: "kettle-marsh-violin-44".into(),
                second_factor: None,
            },
        )
        .await
        .unwrap();
    desk.until(|state| state.accounts[0].problem.is_none() && state.accounts[0].sync.waiting == 0)
        .await;
    assert_eq!(
        desk.app
            .list_conversations(desk.account, inbox)
            .await
            .unwrap()
            .rows
            .len(),
        2
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_answer_was_lost_is_asked_again_under_the_same_key_even_by_hand() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let request = AddUser {
        entry: UserEntry {
            role: lac_domain::Role::SocialWorker,
            first_name: "Ann".to_owned(),
            last_name: "Lee".to_owned(),
            job_title: String::new(),
            email: "ann.lee@example.org".to_owned(),
            phone: String::new(),
            links: Vec::new(),
        },
        link_later: false,
        invite: false,
    };
    for _ in 0..4 {
        store.next("/v1/users", Answer::Lose);
    }
    let lost = desk.app.add_user(desk.account, request.clone()).await.unwrap_err();
    assert!(lost.is_local(LocalCode::Offline), "{lost:?}");
    // This store knows no such route; its definite answer ends the doubt.
    assert!(desk.app.add_user(desk.account, request.clone()).await.is_err());
    assert!(desk.app.add_user(desk.account, request).await.is_err());
    let keys = store.inside(|inside| {
        inside
            .asked
            .iter()
            .filter(|(method, path, _)| method == "POST" && path == "/v1/users")
            .map(|(_, _, key)| key.clone())
            .collect::<Vec<_>>()
    });
    assert_eq!(keys.len(), 6);
    assert!(
        keys[..5].iter().all(|key| *key == keys[0] && !key.is_empty()),
        "{keys:?}"
    );
    assert_ne!(keys[5], keys[0], "a new wish has a new key");
}
