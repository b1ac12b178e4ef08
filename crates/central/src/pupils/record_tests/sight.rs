//! Who sees a pupil by what the record says, and whose devices are told.

use super::*;

both_engines! {
    async fn who_is_entitled_and_why(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        store.end_links(teacher.id, "2027-03-31").await;
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        store.assign(worker.id, pupil, false).await;
        let told = why(store, pupil).await;
        assert_eq!(told[0], (
            "Eleanor Bold".to_owned(),
            "The pupil is at Riverside Primary, linked there since 1 September 2020.".to_owned(),
            Some(day("2027-03-31")),
        ));
        let assigned = "Assigned to the pupil since 23 November 2026.".to_owned();
        assert_eq!(told[1], ("Josiah Crawley".to_owned(), assigned, None));
        assert_eq!(told.len(), 3);
        assert_eq!(told[2].1, "Works for the Virtual School.");
        // Page by page it is the same.
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/v1/pupils/{pupil}/entitled?limit=1{after}");
            let page: Page<EntitledUser> = store.super_user.client.get(&path).await.json();
            paged.extend(page.rows.into_iter().map(|one| (one.name, one.why.into_inner(), one.until)));
            match page.after {
                Some(key) => after = format!("&after={key}"),
                None => break,
            }
        }
        assert_eq!(paged, told);
        let lines: Page<TimelineEntry> = store.super_user.client.get(&format!("/v1/pupils/{pupil}/timeline")).await.json();
        let lines: Vec<_> = lines.rows.iter().map(|line| (line.on.to_string(), line.text.reveal())).collect();
        assert_eq!(lines, [
            ("2026-11-23".to_owned(), "Josiah Crawley (Social Worker) was assigned."),
            ("2025-01-10".to_owned(), "Came into care."),
            ("2024-09-03".to_owned(), "Started at Riverside Primary (Main)."),
        ]);
    }

    async fn a_bar_hides_the_pupil_from_a_teacher_and_from_an_la_user(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let path = format!("/v1/pupils/{pupil}/bars");
        let client = &store.super_user.client;
        for user in [&teacher, &grace] {
            assert!(sees(user, pupil).await);
            let made: PupilRecord = client.post(&path, &ChangeBar { user_id: user.id, barred: true }).await.json();
            assert!(made.barred.iter().any(|person| person.id == user.id));
            assert!(!sees(user, pupil).await);
        }
        let own = ChangeBar { user_id: store.super_user.id, barred: true };
        assert_eq!(client.post(&path, &own).await.error().field.as_deref(), Some("user_id"));
        let lifted = ChangeBar { user_id: teacher.id, barred: false };
        assert_eq!(client.post(&path, &lifted).await.status, 200);
        assert!(sees(&teacher, pupil).await);
        assert_eq!(notes(store, pupil).await[0], "Took away the bar of Eleanor Bold.");
    }

    async fn a_restricted_pupil_is_seen_by_those_named_and_super_users_may_name(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let path = format!("/v1/pupils/{pupil}/restriction");
        let restrict = |named: Vec<lac_domain::UserId>| ChangeRestriction { restricted: true, named };
        let refused = grace.client.put(&path, &restrict(vec![teacher.id])).await.error();
        assert_eq!(refused.field.as_deref(), Some("named"), "nobody of the Virtual School");
        assert_eq!(grace.client.put(&path, &restrict(vec![grace.id])).await.status, 204);
        assert!(sees(&grace, pupil).await && !sees(&teacher, pupil).await && !sees(&store.super_user, pupil).await);
        // The Super User knows that there is one, not who.
        let reply = store.super_user.client.get("/v1/restricted-pupils").await;
        assert!(!String::from_utf8_lossy(&reply.body).contains("Reed"));
        let page: Page<RestrictedPupil> = reply.json();
        assert_eq!((page.rows.len(), page.rows[0].names_reader, page.rows[0].named[0].id), (1, false, grace.id));
        let lift = ChangeRestriction { restricted: false, named: vec![] };
        assert_eq!(store.super_user.client.put(&path, &lift).await.error().field.as_deref(), Some("restricted"));
        let all = vec![grace.id, store.super_user.id, teacher.id];
        assert_eq!(store.super_user.client.put(&path, &restrict(all)).await.status, 204);
        assert!(sees(&store.super_user, pupil).await && sees(&teacher, pupil).await);
        assert_eq!(store.super_user.client.put(&path, &lift).await.status, 204);
        let page: Page<RestrictedPupil> = store.super_user.client.get("/v1/restricted-pupils").await.json();
        assert_eq!(page.rows, []);
        assert_eq!(notes(store, pupil).await[0], "Lifted the restriction.");
    }

    async fn adoption_closes_the_record_for_good(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let path = format!("/v1/pupils/{pupil}/adoption");
        let later = CloseForAdoption { on: day("2026-11-24") };
        assert_eq!(grace.client.post(&path, &later).await.code(), ErrorCode::Dates);
        let today = CloseForAdoption { on: day("2026-11-23") };
        assert_eq!(grace.client.post(&path, &today).await.status, 204);
        assert!(!sees(&teacher, pupil).await && !sees(&grace, pupil).await && sees(&store.super_user, pupil).await);
        assert_eq!(grace.client.post(&path, &today).await.code(), ErrorCode::NotFound);
        let client = &store.super_user.client;
        let closed = record(client, pupil).await;
        assert_eq!(closed.care_periods[0].end_reason, Some(CareEndReason::Adopted));
        assert!(closed.pupil.adopted && !closed.pupil.looked_after);
        // It takes no new name and no new dates.
        let renamed = PupilEntry { legal_last_name: "Grantly".into(), ..entry_of(&closed) };
        assert_eq!(edit(client, pupil, closed.revision, renamed).await.code(), ErrorCode::PupilClosed);
        let entry = in_care("2026-11-23", None, None);
        let again = CareChange::Add { entry, held_from_schools_until: None };
        assert_eq!(care(client, pupil, again).await.code(), ErrorCode::PupilClosed);
        let entry = at(school, EnrolmentKind::Guest, "2026-12-01", None);
        let school = EnrolmentChange::Add { entry, moves: false };
        assert_eq!(enrolment(client, pupil, school).await.code(), ErrorCode::PupilClosed);
        let bar = ChangeBar { user_id: grace.id, barred: true };
        assert_eq!(client.post(&format!("/v1/pupils/{pupil}/bars"), &bar).await.code(), ErrorCode::PupilClosed);
    }

    async fn a_day_that_passes_is_told_to_the_devices(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let coming = TestPupil { in_care_from: Some(day("2026-11-24")), ..TestPupil::at("Tom Reed", school) };
        let coming = store.pupil(coming).await;
        let grown = TestPupil { born: day("2008-11-24"), ..TestPupil::at("Una Reed", school) };
        let grown = store.pupil(grown).await;
        let other = store.pupil(TestPupil::at("Ben Reed", school)).await;
        let cursor = store.super_user.cursor().await;
        store.clock.advance(chrono::TimeDelta::days(1));
        let path = format!("/v1/changes?cursor={cursor}");
        let changes: lac_wire::Changes = store.super_user.client.get(&path).await.json();
        let text = serde_json::to_string(&changes.entities).unwrap();
        for (pupil, told) in [(coming, true), (grown, true), (other, false)] {
            assert_eq!(text.contains(&pupil.to_string()), told, "{text}");
        }
    }
}
