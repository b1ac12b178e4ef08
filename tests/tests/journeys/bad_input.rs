//! Bad input: a clear sentence each, nothing lost, nothing half-done.

use lac_client::view::*;
use lac_domain::Role;
use lac_import::ExistingUsers;
use lac_tests::barsetshire::{PASSWORD, Town};
use lac_wire::{ErrorCode, ImportKind};

use crate::desk::Desk;

/// A sentence for a person: it ends like one, and holds nothing of the machinery.
fn is_a_sentence(problem: &Problem) {
    let message = &problem.message;
    assert!(
        message.ends_with('.') && message.chars().next().is_some_and(char::is_uppercase),
        "{message}"
    );
    for word in [
        "sqlx",
        "reqwest",
        "hyper",
        "os error",
        "tcp",
        "Error",
        "error sending",
        "None",
        "Some(",
    ] {
        assert!(!message.contains(word), "{message}");
    }
}

fn sign_in(address: &str, email: &str, password: &str) -> SignInHere {
    SignInHere {
        address: address.to_owned(),
        email: email.to_owned(),
        password: password.into(),
        second_factor: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_that_are_not_there_or_are_none() {
    let desk = Desk::new().await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for address in [address.as_str(), "no such address", "", "https://store.invalid"] {
        let problem = desk
            .app
            .look_at_store(StoreAddress {
                address: address.to_owned(),
            })
            .await
            .unwrap_err();
        is_a_sentence(&problem);
    }

    // A captive portal: anything is answered with a page.
    let portal = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", portal.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = portal.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut bytes = [0; 1024];
            let _ = stream.read(&mut bytes).await;
            let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 22\r\nconnection: close\r\n\r\n<h1>Accept terms</h1>\n";
            let _ = stream.write_all(page.as_bytes()).await;
        }
    });
    let problem = desk.app.look_at_store(StoreAddress { address }).await.unwrap_err();
    assert!(problem.is_local(LocalCode::NotAStore), "{problem:?}");
    is_a_sentence(&problem);
    assert!(
        desk.app.app_state(()).await.unwrap().accounts.is_empty(),
        "nothing half-done"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn passwords_and_invitations() {
    let mut town = Town::found().await.unwrap();
    let url = town.store.url();
    let desk = Desk::new().await;

    let weak = TakeUpInvitation {
        address: url.clone(),
        code: town.first_code.as_str().into(),
        password: "priya-shah-12".into(),
        second_factor: None,
    };
    let problem = desk.app.take_up_invitation(weak).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Store(ErrorCode::PasswordWeak));
    is_a_sentence(&problem);

    let wrong = TakeUpInvitation {
        address: url.clone(),
        code: "AAAAA-BBBBB-CCCCC-DDDDD".into(),
        password: PASSWORD.into(),
        second_factor: None,
    };
    let problem = desk.app.take_up_invitation(wrong).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Store(ErrorCode::InvitationUnknown));
    is_a_sentence(&problem);

    // The refused tries used nothing up.
    let (_head, _) = Desk::take_up(&url, &town.first_code).await;
    let used = TakeUpInvitation {
        address: url.clone(),
        code: town.first_code.as_str().into(),
        password: PASSWORD.into(),
        second_factor: None,
    };
    let problem = desk.app.take_up_invitation(used).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Store(ErrorCode::InvitationUsed));
    is_a_sentence(&problem);

    let wrong = desk
        .app
        .sign_in(sign_in(&url, "priya.shah@example.org", "not-the-password-1"))
        .await
        .unwrap_err();
    let nobody = desk
        .app
        .sign_in(sign_in(&url, "nobody@example.org", "not-the-password-1"))
        .await
        .unwrap_err();
    assert_eq!(
        wrong.message, nobody.message,
        "the answer does not tell whether an account exists"
    );
    is_a_sentence(&wrong);
    assert!(desk.app.app_state(()).await.unwrap().accounts.is_empty());

    // Letter case of the address does not matter.
    let (_again, _) = Desk::sign_in(&url, "Priya.Shah@EXAMPLE.org").await;

    town.store.stop();
    let down = desk
        .app
        .sign_in(sign_in(&url, "priya.shah@example.org", PASSWORD))
        .await
        .unwrap_err();
    assert!(down.is_local(LocalCode::Offline), "{down:?}");
    is_a_sentence(&down);
    town.store.serve().await.unwrap();
    let (_once_more, _) = Desk::sign_in(&url, "priya.shah@example.org").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_no_files_of_users() {
    let town = Town::found().await.unwrap();
    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    let folder = head.folder.path();
    let big = folder.join("big.csv");
    std::fs::File::create(&big).unwrap().set_len(200_000_000).unwrap();
    let workbook = folder.join("users.xlsx");
    std::fs::write(&workbook, b"PK\x03\x04 and so on").unwrap();
    let empty = folder.join("empty.csv");
    std::fs::write(&empty, b"").unwrap();
    let picture = folder.join("picture.csv");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    let missing = folder.join("missing.csv");
    let mut sentences = std::collections::BTreeSet::new();
    for path in [big.as_path(), &workbook, &empty, &picture, &missing, folder] {
        let path = path.to_string_lossy().into_owned();
        let problem = head
            .app
            .look_at_file(
                account,
                LookAtFile {
                    kind: ImportKind::Users,
                    path: path.clone(),
                    mapping: Vec::new(),
                },
            )
            .await
            .unwrap_err();
        is_a_sentence(&problem);
        sentences.insert(problem.message);
        let request = JudgeFile {
            kind: ImportKind::Users,
            path,
            role: Some(Role::DesignatedTeacher),
            existing: ExistingUsers::Refuse,
            as_at: None,
            mapping: Vec::new(),
        };
        is_a_sentence(&head.app.judge_file(account, request).await.unwrap_err());
    }
    assert_eq!(sentences.len(), 6, "each has its own sentence: {sentences:?}");
    assert!(
        head.app
            .list_imports(account, After::default())
            .await
            .unwrap()
            .rows
            .is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_that_has_expired_says_so() {
    let town = Town::found().await.unwrap();
    // A new code ends the one before it.
    let said = town.store.run(["invite", "priya.shah@example.org"]).unwrap();
    let newer = lac_tests::barsetshire::code_in(&said).expect("a code");
    let desk = Desk::new().await;
    let old = TakeUpInvitation {
        address: town.store.url(),
        code: town.first_code.as_str().into(),
        password: PASSWORD.into(),
        second_factor: None,
    };
    let problem = desk.app.take_up_invitation(old).await.unwrap_err();
    assert_eq!(problem.code, ProblemCode::Store(ErrorCode::InvitationExpired));
    is_a_sentence(&problem);
    let (_head, _) = Desk::take_up(&town.store.url(), &newer).await;
}
