use axum::http::StatusCode;
use lac_import::FindingCode;
use lac_wire::{ErrorCode, ImportOutcome, ImportStatus, ImportedOne, PupilNote};

use super::*;
use crate::both_engines;

both_engines! {
    async fn an_la_user_commits_once_and_the_right_teachers_see(store: &TestStore) {
        let (one, two) = schools(store).await;
        let (here, there) = (store.teacher("Eleanor", "Bold", one).await, store.teacher("Mark", "Robarts", two).await);
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let grace = la_user(store).await;
        let judged = put(&grace, &file(&[TOM, UNA])).await;
        assert_eq!(judged.counts.warnings, 0);
        let done = commit(&grace, &judged).await;
        assert_eq!((done.status, done.result.unwrap().created), (ImportStatus::Committed, 2));
        assert_eq!(done.invited_at, None);
        assert_eq!((names(&here).await, names(&there).await), (vec!["Tommy Reed".to_owned()], vec!["Una Slope".to_owned()]));
        let tom = pupils(&grace).await.into_iter().find(|one| one.known_as.reveal() == "Tommy Reed").unwrap();
        assert_eq!(tom.social_worker.unwrap().user_id, Some(worker.id));
        assert!(names(&worker).await.is_empty(), "a file assigns nobody");
        let after = state(store).await;
        assert_eq!(commit(&grace, &judged).await.result, done.result);
        assert_eq!(state(store).await, after);

        let outcomes: Page<ImportedOne> =
            grace.client.get(&format!("/v1/imports/{}/outcomes?outcome=created", done.id)).await.json();
        let mut said: Vec<_> = outcomes.rows.iter().map(|one| (one.name.as_str(), one.detail.as_str())).collect();
        said.sort_unstable();
        assert_eq!(said, [("Tommy Reed", "Reference R1"), ("Una Slope", "Reference R2")]);
        assert!(outcomes.rows.iter().all(|one| one.outcome == ImportOutcome::Created));
        let notes: Page<PupilNote> = grace.client.get(&format!("/v1/pupils/{}/notes", tom.id)).await.json();
        assert_eq!(notes.rows[0].who.as_deref(), Some("Grace Crawley"));

        // The same file again finds nothing to do.
        let again = take(&grace, &file(&[TOM, UNA])).await;
        let result = again.result.unwrap();
        assert_eq!((result.created, result.updated, result.skipped), (0, 0, 2));
        assert_eq!(state(store).await, after);
    }

    async fn the_trail_has_a_row_for_each_pupil_with_the_import(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let done = take(&grace, &file(&[TOM, UNA])).await;
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT action FROM audit_events WHERE import_id = $1 ORDER BY number";
        let actions: Vec<String> =
            both!(&mut conn, c => sqlx::query_scalar(sql).bind(done.id).fetch_all(c).await).unwrap();
        assert_eq!(actions, ["import.judged", "pupil.created", "pupil.created", "import.committed"]);
    }

    async fn all_or_nothing_takes_nothing_while_a_row_is_refused(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let judged = put(&grace, &file(&[TOM, ",Vic,,,04/05/2013,,,,,,,,R3"])).await;
        let before = state(store).await;
        let reply = commit_with(&grace, &judged, true, None).await;
        assert_eq!(reply.code(), ErrorCode::ImportRefused);
        assert_eq!(state(store).await, before);
        assert_eq!(commit(&grace, &judged).await.result.unwrap().created, 1);
    }

    async fn care_that_ends_for_more_than_a_tenth_is_asked_about(store: &TestStore) {
        let grace = la_user(store).await;
        take(&grace, &many(20, 0)).await;
        let judged = put(&grace, &many(20, 3)).await;
        assert!(judged.counts.ends_many());
        let before = state(store).await;
        for answer in [None, Some(2), Some(20)] {
            let reply = commit_with(&grace, &judged, false, answer).await;
            assert_eq!((reply.code(), reply.error().field.as_deref()), (ErrorCode::ImportRefused, Some("ends_care")));
            assert!(reply.error().message.contains("3 of 20"), "{}", reply.error().message);
        }
        assert_eq!(state(store).await, before);
        let ends = findings(&grace, judged.id, "code=care_ends").await.rows;
        assert_eq!(ends.iter().filter(|one| one.code == FindingCode::CareEnds).count(), 3);
        let done: Import = commit_with(&grace, &judged, false, Some(3)).await.json();
        assert_eq!(done.result.unwrap().updated, 3);
        let looked_after = pupils(&grace).await.iter().filter(|one| one.looked_after).count();
        assert_eq!(looked_after, 17);

        // A tenth is not more than a tenth: nobody is asked.
        let few = put(&grace, &many(20, 4)).await;
        assert_eq!((few.counts.ends_care, few.counts.looked_after, few.counts.ends_many()), (1, 17, false));
        assert_eq!(commit(&grace, &few).await.result.unwrap().updated, 1);
    }

    async fn a_change_since_the_judging_is_judged_again(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let judged = put(&grace, &file(&[TOM])).await;
        take(&grace, &file(&[TOM])).await;
        let done = commit(&grace, &judged).await;
        let result = done.result.unwrap();
        assert_eq!((result.created, result.updated, result.skipped), (0, 0, 1));
        assert_eq!(pupils(&grace).await.len(), 1);
    }

    async fn only_la_roles_import_and_only_super_users_import_users(store: &TestStore) {
        let (one, _) = schools(store).await;
        let (teacher, grace) = (store.teacher("Eleanor", "Bold", one).await, la_user(store).await);
        assert_eq!(put_as(&teacher, new_import(), "existing=update", &file(&[TOM])).await.status, StatusCode::FORBIDDEN);
        let path = format!("/v1/imports/{}?kind=users&role=la_user&existing=skip&file_name=a.csv", new_import());
        let users = b"First name,Surname,Email\r\nAnn,Lee,ann.lee@example.org\r\n".to_vec();
        let reply = grace.client.send_bytes(Method::PUT, &path, users, "text/csv", new_uuid()).await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
        let done = take(&store.super_user, &file(&[TOM])).await;
        assert_eq!(done.result.unwrap().created, 1);
        // An LA User may undo what another took.
        assert_eq!(undo(&teacher, done.id).await.status, StatusCode::FORBIDDEN);
        assert_eq!(undo(&grace, done.id).await.status, StatusCode::OK);
    }
}
