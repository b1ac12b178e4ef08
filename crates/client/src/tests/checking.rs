//! What is said before a message is sent: of whom it is for, of pupils whom it names, of those who are away.

use lac_domain::{Role, UserStatus};
use lac_wire::{Away, Entity, HeldPart, Person, Recipient, RecipientsChecked, SetAway};

use super::desk::Desk;
use super::fake_store::FakeStore;
use super::samples::*;
use crate::view::*;

const ANNA: u128 = 3;
const BEN: u128 = 4;
const TOM: u128 = 50;

fn anna() -> Person {
    person(ANNA, "Anna", "Webb", Role::DesignatedTeacher, &["Hilltop"])
}

/// Priya is away with Anna for her; Anna works at another school than Tom's; Ben has left.
async fn desk(store: &FakeStore, folder: &std::path::Path) -> Desk {
    let away = Some(Away {
        until: "2099-01-05".parse().unwrap(),
        cover: Some(id(ANNA)),
    });
    let people = [
        Person { away, ..priya() },
        anna(),
        Person {
            status: UserStatus::Inactive,
            ..person(BEN, "Ben", "Cole", Role::SocialWorker, &[])
        },
    ];
    store.inside(|inside| {
        inside.held = vec![
            (HeldPart::People, people.map(|one| Entity::Person(one).into()).to_vec()),
            (
                HeldPart::Pupils,
                vec![
                    Entity::Pupil(pupil(TOM, "Tom Reed")).into(),
                    Entity::Pupil(pupil(51, "Una Thorne")).into(),
                ],
            ),
        ];
    });
    store.desk(folder).await
}

fn to(number: u128) -> Recipient {
    Recipient::User { id: id(number) }
}

async fn check(desk: &Desk, pupil: Option<u128>, recipients: &[u128]) -> RecipientReport {
    let request = ChosenRecipients {
        pupil_id: pupil.map(id),
        recipients: recipients.iter().copied().map(to).collect(),
    };
    desk.app.check_recipients(desk.account, request).await.unwrap()
}

