//! The lock: what is open while it is, what is left while it is not, and who gets in.

use std::path::Path;
use std::time::Duration;

use lac_wire::{Entity, HeldPart};

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::host::SecretError;
use crate::test_support::TestHost;
use crate::view::*;

const PASSWORD: &str = "kettle-marsh-violin-44";

fn with(password: &str) -> Unlock {
    Unlock {
        password: password.into(),
        chosen_since: false,
        second_factor: None,
    }
}

async fn told(desk: &Desk) -> Option<Problem> {
    desk.app.app_state(()).await.unwrap().accounts[0].problem.clone()
}

async fn is_locked(desk: &Desk) -> bool {
    told(desk)
        .await
        .is_some_and(|problem| problem.is_local(LocalCode::Locked))
}

/// Every file below a folder, with its bytes.
fn bytes_below(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes_below(&path));
        } else {
            found.push(std::fs::read(path).unwrap());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_nothing_answers_but_unlock_and_the_open_key_is_gone() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    store.inside(|inside| {
        inside.held = vec![(HeldPart::Pupils, vec![Entity::Pupil(pupil(50, "Tom Reed")).into()])];
        inside.password = Some(PASSWORD);
    });
    let desk = store.desk(folder.path()).await;
    let draft = desk.draft(NewDraft::default(), "Unfinished", "Dear").await;
    store.stop().await;
    desk.send("Waiting", "Text").await;
    desk.until(|state| state.accounts[0].sync.waiting == 1).await;
    let open_key = desk.host.secret(&desk.host.secret_names()[0]).unwrap();

    desk.app.lock(()).await.unwrap();
    assert!(is_locked(&desk).await);
    assert_eq!(desk.host.pages_forgotten(), 1);
    // What the keyring and the disk hold now opens nothing without the password.
    let names = desk.host.secret_names();
    assert_eq!(names.len(), 1, "{names:?}");
    let sealed = desk.host.secret(&names[0]).unwrap();
    assert!(names[0].ends_with("/sealed") && !sealed.windows(32).any(|part| part == open_key));
    for bytes in bytes_below(folder.path()) {
        assert!(!bytes.windows(32).any(|part| part == open_key));
    }
    let state = desk.app.app_state(()).await.unwrap();
    let account = &state.accounts[0];
    assert_eq!(
        (account.sync.waiting, account.me.is_none()),
        (1, true),
        "numbers are all that is left"
    );

    let locked = |problem: Problem| assert!(problem.is_local(LocalCode::Locked), "{problem:?}");
    let id = desk.account;
    locked(
        desk.app
            .get_pupil(
                id,
                PupilRef {
                    id: super::samples::id(50),
                },
            )
            .await
            .unwrap_err(),
    );
    locked(desk.app.get_draft(id, draft.clone()).await.unwrap_err());
    locked(desk.app.list_outbox(id, ()).await.unwrap_err());
    locked(desk.app.home(id, ()).await.unwrap_err());
    locked(desk.app.sync_now(id, ()).await.unwrap_err());
    locked(desk.app.folder_counts(id, ()).await.unwrap_err());
    locked(
        desk.app
            .sign_out(id, SignOut { discard_unsent: true })
            .await
            .unwrap_err(),
    );
    let again = SignInAgain {
        password: PASSWORD.into(),
        second_factor: None,
    };
    locked(desk.app.sign_in_again(id, again).await.unwrap_err());
    locked(desk.app.save_settings(Settings::default()).await.unwrap_err());
    let address = StoreAddress { address: store.url() };
    locked(desk.app.look_at_store(address).await.unwrap_err());

    // Ended and opened again, it is still locked; and offline the password is enough.
    let desk = desk.reopen().await;
    assert!(is_locked(&desk).await);
    let wrong = desk
        .app
        .unlock(desk.account, with("kettle-marsh-violin-45"))
        .await
        .unwrap_err();
    assert_eq!(
        (wrong.is_local(LocalCode::Invalid), wrong.field.as_deref()),
        (true, Some("password"))
    );
    assert!(is_locked(&desk).await);
    desk.app.unlock(desk.account, with(PASSWORD)).await.unwrap();
    assert!(told(&desk).await.is_none());
    assert_eq!(
        desk.app.get_draft(desk.account, draft).await.unwrap().body.reveal(),
        "Dear"
    );
    assert_eq!(desk.outbox().await.len(), 1);
    store.start_again().await;
    desk.until(|state| state.accounts[0].sync.waiting == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_locks_when_nobody_uses_it_and_when_it_was_left_for_long() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    desk.app.still_here(()).await.unwrap();
    let watching = tokio::spawn(std::sync::Arc::clone(&desk.app).lock_when_idle());
    desk.until(|state| {
        let problem = state.accounts[0].problem.as_ref();
        problem.is_some_and(|problem| problem.is_local(LocalCode::Locked))
    })
    .await;
    watching.abort();
    desk.app.unlock(desk.account, with(PASSWORD)).await.unwrap();
    desk.app.close().await;

    // Left a moment ago, it opens as it was; left for an hour, the key is sealed before anything reads the file.
    let desk = Desk::open_after(desk.host, Duration::from_secs(16 * 60)).await;
    assert!(!is_locked(&desk).await);
    desk.app.still_here(()).await.unwrap();
    desk.app.close().await;
    let desk = Desk::open_after(desk.host, Duration::from_secs(2 * 3600)).await;
    assert!(is_locked(&desk).await);
    assert_eq!(desk.host.secret_names().len(), 1);
    desk.app.unlock(desk.account, with(PASSWORD)).await.unwrap();
    assert!(!is_locked(&desk).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_passwords_are_slowed_down_and_a_restart_gains_nothing() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    desk.app.lock(()).await.unwrap();
    let mut waits = false;
    for _ in 0..12 {
        let problem = desk
            .app
            .unlock(desk.account, with("not the password"))
            .await
            .unwrap_err();
        waits |= problem.message.contains("Try again in");
    }
    assert!(waits, "it is slowed down");
    let slowed = async |desk: &Desk| {
        let answer = desk.app.unlock(desk.account, with(PASSWORD)).await;
        answer.is_err_and(|problem| problem.message.contains("Try again in"))
    };
    assert!(slowed(&desk).await, "the right one has to wait as well");
    let desk = desk.reopen().await;
    assert!(slowed(&desk).await);
    // Nobody is locked out for good.
    desk.until_so(async || desk.app.unlock(desk.account, with(PASSWORD)).await.is_ok())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_no_keyring_the_password_takes_its_place() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let host = TestHost::new(folder.path());
    host.set_keyring_fault(Some(SecretError::Absent));
    let desk = store.desk_on(host).await;
    assert!(desk.host.secret_names().is_empty());
    let account = desk.app.app_state(()).await.unwrap().accounts.remove(0);
    assert!(account.no_keyring && account.problem.is_none(), "the user is told");
    desk.draft(NewDraft::default(), "Unfinished", "Dear").await;

    let desk = desk.reopen().await;
    assert!(is_locked(&desk).await, "nothing but the password opens it");
    assert!(desk.app.unlock(desk.account, with("another password")).await.is_err());
    desk.app.unlock(desk.account, with(PASSWORD)).await.unwrap();
    assert_eq!(desk.app.list_drafts(desk.account, ()).await.unwrap().len(), 1);
    desk.app
        .sign_out(desk.account, SignOut { discard_unsent: true })
        .await
        .unwrap();
    assert!(bytes_below(&folder.path().join("accounts")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_chosen_since_is_for_the_store_to_judge() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    store.inside(|inside| inside.password = Some(PASSWORD));
    let desk = store.desk(folder.path()).await;
    desk.app.lock(()).await.unwrap();
    store.inside(|inside| inside.password = Some("orchard-pencil-river-9"));
    let chosen = |password: &str| Unlock {
        chosen_since: true,
        ..with(password)
    };
    let refused = desk
        .app
        .unlock(desk.account, chosen("something else 12"))
        .await
        .unwrap_err();
    assert_eq!(refused.field.as_deref(), Some("password"));
    assert!(is_locked(&desk).await, "nothing was touched");
    desk.app
        .unlock(desk.account, chosen("orchard-pencil-river-9"))
        .await
        .unwrap();
    desk.until(|state| state.accounts[0].problem.is_none() && state.accounts[0].sync.first_fetch.is_none())
        .await;
    // What only the former password opens is kept, with its sealed key.
    let kept = |desk: &Desk| {
        let account = folder.path().join("accounts").join(desk.account.0.to_string());
        let names: Vec<String> = std::fs::read_dir(account)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("set-aside"))
            .collect();
        names
    };
    assert!(
        kept(&desk).iter().any(|name| name.ends_with(".key")),
        "{:?}",
        kept(&desk)
    );
    desk.app.lock(()).await.unwrap();
    assert!(desk.app.unlock(desk.account, with(PASSWORD)).await.is_err());
    desk.until_so(async || {
        desk.app
            .unlock(desk.account, with("orchard-pencil-river-9"))
            .await
            .is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_seals_the_key_under_the_password_of_today() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let new = SignInAgain {
        password: "orchard-pencil-river-9".into(),
        second_factor: None,
    };
    desk.app.sign_in_again(desk.account, new).await.unwrap();
    desk.app.lock(()).await.unwrap();
    assert!(desk.app.unlock(desk.account, with(PASSWORD)).await.is_err());
    desk.app
        .unlock(desk.account, with("orchard-pencil-river-9"))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_locked_a_new_message_is_told_and_nothing_of_it() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    store.inside(|inside| inside.unread = 2);
    let desk = store.desk(folder.path()).await;
    let settings = Settings {
        show_sender: true,
        ..Settings::default()
    };
    desk.app.save_settings(settings).await.unwrap();
    desk.app.lock(()).await.unwrap();
    let asked = |path: &str| store.inside(|inside| inside.asked.iter().filter(|one| one.1 == path).count());
    desk.until_so(async || asked("/v1/unread") > 0).await;
    assert!(desk.host.notifications().is_empty(), "what was there before is no news");
    let pulled = asked("/v1/changes");
    store.inside(|inside| inside.unread = 3);
    store.poke();
    desk.until_host(|host| host.notifications().len() == 1).await;
    let told = desk.host.notifications().remove(0);
    assert_eq!(
        (told.title.as_str(), told.body.as_str()),
        ("Secure Messages", "You have a new secure message")
    );
    assert_eq!(told.conversation, None);
    assert_eq!(asked("/v1/changes"), pulled, "nothing is fetched");
    desk.until(|state| state.accounts[0].sync.unread == 3).await;
}

/// The bodies of the methods in a file, by name.
fn methods(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("async fn ") {
        let rest = &text[at + "async fn ".len()..];
        let name: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let end = rest.find("\n    }\n").unwrap_or(rest.len());
        found.push((name, rest[..end].to_owned()));
    }
    found
}

#[test]
fn every_command_goes_through_a_door_that_a_lock_shuts() {
    macro_rules! names {
        (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
            [$(stringify!($a),)* $(stringify!($b),)*]
        };
    }
    const COMMANDS: &[&str] = &crate::ui_commands!(names);
    // What the lock's own screen needs.
    const OPEN: [&str; 4] = ["app_state", "lock", "still_here", "unlock"];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/commands");
    let all: Vec<(String, String)> = std::fs::read_dir(source)
        .unwrap()
        .flat_map(|file| methods(&std::fs::read_to_string(file.unwrap().path()).unwrap()))
        .collect();
    let has_door = |body: &str| {
        ["opened", "readable", "account", "unlocked"]
            .iter()
            .any(|door| body.contains(&format!("self.{door}(")))
    };
    let through_another = |body: &str| {
        let called = |name: &str| body.contains(&format!("self.{name}(")) || body.contains(&format!(" {name}(self"));
        all.iter().any(|(name, other)| called(name) && has_door(other))
    };
    let mut without = Vec::new();
    for command in COMMANDS.iter().filter(|command| !OPEN.contains(command)) {
        let body = all
            .iter()
            .find(|(name, _)| name == command)
            .map(|(_, body)| body.as_str());
        if !body.is_some_and(|body| has_door(body) || through_another(body)) {
            without.push(*command);
        }
    }
    assert!(without.is_empty(), "a lock does not shut: {without:?}");
}
