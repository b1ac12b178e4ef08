use chrono::TimeDelta;
use lac_domain::Role;
use lac_import::{FindingCode as Code, Severity};
use lac_wire::{ConfirmPassword, ErrorCode, Import, ImportStatus, Page};

use super::*;
use crate::both_engines;
use crate::test_support::PASSWORD;

both_engines! {
    async fn judging_names_every_fault_and_changes_nothing(store: &TestStore) {
        let priya = authority(store).await;
        let before = everything(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        assert_eq!(everything(store).await, before);
        assert_eq!((import.revision, import.status, import.begun_by.as_str()), (1, ImportStatus::Judged, "Priya Shah"));
        assert_eq!((import.file_name.as_str(), import.blocked, import.result), ("staff.csv", false, None));
        let counts = import.counts;
        assert_eq!((counts.rows_read, counts.rows_accepted, counts.rows_refused, counts.to_create), (15, 7, 8, 6));
        let recognised = import.recognised.clone().unwrap();
        assert_eq!((recognised.sample.len(), recognised.sample[0].cells[0].as_str()), (5, "Zoé"));

        let all = findings(&priya, import.id, "").await;
        let found: Vec<(u32, Option<&str>, Code)> =
            all.rows.iter().map(|finding| (finding.row, finding.column.as_deref(), finding.code)).collect();
        let (email, urn) = (Some("Email"), Some("School Reference Number (URN)"));
        assert_eq!(found, [
            (7, Some("User First Name"), Code::MissingFirstName),
            (8, email, Code::BadEmail),
            (9, email, Code::EmailNamesDiffer),
            (10, email, Code::EmailNamesDiffer),
            (11, email, Code::EmailInUse),
            (12, urn, Code::UnknownUrn),
            (13, None, Code::TooFewCells),
            (14, None, Code::TooManyCells),
            (15, urn, Code::UrnZero),
            (16, urn, Code::UrnBlank),
            (17, Some("Pupil Reference Number (UPN)"), Code::UpnIgnored),
        ]);
        let first = findings(&priya, import.id, "limit=9").await;
        let rest = findings(&priya, import.id, &format!("limit=9&after={}", first.after.unwrap())).await;
        assert_eq!((first.rows.len(), rest.rows.len(), rest.after), (9, 2, None));
        let warnings = findings(&priya, import.id, "severity=warning").await;
        assert!(warnings.rows.len() == 3 && warnings.rows.iter().all(|finding| finding.severity == Severity::Warning));
    }

    async fn the_refused_rows_come_as_a_file_that_can_be_mended(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        let reply = priya.client.get(&format!("/v1/imports/{}/refused.csv", import.id)).await;
        let csv = String::from_utf8(reply.body).unwrap();
        assert!(csv.contains("There is no first name.") && csv.contains("199999"), "{csv}");
        let again = put(&priya, new_import(), csv.as_bytes()).await;
        assert_eq!((again.counts.rows_read, again.counts.rows_accepted), (8, 2), "rows with too few or too many cells are whole again");
    }

    async fn a_file_is_judged_anew_under_a_new_revision(store: &TestStore) {
        let priya = authority(store).await;
        let id = new_import();
        put(&priya, id, FINDINGS).await;
        let import = put(&priya, id, GOOD).await;
        assert_eq!((import.revision, import.counts.rows_accepted), (2, 30));
        assert_eq!(findings(&priya, id, "").await.rows, []);
        let other = put_as(&store.super_user, id, Role::DesignatedTeacher, "refuse", GOOD).await;
        assert_eq!(other.code(), ErrorCode::IdReused);
        let page: Page<Import> = priya.client.get("/v1/imports").await.json();
        assert_eq!(page.rows, [import]);
    }

    async fn files_and_findings_are_sealed(store: &TestStore) {
        let priya = authority(store).await;
        put(&priya, new_import(), FINDINGS).await;
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT sealed_file, sealed_recognised FROM imports";
        let (file, recognised): (Vec<u8>, Vec<u8>) = both!(&mut conn, c => sqlx::query_as(sql).fetch_one(c).await).unwrap();
        let sql = "SELECT sealed_finding FROM import_findings";
        let mut sealed: Vec<Vec<u8>> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
        assert_eq!(sealed.len(), 11);
        sealed.extend([file, recognised]);
        for bytes in sealed {
            for word in ["Whitby", "example", "Email"] {
                assert!(!bytes.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
            }
        }
    }

    async fn files_that_cannot_be_taken(store: &TestStore) {
        let priya = authority(store).await;
        for (file, words) in [
            (&b""[..], "empty"),
            (b"PK\x03\x04 a workbook", "archive"),
            (b"%PDF-1.7", "PDF"),
            (b"Email,First name,Last name\n", "no rows"),
        ] {
            let error = put_as(&priya, new_import(), Role::LaUser, "refuse", file).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FileUnreadable, Some("file")));
            assert!(error.message.contains(words), "{}", error.message);
        }
        let big = vec![b'x'; 100_000_001];
        assert_eq!(put_as(&priya, new_import(), Role::LaUser, "refuse", &big).await.code(), ErrorCode::TooLarge);
        let blocked = put(&priya, new_import(), b"First name,Surname\nAnn,Lee\n").await;
        assert!(blocked.blocked);
        assert_eq!(commit(&priya, &blocked, false).await.code(), ErrorCode::ImportRefused);
        let establishments = format!("/v1/imports/{}?kind=establishments&role=la_user&existing=skip&file_name=x", new_import());
        let reply = priya.client.send_bytes(Method::PUT, &establishments, GIAS.to_vec(), "text/csv", new_uuid()).await;
        assert_eq!(reply.code(), ErrorCode::FieldInvalid);
        assert_eq!(count(store, "SELECT COUNT(*) FROM imports").await, 1);
    }

    async fn only_super_users_import_and_give_their_password_again(store: &TestStore) {
        let priya = authority(store).await;
        let la_user = store.user(Role::LaUser, "Grace", "Crawley").await;
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        for user in [&la_user, &worker] {
            assert_eq!(put_as(user, new_import(), Role::LaUser, "refuse", GOOD).await.code(), ErrorCode::Forbidden);
        }
        let import = put(&priya, new_import(), GOOD).await;
        assert_eq!(commit(&la_user, &import, false).await.code(), ErrorCode::Forbidden);
        assert_eq!(la_user.client.get(&format!("/v1/imports/{}", import.id)).await.json::<Import>(), import);
        for path in [String::new(), format!("/{}", import.id), format!("/{}/findings", import.id), format!("/{}/refused.csv", import.id)] {
            assert_eq!(worker.client.get(&format!("/v1/imports{path}")).await.code(), ErrorCode::Forbidden, "{path}");
        }
        assert_eq!(priya.client.get(&format!("/v1/imports/{}", new_import())).await.code(), ErrorCode::NotFound);
        store.clock.advance(TimeDelta::minutes(16));
        assert_eq!(put_as(&priya, import.id, Role::LaUser, "refuse", GOOD).await.code(), ErrorCode::ConfirmPassword);
        let confirm = ConfirmPassword { password: PASSWORD.into() };
        assert_eq!(priya.client.post("/v1/session/confirm", &confirm).await.status, 204);
        assert_eq!(put(&priya, import.id, GOOD).await.revision, 2);
    }

    async fn files_and_findings_go_after_thirty_days_and_counts_stay(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        store.clock.advance(TimeDelta::days(29));
        assert!(store.store.prune().await.is_ok());
        assert_eq!(count(store, "SELECT COUNT(*) FROM import_findings").await, 11);
        store.clock.advance(TimeDelta::days(2));
        assert!(store.store.prune().await.is_ok());
        let priya = priya.on_another_device(store).await;
        let kept: Import = priya.client.get(&format!("/v1/imports/{}", import.id)).await.json();
        assert_eq!((kept.recognised, kept.counts), (None, import.counts));
        assert_eq!(findings(&priya, import.id, "").await.rows, []);
        for reply in [
            priya.client.get(&format!("/v1/imports/{}/refused.csv", import.id)).await,
            commit(&priya, &import, false).await,
        ] {
            assert_eq!(reply.code(), ErrorCode::FileUnreadable);
        }
        assert_eq!(count(store, "SELECT COUNT(*) FROM audit_events WHERE action = 'import.file_deleted'").await, 1);
    }
}
