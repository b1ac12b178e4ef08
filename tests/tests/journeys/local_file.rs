//! The local file: sealed, and never lost when it cannot be opened.

use std::path::PathBuf;

use lac_client::host::SecretError;
use lac_client::view::{LocalCode, SignInAgain};
use lac_tests::barsetshire::{PASSWORD, Town};
use lac_wire::Recipient;

use crate::desk::Desk;

/// Every file below a folder.
fn files(folder: &std::path::Path) -> Vec<PathBuf> {
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

fn database(desk: &Desk) -> PathBuf {
    files(desk.folder.path())
        .into_iter()
        .find(|file| file.ends_with("store.db"))
        .expect("a local store")
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_on_either_side_s_disk_can_be_read() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let code = barsetshire.invitation("holly.vance@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&town.store.url(), &code).await;
    teacher
        .send(account, Recipient::VirtualSchool, "Marmalade subject", "Marmalade body")
        .await;
    teacher
        .until(account, "the message to leave", |held| held.sync.waiting == 0)
        .await;

    let bytes = std::fs::read(database(&teacher)).unwrap();
    assert!(!bytes.starts_with(b"SQLite format 3"));
    let words = [
        "Marmalade",
        "Holly",
        "Vance",
        "holly.vance",
        "Reading support",
        "Okafor",
        "Callum",
    ];
    for folder in [teacher.folder.path(), town.store.folder()] {
        for file in files(folder) {
            // The mails are letters to people, and accounts.json says whom to sign in as.
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".eml") || name == "accounts.json" {
                continue;
            }
            let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
            for word in words {
                assert!(!text.contains(word), "{word} stands in {}", file.display());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_set_aside_and_the_store_s_copy_comes_back() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let code = barsetshire.invitation("femi.balogun@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&town.store.url(), &code).await;
    let held = teacher.pupils(account).await;
    assert!(!held.is_empty());
    let file = database(&teacher);
    teacher.app.close().await;
    std::fs::write(&file, b"not a database any more").unwrap();

    let teacher = teacher.reopen().await;
    let state = teacher.app.app_state(()).await.unwrap();
    let problem = state.accounts[0].problem.clone().expect("a problem");
    assert!(problem.is_local(LocalCode::FileSetAside), "{problem:?}");
    let aside: Vec<_> = files(teacher.folder.path())
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("set-aside"))
        .filter(|path| std::fs::read(path).unwrap() == b"not a database any more")
        .collect();
    assert_eq!(aside.len(), 1, "the file is kept");

    teacher
        .app
        .sign_in_again(
            account,
            SignInAgain {
                password: PASSWORD.into(),
                second_factor: None,
            },
        )
        .await
        .unwrap();
    teacher.up_to_date(account).await;
    assert_eq!(teacher.pupils(account).await, held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_sets_the_file_aside_and_a_locked_keyring_leaves_it_alone() {
    let town = Town::found().await.unwrap();
    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    let file = database(&head);
    head.app.close().await;
    let bytes = std::fs::read(&file).unwrap();

    head.host
        .set_keyring_fault(Some(SecretError::Unavailable("locked".to_owned())));
    let head = head.reopen().await;
    let problem = head.app.app_state(()).await.unwrap().accounts[0]
        .problem
        .clone()
        .expect("a problem");
    assert!(problem.is_local(LocalCode::KeyringUnavailable), "{problem:?}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes, "untouched");

    head.host.set_keyring_fault(None);
    let names = head.host.secret_names();
    assert_eq!(names.len(), 2, "the key, and its sealed form");
    head.host.tamper_with_secret(&names[0], Some(&[7; 32]));
    let head = head.reopen().await;
    let problem = head.app.app_state(()).await.unwrap().accounts[0]
        .problem
        .clone()
        .expect("a problem");
    assert!(problem.is_local(LocalCode::FileSetAside), "{problem:?}");
    assert!(
        !problem.message.contains("sqlite") && !problem.message.contains("code 26"),
        "{}",
        problem.message
    );
    let kept = files(head.folder.path())
        .into_iter()
        .any(|path| std::fs::read(path).unwrap() == bytes);
    assert!(kept, "the file is kept as it was");
    head.app
        .sign_in_again(
            account,
            SignInAgain {
                password: PASSWORD.into(),
                second_factor: None,
            },
        )
        .await
        .unwrap();
    head.up_to_date(account).await;
}
