//! Opening an account's file: whatever is wrong with it, nothing that it holds is lost.

use std::path::{Path, PathBuf};

use super::desk::Desk;
use lac_wire::{Entity, HeldPart};

use super::fake_store::FakeStore;
use super::samples::*;
use crate::host::SecretError;
use crate::view::*;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found
}

fn database(folder: &Path) -> PathBuf {
    files(folder)
        .into_iter()
        .find(|file| file.ends_with("store.db"))
        .unwrap()
}

fn set_aside(folder: &Path) -> Vec<PathBuf> {
    files(folder)
        .into_iter()
        .filter(|file| file.to_string_lossy().contains("set-aside"))
        .collect()
}

async fn problem(desk: &Desk) -> Problem {
    desk.app.app_state(()).await.unwrap().accounts[0]
        .problem
        .clone()
        .unwrap()
}

async fn closed(store: &FakeStore, folder: &Path) -> Desk {
    let desk = store.desk(folder).await;
    desk.app.close().await;
    desk
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_set_aside_with_its_bytes_and_signing_in_brings_the_rest_back() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = closed(&store, folder.path()).await;
    let file = database(folder.path());
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 0xff;
    std::fs::write(&file, &bytes).unwrap();

    let desk = Desk::open(desk.host).await;
    let told = problem(&desk).await;
    assert!(told.is_local(LocalCode::FileSetAside), "{told:?}");
    let aside = set_aside(folder.path());
    assert_eq!(aside.len(), 1);
    assert!(
        told.message.contains(&*aside[0].to_string_lossy()),
        "it says where the file lies"
    );
    assert_eq!(std::fs::read(&aside[0]).unwrap(), bytes);

    // It is still said after another restart.
    let desk = desk.reopen().await;
    assert!(problem(&desk).await.is_local(LocalCode::FileSetAside));
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
    desk.until(|state| state.accounts[0].problem.is_none() && state.accounts[0].sync.first_fetch.is_none())
        .await;
    assert_eq!(std::fs::read(&aside[0]).unwrap(), bytes, "the old file stays");
    assert_eq!(desk.app.app_state(()).await.unwrap().accounts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_or_a_lost_one_sets_the_file_aside() {
    let store = FakeStore::start().await;
    for secret in [Some(&[9_u8; 32][..]), Some(&b"short"[..]), None] {
        let folder = tempfile::tempdir().unwrap();
        let desk = closed(&store, folder.path()).await;
        let bytes = std::fs::read(database(folder.path())).unwrap();
        let names = desk.host.secret_names();
        desk.host.tamper_with_secret(&names[0], secret);
        // With its sealed form left the account would only be locked.
        desk.host.tamper_with_secret(&names[1], None);
        let desk = Desk::open(desk.host).await;
        assert!(problem(&desk).await.is_local(LocalCode::FileSetAside));
        assert_eq!(std::fs::read(&set_aside(folder.path())[0]).unwrap(), bytes);
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
        let desk = desk.reopen().await;
        assert!(desk.app.app_state(()).await.unwrap().accounts[0].problem.is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_cannot_be_used_leaves_the_file_untouched() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = closed(&store, folder.path()).await;
    let file = database(folder.path());
    let bytes = std::fs::read(&file).unwrap();
    desk.host
        .set_keyring_fault(Some(SecretError::Unavailable("locked".to_owned())));
    let desk = Desk::open(desk.host).await;
    assert!(problem(&desk).await.is_local(LocalCode::KeyringUnavailable));
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // "No entry" while nothing can be written is no leave to make a new key.
    desk.host.set_keyring_fault(None);
    desk.host.set_keyring_says_nothing(true);
    let desk = desk.reopen().await;
    assert!(problem(&desk).await.is_local(LocalCode::KeyringUnavailable));
    assert!(
        desk.app
            .sign_in_again(
                desk.account,
                SignInAgain {
                    password: "kettle-marsh-violin-44".into(),
                    second_factor: None,
                }
            )
            .await
            .is_err()
    );
    assert_eq!(std::fs::read(&file).unwrap(), bytes);

    // Unlocked, asking again is enough.
    desk.host.set_keyring_says_nothing(false);
    desk.app.sync_now(desk.account, ()).await.unwrap();
    assert!(desk.app.app_state(()).await.unwrap().accounts[0].problem.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keyring_nothing_is_half_done_and_the_store_is_not_asked() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open(crate::test_support::TestHost::new(folder.path())).await;
    desk.host
        .set_keyring_fault(Some(SecretError::Unavailable("none".to_owned())));
    let request = TakeUpInvitation {
        address: store.url(),
        code: "CODE".into(),
        password: "kettle-marsh-violin-44".into(),
        second_factor: None,
    };
    let problem = desk.app.take_up_invitation(request).await.unwrap_err();
    assert!(problem.is_local(LocalCode::KeyringUnavailable));
    assert!(
        store.inside(|inside| inside.asked.iter().all(|(method, _, _)| method == "GET")),
        "the invitation is not used up"
    );
    // The person's settings were there before.
    assert_eq!(files(folder.path()), [folder.path().join("settings.json")]);
    assert!(desk.host.secret_names().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_list_of_accounts_is_made_anew_from_their_files() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = closed(&store, folder.path()).await;
    let list = folder.path().join("accounts.json");
    let written = std::fs::read_to_string(&list).unwrap();
    assert!(!written.contains("a-token"), "the session is in the sealed file alone");
    std::fs::write(&list, "{ not json").unwrap();
    let desk = Desk::open(desk.host).await;
    let accounts = desk.app.app_state(()).await.unwrap().accounts;
    assert_eq!(accounts.len(), 1);
    assert_eq!(
        (accounts[0].email.as_str(), accounts[0].store_address.as_str()),
        ("helen.okafor@example.org", store.url().as_str())
    );
    assert!(accounts[0].problem.is_none());
    assert_eq!(set_aside(folder.path()).len(), 1, "the damaged list is kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_twice_is_one_account_and_another_store_is_another() {
    let (store, other) = (FakeStore::start().await, FakeStore::start().await);
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let sign_in = |address: String| SignInHere {
        address,
        email: "Helen.Okafor@example.org".to_owned(),
        password: "kettle-marsh-violin-44".into(),
        second_factor: None,
    };
    assert_eq!(desk.app.sign_in(sign_in(store.url())).await.unwrap(), desk.account);
    let second = desk.app.sign_in(sign_in(other.url())).await.unwrap();
    assert_ne!(second, desk.account);
    let accounts = desk.app.app_state(()).await.unwrap().accounts;
    assert_eq!(accounts.len(), 2);
    assert_ne!(accounts[0].colour, accounts[1].colour);
    assert_eq!(
        desk.host.secret_names().len(),
        4,
        "each has a key of its own, and its sealed form"
    );
    let desk = desk.reopen().await;
    assert_eq!(desk.app.app_state(()).await.unwrap().accounts.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_turns_out_to_be_damaged_while_it_is_open_is_set_aside_too() {
    let store = FakeStore::start().await;
    store.inside(|inside| {
        let about = conversation(100, "Long", None, 2000, 2000);
        let messages =
            (1..=2000).map(|n| Entity::Message(message(n, 100, PRIYA, &"Some words of a message. ".repeat(8))).into());
        inside.held = vec![
            (HeldPart::Conversations, vec![Entity::Conversation(about).into()]),
            (HeldPart::Messages, messages.collect()),
        ];
    });
    let folder = tempfile::tempdir().unwrap();
    let desk = closed(&store, folder.path()).await;
    let file = database(folder.path());
    let mut bytes = std::fs::read(&file).unwrap();
    // Pages that no opening reads.
    let half = bytes.len() / 2 / 4096 * 4096;
    (half..bytes.len())
        .step_by(4096)
        .for_each(|page| bytes[page + 100] ^= 0xff);
    std::fs::write(&file, &bytes).unwrap();

    let desk = Desk::open(desk.host).await;
    let open = OpenConversation {
        id: id(100),
        before: None,
    };
    let damaged = desk.host.until(async |_| {
        let opened = desk.app.open_conversation(desk.account, open.clone()).await;
        let state = desk.app.app_state(()).await.unwrap();
        opened.is_err()
            && state.accounts[0]
                .problem
                .as_ref()
                .is_some_and(|problem| problem.is_local(LocalCode::FileSetAside))
    });
    tokio::time::timeout(std::time::Duration::from_secs(30), damaged)
        .await
        .unwrap();
    assert!(!set_aside(folder.path()).is_empty());
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
    desk.until(|state| state.accounts[0].sync.first_fetch.is_none()).await;
    assert_eq!(
        desk.app
            .open_conversation(desk.account, open)
            .await
            .unwrap()
            .messages
            .len(),
        50
    );
}
