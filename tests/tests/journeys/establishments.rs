//! A school becomes an academy, from the DfE's two files to the teacher's desktop.

use lac_client::view::*;
use lac_tests::barsetshire::{Town, fixtures};
use lac_wire::{EstablishmentFileKind, EstablishmentFilter, EstablishmentImport, MoveEstablishment, SuccessionFilter};

use crate::desk::{Desk, PATIENCE};

/// Has a fixture of Barsetshire judged, and answers what was found.
async fn judge(desk: &Desk, account: AccountId, file: &str) -> EstablishmentImport {
    let request = JudgeEstablishmentFile {
        path: fixtures().join(file).to_string_lossy().into_owned(),
        la_codes: String::new(),
    };
    desk.app.judge_establishment_file(account, request).await.unwrap()
}

async fn commit(desk: &Desk, account: AccountId, one: &EstablishmentImport) {
    let request = EstablishmentImportRef { id: one.id };
    let done = desk.app.commit_establishment_file(account, request).await.unwrap();
    assert!(done.committed_at.is_some());
}

async fn names(desk: &Desk, account: AccountId) -> Vec<String> {
    let filter = EstablishmentFilter {
        closed: true,
        ..EstablishmentFilter::default()
    };
    let page = desk.app.list_establishments(account, filter).await.unwrap();
    page.rows.into_iter().map(|one| one.name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_becomes_an_academy_takes_its_teachers_and_pupils_along() {
    let town = Town::found().await.unwrap();
    town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let (helen, helen_account) = Desk::sign_in(&town.store.url(), "helen.okafor@example.org").await;
    let pupils = helen.pupils(helen_account).await;
    assert!(!pupils.is_empty());
    assert_eq!(names(&helen, helen_account).await, ["Riverside Primary School"]);

    let one = judge(&head, account, "establishments-a-year-later.csv").await;
    assert_eq!(one.kind, EstablishmentFileKind::Establishments);
    let counts = one.found.counts;
    assert_eq!(
        (counts.created, counts.updated, counts.closed),
        (1, 1, 1),
        "{:?}",
        one.found
    );
    assert_eq!(one.found.closing_names, ["Riverside Primary School"]);
    commit(&head, account, &one).await;
    let links = judge(&head, account, "links.csv").await;
    assert_eq!(
        (links.kind, links.found.counts.created),
        (EstablishmentFileKind::Links, 1)
    );
    commit(&head, account, &links).await;

    let offered = head
        .app
        .list_successions(account, SuccessionFilter::default())
        .await
        .unwrap()
        .rows;
    assert_eq!(offered.len(), 1);
    let (from, to) = (offered[0].from.id.unwrap(), offered[0].to.id.unwrap());
    let request = MoveEstablishmentRequest {
        id: from,
        to: MoveEstablishment {
            to,
            on: offered[0].on.unwrap(),
            whole: true,
            links: Vec::new(),
            enrolments: Vec::new(),
        },
    };
    let moved = head.app.move_establishment(account, request).await.unwrap();
    assert_eq!((moved.users, moved.pupils), (offered[0].users, offered[0].pupils));

    // The teacher's desktop follows by itself, and loses none of the pupils.
    let appears = helen
        .host
        .until(async |_| names(&helen, helen_account).await == ["Riverside Academy"]);
    tokio::time::timeout(PATIENCE, appears)
        .await
        .expect("the academy appears, and the school is gone");
    assert_eq!(helen.pupils(helen_account).await, pupils);
    let academy = helen
        .app
        .get_establishment(helen_account, EstablishmentRef { id: to })
        .await
        .unwrap();
    assert_eq!(academy.pupils as usize, pupils.len());
    assert!(academy.linked_users.iter().any(|user| user.name == "Helen Okafor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn gias_s_own_file_is_imported_twice_and_the_second_time_changes_nothing() {
    let town = Town::found().await.unwrap();
    let file = fixtures().join("../gias/edubasealldata-18-rows.csv");
    let first = town
        .store
        .run(["import".as_ref(), "establishments".as_ref(), file.as_os_str()])
        .unwrap();
    assert!(first.contains("19 created"), "{first}");
    let second = town
        .store
        .run(["import".as_ref(), "establishments".as_ref(), file.as_os_str()])
        .unwrap();
    assert!(
        second.contains("0 created") && second.contains("0 updated") && second.contains("19 unchanged"),
        "{second}"
    );

    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    for search in ["sir john", "100000", "EC3A 5DE", "ec3a5de"] {
        let filter = lac_wire::EstablishmentFilter {
            search: Some(search.to_owned()),
            ..Default::default()
        };
        let found = head.app.list_establishments(account, filter).await.unwrap().rows;
        assert_eq!(found.len(), 1, "{search}");
        assert_eq!(found[0].name, "Sir John Cass's Foundation Primary School");
    }
}
