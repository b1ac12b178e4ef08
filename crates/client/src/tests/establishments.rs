//! Establishments: from the device for a Designated Teacher and without a network, from the store for LA roles.

use lac_domain::{EstablishmentId, EstablishmentStatus, Role};
use lac_wire::{Entity, Establishment, EstablishmentFilter, HeldPart};

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::view::*;

fn place(number: u128, name: &str, status: EstablishmentStatus) -> Establishment {
    Establishment {
        id: id::<EstablishmentId>(number),
        urn: Some(lac_domain::Urn::parse(&(100_000 + number).to_string()).unwrap()),
        name: name.to_owned(),
        type_name: "Community school".to_owned(),
        phase: "Primary".to_owned(),
        status,
        la_name: "Barsetshire".to_owned(),
        town: "Barchester".to_owned(),
        postcode: "BA1 1AA".to_owned(),
        address: Vec::new(),
        phone: String::new(),
        website: String::new(),
        head: String::new(),
        closed_on: None,
        kind: None,
        ofsted_number: String::new(),
        revision: 1,
        here: None,
    }
}

fn fill(store: &FakeStore, role: Role) {
    store.inside(|inside| {
        inside.role = Some(role);
        let of = |number, name, status| Entity::Establishment(place(number, name, status)).into();
        inside.held = vec![
            (
                HeldPart::Establishments,
                vec![
                    of(900, "Riverside Primary", EstablishmentStatus::Open),
                    of(901, "Hill Infants", EstablishmentStatus::Closed),
                ],
            ),
            (HeldPart::Pupils, vec![Entity::Pupil(pupil(50, "Tom Reed")).into()]),
        ];
    });
}

async fn names(desk: &Desk, filter: EstablishmentFilter) -> Vec<String> {
    let page = desk.app.list_establishments(desk.account, filter).await.unwrap();
    page.rows.into_iter().map(|one| one.name).collect()
}

fn asked(store: &FakeStore) -> usize {
    store.inside(|inside| {
        let asked = inside.asked.iter();
        asked
            .filter(|(_, path, _)| path.starts_with("/v1/establishments"))
            .count()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_designated_teacher_sees_their_own_also_without_a_network() {
    let mut store = FakeStore::start().await;
    fill(&store, Role::DesignatedTeacher);
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let all = ["Hill Infants", "Riverside Primary"];
    assert_eq!(names(&desk, EstablishmentFilter::default()).await, all);
    assert_eq!(asked(&store), 0, "the list is of what this device holds");
    let search = |text: &str| EstablishmentFilter {
        search: Some(text.to_owned()),
        ..EstablishmentFilter::default()
    };
    assert_eq!(names(&desk, search("river prim")).await, ["Riverside Primary"]);
    assert_eq!(names(&desk, search("100901")).await, ["Hill Infants"]);
    assert_eq!(names(&desk, search("plumstead")).await, [""; 0]);
    let one = EstablishmentFilter {
        limit: Some(1),
        ..EstablishmentFilter::default()
    };
    let first = desk.app.list_establishments(desk.account, one.clone()).await.unwrap();
    let second = EstablishmentFilter {
        after: first.after,
        ..one
    };
    assert_eq!(names(&desk, second).await, ["Riverside Primary"]);
    store.stop().await;
    let riverside = EstablishmentRef {
        id: id::<EstablishmentId>(900),
    };
    let page = desk.app.get_establishment(desk.account, riverside).await.unwrap();
    assert!(page.as_held && page.linked_users.is_empty());
    assert_eq!(
        (page.establishment.name.as_str(), page.pupils),
        ("Riverside Primary", 1)
    );
    let elsewhere = EstablishmentRef {
        id: id::<EstablishmentId>(999),
    };
    assert!(desk.app.get_establishment(desk.account, elsewhere).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn la_roles_ask_the_store_and_fall_back_on_what_is_held() {
    let mut store = FakeStore::start().await;
    fill(&store, Role::LaSuperUser);
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    assert_eq!(
        names(&desk, EstablishmentFilter::default()).await,
        [""; 0],
        "this store answers with none"
    );
    assert_eq!(asked(&store), 1);
    store.stop().await;
    assert_eq!(
        names(&desk, EstablishmentFilter::default()).await,
        ["Riverside Primary"]
    );
    let closed = EstablishmentFilter {
        only_closed: Some(true),
        ..EstablishmentFilter::default()
    };
    assert_eq!(names(&desk, closed).await, ["Hill Infants"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_the_dfe_leaves_whole_with_its_name() {
    let store = FakeStore::start().await;
    fill(&store, Role::LaSuperUser);
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    assert!(
        desk.app
            .choose_establishment_file(desk.account, ())
            .await
            .unwrap()
            .is_none()
    );
    let file = folder.path().join("edubasealldata.csv");
    std::fs::write(&file, "URN,EstablishmentName\n100000,First\n").unwrap();
    desk.host.will_choose(Some(&file));
    let chosen = desk
        .app
        .choose_establishment_file(desk.account, ())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((chosen.name.as_str(), chosen.bytes), ("edubasealldata.csv", 35));
    let judge = |path: String| JudgeEstablishmentFile {
        path,
        la_codes: "823".to_owned(),
    };
    // This store takes no such files: it leaves, and is refused in a sentence.
    assert!(
        desk.app
            .judge_establishment_file(desk.account, judge(chosen.path))
            .await
            .is_err()
    );
    let (path, key) = store.inside(|inside| {
        let put = inside.asked.iter().find(|(method, _, _)| method == "PUT").unwrap();
        (put.1.clone(), put.2.clone())
    });
    assert!(
        path.starts_with("/v1/establishment-imports/") && path.contains("file_name=edubasealldata.csv"),
        "{path}"
    );
    assert!(path.contains("la_codes=823") && path.contains(&key), "{path}");
    let gone = folder.path().join("gone.csv").to_string_lossy().into_owned();
    let problem = desk
        .app
        .judge_establishment_file(desk.account, judge(gone))
        .await
        .unwrap_err();
    assert!(problem.is_local(LocalCode::File), "{problem:?}");
}
