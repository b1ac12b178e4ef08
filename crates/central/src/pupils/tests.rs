use chrono::NaiveDate;
use lac_domain::{EnrolmentKind, EstablishmentId, PupilId, Role, Upn};
use lac_wire::{AddPupil, CarePeriodEntry, EnrolmentEntry, ErrorCode, Page, Pupil};

use crate::test_support::{TestClient, TestPupil, new_uuid};
use crate::{both, both_engines};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn tom(school: EstablishmentId) -> AddPupil {
    AddPupil {
        legal_first_name: "Thomas".into(),
        legal_last_name: "Reed-Arabin".into(),
        known_as: "Tom Reed".into(),
        born: day("2014-05-04"),
        upn: Some(Upn::parse("B801200005001").unwrap()),
        reference: Some("BAR-77".to_owned()),
        care_periods: vec![CarePeriodEntry {
            start: day("2025-01-10"),
            end: None,
            end_reason: None,
        }],
        enrolments: vec![EnrolmentEntry {
            establishment_id: school,
            kind: EnrolmentKind::Main,
            start: day("2024-09-03"),
            end: None,
            visible_from: None,
        }],
        held_from_schools_until: None,
    }
}

async fn names(client: &TestClient, query: &str) -> Vec<String> {
    let page: Page<Pupil> = client.get(&format!("/v1/pupils?{query}")).await.json();
    page.rows.iter().map(|row| row.known_as.reveal().to_owned()).collect()
}

