//! A pupil's record over HTTP: edits, dates one by one, who is kept out, and what is told of it.

mod sight;

use chrono::NaiveDate;
use lac_domain::{CareEndReason, EnrolmentKind, EstablishmentId, PupilId, Role};
use lac_wire::{
    CareChange, CarePeriodEntry, ChangeBar, ChangeCare, ChangeEnrolment, ChangeRestriction, CloseForAdoption,
    EditPupil, EnrolmentChange, EnrolmentEntry, EntitledUser, ErrorCode, Page, PupilEntry, PupilNote, PupilRecord,
    RestrictedPupil, TimelineEntry,
};

use crate::both_engines;
use crate::test_support::{Reply, TestClient, TestPupil, TestStore, TestUser};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn entry_of(record: &PupilRecord) -> PupilEntry {
    let pupil = &record.pupil;
    PupilEntry {
        legal_first_name: pupil.legal_first_name.clone().unwrap(),
        legal_last_name: pupil.legal_last_name.clone().unwrap(),
        former_names: record.former_names.clone(),
        known_as: pupil.known_as.clone(),
        born: pupil.born,
        upn: pupil.upn.clone(),
        reference: pupil.reference.clone(),
        year_group: record.year_group_by_hand.then_some(pupil.year_group),
        caseworker_id: record.caseworker.as_ref().map(|person| person.id),
        social_worker_id: None,
        social_worker_name: "".into(),
        social_worker_team: String::new(),
        social_worker_phone: String::new(),
        ehcp: pupil.ehcp,
        out_of_authority: record.out_of_authority,
        no_school_since: record.no_school_since,
        no_school_reason: record.no_school_reason.clone(),
        held_from_schools_until: record.held_from_schools_until,
    }
}

async fn record(client: &TestClient, pupil: PupilId) -> PupilRecord {
    client.get(&format!("/v1/pupils/{pupil}/record")).await.json()
}

async fn edit(client: &TestClient, pupil: PupilId, revision: i64, entry: PupilEntry) -> Reply {
    let edit = EditPupil { revision, entry };
    client.put(&format!("/v1/pupils/{pupil}"), &edit).await
}

async fn care(client: &TestClient, pupil: PupilId, change: CareChange) -> Reply {
    let change = ChangeCare { revision: None, change };
    client.post(&format!("/v1/pupils/{pupil}/care-periods"), &change).await
}

async fn enrolment(client: &TestClient, pupil: PupilId, change: EnrolmentChange) -> Reply {
    let change = ChangeEnrolment { revision: None, change };
    client.post(&format!("/v1/pupils/{pupil}/enrolments"), &change).await
}

fn at(school: EstablishmentId, kind: EnrolmentKind, start: &str, end: Option<&str>) -> EnrolmentEntry {
    EnrolmentEntry {
        establishment_id: school,
        kind,
        start: day(start),
        end: end.map(day),
        visible_from: None,
    }
}

fn in_care(start: &str, end: Option<&str>, end_reason: Option<CareEndReason>) -> CarePeriodEntry {
    CarePeriodEntry {
        start: day(start),
        end: end.map(day),
        end_reason,
    }
}

async fn sees(user: &TestUser, pupil: PupilId) -> bool {
    user.client.get(&format!("/v1/pupils/{pupil}")).await.status == 200
}

async fn notes(store: &TestStore, pupil: PupilId) -> Vec<String> {
    let page: Page<PupilNote> = store
        .super_user
        .client
        .get(&format!("/v1/pupils/{pupil}/notes"))
        .await
        .json();
    page.rows.into_iter().map(|note| note.text).collect()
}

async fn why(store: &TestStore, pupil: PupilId) -> Vec<(String, String, Option<NaiveDate>)> {
    let path = format!("/v1/pupils/{pupil}/entitled");
    let page: Page<EntitledUser> = store.super_user.client.get(&path).await.json();
    let rows = page.rows.into_iter();
    rows.map(|one| (one.name, one.why.into_inner(), one.until)).collect()
}

