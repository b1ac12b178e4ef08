use chrono::TimeDelta;
use lac_domain::access::AccessReason;
use lac_domain::{Capacity, Role};
use lac_wire::{ChangedLink, ErrorCode, NewLink, Page, Pupil, SignOutUser, TrailRow, User, UserDevice, UserSight};

use super::*;
use crate::both_engines;
use crate::test_support::{TestPupil, TestUser, new_uuid};

async fn sight(by: &TestUser, user: UserId, query: &str) -> UserSight {
    by.client.get(&format!("/v1/users/{user}/sight?{query}")).await.json()
}

fn new_link(user: UserId, school: EstablishmentId, start: &str, end: Option<&str>) -> NewLink {
    NewLink {
        user_id: user,
        establishment_id: school,
        capacity: Capacity::Cover,
        start: start.parse().ok(),
        end: end.map(|end| end.parse().unwrap()),
    }
}

both_engines! {
    async fn one_link_is_made_changed_and_taken_away_and_stays_in_the_history(store: &TestStore) {
        let (one, two) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        store.pupil(TestPupil::at("Tom Reed", two)).await;
        let teacher = store.teacher("Eleanor", "Bold", one).await;
        let by = &store.super_user.client;
        let sees = async || teacher.client.get("/v1/pupils").await.json::<Page<Pupil>>().rows.len();
        let before = get(store, teacher.id).await;
        let user: User = by.post("/v1/links", &new_link(teacher.id, two, "2026-11-01", None)).await.json();
        assert_eq!((user.revision, user.links.len(), sees().await), (before.revision + 1, 2, 1));
        let id = user.links[0].id;
        let twice = by.post("/v1/links", &new_link(teacher.id, two, "2026-12-01", None)).await.error();
        assert_eq!((twice.code, twice.field.as_deref()), (ErrorCode::FieldInvalid, Some("links")));
        // One to come, beside it.
        let changed = ChangedLink { capacity: Capacity::Deputy, start: "2026-11-01".parse().unwrap(), end: "2026-11-30".parse().ok() };
        let user: User = by.put(&format!("/v1/links/{id}"), &changed).await.json();
        assert_eq!((user.links[0].capacity, user.links[0].end), (Capacity::Deputy, changed.end));
        let user: User = by.post("/v1/links", &new_link(teacher.id, two, "2026-12-01", None)).await.json();
        let later = user.links[0].id;
        assert_eq!(user.links.len(), 3);
        let user: User = by.delete(&format!("/v1/links/{later}")).await.json();
        assert_eq!(user.links.len(), 2, "what has not begun leaves nothing");
        let user: User = by.delete(&format!("/v1/links/{id}")).await.json();
        assert_eq!((user.links.len(), user.links[0].end, sees().await), (2, "2026-11-22".parse().ok(), 0));
        assert_eq!(by.delete(&format!("/v1/links/{}", new_uuid())).await.code(), ErrorCode::NotFound);
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        assert_eq!(by.post("/v1/links", &new_link(worker.id, one, "2026-11-01", None)).await.code(), ErrorCode::FieldInvalid);
        // Who edits the copy of before is told of the links.
        let changes = put(store, teacher.id, &same(&before)).await.error().changed.unwrap().changes;
        assert!(changes.len() >= 4 && changes.iter().all(|one| one.fields == ["links"]), "{changes:?}");
    }

    async fn a_link_sends_the_invitation_that_waited_for_it(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let adding = AddUser { entry: entry(Role::DesignatedTeacher, "Eleanor", "Bold", vec![]), link_later: true, invite: true };
        let user: User = store.super_user.client.post("/v1/users", &adding).await.json();
        assert_eq!((user.invitation, store.mails().await.len()), (None, 0));
        let user: User = store.super_user.client.post("/v1/links", &new_link(user.id, school, "2026-11-23", None)).await.json();
        assert!(is_invited(&user) && !user.not_linked);
        assert_eq!(store.mails().await.len(), 1);
    }

    async fn why_they_see_a_child_has_an_answer(store: &TestStore) {
        let (one, two) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let teacher = store.teacher("Eleanor", "Bold", one).await;
        store.pupil(TestPupil::at("Ada Arabin", one)).await;
        let mut moving = TestPupil::at("Ben Bunce", one);
        moving.enrolments = vec![
            (one, "2024-09-03".parse().unwrap(), "2026-11-20".parse().ok()),
            (two, "2026-11-30".parse().unwrap(), None),
        ];
        store.pupil(moving).await;
        let hidden = store.pupil(TestPupil::at("Cyd Crawley", one)).await;
        store.bar(store.super_user.id, hidden).await;
        let seen = sight(&store.super_user, teacher.id, "").await;
        assert_eq!(seen.summary, "Eleanor Bold is linked to 1 establishment today, and sees its looked-after pupils.");
        let why: Vec<&str> = seen.rows.iter().map(|row| row.why.as_str()).collect();
        assert_eq!(why, [
            "Eleanor is linked to Hogglestock Primary as Designated Teacher since 1 September 2020. Ada Arabin is on roll there since 3 September 2024.",
            "Eleanor is linked to Hogglestock Primary as Designated Teacher since 1 September 2020. Ben Bunce has left Hogglestock Primary, which can still see them until 29 November 2026, while the next school has not begun.",
        ]);
        assert_eq!(seen.rows[0].reason, AccessReason::Enrolment(one));
        assert_eq!((seen.rows[1].reason, seen.rows[1].until), (AccessReason::Handover(one), "2026-11-29".parse().ok()));
        let first = sight(&store.super_user, teacher.id, "limit=1").await;
        let next = sight(&store.super_user, teacher.id, &format!("limit=1&after={}", first.after.unwrap())).await;
        assert_eq!((next.rows[0].pupil.known_as.reveal(), next.after), ("Ben Bunce", None));

        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        store.assign(worker.id, hidden, false).await;
        assert_eq!(sight(&store.super_user, worker.id, "").await.rows, []);
        let la = store.user(Role::LaUser, "Grace", "Crawley").await;
        let seen = sight(&la, worker.id, "").await;
        assert_eq!(seen.rows[0].why, "Obadiah is assigned to Cyd Crawley since 23 November 2026, and reads only conversations that they are part of.");
        assert!(sight(&la, la.id, "").await.sees_all);
        store.make_inactive(worker.id).await;
        let seen = sight(&la, worker.id, "").await;
        assert!(seen.rows.is_empty() && seen.summary.contains("is inactive"), "{seen:?}");
        assert_eq!(teacher.client.get(&format!("/v1/users/{}/sight", teacher.id)).await.code(), ErrorCode::Forbidden);
    }

    async fn a_user_is_signed_out_of_one_device_or_of_all(store: &TestStore) {
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        store.clock.advance(TimeDelta::minutes(2));
        let other = worker.on_another_device(store).await;
        let by = &store.super_user.client;
        let path = format!("/v1/users/{}", worker.id);
        let devices: Vec<UserDevice> = by.get(&format!("{path}/devices")).await.json();
        let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
        assert_eq!(names, ["Another laptop", "A laptop"]);
        let one = SignOutUser { session_id: Some(devices[0].session_id) };
        let left: Vec<UserDevice> = by.post(&format!("{path}/sign-out"), &one).await.json();
        assert_eq!(left.len(), 1);
        assert_eq!(other.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        assert!(worker.client.get("/v1/me").await.status.is_success());
        // Another's session is not theirs to end.
        let foreign: Vec<UserDevice> = by.get(&format!("/v1/users/{}/devices", store.super_user.id)).await.json();
        let wrong = SignOutUser { session_id: Some(foreign[0].session_id) };
        let left: Vec<UserDevice> = by.post(&format!("{path}/sign-out"), &wrong).await.json();
        assert_eq!(left.len(), 1);
        let all = SignOutUser { session_id: None };
        let left: Vec<UserDevice> = by.post(&format!("{path}/sign-out"), &all).await.json();
        assert_eq!(left, []);
        assert_eq!(worker.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        assert!(by.get("/v1/me").await.status.is_success());
    }

    async fn the_trail_tells_what_was_done_by_them_and_to_them(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let grace = store.user(Role::LaSuperUser, "Grace", "Crawley").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let _: User = grace.client.post("/v1/links", &new_link(teacher.id, store.school("Plumstead High").await, "2026-11-23", None)).await.json();
        let _: Pupil = teacher.client.get(&format!("/v1/pupils/{tom}")).await.json();
        let _: Pupil = grace.client.get(&format!("/v1/pupils/{tom}")).await.json();
        let rows = async |by: &TestUser, of: UserId| -> Vec<(Option<String>, String, Option<String>)> {
            let (mut all, mut after) = (Vec::new(), String::new());
            loop {
                let page: Page<TrailRow> = by.client.get(&format!("/v1/users/{of}/trail?limit=2{after}")).await.json();
                all.extend(page.rows.into_iter().map(|row| (row.by, row.what, row.about.map(|about| about.into_inner()))));
                let Some(next) = page.after else { return all };
                after = format!("&after={next}");
            }
        };
        let told = rows(&store.super_user, teacher.id).await;
        let bold = Some("Eleanor Bold".to_owned());
        assert_eq!(told[0], (bold.clone(), "Opened the pupil’s page".to_owned(), Some("Tom Reed".to_owned())));
        let linked = (Some("Grace Crawley".to_owned()), "Linked as Cover, from 23 November 2026".to_owned(), Some("Plumstead High".to_owned()));
        assert!(told.contains(&linked), "{told:?}");
        assert!(told.iter().any(|row| row.1 == "Took up the invitation"), "{told:?}");
        // What Grace did to others is in her own.
        let hers = rows(&store.super_user, grace.id).await;
        assert!(hers.contains(&(Some("Grace Crawley".to_owned()), "Linked as Cover, from 23 November 2026".to_owned(), bold)), "{hers:?}");
        // A pupil whom the reader may not see is not named.
        store.bar(store.super_user.id, tom).await;
        let told = rows(&store.super_user, teacher.id).await;
        assert!(told.iter().all(|row| row.2.as_deref() != Some("Tom Reed")), "{told:?}");
        let la = store.user(Role::LaUser, "Mary", "Bold").await;
        assert_eq!(la.client.get(&format!("/v1/users/{}/trail", teacher.id)).await.code(), ErrorCode::Forbidden);
    }
}