both_engines! {
    async fn a_pupil_who_is_added_appears_to_the_right_people(store: &TestStore) {
        let (own, other) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let (here, there) = (store.teacher("Eleanor", "Bold", own).await, store.teacher("Mark", "Robarts", other).await);
        let la_user = store.user(Role::LaUser, "Grace", "Crawley").await;
        let reply = la_user.client.post("/v1/pupils", &tom(own)).await;
        assert_eq!(reply.status, 201);
        let added: Pupil = reply.json();
        assert_eq!((added.year_group, added.looked_after), (8, true));
        assert_eq!(added.enrolments[0].visible_from, day("2024-08-19"));
        assert_eq!(added.legal_last_name.as_ref().map(|name| name.reveal()), Some("Reed-Arabin"));
        let path = format!("/v1/pupils/{}", added.id);
        let seen: Pupil = here.client.get(&path).await.json();
        assert_eq!((seen.legal_first_name, seen.legal_last_name, seen.reference), (None, None, None));
        assert_eq!(seen.known_as.reveal(), "Tom Reed");
        assert_eq!(there.client.get(&path).await.code(), ErrorCode::NotFound);
        assert_eq!(names(&there.client, "").await, [""; 0]);
        assert_eq!(names(&here.client, "").await, ["Tom Reed"]);
        let sql = "SELECT action FROM audit_events WHERE object_kind = 'pupil' ORDER BY number";
        let mut conn = store.store.read().await.unwrap();
        let trail: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
        assert_eq!(trail, ["access.granted", "pupil.created", "pupil.read", "request.denied"]);
    }

    async fn a_search_does_not_tell_what_the_reader_may_not_see(store: &TestStore) {
        let (own, other) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let (here, there) = (store.teacher("Eleanor", "Bold", own).await, store.teacher("Mark", "Robarts", other).await);
        let la = &store.super_user.client;
        assert_eq!(la.post("/v1/pupils", &tom(own)).await.status, 201);
        for search in ["tom", "ree%20t", "B8012", "b801200005001"] {
            assert_eq!(names(&here.client, &format!("search={search}")).await, ["Tom Reed"], "{search}");
            assert_eq!(names(&there.client, &format!("search={search}")).await, [""; 0], "{search}");
        }
        for search in ["thomas", "arabin", "bar-77"] {
            assert_eq!(names(la, &format!("search={search}")).await, ["Tom Reed"], "{search}");
            assert_eq!(names(&here.client, &format!("search={search}")).await, [""; 0], "{search}");
        }
    }

    async fn lists_filter_and_go_on(store: &TestStore) {
        let (one, two) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        for name in ["Ada", "Ben", "Cyd", "Dee"] {
            store.pupil(TestPupil::at(name, one)).await;
        }
        let eve = store.pupil(TestPupil::at("Eve", two)).await;
        store.bar(store.super_user.id, eve).await;
        let la = &store.super_user.client;
        assert_eq!(names(la, "").await, ["Ada", "Ben", "Cyd", "Dee"]);
        assert_eq!(names(la, &format!("establishment_id={two}")).await, [""; 0]);
        let page: Page<Pupil> = la.get("/v1/pupils?limit=3").await.json();
        assert_eq!(page.rows.len(), 3);
        assert_eq!(names(la, &format!("after={}", page.after.unwrap())).await, ["Dee"]);
        assert_eq!(la.get(&format!("/v1/pupils/{eve}")).await.code(), ErrorCode::NotFound);
        assert_eq!(la.get(&format!("/v1/pupils/{}", PupilId(new_uuid()))).await.code(), ErrorCode::NotFound);
        assert_eq!(la.get("/v1/pupils/x").await.code(), ErrorCode::NotFound);
    }

    async fn what_cannot_be_added(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let client = &store.super_user.client;
        assert_eq!(client.post("/v1/pupils", &tom(school)).await.status, 201);
        let other = AddPupil { upn: None, reference: None, ..tom(school) };
        let unknown = EstablishmentId(new_uuid());
        for (code, field, bad) in [
            (ErrorCode::UpnInUse, "upn", AddPupil { reference: None, ..tom(school) }),
            (ErrorCode::FieldInvalid, "reference", AddPupil { upn: None, ..tom(school) }),
            (ErrorCode::FieldInvalid, "legal_first_name", AddPupil { legal_first_name: " ".into(), ..other.clone() }),
            (ErrorCode::FieldInvalid, "born", AddPupil { born: day("2026-11-24"), ..other.clone() }),
            (ErrorCode::FieldInvalid, "enrolments", tom_at(&other, unknown)),
            (ErrorCode::Dates, "care_periods", AddPupil {
                care_periods: vec![
                    CarePeriodEntry { start: day("2025-01-10"), end: None, end_reason: None },
                    CarePeriodEntry { start: day("2026-01-10"), end: None, end_reason: None },
                ],
                ..other.clone()
            }),
            (ErrorCode::Dates, "enrolments", AddPupil {
                enrolments: [other.enrolments.clone(), other.enrolments.clone()].concat(),
                ..other.clone()
            }),
        ] {
            let error = client.post("/v1/pupils", &bad).await.error();
            assert_eq!((error.code, error.field.as_deref()), (code, Some(field)), "{}", error.message);
        }
        assert_eq!(names(client, "").await, ["Tom Reed"]);
        // Two pupils may lack a UPN and a reference.
        assert_eq!(client.post("/v1/pupils", &AddPupil { known_as: "".into(), ..other.clone() }).await.status, 201);
        assert_eq!(client.post("/v1/pupils", &AddPupil { known_as: "Zed".into(), ..other.clone() }).await.status, 201);
        assert_eq!(names(client, "").await, ["Thomas Reed-Arabin", "Tom Reed", "Zed"]);
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        assert_eq!(teacher.client.post("/v1/pupils", &other).await.code(), ErrorCode::Forbidden);
    }

    async fn the_same_request_twice_adds_one_pupil(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let key = new_uuid();
        let post = |entry: AddPupil| async move {
            store.super_user.client.send(axum::http::Method::POST, "/v1/pupils", Some(&entry), key).await
        };
        let first: Pupil = post(tom(school)).await.json();
        let again: Pupil = post(tom(school)).await.json();
        assert_eq!(first, again);
        let changed = AddPupil { known_as: "Another".into(), ..tom(school) };
        assert_eq!(post(changed).await.code(), ErrorCode::IdReused);
        assert_eq!(names(&store.super_user.client, "").await, ["Tom Reed"]);
    }
}

fn tom_at(pupil: &AddPupil, school: EstablishmentId) -> AddPupil {
    let mut pupil = pupil.clone();
    pupil.enrolments[0].establishment_id = school;
    pupil
}