both_engines! {
    async fn an_edit_changes_the_record_and_the_second_editor_is_told(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let (first, second) = (&grace.client, &store.super_user.client);
        let before = record(first, pupil).await;
        assert_eq!((before.pupil.year_group, before.year_group_by_hand, before.revision), (8, false, 1));
        assert_eq!(before.eighteen_on, day("2032-05-04"));

        let entry = PupilEntry {
            former_names: "Tom Slope".into(),
            upn: Some(lac_domain::Upn::parse("A801200005001").unwrap()),
            year_group: Some(7),
            caseworker_id: Some(grace.id),
            social_worker_id: Some(worker.id),
            social_worker_team: "Team North".to_owned(),
            social_worker_phone: "01632 960111".to_owned(),
            ehcp: true,
            no_school_since: Some(day("2026-10-01")),
            no_school_reason: "Waiting for a place".into(),
            ..entry_of(&before)
        };
        let after: PupilRecord = edit(first, pupil, 1, entry.clone()).await.json();
        assert_eq!((after.revision, after.pupil.year_group, after.year_group_by_hand), (2, 7, true));
        assert_eq!(after.pupil.caseworker.as_deref(), Some("Grace Crawley"));
        let social_worker = after.pupil.social_worker.clone().unwrap();
        assert_eq!((social_worker.name.reveal(), social_worker.phone.as_str()), ("Josiah Crawley", "01632 960111"));
        assert!(after.warnings[0].contains("may be mistyped"), "{:?}", after.warnings);
        // The same again changes nothing.
        let again: PupilRecord = edit(first, pupil, 2, entry).await.json();
        assert_eq!(again.revision, 2);

        let late = PupilEntry { known_as: "Tommy".into(), ..entry_of(&before) };
        let told = edit(second, pupil, 1, late).await.error();
        assert_eq!(told.code, ErrorCode::ChangedMeanwhile);
        assert!(told.message.contains("Grace Crawley changed the former names, the UPN"), "{}", told.message);
        // A search finds former names for LA roles alone; a social worker whom the teacher may not know is not named.
        let found = |client: &TestClient| {
            let client = client.clone();
            async move { client.get("/v1/pupils?search=slope").await.json::<Page<lac_wire::Pupil>>().rows.len() }
        };
        assert_eq!((found(second).await, found(&teacher.client).await), (1, 0));
        let seen: lac_wire::Pupil = teacher.client.get(&format!("/v1/pupils/{pupil}")).await.json();
        assert_eq!((seen.social_worker, seen.ehcp, seen.year_group), (None, true, 7));
        store.assign(worker.id, pupil, false).await;
        let seen: lac_wire::Pupil = teacher.client.get(&format!("/v1/pupils/{pupil}")).await.json();
        let worker = seen.social_worker.unwrap();
        assert_eq!((worker.name.reveal(), worker.phone.as_str()), ("Josiah Crawley", ""));
        assert!(notes(store, pupil).await[0].starts_with("Changed the former names, the UPN, the year group"));
    }

    async fn what_an_edit_may_not_say(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let client = &store.super_user.client;
        let good = entry_of(&record(client, pupil).await);
        for (field, bad) in [
            ("legal_last_name", PupilEntry { legal_last_name: " ".into(), ..good.clone() }),
            ("born", PupilEntry { born: day("2025-02-01"), ..good.clone() }),
            ("year_group", PupilEntry { year_group: Some(40), ..good.clone() }),
            ("caseworker_id", PupilEntry { caseworker_id: Some(worker.id), ..good.clone() }),
            ("social_worker_id", PupilEntry { social_worker_id: Some(store.super_user.id), ..good.clone() }),
            ("social_worker_name", PupilEntry {
                social_worker_id: Some(worker.id), social_worker_name: "Another".into(), ..good.clone()
            }),
            ("no_school_since", PupilEntry { no_school_reason: "Waiting".into(), ..good.clone() }),
            ("no_school_reason", PupilEntry { no_school_since: Some(day("2026-01-01")), ..good.clone() }),
        ] {
            let error = edit(client, pupil, 1, bad).await.error();
            assert_eq!((error.code.status(), error.field.as_deref()), (422, Some(field)), "{}", error.message);
        }
        assert_eq!(record(client, pupil).await.revision, 1);
    }

    async fn care_begins_is_held_from_school_and_ends(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let pupil = TestPupil { in_care_from: None, ..TestPupil::at("Tom Reed", school) };
        let pupil = store.pupil(pupil).await;
        let client = &store.super_user.client;
        assert!(!sees(&teacher, pupil).await);
        let back_to_front = in_care("2026-11-20", Some("2026-11-19"), None);
        let add = |entry| CareChange::Add { entry, held_from_schools_until: None };
        assert_eq!(care(client, pupil, add(back_to_front)).await.code(), ErrorCode::Dates);
        let adopted = in_care("2025-11-20", Some("2026-11-19"), Some(CareEndReason::Adopted));
        assert_eq!(care(client, pupil, add(adopted)).await.code(), ErrorCode::Dates);

        let entry = in_care("2026-11-20", None, None);
        let held = CareChange::Add { entry, held_from_schools_until: Some(day("2026-11-25")) };
        let made: PupilRecord = care(client, pupil, held).await.json();
        assert_eq!(made.held_from_schools_until, Some(day("2026-11-25")));
        assert!(!sees(&teacher, pupil).await, "held from school");
        let shown = PupilEntry { held_from_schools_until: None, ..entry_of(&made) };
        assert_eq!(edit(client, pupil, made.revision, shown).await.status, 200);
        assert!(sees(&teacher, pupil).await);

        let id = made.care_periods[0].id;
        let entry = in_care("2026-11-20", Some("2026-11-23"), Some(CareEndReason::ReturnedHome));
        let ended: PupilRecord = care(client, pupil, CareChange::Change { id, entry }).await.json();
        assert!(!ended.pupil.looked_after && !sees(&teacher, pupil).await);
        assert_eq!(care(client, pupil, CareChange::Remove { id }).await.status, 200);
        assert_eq!(care(client, pupil, CareChange::Remove { id }).await.code(), ErrorCode::FieldInvalid);
        assert_eq!(notes(store, pupil).await, [
            "Removed the care period that started on 20 November 2026 as a mistake.",
            "Changed the care period that started on 20 November 2026: now from 20 November 2026, ended on 23 November 2026.",
            "Changed until when the pupil is held from school.",
            "Added a care period from 20 November 2026.",
        ]);
    }

    async fn a_move_of_school_and_one_that_is_cancelled(store: &TestStore) {
        let (old, new) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let (here, there) = (store.teacher("Eleanor", "Bold", old).await, store.teacher("Mark", "Robarts", new).await);
        let pupil = store.pupil(TestPupil::at("Tom Reed", old)).await;
        let client = &store.super_user.client;
        let add = |entry, moves| EnrolmentChange::Add { entry, moves };
        // At the same establishment, and a second Main on a day, are refused; elsewhere it is a warning.
        let same = at(old, EnrolmentKind::Tuition, "2026-01-05", None);
        assert_eq!(enrolment(client, pupil, add(same, false)).await.code(), ErrorCode::Dates);
        let main = at(new, EnrolmentKind::Main, "2026-12-07", None);
        assert_eq!(enrolment(client, pupil, add(main.clone(), false)).await.code(), ErrorCode::Dates);
        let dual = at(new, EnrolmentKind::Dual, "2026-11-02", Some("2026-12-04"));
        let both: PupilRecord = enrolment(client, pupil, add(dual, false)).await.json();
        assert!(both.warnings[0].contains("overlap from 2 November 2026"), "{:?}", both.warnings);
        let id = both.pupil.enrolments.iter().find(|one| one.kind == EnrolmentKind::Dual).unwrap().id;
        assert_eq!(enrolment(client, pupil, EnrolmentChange::Remove { id }).await.status, 200);
        assert!(sees(&here, pupil).await && !sees(&there, pupil).await);

        let moved: PupilRecord = enrolment(client, pupil, add(main, true)).await.json();
        let [first, second] = &moved.pupil.enrolments[..] else { panic!("{moved:?}") };
        assert_eq!((first.end, second.visible_from), (Some(day("2026-12-06")), day("2026-11-23")));
        assert!(sees(&here, pupil).await && sees(&there, pupil).await, "ten working days before");
        let back: PupilRecord = enrolment(client, pupil, EnrolmentChange::CancelMove { id: second.id }).await.json();
        assert_eq!((back.pupil.enrolments.len(), back.pupil.enrolments[0].end), (1, None));
        assert!(sees(&here, pupil).await && !sees(&there, pupil).await);
        let begun = EnrolmentChange::CancelMove { id: back.pupil.enrolments[0].id };
        assert_eq!(enrolment(client, pupil, begun).await.code(), ErrorCode::Dates);
        assert_eq!(notes(store, pupil).await[..2], [
            "Cancelled the move to Plumstead High on 7 December 2026. The enrolment at Riverside Primary goes on.",
            "Moved the pupil to Plumstead High from 7 December 2026.",
        ]);
    }

    async fn a_handover_is_told_and_can_be_ended(store: &TestStore) {
        let (old, new) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let here = store.teacher("Eleanor", "Bold", old).await;
        let pupil = TestPupil {
            enrolments: vec![(old, day("2024-09-03"), Some(day("2026-11-20"))), (new, day("2027-01-05"), None)],
            ..TestPupil::at("Tom Reed", old)
        };
        let pupil = store.pupil(pupil).await;
        let client = &store.super_user.client;
        let handover = record(client, pupil).await.handover.unwrap();
        assert_eq!(handover.sentence.reveal(), "Riverside Primary can still see Tom Reed until 4 January 2027.");
        assert_eq!(why(store, pupil).await[0], (
            "Eleanor Bold".to_owned(),
            "Riverside Primary can still see the pupil until 4 January 2027: the next school has not begun.".to_owned(),
            Some(day("2027-01-04")),
        ));
        assert!(sees(&here, pupil).await);
        let path = format!("/v1/pupils/{pupil}/handover/end");
        let ended: PupilRecord = client.post(&path, &()).await.json();
        assert_eq!(ended.handover, None);
        assert!(!sees(&here, pupil).await);
        // Pressed twice, it is ended once.
        let again: PupilRecord = client.post(&path, &()).await.json();
        assert_eq!(again.revision, ended.revision);
        assert_eq!(notes(store, pupil).await[0], "Ended the access of Riverside Primary before the next school begins.");
    }
}