fn names(people: &[NamedPerson]) -> Vec<&str> {
    people.iter().map(|person| person.name.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_the_pupil_is_said_as_the_store_has_it_and_offline_as_far_as_is_known() {
    let mut store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    store.inside(|inside| {
        inside.checked = Some(RecipientsChecked {
            people: 7,
            not_entitled: vec![id(PRIYA)],
            left_out: 2,
        });
    });
    let report = check(&desk, Some(TOM), &[PRIYA, ANNA, BEN]).await;
    assert_eq!((report.people, report.sure, report.left_out), (Some(7), true, 2));
    assert_eq!(names(&report.not_entitled), ["Priya Shah"]);
    assert_eq!(names(&report.inactive), ["Ben Cole"]);
    store.stop().await;
    desk.until(|state| !state.accounts[0].sync.online).await;
    let report = check(&desk, Some(TOM), &[PRIYA, ANNA]).await;
    assert_eq!((report.people, report.sure), (None, false));
    assert_eq!(names(&report.not_entitled), ["Anna Webb"], "she is at another school");
    assert!(check(&desk, None, &[PRIYA, ANNA]).await.not_entitled.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_is_said_with_a_cover_who_is_not_offered_twice() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    let report = check(&desk, None, &[PRIYA]).await;
    assert_eq!(report.away[0].name, "Priya Shah");
    assert_eq!(report.away[0].until, "2099-01-05".parse().unwrap());
    assert_eq!(report.away[0].cover.as_ref().unwrap().name, "Anna Webb");
    let report = check(&desk, None, &[PRIYA, ANNA]).await;
    assert_eq!(report.away[0].cover, None, "it is for her already");
    let request = FindRecipients {
        search: "priya".to_owned(),
        pupil_id: None,
    };
    let found = desk.app.find_recipients(desk.account, request).await.unwrap();
    assert_eq!(found[0].detail, "LA Super User, away until 5 January");
    // A day that has come is no day to be away until.
    let back = Person {
        away: Some(Away {
            until: at(0).london_date(),
            cover: None,
        }),
        ..priya()
    };
    store.change([Entity::Person(back)]);
    desk.until_so(async || check(&desk, None, &[PRIYA]).await.away.is_empty())
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_user_says_that_they_are_away_and_that_they_are_back() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    assert_eq!(desk.app.get_away(desk.account, ()).await.unwrap(), None);
    let away = SetAway {
        until: Some("2099-01-05".parse().unwrap()),
        cover: Some(id(ANNA)),
    };
    desk.app.set_away(desk.account, away).await.unwrap();
    let own = desk.app.get_away(desk.account, ()).await.unwrap().unwrap();
    assert_eq!(own.cover.unwrap().name, "Anna Webb");
    let back = SetAway {
        until: None,
        cover: None,
    };
    desk.app.set_away(desk.account, back).await.unwrap();
    assert_eq!(desk.app.get_away(desk.account, ()).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_about_no_pupil_that_names_one_is_found_out() {
    let store = FakeStore::start().await;
    let (folder, files) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let desk = desk(&store, folder.path()).await;
    let named = async |draft: DraftRef| {
        let found = desk.app.pupils_named(desk.account, draft).await.unwrap();
        found
            .iter()
            .map(|pupil| pupil.known_as.reveal().to_owned())
            .collect::<Vec<_>>()
    };
    let begin = async |subject, body| desk.draft(NewDraft::default(), subject, body).await;
    assert_eq!(named(begin("About TOM REED", "Late again").await).await, ["Tom Reed"]);
    assert_eq!(
        named(begin("Buses", "Thorne, Una and Tom Reed\u{2019}s friend").await).await,
        ["Tom Reed", "Una Thorne"]
    );
    assert!(
        named(begin("Buses", "Tom was late. Riverside Primary rang").await)
            .await
            .is_empty()
    );
    // By the name of a file.
    let plan = files.path().join("Una_Thorne_PEP.txt");
    std::fs::write(&plan, "Swimming on Friday").unwrap();
    let draft = begin("Plan", "Here it is").await;
    let request = AttachFiles {
        draft_id: draft.id,
        paths: Some(vec![plan.display().to_string()]),
    };
    desk.app.attach_files(desk.account, request).await.unwrap();
    assert_eq!(named(draft.clone()).await, ["Una Thorne"]);
    // About a pupil, it names whom it may.
    let mut about = desk.app.get_draft(desk.account, draft.clone()).await.unwrap();
    about.pupil_id = Some(id(TOM));
    desk.app.save_draft(desk.account, about).await.unwrap();
    assert!(named(draft).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn own_lists_are_offered_and_show_who_can_no_longer_be_written_to() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(&store, folder.path()).await;
    let list = SaveOwnList {
        id: None,
        name: "PEP circle".into(),
        members: vec![id(PRIYA), id(BEN), id(99)],
    };
    desk.app.save_own_list(desk.account, list).await.unwrap();
    let lists = desk.app.list_own_lists(desk.account, ()).await.unwrap();
    let members: Vec<_> = lists[0]
        .members
        .iter()
        .map(|member| (member.name.as_str(), member.reachable))
        .collect();
    assert_eq!(
        members,
        [
            ("Priya Shah", true),
            ("Ben Cole", false),
            ("Someone you can no longer see", false)
        ]
    );
    let request = FindRecipients {
        search: "pep".to_owned(),
        pupil_id: None,
    };
    let found = desk.app.find_recipients(desk.account, request).await.unwrap();
    assert_eq!(found[0].recipient, Recipient::OwnList { id: lists[0].id });
    assert_eq!(
        (found[0].people, found[0].detail.as_str()),
        (1, "Your list; 2 more can no longer be written to")
    );
    // It outlives a restart, and goes when it is deleted.
    let desk = desk.reopen().await;
    assert_eq!(desk.app.list_own_lists(desk.account, ()).await.unwrap().len(), 1);
    desk.until(|state| state.accounts[0].sync.online).await;
    let request = ListRef { id: lists[0].id };
    desk.app.delete_own_list(desk.account, request).await.unwrap();
    assert!(desk.app.list_own_lists(desk.account, ()).await.unwrap().is_empty());
}
