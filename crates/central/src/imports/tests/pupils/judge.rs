use axum::http::StatusCode;
use lac_import::{Column, ExistingUsers, FindingCode as C, Severity};
use lac_wire::{ErrorCode, MendImport, MendedCell};

use super::*;
use crate::both_engines;

both_engines! {
    async fn a_file_is_judged_and_nothing_is_changed(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let before = state(store).await;
        let vic = ",Vic,,,31/02/2013,,,,,,,,R3";
        let wim = ",Wim,Slope,,04/05/2013,999999,,03/09/2024,,,,,R4";
        let judged = put(&grace, &file(&[TOM, UNA, vic, wim])).await;
        assert_eq!(state(store).await, before);
        let counts = judged.counts;
        assert_eq!((counts.rows_read, counts.rows_accepted, counts.rows_refused), (4, 2, 2));
        assert_eq!((counts.to_create, counts.to_update, judged.blocked, judged.role), (2, 0, false, None));
        assert_eq!((judged.as_at, judged.rows_hidden), (Some("2026-11-23".parse().unwrap()), false));
        let found = findings(&grace, judged.id, "severity=error").await.rows;
        let said: Vec<_> = found.iter().map(|one| (one.row, one.code, one.field)).collect();
        assert_eq!(said, [
            (4, C::MissingLastName, Some(Column::PupilLastName)),
            (4, C::BadDate, Some(Column::DateOfBirth)),
            (5, C::UnknownUrn, Some(Column::SchoolUrn)),
        ]);
        let warned = findings(&grace, judged.id, "severity=warning").await.rows;
        assert_eq!(warned.iter().map(|one| (one.row, one.code)).collect::<Vec<_>>(), [(2, C::UnknownWorker)]);
        let csv = grace.client.get(&format!("/v1/imports/{}/refused.csv", judged.id)).await;
        let csv = String::from_utf8_lossy(&csv.body).into_owned();
        assert!(csv.contains(&format!("{HEADINGS},What to mend")) && csv.contains(",Wim,Slope,"), "{csv}");
        assert!(!csv.contains("Una"), "{csv}");
    }

    async fn a_cell_is_mended_a_row_left_out_and_a_column_said(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let text = "Given,Pupil Last Name,Date of Birth,Reference,URN,On Roll From\r\nTom,Reed,04/05/2014,R1,10001,03/09/2024\r\n,Slope,,R2,,\r\n";
        let judged = put(&grace, text.as_bytes()).await;
        assert!(judged.blocked);
        let change = async |import: &Import, change: MendImport| -> Import {
            let asked = MendImport { revision: import.revision, ..change };
            mend(&grace, import.id, &asked).await.json()
        };
        let first_name = lac_import::ColumnChoice { index: 0, column: Column::PupilFirstName };
        let said = change(&judged, MendImport { mapping: Some(vec![first_name]), ..MendImport::default() }).await;
        assert_eq!((said.blocked, said.counts.rows_refused), (false, 2));
        let cell = MendedCell { row: 2, column: 4, value: "100001".to_owned() };
        let mended = change(&said, MendImport { cells: vec![cell], leave_out: vec![3], ..MendImport::default() }).await;
        let counts = mended.counts;
        assert_eq!((counts.to_create, counts.rows_refused, counts.rows_left_out, counts.errors), (1, 0, 1, 0));
        // The next such file is read the same way.
        let next = put(&grace, text.as_bytes()).await;
        assert!(!next.blocked);
        let done = commit(&grace, &mended).await.result.unwrap();
        assert_eq!((done.created, done.refused, done.skipped), (1, 0, 1));
    }

    async fn pupils_who_exist_are_refused_skipped_or_updated(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        take(&grace, &file(&[TOM, UNA])).await;
        let renamed = file(&[&TOM.replace("Tommy Reed", "Tom R"), UNA, ",Vic,Reed,,04/05/2013,,,,,,,,R3"]);
        let as_existing = async |word: &str| -> Import {
            put_as(&grace, new_import(), &format!("existing={word}"), &renamed).await.json()
        };
        let refused = as_existing("refuse").await;
        assert_eq!((refused.existing, refused.counts.rows_refused, refused.counts.to_create), (ExistingUsers::Refuse, 2, 1));
        let found = findings(&grace, refused.id, "severity=error").await.rows;
        assert!(found.iter().all(|one| one.code == C::PupilExists && one.field == Some(Column::Reference)), "{found:?}");
        let skipped = as_existing("skip").await;
        assert_eq!((skipped.counts.to_skip, skipped.counts.to_create, skipped.counts.rows_skipped_existing), (2, 1, 2));
        let before = state(store).await;
        let done = commit(&grace, &skipped).await.result.unwrap();
        assert_eq!((done.created, done.updated, done.skipped), (1, 0, 2));
        assert!(before.iter().all(|row| !row.contains("Vic")));
        let updated = as_existing("update").await;
        assert_eq!((updated.counts.to_update, updated.counts.to_skip, updated.counts.to_create), (1, 2, 0));
        commit(&grace, &updated).await;
        assert!(names(&grace).await.contains(&"Tom R".to_owned()));
    }

    async fn what_a_file_misses_is_listed_and_whose_care_it_ends(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        take(&grace, &file(&[TOM, UNA])).await;
        let ended = file(&[&TOM.replace("10/01/2025,,", "10/01/2025,20/11/2026,")]);
        let judged = put(&grace, &ended).await;
        assert_eq!((judged.counts.missing, judged.counts.looked_after, judged.counts.ends_care), (1, 2, 1));
        let missing = findings(&grace, judged.id, "code=missing_from_file").await.rows;
        assert_eq!(missing.len(), 1);
        assert!(missing[0].message.contains("Una Slope (reference R2)"), "{}", missing[0].message);
        assert_eq!(missing[0].severity, Severity::Warning);
        let ends = findings(&grace, judged.id, "code=care_ends").await.rows;
        assert_eq!(ends.len(), 1);
        assert!(ends[0].message.starts_with("Tom Reed’s care ends on 20 November 2026"), "{}", ends[0].message);
        assert_eq!((ends[0].row, ends[0].field), (2, Some(Column::CareEnded)));
    }

    async fn a_day_to_come_is_no_day_for_a_file(store: &TestStore) {
        let grace = la_user(store).await;
        let reply = put_as(&grace, new_import(), "existing=update&as_at=2026-11-24", &file(&[UNA])).await;
        assert_eq!((reply.status, reply.error().field.as_deref()), (StatusCode::UNPROCESSABLE_ENTITY, Some("as_at")));
        let judged: Import = put_as(&grace, new_import(), "existing=update&as_at=2026-11-20", &file(&[UNA])).await.json();
        assert_eq!(judged.as_at, Some("2026-11-20".parse().unwrap()));
        let invites = CommitImport { revision: 1, all_or_nothing: false, invite: true, invite_at: None, ends_care: None };
        let path = format!("/v1/imports/{}/commit", judged.id);
        let reply = grace.client.post(&path, &invites).await;
        assert_eq!((reply.code(), reply.error().field.as_deref()), (ErrorCode::FieldInvalid, Some("invite")));
    }

    async fn two_rows_that_lead_to_one_record_are_not_two_pupils(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        take(&grace, &file(&[TOM])).await;
        let by_upn = "B801200005001,Tom,Reed,,04/05/2014,,,,,10/01/2025,20/11/2026,,";
        let by_reference = ",Tom,Reed,,04/05/2014,,,,,10/01/2025,19/11/2026,,R1";
        let judged = put(&grace, &file(&[by_upn, by_reference])).await;
        assert_eq!((judged.counts.to_update, judged.counts.rows_refused), (1, 1));
        let found = findings(&grace, judged.id, "severity=error").await.rows;
        assert_eq!((found[0].row, found[0].code), (3, C::RepeatedChild));
    }
}
