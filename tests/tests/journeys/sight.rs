//! Who sees whom, on the desktops themselves.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, EstablishmentId, Upn};
use lac_tests::barsetshire::{PUPILS, Town, now};
use lac_wire::{
    AddPupil, CareChange, CarePeriodEntry, ChangeCare, ChangeEnrolment, EnrolmentChange, EnrolmentEntry, Private,
    Pupil, PupilRecord,
};

use crate::desk::{Desk, PATIENCE};

/// A pupil at a school since September who comes into care on a day.
pub fn into_care(first: &str, last: &str, school: EstablishmentId, from: NaiveDate) -> AddPupil {
    AddPupil {
        legal_first_name: first.into(),
        legal_last_name: last.into(),
        known_as: Private::default(),
        born: "2016-04-01".parse().unwrap(),
        upn: Some(Upn::parse("B801200005001").unwrap()),
        reference: None,
        care_periods: vec![CarePeriodEntry {
            start: from,
            end: None,
            end_reason: None,
        }],
        enrolments: vec![EnrolmentEntry {
            establishment_id: school,
            kind: EnrolmentKind::Main,
            start: "2026-09-02".parse().unwrap(),
            end: None,
            visible_from: None,
        }],
        held_from_schools_until: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teacher_s_desktop_holds_the_pupils_of_linked_establishments_and_no_other() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let code = barsetshire.invitation("moira.kelly@example.org").unwrap();
    let (moira, account) = Desk::take_up(&town.store.url(), &code).await;
    let expected: BTreeSet<String> = PUPILS
        .iter()
        .filter(|pupil| ["990108", "990109"].contains(&pupil.4))
        .map(|pupil| format!("{} {}", pupil.0, pupil.1))
        .collect();
    let held: BTreeSet<String> = moira.pupils(account).await.into_iter().collect();
    assert_eq!(held, expected);

    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    assert_eq!(head.pupils(head_account).await.len(), PUPILS.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_who_comes_into_care_appears_at_their_school_by_itself_and_nowhere_else() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (owen, owen_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("owen.bell@example.org").unwrap(),
    )
    .await;
    let (ruth, ruth_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("ruth.adeyemi@example.org").unwrap(),
    )
    .await;
    let ruth_held = ruth.pupils(ruth_account).await;

    // A child of the same name as one at another school.
    let school = barsetshire.establishments["990104"];
    let request = into_care("Tom", "Reed", school, "2026-10-01".parse().unwrap());
    let pupil: Pupil = barsetshire.head.post("/v1/pupils", &request).await.unwrap();

    let appears = owen
        .host
        .until(async |_| owen.pupils(owen_account).await.contains(&"Tom Reed".to_owned()));
    tokio::time::timeout(PATIENCE, appears)
        .await
        .expect("the child appears");
    ruth.app.sync_now(ruth_account, ()).await.unwrap();
    assert_eq!(ruth.pupils(ruth_account).await, ruth_held);

    // Helen has the other Tom Reed, and is told nothing of this one.
    let (helen, helen_account) = Desk::sign_in(&town.store.url(), "helen.okafor@example.org").await;
    assert_eq!(
        helen
            .pupils(helen_account)
            .await
            .iter()
            .filter(|name| *name == "Tom Reed")
            .count(),
        1
    );
    let asked = helen
        .app
        .get_pupil(helen_account, lac_client::view::PupilRef { id: pupil.id })
        .await;
    assert!(asked.is_err());
    let other: Result<Pupil, _> = barsetshire
        .sign_in("samuel.fenn@example.org")
        .await
        .unwrap()
        .get(&format!("/v1/pupils/{}", pupil.id))
        .await;
    let never: Result<Pupil, _> = barsetshire
        .sign_in("alison.drury@example.org")
        .await
        .unwrap()
        .get("/v1/pupils/00000000-0000-7000-8000-000000000000")
        .await;
    let strip = |trouble: String| {
        trouble
            .split("request_id")
            .next()
            .unwrap_or_default()
            .split_once(": ")
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(
        strip(other.unwrap_err().0),
        strip(never.unwrap_err().0),
        "as if it did not exist"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_moves_school_and_leaves_care_and_the_desktops_follow_by_themselves() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let head = &barsetshire.head;
    let (owen, owen_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("owen.bell@example.org").unwrap(),
    )
    .await;
    let (ruth, ruth_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("ruth.adeyemi@example.org").unwrap(),
    )
    .await;
    let today = now().london_date();
    let long_ago = today - chrono::TimeDelta::days(200);
    let (old, new) = (
        barsetshire.establishments["990104"],
        barsetshire.establishments["990103"],
    );
    let enrolment = |establishment_id, start| EnrolmentEntry {
        establishment_id,
        kind: EnrolmentKind::Main,
        start,
        end: None,
        visible_from: None,
    };
    let request = AddPupil {
        legal_first_name: "Wilhelmina".into(),
        legal_last_name: "Starling".into(),
        known_as: Private::default(),
        born: "2016-04-01".parse().unwrap(),
        upn: None,
        reference: None,
        care_periods: vec![],
        enrolments: vec![enrolment(old, long_ago)],
        held_from_schools_until: None,
    };
    let pupil: Pupil = head.post("/v1/pupils", &request).await.unwrap();
    let name = "Wilhelmina Starling".to_owned();
    let comes = async |desk: &Desk, account, there: bool| {
        let waited = desk
            .host
            .until(async |_| desk.pupils(account).await.contains(&name) == there);
        tokio::time::timeout(PATIENCE, waited)
            .await
            .expect("the desktop follows");
    };
    assert!(!owen.pupils(owen_account).await.contains(&name), "not in care yet");

    // Into care: at the school where the child is, and at no other.
    let care = ChangeCare {
        revision: None,
        change: CareChange::Add {
            entry: CarePeriodEntry {
                start: today,
                end: None,
                end_reason: None,
            },
            held_from_schools_until: None,
        },
    };
    let path = format!("/v1/pupils/{}", pupil.id);
    let record: PupilRecord = head.post(&format!("{path}/care-periods"), &care).await.unwrap();
    comes(&owen, owen_account, true).await;
    ruth.app.sync_now(ruth_account, ()).await.unwrap();
    assert!(!ruth.pupils(ruth_account).await.contains(&name));

    // To another school, from today on.
    let change = ChangeEnrolment {
        revision: None,
        change: EnrolmentChange::Add {
            entry: enrolment(new, today),
            moves: true,
        },
    };
    let _: PupilRecord = head.post(&format!("{path}/enrolments"), &change).await.unwrap();
    comes(&ruth, ruth_account, true).await;
    comes(&owen, owen_account, false).await;

    // Care was a mistake: nobody at a school sees the child any more.
    let ended = ChangeCare {
        revision: None,
        change: CareChange::Remove {
            id: record.care_periods[0].id,
        },
    };
    let _: PupilRecord = head.post(&format!("{path}/care-periods"), &ended).await.unwrap();
    comes(&ruth, ruth_account, false).await;
    let asked = ruth
        .app
        .get_pupil(ruth_account, lac_client::view::PupilRef { id: pupil.id })
        .await;
    assert!(asked.is_err());
}
