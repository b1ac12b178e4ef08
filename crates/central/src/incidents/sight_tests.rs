use chrono::TimeDelta;
use lac_domain::{EnrolmentId, LinkId, PupilId, Role};
use lac_wire::{ErrorCode, Recipient, SightReport};

use crate::test_support::{TestPupil, TestStore, TestUser};
use crate::{both, both_engines};

async fn link_of(store: &TestStore, user: &TestUser) -> LinkId {
    let sql = "SELECT id FROM establishment_links WHERE user_id = $1 ORDER BY start_on DESC LIMIT 1";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(user.id).fetch_one(c).await).unwrap()
}

async fn enrolment_of(store: &TestStore, pupil: PupilId) -> EnrolmentId {
    let sql = "SELECT id FROM enrolments WHERE pupil_id = $1";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(pupil).fetch_one(c).await).unwrap()
}

both_engines! {
    async fn a_wrong_link_tells_who_was_seen_through_it_and_what_was_done(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        let una = store.pupil(TestPupil::at("Una Khan", riverside)).await;
        store.pupil(TestPupil::at("Ann Vance", hilltop)).await;
        let grantly = store.teacher("Theophilus", "Grantly", riverside).await;
        let link = link_of(store, &grantly).await;
        let begun = store.store.now();
        store.clock.advance(TimeDelta::minutes(5));
        grantly.all(&format!("/v1/pupils/{tom}/history")).await;
        grantly.begins(store, Some(tom), vec![Recipient::VirtualSchool], "He is well").await;
        let path = format!("/v1/links/{link}/report");
        let report: SightReport = store.super_user.client.get(&path).await.json();
        assert!(report.about.reveal().starts_with("Whom Theophilus Grantly could see through the link to Riverside Primary"), "{report:?}");
        let seen: Vec<(&str, i64, i64)> = report.rows.iter().map(|row| (row.pupil_name.reveal(), row.reads, row.sent)).collect();
        assert_eq!(seen, [("Tom Reed", 1, 1), ("Una Khan", 0, 0)], "those with something done first, none of another school");
        assert_eq!((report.rows[0].from, report.rows[0].until, report.rows[0].other_ways), (begun, None, false));
        assert_eq!(report.rows[0].first_read_at, Some(store.store.now()));
        assert_eq!(report.rows[0].devices.len(), 1);

        // Ended, the report says until when; and what is not the reader's to see is left out.
        store.bar(grantly.id, tom).await;
        store.clock.advance(TimeDelta::hours(1));
        store.bar(store.super_user.id, una).await;
        let report: SightReport = store.super_user.client.get(&path).await.json();
        assert_eq!(report.rows.len(), 1);
        assert_eq!(report.rows[0].until, Some(begun.plus(TimeDelta::minutes(5))));
        let la = store.user(Role::LaUser, "Obadiah", "Slope").await;
        assert_eq!(la.client.get(&path).await.code(), ErrorCode::Forbidden);
    }

    async fn a_wrong_enrolment_tells_who_saw_through_it(store: &TestStore) {
        let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
        let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
        store.teacher("Theophilus", "Grantly", riverside).await;
        let bold = store.teacher("Mary", "Bold", riverside).await;
        let arabin = store.teacher("Francis", "Arabin", hilltop).await;
        store.assign(bold.id, tom, true).await;
        bold.all(&format!("/v1/pupils/{tom}/history")).await;
        let enrolment = enrolment_of(store, tom).await;
        let path = format!("/v1/enrolments/{enrolment}/report");
        let report: SightReport = store.super_user.client.get(&path).await.json();
        let who: Vec<(&str, i64, bool)> = report.rows.iter().map(|row| (row.user_name.as_str(), row.reads, row.other_ways)).collect();
        assert_eq!(who, [("Mary Bold", 1, true), ("Theophilus Grantly", 0, false)]);
        assert!(!report.rows.iter().any(|row| row.user_id == arabin.id));
        let sql = "SELECT COUNT(*) FROM audit_events WHERE action = 'enrolment.reported'";
        let mut conn = store.store.read().await.unwrap();
        let made: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap();
        assert_eq!(made, 1);
        drop(conn);
        store.bar(store.super_user.id, tom).await;
        assert_eq!(store.super_user.client.get(&path).await.code(), ErrorCode::NotFound);
    }
}
