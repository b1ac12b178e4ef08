//! Nothing that an import says leads to a pupil whom the reader may not see.

use axum::http::StatusCode;
use lac_import::FindingCode;
use lac_wire::{ImportedOne, UndoLook};

use super::*;
use crate::both_engines;

async fn restrict(store: &TestStore, known_as: &str, named: &TestUser) {
    let pupil = pupils(&store.super_user)
        .await
        .into_iter()
        .find(|one| one.known_as.reveal() == known_as)
        .unwrap()
        .id;
    let mut conn = store.store.write_for_tests().await;
    let sql = "UPDATE pupils SET restricted = TRUE WHERE id = $1";
    both!(&mut conn, c => sqlx::query(sql).bind(pupil).execute(c).await.map(|_| ())).unwrap();
    let sql = "INSERT INTO pupil_names (pupil_id, user_id) VALUES ($1, $2)";
    both!(&mut conn, c => sqlx::query(sql).bind(pupil).bind(named.id).execute(c).await.map(|_| ())).unwrap();
    conn.commit().await.unwrap();
}

both_engines! {
    async fn a_row_of_a_hidden_pupil_says_the_same_whatever_it_holds(store: &TestStore) {
        schools(store).await;
        let (grace, ruth) = (la_user(store).await, store.user(Role::LaUser, "Ruth", "Arabin").await);
        take(&grace, &file(&[TOM, UNA])).await;
        restrict(store, "Tommy Reed", &ruth).await;
        let before = state(store).await;
        let mut said = std::collections::BTreeSet::new();
        for row in [
            TOM.to_owned(),
            // Another day of birth, another reference, and the two numbers of two pupils.
            TOM.replace("04/05/2014", "05/05/2014"),
            TOM.replace(",R1", ",R9"),
            TOM.replace(",R1", ",R2").replace("04/05/2014", "04/05/2013"),
        ] {
            for existing in ["update", "skip", "refuse"] {
                let judged: Import =
                    put_as(&grace, new_import(), &format!("existing={existing}"), &file(&[&row])).await.json();
                let errors = findings(&grace, judged.id, "severity=error").await.rows;
                assert_eq!((errors.len(), errors[0].code), (1, FindingCode::PupilClosed), "{row}: {errors:?}");
                said.insert(errors[0].message.clone());
                let missing = findings(&grace, judged.id, "code=missing_from_file").await.rows;
                assert!(missing.iter().all(|one| !one.message.contains("Tom")), "{missing:?}");
                assert_eq!(judged.counts.looked_after, 1, "a count tells of nobody hidden");
                commit(&grace, &judged).await;
            }
        }
        assert_eq!(said.len(), 1, "{said:?}");
        assert_eq!(state(store).await, before);
        // Who is named on the pupil changes them.
        let judged = put(&ruth, &file(&[&TOM.replace("Tommy Reed", "Tom")])).await;
        assert_eq!((judged.counts.to_update, judged.counts.rows_refused), (1, 0));
    }

    async fn what_another_sent_is_counted_and_not_shown(store: &TestStore) {
        schools(store).await;
        let (grace, ruth) = (la_user(store).await, store.user(Role::LaUser, "Ruth", "Arabin").await);
        take(&grace, &file(&[TOM, UNA])).await;
        restrict(store, "Tommy Reed", &ruth).await;
        let judged = put(&ruth, &file(&[&TOM.replace("Tommy Reed", "Tom"), ",Vic,,,04/05/2013,,,,,,,,R3"])).await;
        let reading = async |path: &str| grace.client.get(&format!("/v1/imports/{}{path}", judged.id)).await.status;
        for path in ["/findings", "/rows/2", "/refused.csv"] {
            assert_eq!(reading(path).await, StatusCode::NOT_FOUND, "{path}");
        }
        let seen: Import = grace.client.get(&format!("/v1/imports/{}", judged.id)).await.json();
        assert!(seen.rows_hidden && seen.recognised.is_none() && seen.counts.rows_read == 2);
        assert_eq!(commit_with(&grace, &judged, false, None).await.status, StatusCode::NOT_FOUND);
        let done = commit(&ruth, &judged).await;
        assert_eq!(done.result.unwrap().updated, 1);
        let outcomes: Page<ImportedOne> = grace.client.get(&format!("/v1/imports/{}/outcomes", done.id)).await.json();
        assert_eq!(outcomes.rows, []);
        let outcomes: Page<ImportedOne> = ruth.client.get(&format!("/v1/imports/{}/outcomes", done.id)).await.json();
        assert_eq!(outcomes.rows.len(), 1);
        let look: UndoLook = grace.client.get(&format!("/v1/imports/{}/undo", done.id)).await.json();
        assert_eq!((look.to_restore, look.rows.len()), (0, 0));
        let list: Page<Import> = grace.client.get("/v1/imports").await.json();
        assert!(list.rows.iter().filter(|one| one.rows_hidden).all(|one| one.recognised.is_none()));
        assert_eq!(list.rows.iter().filter(|one| one.rows_hidden).count(), 1);
    }

    async fn what_was_found_of_a_pupil_is_not_told_once_they_are_hidden(store: &TestStore) {
        schools(store).await;
        let (grace, ruth) = (la_user(store).await, store.user(Role::LaUser, "Ruth", "Arabin").await);
        take(&grace, &file(&[TOM, UNA])).await;
        let judged = put(&grace, &file(&[&TOM.replace("04/05/2014", "05/05/2014")])).await;
        let told = async || (findings(&grace, judged.id, "").await.rows, grace.client.get(&format!("/v1/imports/{}/refused.csv", judged.id)).await.body);
        let (before, csv) = told().await;
        let codes: Vec<_> = before.iter().map(|one| one.code).collect();
        assert_eq!(codes, [FindingCode::OtherPupil, FindingCode::MissingFromFile]);
        assert!(before[0].message.contains("4 May 2014") && before[1].message.contains("Una Slope"), "{before:?}");
        assert!(String::from_utf8_lossy(&csv).contains("4 May 2014"));

        restrict(store, "Tommy Reed", &ruth).await;
        restrict(store, "Una Slope", &ruth).await;
        let (after, csv) = told().await;
        let codes: Vec<_> = after.iter().map(|one| one.code).collect();
        assert_eq!(codes, [FindingCode::PupilClosed]);
        assert!(!after[0].message.contains("2014"), "{after:?}");
        let csv = String::from_utf8_lossy(&csv).into_owned();
        assert!(csv.contains("05/05/2014") && !csv.contains("4 May"), "the row is refused as before: {csv}");
    }

    async fn what_is_counted_over_the_store_s_pupils_is_for_the_sender(store: &TestStore) {
        schools(store).await;
        let (grace, ruth) = (la_user(store).await, store.user(Role::LaUser, "Ruth", "Arabin").await);
        take(&grace, &file(&[TOM, UNA])).await;
        restrict(store, "Una Slope", &ruth).await;
        let judged = put(&ruth, &file(&[TOM])).await;
        assert_eq!((judged.counts.looked_after, judged.counts.missing), (2, 1));
        let seen: Import = grace.client.get(&format!("/v1/imports/{}", judged.id)).await.json();
        assert_eq!((seen.counts.looked_after, seen.counts.missing), (0, 0));
        assert_eq!(seen.counts.warnings + 1, judged.counts.warnings, "the missing one is in no sum either");
        assert_eq!((seen.finding_kinds, seen.counts.rows_read), (vec![], 1));
    }

    async fn an_undo_is_told_as_it_was_foreseen(store: &TestStore) {
        schools(store).await;
        let (grace, ruth) = (la_user(store).await, store.user(Role::LaUser, "Ruth", "Arabin").await);
        let done = take(&grace, &file(&[TOM, UNA])).await;
        restrict(store, "Tommy Reed", &ruth).await;
        let look: UndoLook = grace.client.get(&format!("/v1/imports/{}/undo", done.id)).await.json();
        assert_eq!((look.to_remove, look.staying), (1, 0));
        let undone: Import = undo(&grace, done.id).await.json();
        let undone = undone.undone.unwrap();
        assert_eq!((undone.removed, undone.restored, undone.stayed), (1, 0, 0));
        assert_eq!(names(&ruth).await, ["Tommy Reed"], "the restricted pupil stays");
    }
}
